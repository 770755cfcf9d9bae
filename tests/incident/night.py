"""A night on call, told to the rules without an engine: who asks what, when, and what an alert source says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.incident.alerts import moved
from bot.incident.dues import Due
from bot.incident.merging import alerts_moved
from bot.incident.mirror import Alert, Firing, Report, What
from bot.incident.model import Case, Command, Event, Incident, advance
from bot.incident.nudges import Nudge, due
from bot.incident.policy import Paging, Policy
from bot.incident.routing import HearAlert
from bot.incident.timeline import Entry, Stored, timeline
from bot.incident.values import MUSTER, Actor, Service, Target, TargetKind

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ADA = Actor(id="slack:UADA", name="Ada")
BO = Actor(id="slack:UBO", name="Bo")
CY = Actor(id="pagerduty:PCY", name="Cy")
CHECKOUT = Service(id="PCHECK", name="Checkout")
SEARCH = Service(id="PSEARCH", name="Search")
CHECKOUT_ONCALL = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
COMMANDERS = Target(kind=TargetKind.POLICY, id="PCOMM", name="Commanders")
FALLBACK = Target(kind=TargetKind.POLICY, id="PFALL", name="Everybody's on-call")
BO_HIMSELF = Target(kind=TargetKind.USER, id="PBO", name="Bo")
POLICY = Policy(paging=Paging(commanders=COMMANDERS))


def minute(n: float) -> datetime:
    """So many minutes into the night."""
    return START + timedelta(minutes=n)


class Night:
    """The incidents, alerts and the journal of one night. Time stands still until somebody names a minute."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.incidents: dict[int, Incident] = {}
        self.alerts: dict[tuple[str, str], Alert] = {}
        self.journal: list[Event] = []
        self.now = START
        self.zones: dict[str, str] = {}
        """Where people's clocks stand, by their id; in UTC where nothing is said."""

    @property
    def incident(self) -> Incident:
        """The only incident, or the one declared last."""
        return self.incidents[max(self.incidents)]

    def ask(self, command: Command, by: Actor = ADA, at: float | None = None) -> list[Event]:
        """Somebody asks for something; the facts that followed. Raises Refused."""
        self.now = self.now if at is None else minute(at)
        mirror = self._mirror(command)
        facts = command.decide(self._case(command, by, *mirror))
        for fact in facts:
            self._happened(fact)
        self._mirrored(command, mirror, facts)
        return facts

    def hear(self, report: Report, at: float | None = None, incident: int | None = None) -> list[Event]:
        """An alert source says something."""
        return self.ask(HearAlert(report=report, incident=incident), by=report.by, at=at)

    def pass_until(self, at: float) -> list[Event]:
        """Time passes; what falls due is said when it does."""
        facts: list[Event] = []
        while (first := self._first_due(minute(at))) is not None:
            self.now = max(self.now, first.at)
            facts += self.ask(Nudge(incident=self.incident.number, key=first.key), by=MUSTER)
        self.now = minute(at)
        return facts

    def due(self) -> list[Due]:
        """What will be overdue in the incident declared last."""
        return due(self.incident, self.policy)

    def stored(self, number: int | None = None) -> list[Stored]:
        """The journal of an incident as the engine would keep it."""
        wanted = number or self.incident.number
        mine = [e for e in self.journal if e.incident == wanted]
        return [Stored(seq=n, event=e, recorded=self.now) for n, e in enumerate(mine, start=1)]

    def timeline(self) -> list[Entry]:
        """What people read of the incident declared last."""
        return timeline(self.stored())

    def lines(self) -> list[str]:
        """The sentences of the timeline."""
        return [entry.text for entry in self.timeline()]

    def seq(self, sentence: str) -> int:
        """The number of the entry that says this."""
        return next(e.seq for e in self.timeline() if e.text == sentence)

    def _mirror(self, command: Command) -> tuple[Alert | None, Alert | None]:
        name = command.names_alert()
        if name is None:
            return None, None
        before = self.alerts.get(name) or Alert(source=name[0], id=name[1])
        return before, command.mirror(before)

    def _case(self, command: Command, by: Actor, before: Alert | None, after: Alert | None) -> Case:
        number = command.incident or (after.incident if after else None)
        while command.redirected and (there := self.incidents.get(number or 0)) and there.merged_into:
            number = there.merged_into
        return Case(
            now=self.now,
            actor=by,
            policy=self.policy,
            found=self.incidents.get(number) if number else None,
            number=len(self.incidents) + 1,
            entry=self._entry(command),
            alert=after,
            fresh=after != before,
            candidates=self._candidates(after) if after and number is None else (),
            storm=self._storm() if number is None else None,
            firing=self._firing(after) if after and number is None and not self._storm() else None,
            along=self._along(after) if after and command.takes_along else (),
            others={n: self.incidents[n] for n in command.touches() if n in self.incidents and n != number},
            zone_of=lambda actor: self.zones.get(actor.id, "UTC"),
        )

    def _entry(self, command: Command) -> Event | None:
        wanted = command.names_entry()
        return next((s.event for s in self.stored(command.incident) if s.seq == wanted), None) if wanted else None

    def _candidates(self, alert: Alert) -> tuple[Incident, ...]:
        near = [i for i in self.incidents.values() if i.is_open and alert.service in i.services]
        return tuple(i for i in near if alert.service is not None)

    def _storm(self) -> Incident | None:
        return next((i for i in self.incidents.values() if i.storm and i.is_open and not (i.private or i.drill)), None)

    def _firing(self, alert: Alert) -> Firing:
        """As the engine counts it, but that a night is short: all that fired fired at about the same time."""
        own = [i for i in self.incidents.values() if i.is_open and i.declared_by == MUSTER]
        there = [a for a in self.alerts.values() if a.incident is None or self.incidents[a.incident].is_open]
        firing = [a for a in (*there, alert) if a.fired_at(self.policy)]
        waiting = tuple(a for a in firing if a.incident is None and not a.clear)
        return Firing(services=len({a.service for a in firing if a.service}), rooms=len(own), waiting=waiting)

    def _along(self, alert: Alert) -> tuple[Alert, ...]:
        return tuple(a for a in self.alerts.values() if a.service == alert.service and (a.incident or a.along))

    def _happened(self, fact: Event) -> None:
        self.journal.append(fact)
        self.incidents[fact.incident] = advance(self.incidents.get(fact.incident), fact)

    def _mirrored(self, command: Command, mirror: tuple[Alert | None, Alert | None], facts: Sequence[Event]) -> None:
        name, after = command.names_alert(), mirror[1]
        if name is not None and after is not None:
            self.alerts[name] = after
        for fact in facts:
            for key in alerts_moved(fact):
                if key in self.alerts:
                    self.alerts[key] = moved(self.alerts[key], [fact])

    def _first_due(self, until: datetime) -> Due | None:
        return min((d for d in self.due() if d.at <= until), key=lambda d: d.at, default=None)


def report(what: What, at: float, *, alert: str = "PD1", **said: object) -> Report:
    """Something PagerDuty says about an alert, so many minutes into the night; by Cy, about Checkout."""
    told = {"source": "pagerduty", "alert": alert, "key": f"{alert}-{what}-{at}", "by": CY, **said}
    return Report.model_validate({**told, "what": what, "at": minute(at)})


def trigger(
    at: float = 0, *, what: What = What.TRIGGERED, alert: str = "PD1", priority: str = "P1", **said: object
) -> Report:
    """An alert on Checkout fires (or is first seen firing)."""
    told = {
        "title": "Checkout errors",
        "service": CHECKOUT,
        "urgency": "high",
        "status": "triggered",
        "url": f"https://pd.example/{alert}",
    }
    return report(what, at, alert=alert, priority=priority, **{**told, **said})
