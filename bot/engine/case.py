"""Gathers what a command is judged by: the incidents it touches, locked; the alert's mirror; the entry it names."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from bot.engine import tables as t
from bot.engine.dialects import lock
from bot.incident.mirror import Alert
from bot.incident.model import Case, Command, Event, Incident, in_utc, parse_event
from bot.incident.policy import Policy
from bot.incident.values import Actor, Service

ROUTING = "routing"
"""The row that whoever opens an incident, or routes an alert to one, holds: two first alerts open one room, not two."""


_INCIDENTS = (
    select(t.incident.c.state)
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
    while command.redirected and found is not None and found.merged_into is not None:
        incidents |= load_incidents(connection, [found.merged_into])
        found = incidents.get(found.merged_into)
    candidates = _candidates(connection, alert) if alert and found is None else ()
    entry = command.names_entry()
    case = Case(
        now=now,
        actor=by,
        policy=policy,
        found=found,
        number=_next_number(connection) if command.declares or (named and found is None) else 0,
        entry=load_event(connection, found.number, entry) if found and entry is not None else None,
        alert=alert,
        fresh=alert is not None and alert != (mirror or Alert(source=alert.source, id=alert.id)),
        candidates=candidates,
        others={n: i for n, i in incidents.items() if found is None or n != found.number},
        zone_of=zone_of,
    )
    return Gathered(case, {**incidents, **{c.number: c for c in candidates}}, mirror)


def load_incidents(connection: Connection, numbers: Iterable[int]) -> dict[int, Incident]:
    """Those that exist, locked until the transaction ends, always in the order of their numbers."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    found = [Incident.model_validate_json(s) for s in connection.execute(_INCIDENTS, {"wanted": wanted}).scalars()]
    return {i.number: i for i in found}


def load_alert(connection: Connection, source: str, alert_id: str) -> Alert | None:
    query = select(t.alert.c.body).where(t.alert.c.source == source, t.alert.c.id == alert_id).with_for_update()
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else Alert.model_validate_json(body)


def load_event(connection: Connection, incident: int, seq: int) -> Event | None:
    query = select(t.event.c.kind, t.event.c.body).where(t.event.c.incident == incident, t.event.c.seq == seq)
    row = connection.execute(query).one_or_none()
    return None if row is None else parse_event(row.kind, json.loads(row.body))


def _candidates(connection: Connection, alert: Alert) -> tuple[Incident, ...]:
    """Open incidents of the alert's service, oldest first, locked."""
    if alert.service is None:
        return ()
    same_service = [
        t.incident.c.services.contains(f"\n{word}\n", autoescape=True) for word in service_words(alert.service)
    ]
    query = select(t.incident.c.number).where(t.IS_OPEN, or_(*same_service))
    return tuple(load_incidents(connection, connection.execute(query).scalars()).values())


def service_words(service: Service) -> list[str]:
    """By what an incident's service is found: its id, and its name in any case."""
    return [word for word in (service.id, service.name.casefold().replace("\n", " ")) if word]


def _next_number(connection: Connection) -> int:
    """Numbers without gaps; safe under the routing row."""
    highest: int | None = connection.execute(_HIGHEST).scalar_one()
    return (highest or 0) + 1
