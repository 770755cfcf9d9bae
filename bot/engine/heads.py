"""Which deliveries may be handled now: the first that waits of each group, whose time has come and whom nobody has."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

from bot.engine.columns import Moment
from bot.engine.dialects import is_postgres
from bot.engine.presence import GONE

ENDLESS = 1_000_000
"""More tries than there ever are."""

# `|| ''` keeps SQLite from searching by source through everything ever heard, rather than through what waits.
HEADS = """
SELECT e.id FROM inbox AS e
WHERE e.state = 'waiting' AND (e.source || '') IN :sources AND e.tries >= :least AND e.tries < :below
  AND (e.not_before IS NULL OR e.not_before <= :now) AND (e.owner = '' OR e.lease_until < :now)
  AND (e.grp = '' OR NOT EXISTS (
    SELECT 1 FROM inbox AS p WHERE p.grp = e.grp AND p.state = 'waiting' AND p.source = e.source AND p.id < e.id
  ))
ORDER BY e.id LIMIT :most
"""


_OVER = "e.lease_until < :now"


def _query(tail: str, heads: str = HEADS) -> Any:
    return text(heads + tail).bindparams(bindparam("sources", expanding=True), bindparam("now", type_=Moment()))


_SQLITE = _query("")
_POSTGRES = _query("FOR UPDATE OF e SKIP LOCKED", HEADS.replace(_OVER, f"{_OVER} OR {GONE.format(owner='e.owner')}"))


def heads(
    connection: Connection,
    sources: Collection[str],
    now: datetime,
    most: int,
    *,
    least: int = 0,
    below: int = ENDLESS,
) -> Sequence[int]:
    """At most so many ids, the oldest first, of those that were tried at least so often and less often than `below`."""
    query = _POSTGRES if is_postgres(connection) else _SQLITE
    asked = {"sources": list(sources), "now": now, "most": most, "least": least, "below": below}
    return connection.execute(query, asked).scalars().all()
