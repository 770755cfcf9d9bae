"""Whether something was heard: by which the sense of hearing itself is judged."""

from datetime import datetime

from sqlalchemy import Connection, select

from bot.engine import tables as t
from bot.engine.db import Database


async def was_heard(database: Database, source: str, since: datetime, group: str = "") -> bool:
    """Whether a delivery came from there since then, of that group or of any; asks the youngest rows only."""
    return await database.read(lambda connection: _was_heard(connection, source, since, group))


def _was_heard(connection: Connection, source: str, since: datetime, group: str) -> bool:
    d = t.inbox.c
    wanted = [d.heard_at >= since, d.source.concat("") == source, *([d.grp == group] if group else [])]
    return connection.execute(select(d.id).where(*wanted).limit(1)).first() is not None
