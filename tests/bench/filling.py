"""Fills a database with incidents in seconds: one that was really lived, copied row by row by the database itself."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator

from sqlalchemy import Engine, Table, create_engine, event

from bot.engine import tables as t
from bot.engine.schema import driver_url
from tests.bench import requests
from tests.bench.bot import Running, bot, sandbox, warm
from tests.bench.databases import count, until
from tests.bench.senders import send_all

LIFE = (
    "lead INC-1",
    "sev 2 INC-1",
    "note INC-1 deploy 4.1 went out at 14:02",
    "status identified INC-1",
    "note INC-1 rolling back to 4.0, the queue is draining",
    "summary INC-1 Logins fail for one in five since the deploy of 14:02",
    "status monitoring INC-1",
    "resolve INC-1 rolled back to 4.0",
)
"""What people type in the incident that is copied; it began with an alert, and a draft is written at its end."""
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT FIRST UNION ALL SELECT i + 1 FROM n WHERE i < LAST) "
OWN = "'-' || CAST(n.i AS TEXT)"
"""What makes a copy's key its own."""


@contextlib.asynccontextmanager
async def lived(database: str) -> AsyncIterator[Running]:
    """A bot on that database after one incident from its alert to its draft, with nothing left to do."""
    async with sandbox() as hands, bot(hands, database, slack_mode="http") as ready:
        await warm(hands)
        for words in LIFE:
            load = await send_all(ready.port, [requests.command(ready.port, words)], senders=1)
            assert load.accepted, words
        await kept(ready.database)
        yield ready


async def kept(database: str, seconds: float = 300) -> None:
    """Returns once every promise is kept (or given up) and everything heard is handled."""
    waiting = (
        "SELECT (SELECT count(*) FROM effect WHERE state IN ('needing', 'waiting', 'claimed'))"
        " + (SELECT count(*) FROM inbox WHERE state = 'waiting')"
    )
    await until(lambda: not count(database, waiting), seconds)


async def fill(database: str, incidents: int) -> None:
    """A database in which INC-1 was lived and INC-2 to `incidents` are as it, with all that belongs to one."""
    async with lived(database):
        pass
    await asyncio.to_thread(copied, database, 2, incidents)


def copied(database: str, first: int, last: int) -> None:
    """INC-1's rows, for each number from `first` to `last`."""
    if last < first:
        return
    engine = _engine(database)
    with engine.begin() as connection:
        for statement in (_incident(), _event(), _effect(), _ref(), _alert(), _document(), _inbox()):
            connection.exec_driver_sql(statement.replace("FIRST", str(first)).replace("LAST", str(last)))
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _engine(database: str) -> Engine:
    if not database.startswith("sqlite"):
        return create_engine(driver_url(database))
    engine = create_engine(database)
    event.listen(engine, "connect", _hurry)
    return engine


def _hurry(connection: sqlite3.Connection, _: object) -> None:
    """Nothing here must outlive the machine: no log, no waiting for the disk, and a gigabyte to sort in."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
        connection.execute(f"PRAGMA {pragma}")


def _copy(table: Table, where: str, own: dict[str, str]) -> str:
    """The statement that copies rows of a table once per number; `own`: what differs in each copy."""
    columns = [c.name for c in table.columns if not (c.name == "id" and c.autoincrement is True)]
    values = ", ".join(own.get(name, f"r.{name}") for name in columns)
    into = f"INSERT INTO {table.name} ({', '.join(columns)})"
    return f"{into} {NUMBERS} SELECT {values} FROM n, {table.name} r WHERE {where}"


def _numbered(column: str) -> str:
    """A JSON column in which the incident's number is the copy's."""
    named = f"replace(r.{column}, '\"incident\":1,', '\"incident\":' || CAST(n.i AS TEXT) || ',')"
    return f"replace({named}, '\"number\":1,', '\"number\":' || CAST(n.i AS TEXT) || ',')"


def _incident() -> str:
    return _copy(t.incident, "r.number = 1", {"number": "n.i", "state": _numbered("state")})


def _event() -> str:
    return _copy(t.event, "r.incident = 1", {"incident": "n.i", "inbox": "NULL", "body": _numbered("body")})


def _effect() -> str:
    own = {"incident": "n.i", "key": f"r.key || {OWN}", "lane": f"r.lane || {OWN}", "body": _numbered("body")}
    return _copy(t.effect, "r.incident = 1", own)


def _ref() -> str:
    return _copy(t.ref, "r.incident = 1", {"incident": "n.i", "foreign_id": f"r.foreign_id || {OWN}"})


def _alert() -> str:
    return _copy(t.alert, "r.incident = 1", {"incident": "n.i", "id": f"r.id || {OWN}", "body": _numbered("body")})


def _document() -> str:
    return _copy(t.document, "r.incident = 1", {"incident": "n.i"})


def _inbox() -> str:
    own = {"key": f"r.key || {OWN}", "grp": f"r.grp || {OWN}"}
    return _copy(t.inbox, "r.state = 'done'", own)
