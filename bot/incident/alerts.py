"""Alerts become incidents, join them, and tell them what happens outside; in any order, to the same end."""

from bot.incident.lifecycle import Declare, Declared, Resolved, clean_title
from bot.incident.mirror import Alert, Report, What
from bot.incident.model import Case, Command, Event, Incident, Refused, fold
from bot.incident.paging import PageAnswered, waits_for_answer
from bot.incident.policy import Action
from bot.incident.severity import SeverityChanged
from bot.incident.status import StatusChanged
from bot.incident.values import MUSTER, Actor, AlertLine, Service, Status

OWN_KEY = "muster/"
"""The incident key of a PagerDuty incident that a page of ours opened: `muster/INC-42/page-1`."""


class AlertJoined(Event, kind="alert_joined"):
    """An alert belongs to this incident from now on; `at` is when it fired."""

    source: str
    alert: str
    title: str
    url: str = ""
    service: Service | None = None
    priority: str = ""
    assignees: tuple[Actor, ...] = ()

    def apply(self, i: Incident) -> Incident:
        line = AlertLine(
            source=self.source,
            id=self.alert,
            title=self.title,
            url=self.url,
            service=self.service.name if self.service else "",
        )
        known = {s.id for s in i.services}
        services = (*i.services, self.service) if self.service and self.service.id not in known else i.services
        detected = min(filter(None, (i.moments.detected, self.at)))
        moments = i.moments.model_copy(update={"detected": detected})
        return i.but(alerts=(*i.alerts, line), services=services, alerts_clear=False, moments=moments)

    def line(self) -> str:
        where = f" on {self.service.name}" if self.service else ""
        return f"Alert{where}: {self.title}"


class AlertReported(Event, kind="alert_reported"):
    """The outside system said something more about an alert of this incident."""

    source: str
    alert: str
    title: str
    what: What
    text: str = ""
    person: Actor | None = None

    def apply(self, i: Incident) -> Incident:
        if self.what not in (What.RESOLVED, What.MERGED, What.REOPENED):
            return i
        clear = self.what is not What.REOPENED
        alerts = tuple(
            a.model_copy(update={"clear": clear}) if (a.source, a.id) == (self.source, self.alert) else a
            for a in i.alerts
        )
        return i.but(alerts=alerts, alerts_clear=i.alerts_clear and clear)

    def line(self) -> str:
        return SENTENCES[self.what].format(
            by=self.by.name, title=self.title, text=self.text, person=self.person.name if self.person else "someone"
        )

    def redacted(self) -> "AlertReported":
        return self.model_copy(update={"text": "[redacted]" if self.text else ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,) if self.text else ()


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


class AlertsClear(Event, kind="alerts_clear"):
    """Every alert of the incident is clear: the commander is asked whether it is over."""

    def apply(self, i: Incident) -> Incident:
        return i.but(alerts_clear=True)

    def line(self) -> str:
        return "All alerts are clear"


class HearAlert(Command):
    """An outside system said something about an alert. `incident`: where its key names one of ours."""

    report: Report

    def names_alert(self) -> tuple[str, str] | None:
        return self.report.source, self.report.alert

    def mirror(self, alert: Alert) -> Alert:
        return alert.heard(self.report)

    def decide(self, case: Case) -> list[Event]:
        if not case.fresh or case.alert is None:
            return []
        if case.found is None:
            return _route(case, case.alert)
        if case.found.alert(case.alert.source, case.alert.id) is None:
            return join(case, case.found, case.alert)
        return settle(case, case.found, case.alert, [self.report])


class JoinAlert(Command):
    """A person says: this alert belongs to that incident."""

    source: str
    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        alert = free_alert(case)
        return join(case, i, alert) if alert else []


class DeclareFromAlert(Command):
    """A person says: this alert is an incident."""

    declares = True

    source: str
    alert: str
    severity: int | None = None

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def decide(self, case: Case) -> list[Event]:
        alert = free_alert(case)
        if alert is None:
            return []
        services = (alert.service,) if alert.service else ()
        wish = Declare(title=alert.title, severity=self.severity, services=services, source=alert.url)
        facts = wish.decide(case)
        begun = fold(facts)
        return facts if begun is None else [*facts, *join(_about(case, begun), begun, alert)]


class DismissAlert(Command):
    """A person says: this alert needs no incident."""

    source: str
    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def mirror(self, alert: Alert) -> Alert:
        return alert if alert.incident else alert.model_copy(update={"dismissed": True})

    def decide(self, case: Case) -> list[Event]:
        free_alert(case)
        return []


def free_alert(case: Case) -> Alert | None:
    """The named alert while it belongs to no incident; None when it is in the named one already. Raises Refused."""
    alert = case.alert
    if alert is None or not alert.reports:
        raise Refused("That alert is not known any more.")
    if alert.incident is not None and (case.found is None or alert.incident != case.found.number):
        raise Refused(f"That alert belongs to INC-{alert.incident} already.")
    return alert if alert.incident is None else None


def _route(case: Case, alert: Alert) -> list[Event]:
    """An alert without an incident: opens one, joins one, or waits (triage and quiet keeping need no fact)."""
    opening = [(r, d) for r, d in alert.routed(case.policy) if d.action is Action.OPEN]
    if alert.dismissed or alert.triggered is None:
        return []
    open_one = next((c for c in case.candidates if c.is_open), None)
    if open_one is not None:
        return join(_about(case, open_one), open_one, alert)
    if not opening:
        return []
    report, decided = opening[0]
    wanted = case.policy.severity(decided.severity or case.policy.default_severity)
    if wanted is None:
        return []
    declared = Declared(
        incident=case.number,
        at=report.at,
        by=MUSTER,
        title=clean_title(alert.title),
        severity=wanted.value,
        services=(alert.service,) if alert.service else (),
        source=alert.source,
        detected=alert.triggered.at,
    )
    return [declared, *join(_about(case, declared.begin()), declared.begin(), alert)]


def join(case: Case, i: Incident, alert: Alert) -> list[Event]:
    """The alert becomes part of the incident, with everything that was said about it."""
    first = alert.triggered or alert.reports[0]
    joined = AlertJoined(
        incident=i.number,
        at=first.at,
        by=MUSTER,
        source=alert.source,
        alert=alert.id,
        title=first.title or alert.title,
        url=alert.url,
        service=alert.service,
        priority=first.priority or "",
        assignees=first.assignees or (),
    )
    rest = [r for r in alert.reports if r is not first]
    return [joined, *settle(case, joined.apply(i), alert, rest)]


def settle(case: Case, i: Incident, alert: Alert, news: list[Report]) -> list[Event]:
    """What new reports of an alert mean for its incident, read from the mirror and not from the order of arrival."""
    facts: list[Event] = [_told(i, alert, r) for r in news if not r.echo and r.what not in (What.SEEN, What.TRIGGERED)]
    for fact in facts:
        i = fact.apply(i)
    facts += _severity(case, i, alert)
    facts += _acknowledged(i, alert)
    facts += _answered(i, alert, news)
    return facts + _all_clear(case, i, alert)


def _told(i: Incident, alert: Alert, report: Report) -> AlertReported:
    return AlertReported(
        incident=i.number,
        at=report.at,
        by=report.by,
        source=alert.source,
        alert=alert.id,
        title=alert.title,
        what=report.what,
        text=report.text,
        person=report.person,
    )


def _severity(case: Case, i: Incident, alert: Alert) -> list[Event]:
    """A rule that would open it worse raises it; nothing here ever lowers a severity."""
    if not i.is_open:
        return []
    facts: list[Event] = []
    level = i.severity
    for report, decided in alert.routed(case.policy):
        wanted = case.policy.severity(decided.severity) if decided.severity else None
        if wanted and wanted.level < level.level:
            facts.append(SeverityChanged(incident=i.number, at=report.at, by=report.by, was=level, now=wanted.value))
            level = wanted.value
    return facts


def _acknowledged(i: Incident, alert: Alert) -> list[Event]:
    """The first acknowledgement moves triage to investigating."""
    ack = alert.acknowledged
    if ack is None or i.status is not Status.TRIAGE:
        return []
    return [StatusChanged(incident=i.number, at=ack.at, by=ack.by, was=i.status, now=Status.INVESTIGATING)]


def _answered(i: Incident, alert: Alert, news: list[Report]) -> list[Event]:
    """An acknowledgement, or a responder's yes or no, answers the page that called for it."""
    facts: list[Event] = []
    waiting = [p for p in i.pages if waits_for_answer(p) and alert.id in (p.outside, *_own_page(alert, p.page))]
    for report in news:
        accepted = report.what is What.ACKNOWLEDGED or report.text == "accepted"
        if report.echo or report.what not in (What.ACKNOWLEDGED, What.RESPONDER_REPLIED):
            continue
        by = report.person or report.by
        facts += [PageAnswered(incident=i.number, at=report.at, by=by, page=p.page, accepted=accepted) for p in waiting]
        waiting = []
    return facts


def _own_page(alert: Alert, page: int) -> tuple[str, ...]:
    """The alert's id when a page of ours opened it, told by its key, even before the receipt of that page is saved."""
    return (alert.id,) if alert.incident_key.endswith(f"/page-{page}") else ()


def _all_clear(case: Case, i: Incident, alert: Alert) -> list[Event]:
    if not i.is_open or i.alerts_clear or not i.alerts:
        return []
    lines = [a.model_copy(update={"clear": alert.clear}) if a.id == alert.id else a for a in i.alerts]
    if not all(a.clear for a in lines):
        return []
    at = alert.clear_since or case.now
    clear: list[Event] = [AlertsClear(incident=i.number, at=at, by=MUSTER)]
    if case.policy.resolve_when_clear:
        owed = case.policy.implied_by(i.severity).review and not i.drill
        clear.append(Resolved(incident=i.number, at=at, by=MUSTER, review=owed))
    return clear


def own_incident(incident_key: str) -> int | None:
    """The incident whose page opened a PagerDuty incident with this key, or None for others' keys."""
    head, _, rest = incident_key.partition("INC-")
    number = rest.partition("/")[0]
    return int(number) if head == OWN_KEY and number.isdecimal() else None


def _about(case: Case, i: Incident) -> Case:
    """The same case, now about this incident."""
    return Case(
        now=case.now,
        actor=case.actor,
        policy=case.policy,
        found=i,
        number=i.number,
        alert=case.alert,
        fresh=case.fresh,
    )
