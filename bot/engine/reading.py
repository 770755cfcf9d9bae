"""Everything that is read: in threads, on connections of their own; for a person only what they may see."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    TextClause,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from bot.engine import tables as t
from bot.engine.columns import clean
from bot.engine.db import Database
from bot.engine.effects import Effect, Priority, parse_effect
from bot.engine.prepared import run
from bot.engine.states import read
from bot.engine.tables import LIVE, EffectState, InboxState
from bot.incident.mirror import Alert
from bot.incident.model import Incident, parse_event
from bot.incident.privacy import may_see
from bot.incident.timeline import Stored
from bot.incident.values import MUSTER, Actor

AnyEffect = TypeVar("AnyEffect", bound=Effect)


@dataclass(frozen=True)
class Step:
    """A promise and how far it is kept. `step` is what a person calls it; `reason` why it is not kept yet."""

    effect: int
    key: str
    kind: str
    system: str
    lane: str
    incident: int | None
    step: str
    state: EffectState
    tries: int
    reason: str
    promised_at: datetime
    not_before: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Delivery:
    """A delivery in the inbox and what became of it."""

    id: int
    source: str
    key: str
    group: str
    state: InboxState
    tries: int
    reason: str
    heard_at: datetime


@dataclass(frozen=True)
class Document:
    """One version of some prose. `seq`: how far the incident was when it was written."""

    incident: int
    kind: str
    version: int
    seq: int
    format: str
    body: str
    by: str
    created_at: datetime


@dataclass(frozen=True)
class Health:
    """How much waits, and since when (seconds, 0 when nothing does)."""

    inbox: dict[str, int]
    effects: dict[str, int]
    inbox_age: float
    effect_age: float


def for_eyes(query: Select[Any], viewer: Actor) -> Select[Any]:
    """A query of incidents, of which people get what they may see: `privacy.may_see`, asked of the database.

    Muster itself sees all. Every query of more than one incident that is made for a person comes through here.
    """
    if viewer == MUSTER:
        return query
    return query.where(or_(~t.incident.c.private, t.incident.c.people.like(_named(viewer), escape="/")))


def _named(person: Actor) -> str:
    """The pattern of a list of people with that one in it; their id, between two breaks, is taken literally."""
    plain = clean(person.id).replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%\n{plain}\n%"


_STATE = select(t.incident.c.state).where(t.incident.c.number == bindparam("number"))
_OLDEST_FIRST: ColumnElement[int] = literal_column("effect.id + 0")
"""Bare, SQLite would go by the id, through all ever promised."""


class Reading:
    """Queries. Which incident somebody may see is asked first, by what takes a viewer; the others read for Muster."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def incident(self, number: int, viewer: Actor = MUSTER) -> Incident | None:
        rows = await self._database.read(lambda connection: run(connection, _STATE, {"number": number}))
        found = read(rows[0].state) if rows else None
        return found if found and may_see(found, viewer) else None

    async def open_incidents(self, viewer: Actor) -> list[Incident]:
        """The worst first, then the newest."""
        query = for_eyes(select(t.incident.c.state).where(t.IS_OPEN), viewer)
        return await self._incidents(query.order_by(t.incident.c.severity, t.incident.c.number.desc()))

    async def recent(self, viewer: Actor, limit: int = 20) -> list[Incident]:
        """The newest first, open or not."""
        query = for_eyes(select(t.incident.c.state), viewer)
        return await self._incidents(query.order_by(t.incident.c.number.desc()).limit(limit))

    async def owed(self, viewer: Actor) -> list[Incident]:
        """Those in which somebody has an open task or follow-up, over or not, the newest first.

        Whoever has one is in it (`privacy.concerned`): there is nothing more to ask.
        """
        mine = t.incident.c.owners.like(_named(viewer), escape="/")
        query = select(t.incident.c.state).where(t.IS_OWED, mine)
        return await self._incidents(query.order_by(t.incident.c.number.desc()))

    async def versions(self) -> dict[int, int]:
        """How far each incident is (its seq) that is open or in which something is owed: what home tabs are made of."""
        wanted = select(t.incident.c.number, t.incident.c.seq)
        rows = [*await self._rows(wanted.where(t.IS_OPEN)), *await self._rows(wanted.where(t.IS_OWED))]
        return {row.number: row.seq for row in rows}

    async def incident_by_ref(self, system: str, kind: str, foreign_id: str) -> Incident | None:
        query = (
            select(t.incident.c.state)
            .join(t.ref, t.ref.c.incident == t.incident.c.number)
            .where(t.ref.c.system == system, t.ref.c.kind == kind, t.ref.c.foreign_id == foreign_id)
        )
        return next(iter(await self._incidents(query)), None)

    async def _incidents(self, query: Select[Any]) -> list[Incident]:
        states = await self._database.read(lambda c: c.execute(query).scalars().all())
        return [read(state) for state in states]

    async def events(self, number: int) -> list[Stored]:
        """Every fact, in the order of recording.

        They are parsed in the reading thread: ten thousand of them would hold up the event loop for a good while.
        """
        query = select(t.event.c.seq, t.event.c.kind, t.event.c.body, t.event.c.recorded_at)
        wanted = query.where(t.event.c.incident == number).order_by(t.event.c.seq)
        return await self._database.read(lambda c: [_stored(row) for row in c.execute(wanted)])

    async def history(self, number: int, viewer: Actor = MUSTER) -> list[Stored]:
        """Every fact of an incident and of those that were merged into it; empty where the viewer may not see it.

        Whoever sees an incident sees what went on in it: nothing private is ever merged into what more people see.
        """
        numbers: list[int] = []
        waiting = [await self.incident(number, viewer)]
        while waiting:
            if found := waiting.pop():
                numbers.append(found.number)
                waiting += [await self.incident(absorbed) for absorbed in found.absorbed]
        return [stored for n in numbers for stored in await self.events(n)]

    async def refs(self, number: int) -> dict[str, str]:
        """The incident's foreign ids by name (`slack.channel`)."""
        rows = await self._rows(select(t.ref.c.name, t.ref.c.foreign_id).where(t.ref.c.incident == number))
        return {row.name: row.foreign_id for row in rows}

    async def alert(self, source: str, alert_id: str) -> Alert | None:
        query = select(t.alert.c.body).where(t.alert.c.source == source, t.alert.c.id == alert_id)
        rows = await self._rows(query)
        return Alert.model_validate_json(rows[0].body) if rows else None

    async def alerts(self, number: int) -> list[Alert]:
        """The mirrors of an incident's alerts."""
        rows = await self._rows(select(t.alert.c.body).where(t.alert.c.incident == number).order_by(t.alert.c.id))
        return [Alert.model_validate_json(row.body) for row in rows]

    async def bridge(self, number: int) -> str:
        """The call that an alert source set for one of an incident's alerts, or nothing; a storm has thousands."""
        says = t.alert.c.body.contains('"bridge":"', autoescape=True)
        query = select(t.alert.c.body).where(t.alert.c.incident == number, says).order_by(t.alert.c.id)
        found = (Alert.model_validate_json(row.body).bridge for row in await self._rows(query))
        return next(filter(None, found), "")

    async def document(self, number: int, kind: str) -> Document | None:
        """The latest version."""
        query = (
            select(t.document)
            .where(t.document.c.incident == number, t.document.c.kind == kind)
            .order_by(t.document.c.version.desc())
            .limit(1)
        )
        rows = await self._rows(query)
        return Document(**rows[0]._mapping) if rows else None

    async def setup(self, number: int) -> list[Step]:
        """The steps of an incident's room (not its sentences), and everything else of it that is not kept."""
        shown = or_(t.effect.c.priority <= Priority.CARD, t.effect.c.state != EffectState.KEPT.value)
        return await self._steps(select(t.effect).where(t.effect.c.incident == number, shown).order_by(t.effect.c.id))

    async def promised(self, number: int, kind: type[AnyEffect]) -> list[AnyEffect]:
        """All that an incident was promised of one kind, however far it is kept, without words that were redacted."""
        query = select(t.effect.c.body).where(t.effect.c.incident == number, t.effect.c.kind == kind.kind)
        return [kind.model_validate_json(row.body) for row in await self._rows(query.order_by(t.effect.c.id))]

    async def effects(self, *states: EffectState, limit: int = 100) -> list[Step]:
        """Promises in these states (all that live, when none is named), the oldest first."""
        wanted = t.effect.c.state.in_([state.value for state in states or LIVE])
        known = select(t.effect).where(wanted, _by_index(states or LIVE))
        return await self._steps(known.order_by(_OLDEST_FIRST).limit(limit))

    async def _steps(self, query: Select[Any]) -> list[Step]:
        return [_step(row) for row in await self._rows(query)]

    async def deliveries(self, state: InboxState = InboxState.PARKED, limit: int = 100) -> list[Delivery]:
        """What is in the inbox in this state, the oldest first."""
        query = select(t.inbox).where(t.inbox.c.state == state.value).order_by(t.inbox.c.id).limit(limit)
        return [
            Delivery(r.id, r.source, r.key, r.grp, InboxState(r.state), r.tries, r.reason, r.heard_at)
            for r in await self._rows(query)
        ]

    async def health(self) -> Health:
        return await self._database.read(self._health)

    def _health(self, connection: Connection) -> Health:
        unhandled = select(func.min(t.inbox.c.heard_at)).where(t.IS_UNHANDLED)
        unkept = select(func.min(t.effect.c.promised_at)).where(t.IS_LIVE, t.effect.c.state == "waiting")
        return Health(
            inbox=_counted(connection, t.inbox, t.IS_UNHANDLED, t.IS_UNREADABLE),
            effects=_counted(connection, t.effect, t.IS_LIVE, t.IS_PARKED),
            inbox_age=self._age(connection, unhandled),
            effect_age=self._age(connection, unkept),
        )

    def _age(self, connection: Connection, query: Select[Any]) -> float:
        since: datetime | None = connection.execute(query).scalar_one()
        return (self._clock() - since).total_seconds() if since else 0.0

    async def _rows(self, query: Select[Any]) -> list[Any]:
        return await self._database.read(lambda c: list(c.execute(query)))


def _stored(row: Any) -> Stored:
    return Stored(row.seq, parse_event(row.kind, json.loads(row.body)), row.recorded_at)


def _counted(connection: Connection, table: Table, *conditions: TextClause) -> dict[str, int]:
    """How many rows are in each state; one query for each of the indexes."""
    by_state = select(table.c.state, func.count()).group_by(table.c.state)
    return {state: count for condition in conditions for state, count in connection.execute(by_state.where(condition))}


def _by_index(states: Collection[EffectState]) -> ColumnElement[bool] | TextClause:
    """The words of the index that these are in; what is done is in none."""
    if set(states) <= set(LIVE):
        return t.IS_LIVE
    return t.IS_GIVEN_UP if set(states) <= {EffectState.PARKED, EffectState.SKIPPED} else true()


def _step(row: Any) -> Step:
    return Step(
        effect=row.id,
        key=row.key,
        kind=row.kind,
        system=row.system,
        lane=row.lane,
        incident=row.incident,
        step=_words(row),
        state=EffectState(row.state),
        tries=row.tries,
        reason=row.reason,
        promised_at=row.promised_at,
        not_before=row.not_before,
        finished_at=row.finished_at,
    )


def _words(row: Any) -> str:
    """What a person calls the promise; its kind where this version cannot read it, as of one that an older one made."""
    try:
        return parse_effect(row.kind, json.loads(row.body)).step
    except (KeyError, ValidationError):
        return str(row.kind).replace("_", " ")
