"""The facts that a postmortem template needs: moments, spans, roles, pages and the timeline, each with its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from bot.incident.alerts import AlertJoined
from bot.incident.duties import Task, TaskState
from bot.incident.lifecycle import Declared, Resolved
from bot.incident.model import Incident
from bot.incident.paging import PageAnswered
from bot.incident.roles import RoleLeft, RoleTaken
from bot.incident.severity import SeverityChanged
from bot.incident.timeline import Entry, Stored, timeline
from bot.incident.values import PageLine

LISTED = 20
"""So many alerts are listed one by one; more are counted by service."""
TELLING = 10
"""So many of them are named."""


@dataclass(frozen=True)
class Moment:
    """A named moment of the incident, UTC; None when it is not known."""

    name: str
    at: datetime | None


@dataclass(frozen=True)
class Duration:
    """A measured span and what it is measured between; None when one of its ends is not known."""

    name: str
    between: str
    took: timedelta | None


@dataclass(frozen=True)
class Span:
    """A severity and how long it held; `until` None while it still does."""

    label: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class RoleSpan:
    """Who held a role, from when to when (None: to the end)."""

    label: str
    person: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class AlertFact:
    """An alert that belonged to the incident. `level`: in a storm, the severity that the rules ask for it by itself."""

    title: str
    url: str
    service: str
    fired: datetime
    level: int | None = None


@dataclass(frozen=True)
class ServiceAlerts:
    """How many alerts a service had, and when the first and the last of them fired."""

    service: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Report:
    """Everything known about an incident that is a fact; what needs judgement is left to people."""

    incident: Incident
    moments: tuple[Moment, ...]
    durations: tuple[Duration, ...]
    severities: tuple[Span, ...]
    roles: tuple[RoleSpan, ...]
    alerts: tuple[AlertFact, ...]
    pages: tuple[PageLine, ...]
    answered: dict[int, datetime]
    tasks: tuple[Task, ...]
    """What was asked of whom while it went on."""
    follow_ups: tuple[Task, ...]
    """What is to be done afterwards, but what was dropped."""
    entries: tuple[Entry, ...]
    source: str
    resolution: str

    @property
    def has_many_alerts(self) -> bool:
        """Whether there are more alerts than anybody reads one by one."""
        return len(self.alerts) > LISTED

    @property
    def alerted(self) -> list[ServiceAlerts]:
        """The alerts by service; the service where it began comes first."""
        fired: dict[str, list[datetime]] = {}
        for alert in self.alerts:
            fired.setdefault(alert.service, []).append(alert.fired)
        found = (ServiceAlerts(service, len(at), min(at), max(at)) for service, at in fired.items())
        return sorted(found, key=lambda s: (s.first, s.service))

    @property
    def telling(self) -> list[AlertFact]:
        """The few to read first, as they fired: the worst of each service, the worst services and the first ones."""
        worst_first = sorted(self.alerts, key=_how_telling)
        of_each = {alert.service: alert for alert in reversed(worst_first)}
        heads = sorted(of_each.values(), key=_how_telling)
        others = [alert for alert in worst_first if alert is not of_each[alert.service]]
        return sorted([*heads, *others][:TELLING], key=lambda alert: alert.fired)


def _how_telling(alert: AlertFact) -> tuple[float, datetime, str]:
    """Sorts what is worse, and fired earlier, to the front."""
    return (inf if alert.level is None else alert.level), alert.fired, alert.title


def report(i: Incident, stored: Sequence[Stored]) -> Report:
    """The report of an incident from its state and its journal, with what went on in those that were merged into it."""
    everything, stored = stored, [s for s in stored if s.event.incident == i.number]
    events = [s.event for s in stored]
    return Report(
        incident=i,
        moments=_moments(i),
        durations=_durations(i),
        severities=_severities(i, stored),
        roles=_roles(stored),
        alerts=tuple(
            AlertFact(
                title=e.title,
                url=e.url,
                service=e.service.name if e.service else "",
                fired=e.at,
                level=e.severity,
            )
            for e in (s.event for s in everything)
            if isinstance(e, AlertJoined) and not e.ours
        ),
        pages=i.pages,
        answered={e.page: e.at for e in events if isinstance(e, PageAnswered) and e.accepted},
        tasks=tuple(task for task in i.tasks if not task.followup),
        follow_ups=tuple(task for task in i.tasks if task.followup and task.state is not TaskState.DROPPED),
        entries=tuple(timeline(everything)),
        source=next((e.source for e in events if isinstance(e, Declared)), ""),
        resolution=next((e.words_said for e in reversed(events) if isinstance(e, Resolved)), ""),
    )


def _moments(i: Incident) -> tuple[Moment, ...]:
    m = i.moments
    return (
        Moment("Impact started", m.impact_start),
        Moment("Detected", m.detected),
        Moment("Declared", m.declared),
        Moment("Acknowledged", m.acknowledged),
        Moment("Mitigated", m.mitigated),
        Moment("Resolved", m.resolved),
    )


def _durations(i: Incident) -> tuple[Duration, ...]:
    m = i.moments
    start = m.impact_start or m.detected or m.declared
    return (
        Duration("Time to detect", "impact start → detection", _between(m.impact_start, m.detected)),
        Duration("Time to acknowledge", "detection → acknowledgement", _between(m.detected, m.acknowledged)),
        Duration("Time to mitigate", "start → mitigation", _between(start, m.mitigated)),
        Duration("Time to resolve", "start → resolution", _between(start, m.resolved)),
    )


def _between(a: datetime | None, b: datetime | None) -> timedelta | None:
    return b - a if a and b and b >= a else None


def _severities(i: Incident, stored: Sequence[Stored]) -> tuple[Span, ...]:
    """Each severity until the next one, the last one until the end."""
    changes = [s.event for s in stored if isinstance(s.event, Declared | SeverityChanged)]
    starts = [(_label(e), e.at) for e in sorted(changes, key=lambda e: e.at)]
    ends = (*(at for _, at in starts[1:]), i.moments.resolved)
    return tuple(Span(label, since, until) for (label, since), until in zip(starts, ends, strict=False))


def _label(e: Declared | SeverityChanged) -> str:
    return e.severity.label if isinstance(e, Declared) else e.now.label


def _roles(stored: Sequence[Stored]) -> tuple[RoleSpan, ...]:
    """Each holding from its taking to whatever ended it: left, taken over, or nothing."""
    spans: list[RoleSpan] = []
    for event in (s.event for s in stored):
        if isinstance(event, RoleTaken):
            if event.before:
                spans = _ended(spans, event.label, event.before.name, event.at)
            spans.append(RoleSpan(event.label, event.person.name, event.at, None))
        elif isinstance(event, RoleLeft):
            spans = _ended(spans, event.label, event.person.name, event.at)
    return tuple(spans)


def _ended(spans: list[RoleSpan], label: str, person: str, at: datetime) -> list[RoleSpan]:
    return [
        RoleSpan(s.label, s.person, s.since, at) if (s.label, s.person, s.until) == (label, person, None) else s
        for s in spans
    ]
