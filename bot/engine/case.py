"""Gathers what a command is judged by: the incidents it touches, locked; the alert's mirror; the entry it names."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, false, func, or_, select

from bot.engine import tables as t
from bot.engine.dialects import lock
from bot.engine.firing import along_with, count_firing, service_words, storm_near
from bot.engine.prepared import run
from bot.engine.states import read
from bot.incident.alerts import AlertJoined, alerts_told_of
from bot.incident.mirror import Alert, Firing
from bot.incident.model import Case, Command, Event, Incident, in_utc, parse_event
from bot.incident.policy import Policy
from bot.incident.values import Actor

ROUTING = "routing"
"""The row that whoever opens an incident, or routes an alert to one, holds: two first alerts open one room, not two."""


_INCIDENTS = (
    select(t.incident.c.number, t.incident.c.state)
    .where(t.incident.c.number.in_(bindparam("wanted", expanding=True)))
    .order_by(t.incident.c.number)
    .with_for_update()
)
_HIGHEST = select(func.max(t.incident.c.number))


@dataclass(frozen=True)
class Gathered:
    """The case, and what it was built from: the locked incidents by number, and the alert's mirror as it was."""

    case: Case
    incidents: dict[int, Incident]
    mirror: Alert | None


@dataclass(frozen=True)
class _Near:
    """Where an alert may belong by itself."""

    candidates: tuple[Incident, ...] = ()
    storm: Incident | None = None
    firing: Firing | None = None


_NOTHING = _Near()


def gather(
    connection: Connection,
    command: Command,
    by: Actor,
    policy: Policy,
    now: datetime,
    zone_of: Callable[[Actor], str] = in_utc,
) -> Gathered:
    """Locks and reads; to be called in the transaction that will save what follows. `zone_of`: answered from memory."""
    named = command.names_alert()
    if named or command.declares:
        lock(connection, ROUTING)
    mirror = load_alert(connection, *named) if named else None
    alert = command.mirror(mirror or Alert(source=named[0], id=named[1])) if named else None
    number = command.incident if command.incident is not None else alert.incident if alert else None
    incidents = load_incidents(connection, [*command.touches(), *([] if number is None else [number])])
    found = incidents.get(number) if number is not None else None
    entry = command.names_entry()
    later = found if command.redirected or entry is not None else None
    while later is not None and later.merged_into is not None:
        incidents |= load_incidents(connection, [later.merged_into])
        later = incidents.get(later.merged_into)
    found = later if command.redirected else found
    named_entry = load_event(connection, found.number, entry) if found and entry is not None else None
    copied_to = _been_in(connection, found, named_entry) if found and named_entry and command.takes_out else {}
    incidents |= copied_to
    near = _near(connection, alert, policy, now) if alert and found is None and command.routes else _NOTHING
    case = Case(
        now=now,
        actor=by,
        policy=policy,
        found=found,
        number=_next_number(connection) if command.declares or (named and found is None) else 0,
        entry=named_entry,
        copied_to=tuple(copied_to.values()),
        alert=alert,
        fresh=alert is not None and alert != (mirror or Alert(source=alert.source, id=alert.id)),
        candidates=near.candidates,
        storm=near.storm,
        firing=near.firing,
        along=along_with(connection, alert, found.number)
        if alert and found and found.storm and command.takes_along
        else (),
        others={n: i for n, i in incidents.items() if found is None or n != found.number},
        zone_of=zone_of,
    )
    storm = (near.storm,) if near.storm else ()
    return Gathered(case, {**incidents, **{i.number: i for i in (*near.candidates, *storm)}}, mirror)


def load_incidents(connection: Connection, numbers: Iterable[int]) -> dict[int, Incident]:
    """Those that exist, locked until the transaction ends, always in the order of their numbers."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    return {row.number: read(row.state) for row in run(connection, _INCIDENTS, {"wanted": wanted})}


def load_alert(connection: Connection, source: str, alert_id: str) -> Alert | None:
    query = select(t.alert.c.body).where(t.alert.c.source == source, t.alert.c.id == alert_id).with_for_update()
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else Alert.model_validate_json(body)


def load_event(connection: Connection, incident: int, seq: int) -> Event | None:
    query = select(t.event.c.kind, t.event.c.body).where(t.event.c.incident == incident, t.event.c.seq == seq)
    row = connection.execute(query).one_or_none()
    return None if row is None else parse_event(row.kind, json.loads(row.body))


def _been_in(connection: Connection, i: Incident, entry: Event) -> dict[int, Incident]:
    """The other incidents that say the title of an entry's alert again: it was moved there, or came from there.

    Where they were merged into others, those too. Nothing is kept to find them by: it is rare that somebody redacts.
    """
    names = alerts_told_of(entry, i)
    told = or_(false(), *(t.event.c.body.contains(f'"alert":{json.dumps(name)}', autoescape=True) for name in names))
    joined = select(t.event.c.incident).where(t.event.c.kind == AlertJoined.kind, told).distinct()
    wanted: set[int | None] = set(connection.execute(joined).scalars()) if names else set()
    found: dict[int, Incident] = {}
    while left := wanted - {None, i.number, *found}:
        found |= load_incidents(connection, [n for n in left if n is not None])
        wanted = {later.merged_into for later in found.values()}
    return found


def _near(connection: Connection, alert: Alert, policy: Policy, now: datetime) -> _Near:
    """Where an alert without an incident may belong: open incidents of its service, oldest first, and the storm.

    What fires together with it is counted only where no storm is on, and somebody must look at it.
    """
    fired = alert.fired_at(policy)
    storm = storm_near(connection, fired, policy) if fired else None
    own = _of_service(connection, alert)
    found = load_incidents(connection, [*own, *([storm] if storm else [])])
    return _Near(
        candidates=tuple(found[number] for number in own),
        storm=found.get(storm) if storm else None,
        firing=count_firing(connection, alert, fired, policy, now) if fired and not storm else None,
    )


def _of_service(connection: Connection, alert: Alert) -> list[int]:
    """The numbers of the open incidents of the alert's service, in order."""
    words = service_words(alert.service)
    if not words:
        return []
    same_service = [t.incident.c.services.contains(f"\n{word}\n", autoescape=True) for word in words]
    query = select(t.incident.c.number).where(t.IS_OPEN, or_(*same_service)).order_by(t.incident.c.number)
    return list(connection.execute(query).scalars())


def _next_number(connection: Connection) -> int:
    """Numbers without gaps; safe under the routing row."""
    highest: int | None = connection.execute(_HIGHEST).scalar_one()
    return (highest or 0) + 1
