"""Turns through what was given up and has it tried again: what we failed to do, we do, without anybody's asking."""

from datetime import timedelta

import structlog
from sqlalchemy import Connection, and_, or_, select

from bot.engine import tables as t
from bot.engine.effects import EFFECTS, InDoubt
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox

log = structlog.get_logger()

AFTER = timedelta(minutes=10)
"""How long a promise stays given up before it is tried again by itself."""
AT_ONCE = 10
"""How many are tried again in one turn: a small part of any rate budget."""
YOUNG = timedelta(days=3)
"""So long after it was promised, something is tried again although its incident is over, or although it has none."""


class Auditor:
    """Tries parked promises of open incidents and young ones again; where a person must decide, they are left alone.

    The young ones because a resolution promises most of what ends an incident: PagerDuty resolved, the draft in the
    room. A promise that is refused again is parked again, silently: people were told the first time.
    """

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox

    async def turn(self) -> int:
        """Has the longest parked tried again; how many that were."""
        found = await self._engine.database.read(self._parked)
        for effect in found:
            await self._outbox.retry(effect, alone=True)
        if found:
            log.info("audited", tried_again=len(found))
        return len(found)

    def _parked(self, connection: Connection) -> list[int]:
        e, i, now = t.effect.c, t.incident.c, self._engine.clock()
        asked = [kind for kind, effect in EFFECTS.items() if effect.in_doubt is InDoubt.ASK]
        query = (
            select(e.id)
            .outerjoin(t.incident, and_(i.number == e.incident, t.IS_OPEN))
            .where(
                t.IS_PARKED,
                e.finished_at < now - AFTER,
                or_(i.number.is_not(None), e.promised_at > now - YOUNG),
                e.kind.in_(EFFECTS),
                e.kind.not_in(asked),
            )
            .order_by(e.finished_at)
            .limit(AT_ONCE)
        )
        return list(connection.execute(query).scalars())
