"""How much is written down and not done yet, by whom it waits for; what the metrics count."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.schema import head
from bot.engine.tables import LIVE, EffectState, InboxState

OPEN_EFFECTS = [state.value for state in (*LIVE, EffectState.PARKED)]
OPEN_DELIVERIES = [InboxState.WAITING.value, InboxState.PARKED.value]


@dataclass(frozen=True)
class Queue:
    """What waits for one system (promises) or came from one source (deliveries), in one state.

    `oldest`: seconds since the first of them was written down. `doubts`: tries that may have taken effect.
    """

    name: str
    state: str
    count: int
    oldest: float
    tries: int
    doubts: int = 0


@dataclass(frozen=True)
class Queues:
    """Both ends of the engine."""

    outbox: tuple[Queue, ...]
    inbox: tuple[Queue, ...]


async def count_queues(database: Database, clock: Callable[[], datetime]) -> Queues:
    """One read of both; what is done is not counted, so it stays quick however old the database is."""
    now = clock()
    return await database.read(lambda connection: Queues(_outbox(connection, now), _inbox(connection, now)))


async def has_our_shape(database: Database) -> bool:
    """Whether the database still is as this program expects: somebody may have migrated it under us."""
    found = await database.read(lambda c: MigrationContext.configure(c).get_current_revision())
    return found == head()


def _outbox(connection: Connection, now: datetime) -> tuple[Queue, ...]:
    e = t.effect.c
    query = (
        select(e.system, e.state, func.count(), func.min(e.promised_at), func.sum(e.tries), func.count(e.doubt_since))
        .where(e.state.in_(OPEN_EFFECTS))
        .group_by(e.system, e.state)
        .order_by(e.system, e.state)
    )
    return tuple(
        Queue(system, state, count, _age(since, now), int(tries or 0), doubts)
        for system, state, count, since, tries, doubts in connection.execute(query)
    )


def _inbox(connection: Connection, now: datetime) -> tuple[Queue, ...]:
    d = t.inbox.c
    query = (
        select(d.source, d.state, func.count(), func.min(d.heard_at), func.sum(d.tries))
        .where(d.state.in_(OPEN_DELIVERIES))
        .group_by(d.source, d.state)
        .order_by(d.source, d.state)
    )
    return tuple(
        Queue(source, state, count, _age(since, now), int(tries or 0))
        for source, state, count, since, tries in connection.execute(query)
    )


def _age(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
