"""Turns through what was given up and has it tried again: what we failed to do, we do, without anybody's asking."""

from datetime import timedelta

import structlog
from sqlalchemy import Connection, and_, select

from bot.engine import tables as t
from bot.engine.effects import EFFECTS, InDoubt
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.tables import EffectState
from bot.incident.values import OPEN

log = structlog.get_logger()

AFTER = timedelta(minutes=10)
"""How long a promise stays given up before it is tried again by itself."""
AT_ONCE = 10
"""How many are tried again in one turn: a small part of any rate budget."""


class Auditor:
    """Tries parked promises of open incidents again; those where a person must decide (`InDoubt.ASK`) are left alone.

    A promise that is refused again is parked again, silently: people were told the first time.
    """

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox

    async def turn(self) -> int:
        """Has the longest parked tried again; how many that were."""
        found = await self._engine.database.read(self._parked)
        for effect in found:
            await self._outbox.retry(effect)
        if found:
            log.info("audited", tried_again=len(found))
        return len(found)

    def _parked(self, connection: Connection) -> list[int]:
        e, i = t.effect.c, t.incident.c
        asked = [kind for kind, effect in EFFECTS.items() if effect.in_doubt is InDoubt.ASK]
        query = (
            select(e.id)
            .join(t.incident, and_(i.number == e.incident, i.status.in_([s.value for s in OPEN])))
            .where(
                e.state == EffectState.PARKED.value,
                e.finished_at < self._engine.clock() - AFTER,
                e.kind.in_(EFFECTS),
                e.kind.not_in(asked),
            )
            .order_by(e.finished_at)
            .limit(AT_ONCE)
        )
        return list(connection.execute(query).scalars())
