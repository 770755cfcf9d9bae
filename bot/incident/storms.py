"""Many services alert at once: one incident takes them all in, and what does not belong there is taken out again."""

from datetime import timedelta

from bot.incident.alerts import AlertLeft, AlertsClear, alert_name, all_clear, service_name
from bot.incident.lifecycle import Declared, clean_title
from bot.incident.mirror import Alert
from bot.incident.model import Case, Command, Event, Incident, Refused, advance, then
from bot.incident.privacy import is_for_all
from bot.incident.settling import join
from bot.incident.values import MUSTER, AlertLine, Service

TITLED = 4
"""So many services are named in a storm's title."""


class StormBegan(Event, kind="storm_began"):
    """Many services alert at once: this incident is for all of them, and no alert opens a room until it calms down."""

    services: tuple[str, ...] = ()

    def apply(self, i: Incident) -> Incident:
        return i.but(storm=True)

    def line(self) -> str:
        return f"Many services alert at once: {_some(self.services)}. This incident is for all of them"


class SplitOff(Command):
    """A person says: this alert deserves an incident of its own. Out of a storm, its service comes along."""

    declares = True
    takes_along = True

    source: str
    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        leaving = _leaving(case, i)
        if not leaving:
            return []
        if len(leaving) == len(i.alarms):
            raise Refused(f"{i.name} is about nothing else: no other alert would be left in it.")
        first = leaving[0]
        level = min((at for a in leaving if (at := a.level(case.policy))), default=case.policy.default_severity)
        wanted = case.policy.severity(level) or case.policy.implied_by(i.severity)
        declared = Declared(
            incident=case.number,
            at=case.now,
            by=case.actor,
            title=clean_title(first.title),
            severity=wanted.value,
            services=(first.service,) if first.service else (),
            private=i.private,
            drill=i.drill,
            source=first.source,
            detected=min((a.triggered.at for a in leaving if a.triggered), default=None),
        )
        facts = _out(case, i, leaving, into=case.number)
        begun: list[Event] = [declared]
        own = advance(None, declared)
        for alert in leaving:
            joined = join(case, own, alert, grade=False)
            own = then(own, joined)
            begun += joined
        return [*facts, *begun]


class NotRelated(Command):
    """A person says: this alert has nothing to do with that incident; it waits for a decision again.

    Out of a storm its service comes along, and is put to people once.
    """

    takes_along = True

    source: str
    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        return _out(case, i, _leaving(case, i))


def takes_in(case: Case, alert: Alert) -> Incident | None:
    """The storm that is on, unless a person took the alert or its service out of it."""
    i = case.storm
    if i is None or alert.fired_at(case.policy) is None or not may_join(case, i, alert):
        return None
    apart = (alert_name(alert.source, alert.id), service_name(alert.service.name if alert.service else ""))
    return None if any(name in i.apart for name in apart) else i


def may_join(case: Case, i: Incident, alert: Alert) -> bool:
    """Whether an alert may join by itself: all may see the incident, it is no drill, and something goes on in it."""
    if not i.is_open or i.drill or not is_for_all(i) or i.number in alert.unrelated:
        return False
    within = timedelta(minutes=case.policy.group_within)
    return bool(within) and case.now - (i.news_at or i.updated_at) <= within


def is_storm(case: Case, alert: Alert) -> bool:
    """Whether so much fires at once that it is one thing: many services, or one more room after some."""
    firing, at = case.firing, case.policy.storm
    if firing is None or alert.unrelated:
        return False
    return firing.services >= at.services or (firing.rooms >= at.rooms and bool(alert.openings(case.policy)))


def begin_storm(case: Case, alert: Alert) -> list[Event]:
    """The incident of the storm, with everything that has been waiting for a decision."""
    waiting = case.firing.waiting if case.firing else ()
    wanted_too = (a for a in waiting if not (a.dismissed or a.unrelated))
    together = [alert, *(a for a in wanted_too if (a.source, a.id) != (alert.source, alert.id))]
    services = _services(together)
    level = min((at for a in together if (at := a.level(case.policy))), default=case.policy.default_severity)
    wanted = case.policy.severity(level)
    if wanted is None:
        return []
    names = tuple(service.name for service in services)
    declared = Declared(
        incident=case.number,
        at=case.now,
        by=MUSTER,
        title=clean_title(f"Alert storm: {_some(names)}"),
        severity=wanted.value,
        services=services,
        source=alert.source,
        detected=min((a.triggered.at for a in together if a.triggered), default=None),
    )
    facts: list[Event] = [
        declared,
        StormBegan(incident=case.number, at=case.now, by=MUSTER, services=names),
    ]
    i = then(advance(None, declared), facts[1:])
    for one in together:
        joined = join(case, i, one)
        i = then(i, joined)
        facts += joined
    return facts


def _services(alerts: list[Alert]) -> tuple[Service, ...]:
    found = {s.id or s.name: s for a in alerts if (s := a.service)}
    return tuple(found.values())


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - TITLED} more" if len(names) > TITLED else ""
    return ", ".join(names[:TITLED]) + more


def _leaving(case: Case, i: Incident) -> list[Alert]:
    """The mirrors of what is to leave, the named one first; none where it left already. Raises Refused."""
    alert = case.alert
    line = i.alert(alert.source, alert.id) if alert else None
    if alert is None or line is None:
        if alert is not None and alert_name(alert.source, alert.id) in i.apart:
            return []
        raise Refused(f"That alert is not part of {i.name}. `/incident {i.name} alerts` shows those that are.")
    if line.ours:
        raise Refused("That is a page of ours; it belongs to the incident that it was sent for.")
    others = (a for a in case.along if i.storm and (a.source, a.id) != (alert.source, alert.id))
    return [alert, *(a for a in others if (kept := i.alert(a.source, a.id)) and not kept.ours)]


def _out(case: Case, i: Incident, leaving: list[Alert], into: int | None = None) -> list[Event]:
    """What leaves; where only what is clear stays, that is said."""
    facts: list[Event] = [
        AlertLeft(
            **case.stamp(),
            source=alert.source,
            alert=alert.id,
            title=_title(alert, i.alert(alert.source, alert.id)),
            service=_service_of(i.alert(alert.source, alert.id)),
            into=into,
            along=place > 0,
        )
        for place, alert in enumerate(leaving)
    ]
    left = then(i, facts)
    if facts and not left.alerts_clear and all_clear(left.alerts):
        facts.append(AlertsClear(incident=i.number, at=case.now, by=MUSTER))
    return facts


def _title(alert: Alert, line: AlertLine | None) -> str:
    return (line.title if line else "") or alert.title


def _service_of(line: AlertLine | None) -> str:
    return line.service if line else ""
