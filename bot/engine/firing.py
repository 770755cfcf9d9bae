"""What fires at about the same time as an alert, counted by indexes: whether a storm is on, or begins."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from bot.engine import tables as t
from bot.engine.columns import Moment
from bot.incident.mirror import Alert, Firing
from bot.incident.policy import Policy
from bot.incident.values import MUSTER, Service

WAITING = 100
"""So many alerts that wait for a decision are taken into a storm when it begins; the others wait on."""

_SINCE, _UNTIL = bindparam("since", type_=Moment), bindparam("until", type_=Moment)
_NEAR = t.alert.c.fired_at.between(_SINCE, _UNTIL)
_STORM = (
    select(t.incident.c.number)
    .where(t.IS_OPEN, t.incident.c.storm, ~t.incident.c.private, ~t.incident.c.drill)
    .where(select(t.alert.c.id).where(t.alert.c.incident == t.incident.c.number, _NEAR).exists())
    .order_by(t.incident.c.number.desc())
    .limit(1)
)
_SERVICES = (
    select(t.alert.c.service)
    .distinct()
    .select_from(t.alert.outerjoin(t.incident, t.incident.c.number == t.alert.c.incident))
    .where(_NEAR, t.alert.c.service != "", or_(t.alert.c.incident.is_(None), and_(t.IS_OPEN)))
)
_ROOMS = select(func.count()).where(
    t.IS_OPEN,
    t.incident.c.declared_at >= _SINCE,
    t.incident.c.people.contains(f"\n{MUSTER.id}\n", autoescape=True),
)
_WAITING = (
    select(t.alert.c.body)
    .where(_NEAR, t.alert.c.incident.is_(None), ~t.alert.c.clear)
    .order_by(t.alert.c.fired_at)
    .limit(WAITING)
)


def storm_near(connection: Connection, at: datetime, policy: Policy) -> int | None:
    """The number of the open storm of which an alert fired not long before or after that moment; the newest one."""
    span = timedelta(minutes=policy.storm.quiet)
    number: int | None = connection.execute(_STORM, {"since": at - span, "until": at + span}).scalar_one_or_none()
    return number


def count_firing(connection: Connection, alert: Alert, at: datetime, policy: Policy, now: datetime) -> Firing:
    """What fires together with an alert that fired at that moment, in open incidents or in none."""
    span = timedelta(minutes=policy.storm.within)
    around = {"since": at - span, "until": at + span}
    services = {*connection.execute(_SERVICES, around).scalars(), *service_words(alert.service)[:1]}
    rooms: int = connection.execute(_ROOMS, {"since": now - span}).scalar_one()
    enough = len(services) >= policy.storm.services or rooms >= policy.storm.rooms
    return Firing(
        services=len(services),
        rooms=rooms,
        waiting=tuple(_mirrors(connection, _WAITING, **around)) if enough else (),
    )


def along_with(connection: Connection, alert: Alert, storm: int) -> tuple[Alert, ...]:
    """The mirrors of all alerts of its service that are in the storm, or were taken out of it with another one.

    In the order of their firing, itself included.
    """
    words = service_words(alert.service)[:1]
    if not words:
        return ()
    of_it = or_(t.alert.c.incident == storm, t.alert.c.incident.is_(None))
    query = select(t.alert.c.body).where(of_it, t.alert.c.service == words[0])
    found = _mirrors(connection, query.order_by(t.alert.c.fired_at, t.alert.c.id))
    return tuple(a for a in found if a.incident == storm or (a.along and storm in a.unrelated))


def service_words(service: Service | None) -> list[str]:
    """By what a service is found: its id, and its name in any case."""
    if service is None:
        return []
    return [word for word in (service.id, service.name.casefold().replace("\n", " ")) if word]


def _mirrors(connection: Connection, query: Select[Any], **around: datetime) -> list[Alert]:
    return [Alert.model_validate_json(body) for body in connection.execute(query, around).scalars()]
