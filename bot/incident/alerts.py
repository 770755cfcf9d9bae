"""What alerts tell an incident: that one belongs to it, what became of it outside, that all of them are clear."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.incident.mirror import LIFE, OWN_KEY, Alert, What, counts_at
from bot.incident.model import Event, Incident
from bot.incident.notes import GONE
from bot.incident.values import Actor, AlertLine, Ending, Service, Status

IN_FULL = 20
"""So many alerts of a storm are kept with title and link; of the others the mirrors have them."""
FIRST_FIRES = 10
"""So many times of an alert's firing are kept, the first ones."""


class AlertJoined(Event, kind="alert_joined"):
    """An alert belongs to this incident from now on; `at` is when it fired."""

    source: str
    alert: str
    title: str
    url: str = ""
    service: Service | None = None
    priority: str = ""
    assignees: tuple[Actor, ...] = ()
    ours: bool = False
    """It was opened by a page of this incident; where that page had no service, on whichever there was."""
    severity: int | None = None
    """In a storm, the level that the rules ask for it by itself."""

    def apply(self, i: Incident) -> Incident:
        alerts = (*_without(i.alerts, self.source, self.alert), self._kept(i))
        if self.ours:
            return i.but(alerts=alerts)
        back = (alert_name(self.source, self.alert), service_name(self.service.name if self.service else ""))
        detected = min(filter(None, (i.moments.detected, self.at)))
        after = i.but(
            alerts=alerts,
            alerts_clear=False,
            moments=i.timed(detected=detected),
            apart=tuple(name for name in i.apart if name not in back),
        )
        return with_service(after, self.service)

    def _kept(self, i: Incident) -> AlertLine:
        """Its line in the state; a storm has thousands, so that but for the first of each service most are short."""
        service = self.service.name if self.service else ""
        in_full = not i.storm or len(i.alerts) < IN_FULL or all(a.service != service for a in i.alerts)
        return AlertLine(
            source=self.source,
            id=self.alert,
            title=self.title if in_full else "",
            url=self.url if in_full else "",
            service=service,
            ours=self.ours,
            severity=self.severity,
            fires=() if i.storm else (self.at,),
        )

    def line(self) -> str:
        if self.ours:
            return f"Opened in PagerDuty for a page: {self.title}"
        where = f" on {self.service.name}" if self.service else ""
        return f"Alert{where}: {self.title}"

    def redacted(self) -> "AlertJoined":
        return self.model_copy(update={"title": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.title,)

    @property
    def link(self) -> str:
        return self.url


class AlertReported(Event, kind="alert_reported"):
    """The outside system said something more about an alert of this incident."""

    repeats = ("title",)

    source: str
    alert: str
    title: str
    what: What
    text: str = ""
    person: Actor | None = None
    url: str = ""
    service: Service | None = None
    """The service on which it fired, or to which it was moved, where that is what happened."""
    stands: str = ""
    """What it says of the alert's life: triggered, acknowledged, resolved, or nothing."""
    ended: Ending | None = None

    def apply(self, i: Incident) -> Incident:
        after = _with_life(i, (self.source, self.alert), self.at, self.stands or LIFE.get(self.what, ""), self.ended)
        if self.what in FIRES and not i.storm:
            after = _fired(after, (self.source, self.alert), self.at)
        if self.what is What.ACKNOWLEDGED:
            first = min(filter(None, (i.moments.acknowledged, self.at)))
            return after.but(moments=after.timed(acknowledged=first))
        if self.what is What.TRIGGERED:
            after = after.but(moments=after.timed(detected=min(filter(None, (i.moments.detected, self.at)))))
        return with_service(after, self.service)

    def line(self) -> str:
        return SENTENCES[self.what].format(
            by=self.by.name, title=self.title, text=self.text, person=self.person.name if self.person else "someone"
        )

    def redacted(self) -> "AlertReported":
        return self.model_copy(update={"text": GONE}) if self.words else self

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,) if self.text and self.what in WRITTEN else ()

    @property
    def link(self) -> str:
        return self.url


SENTENCES = {
    What.TRIGGERED: "The alert fired: {title}",
    What.SEEN: "The alert stands: {title}",
    What.ACKNOWLEDGED: "{by} acknowledged the alert “{title}”",
    What.UNACKNOWLEDGED: "The acknowledgement of “{title}” ran out",
    What.ESCALATED: "{by} escalated the alert “{title}” to {text}",
    What.DELEGATED: "{by} gave the alert “{title}” to {text}",
    What.REASSIGNED: "{by} reassigned the alert “{title}” to {text}",
    What.REOPENED: "{by} reopened the alert “{title}”",
    What.RESOLVED: "{by} resolved the alert “{title}”",
    What.MERGED: "{by} merged the alert “{title}” into {text}",
    What.PRIORITY: "{by} set the priority of “{title}” to {text}",
    What.SERVICE: "{by} moved the alert “{title}” to {text}",
    What.TYPE: "{by} changed the type of “{title}” to {text}",
    What.NOTE: "{by} noted in PagerDuty: {text}",
    What.RESPONDER_ADDED: "{by} asked {person} to respond",
    What.RESPONDER_REPLIED: "{person} answered the request to respond: {text}",
    What.STATUS_UPDATE: "{by} published a status update: {text}",
    What.BRIDGE: "{by} set the conference bridge: {text}",
    What.FIELDS: "{by} set {text}",
    What.ROLE: "{by} set a PagerDuty role: {text}",
    What.TASK: "{by}, PagerDuty task: {text}",
    What.ACTION: "{by} ran an action: {text}",
    What.WORKFLOW: "{by}, PagerDuty workflow: {text}",
}


FIRES = frozenset({What.TRIGGERED, What.REOPENED})
WRITTEN = frozenset({What.NOTE, What.STATUS_UPDATE, What.FIELDS, What.TASK, What.BRIDGE})
"""Reports whose text a person wrote; the others' is a name or a level."""


class AlertLeft(Event, kind="alert_left"):
    """A person said that an alert does not belong to this incident: it has nothing to do with it, or one of its own."""

    source: str
    alert: str
    title: str
    service: str = ""
    into: int | None = None
    """The incident that it became; None where it waits for a decision again."""
    along: bool = False
    """It went with another alert of its service, which is told of for all of them."""

    def apply(self, i: Incident) -> Incident:
        """A storm has every service from its alerts: it loses the service whose last alert leaves."""
        left = _without(i.alerts, self.source, self.alert)
        apart = (*i.apart, alert_name(self.source, self.alert))
        after = i.but(alerts=left, apart=tuple(dict.fromkeys(apart)))
        if not (i.storm and self.service) or any(a.service == self.service for a in left):
            return after
        services = tuple(s for s in i.services if s.name != self.service)
        return after.but(services=services, apart=(*after.apart, service_name(self.service)))

    def line(self) -> str:
        if self.into is not None:
            return f"{self.by.name} made INC-{self.into} of the alert “{self.title}”"
        return f"{self.by.name} took the alert “{self.title}” out: it is not related"

    def redacted(self) -> "AlertLeft":
        return self.model_copy(update={"title": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.title,)


class AlertGraded(Event, kind="alert_graded"):
    """In a storm: the rules now ask a worse severity for one of its alerts; it may deserve an incident of its own."""

    source: str
    alert: str
    title: str
    severity: int
    label: str
    service: str = ""

    def apply(self, i: Incident) -> Incident:
        return i.but(alerts=_changed(i.alerts, (self.source, self.alert), {"severity": self.severity}))

    def line(self) -> str:
        where = f" on {self.service}" if self.service else ""
        return f"The alert{where} is {self.label} by itself: {self.title}"

    def redacted(self) -> "AlertGraded":
        return self.model_copy(update={"title": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.title,)


class AlertSeen(Event, kind="alert_seen"):
    """How the alert stood when somebody looked, or after our own act there: keeps the card right, tells nobody."""

    shown = False
    news = False
    source: str
    alert: str
    stands: str
    ended: Ending | None = None

    def apply(self, i: Incident) -> Incident:
        return _with_life(i, (self.source, self.alert), self.at, self.stands, self.ended)

    def line(self) -> str:
        return f"The alert is {self.stands}"


class AlertsClear(Event, kind="alerts_clear"):
    """Every alert of the incident is clear: the commander is asked whether it is over."""

    def apply(self, i: Incident) -> Incident:
        return i.but(alerts_clear=True)

    def line(self) -> str:
        return "All alerts are clear"


def moved(alert: Alert, moves: Iterable[Event]) -> Alert:
    """Whose the alert is after it came and went; what it was taken out of, it does not join again by itself."""
    for move in moves:
        if isinstance(move, AlertLeft):
            alert = alert.leave(move.incident, along=move.along)
        else:
            alert = alert.model_copy(update={"incident": move.incident, "along": False})
    return alert


def alerts_told_of(entry: Event, i: Incident) -> list[str]:
    """The ids of the alerts whose title an entry of the incident says; what began with an alert is called like it."""
    if isinstance(entry, AlertJoined | AlertReported | AlertLeft):
        return [entry.alert]
    return [line.id for line in i.alerts if line.title and line.title in entry.words]


def all_clear(alerts: Iterable[AlertLine]) -> bool:
    """Whether every alert is clear and somebody said so: one merged elsewhere, timed out or ended by us is no sign."""
    counted = [a for a in alerts if a.ended is not Ending.MERGED and not a.ours]
    mended = any(a.ended is Ending.RESOLVED for a in counted)
    return mended and all(a.clear and a.ended is not Ending.TIMED_OUT for a in counted)


def asks_back(event: Event, before: Incident | None) -> bool:
    """Whether a fact in *monitoring* calls for the question "Back to investigating?": something fires again."""
    fires = (isinstance(event, AlertJoined) and not event.ours) or (
        isinstance(event, AlertReported) and event.what is What.REOPENED
    )
    return fires and before is not None and before.status is Status.MONITORING


def own_incident(incident_key: str) -> int | None:
    """The incident whose page opened a PagerDuty incident with this key, or None for others' keys."""
    head, _, rest = incident_key.partition("INC-")
    number = rest.partition("/")[0]
    return int(number) if head == OWN_KEY and number.isdecimal() else None


def own_page(incident_key: str) -> int | None:
    """The number of the page that opened a PagerDuty incident with this key, or None for others' keys."""
    number = incident_key.rpartition("/page-")[2]
    return int(number) if own_incident(incident_key) is not None and number.isdecimal() else None


def with_service(i: Incident, service: Service | None) -> Incident:
    """The incident with one more service concerned; known ones are told by id, or by name where there is none."""
    known = {s.id or s.name for s in i.services}
    return i if service is None or (service.id or service.name) in known else i.but(services=(*i.services, service))


def _with_life(i: Incident, alert: tuple[str, str], at: datetime, stands: str, ended: Ending | None) -> Incident:
    """Whether one of the alerts is clear, by the latest word on it: a late report of something older moves nothing."""
    if not stands:
        return i
    lines = tuple(_line_at(a, at, stands, ended) if (a.source, a.id) == alert else a for a in i.alerts)
    return i.but(alerts=lines, alerts_clear=i.alerts_clear and all_clear(lines))


def alert_name(source: str, alert: str) -> str:
    """What an alert is called among those that were taken out."""
    return f"{source}/{alert}"


def service_name(service: str) -> str:
    """What a service is called among what was taken out."""
    return f"service/{service.casefold()}"


def _fired(i: Incident, alert: tuple[str, str], at: datetime) -> Incident:
    """One more time that an alert fired; told twice, it counts once."""
    line = i.alert(*alert)
    fires = sorted({at, *(line.fires if line else ())})[:FIRST_FIRES]
    return i.but(alerts=_changed(i.alerts, alert, {"fires": tuple(fires)}))


def _without(lines: Iterable[AlertLine], source: str, alert: str) -> tuple[AlertLine, ...]:
    return tuple(a for a in lines if a.id != alert or a.source != source)


def _changed(
    lines: Iterable[AlertLine], alert: tuple[str, str], changes: Mapping[str, object]
) -> tuple[AlertLine, ...]:
    return tuple(a.model_copy(update=changes) if (a.source, a.id) == alert else a for a in lines)


def _line_at(line: AlertLine, at: datetime, stands: str, ended: Ending | None) -> AlertLine:
    clear = stands == "resolved"
    known = line.as_of and (counts_at(line.as_of, ends=line.clear), line.clear)
    if known and (counts_at(at, ends=clear), clear) < known:
        return line
    return line.model_copy(update={"clear": clear, "ended": ended if clear else None, "as_of": at})
