"""How much is written down and not done yet, by whom it waits for; what the metrics count and the watchman looks at."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, and_, func, literal_column, select

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.effects import Priority

SOURCE = t.inbox.c.source.concat(literal_column("''"))
"""Bare, SQLite would go by the source, through all ever heard."""


@dataclass(frozen=True)
class Queue:
    """What waits for one system (promises) or came from one source (deliveries), in one state.

    `lane`: which sort of promise (`lane_kind`). `oldest`: seconds since the first of them was written down. `doubts`:
    tries that may have taken effect.
    """

    name: str
    state: str
    count: int
    oldest: float
    tries: int
    doubts: int = 0
    lane: str = ""


@dataclass(frozen=True)
class Queues:
    """Both ends of the engine."""

    outbox: tuple[Queue, ...]
    inbox: tuple[Queue, ...]


@dataclass(frozen=True)
class Urgent:
    """What calls people: pages that wait, deliveries that may page, and how many of both were given up.

    Ages in seconds, 0 where nothing waits. A page given up counts while its incident is open.
    """

    pages: int
    oldest_page: float
    deliveries: int
    oldest_delivery: float
    parked: int


async def count_queues(database: Database, clock: Callable[[], datetime]) -> Queues:
    """One read of both; what is done is not counted, so it stays quick however old the database is."""
    now = clock()
    return await database.read(lambda connection: Queues(_outbox(connection, now), _inbox(connection, now)))


async def count_urgent(database: Database, clock: Callable[[], datetime], sources: Collection[str]) -> Urgent:
    """`sources`: whose deliveries may page."""
    now = clock()
    return await database.read(lambda connection: _urgent(connection, now, sources))


def lane_kind(lane: str) -> str:
    """Which sort of lane: `slack/12/topic` and `slack/12/2/topic` → topic, `slack/tell/U1` → tell, `page/12/1` → page.

    Names nobody.
    """
    first, _, rest = lane.partition("/")
    if first != "slack":
        return first
    second, _, more = rest.partition("/")
    return more.rpartition("/")[2] if second.isdecimal() else second


def _outbox(connection: Connection, now: datetime) -> tuple[Queue, ...]:
    e = t.effect.c
    promised, doubts = func.min(e.promised_at), func.count(e.doubt_since)
    counted = select(e.system, e.state, func.min(e.lane), func.count(), promised, func.sum(e.tries), doubts)
    query = counted.group_by(e.system, e.state, e.kind)
    found: dict[tuple[str, str, str], Queue] = {}
    for row in (row for state in (t.IS_LIVE, t.IS_PARKED) for row in connection.execute(query.where(state))):
        system, state, lane, count, since, tries, unsure = row
        queue = Queue(system, state, count, _age(since, now), int(tries or 0), unsure, lane_kind(lane))
        key = (system, state, queue.lane)
        found[key] = _together(found[key], queue) if key in found else queue
    return tuple(found[key] for key in sorted(found))


def _together(one: Queue, other: Queue) -> Queue:
    """Promises of different kinds that go by lanes of one sort (a card is posted, then refreshed)."""
    return Queue(
        one.name,
        one.state,
        one.count + other.count,
        max(one.oldest, other.oldest),
        one.tries + other.tries,
        one.doubts + other.doubts,
        one.lane,
    )


def _inbox(connection: Connection, now: datetime) -> tuple[Queue, ...]:
    d = t.inbox.c
    counted = select(SOURCE.label("source"), d.state, func.count(), func.min(d.heard_at), func.sum(d.tries))
    query = counted.group_by(SOURCE, d.state)
    rows = [row for state in (t.IS_UNHANDLED, t.IS_UNREADABLE) for row in connection.execute(query.where(state))]
    return tuple(
        Queue(source, state, count, _age(since, now), int(tries or 0))
        for source, state, count, since, tries in sorted(rows, key=lambda row: (row.source, row.state))
    )


def _urgent(connection: Connection, now: datetime, sources: Collection[str]) -> Urgent:
    e, i = t.effect.c, t.incident.c
    page = e.priority == int(Priority.PAGE)
    pages, promised = connection.execute(select(func.count(), func.min(e.promised_at)).where(page, t.IS_LIVE)).one()
    is_open = and_(i.number == e.incident, t.IS_OPEN)
    given_up = select(func.count()).select_from(t.effect.join(t.incident, is_open)).where(page, t.IS_PARKED)
    heard, since = _deliveries(connection, t.IS_UNHANDLED, sources)
    unreadable, _ = _deliveries(connection, t.IS_UNREADABLE, sources)
    return Urgent(
        pages=pages,
        oldest_page=_age(promised or now, now),
        deliveries=heard,
        oldest_delivery=_age(since or now, now),
        parked=connection.execute(given_up).scalar_one() + unreadable,
    )


def _deliveries(connection: Connection, state: TextClause, sources: Collection[str]) -> tuple[int, datetime | None]:
    """How many, and when the first of them was heard."""
    counted = select(func.count(), func.min(t.inbox.c.heard_at)).where(state, SOURCE.in_(list(sources)))
    count, since = connection.execute(counted).one()
    return count, since


def _age(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
