"""Alerts become incidents, join them, or wait for a person to say; in any order, to the same end."""

from bot.incident.lifecycle import Declare, Declared, clean_title
from bot.incident.mirror import Alert, Report, Worth
from bot.incident.model import Case, Command, Event, Incident, Refused, advance, then
from bot.incident.settling import answers, join, settle
from bot.incident.storms import begin_storm, is_storm, may_join, takes_in
from bot.incident.values import MUSTER, Actor


class HearAlert(Command):
    """An outside system said something about an alert. `incident`: where its key names one of ours."""

    routes = True

    redirected = True
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
        if case.found.alert(case.alert.source, case.alert.id) is not None:
            return settle(case, case.found, case.alert, [self.report])
        if case.alert.triggered is None:
            return answers(case, case.found, case.alert, [self.report])
        return join(case, case.found, case.alert)


class JoinAlert(Command):
    """A person says: this alert belongs to that incident. Into a storm, what left it with this one comes back, too."""

    takes_along = True

    source: str
    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        alert = free_alert(case)
        back = [alert, *(a for a in case.along if a.along and a.id != alert.id)] if alert else []
        facts: list[Event] = []
        for one in back:
            facts += join(case, then(i, facts), one)
        return facts


class DeclareFromAlert(Command):
    """A person says: this alert is an incident. Without a severity it gets what the rules say, else the default."""

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
        asked = [d.severity for _, d in alert.turns(case.policy) if d.severity]
        facts = Declare(
            title=alert.title,
            severity=min(asked, default=None) if self.severity is None else self.severity,
            services=(alert.service,) if alert.service else (),
            source=alert.url,
            pages=alert.clear or alert.urgency == "low",
        ).decide(case)
        begun = then(advance(None, facts[0]), facts[1:])
        return [*facts, *join(case, begun, alert, grade=False)]


class RateAlert(Command):
    """A person says what an alert was worth; the latest word counts."""

    source: str
    alert: str
    worth: Worth
    by: Actor

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def mirror(self, alert: Alert) -> Alert:
        return alert.model_copy(update={"worth": self.worth, "worth_by": self.by.id}) if alert.reports else alert

    def decide(self, case: Case) -> list[Event]:
        if case.alert is None or not case.alert.reports:
            raise Refused(UNKNOWN)
        return []


class DismissAlert(Command):
    """A person says: this alert needs no incident."""

    source: str
    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return self.source, self.alert

    def mirror(self, alert: Alert) -> Alert:
        return alert if alert.incident or alert.dismissed else alert.dismiss()

    def decide(self, case: Case) -> list[Event]:
        free_alert(case)
        return []


UNKNOWN = "That alert is not known any more."


def free_alert(case: Case) -> Alert | None:
    """The named alert while it belongs to no incident; None when it is in the named one already. Raises Refused."""
    alert = case.alert
    if alert is None or not alert.reports:
        raise Refused(UNKNOWN)
    if alert.incident is not None and (case.found is None or alert.incident != case.found.number):
        raise Refused(f"That alert belongs to INC-{alert.incident} already.")
    return alert if alert.incident is None else None


def _route(case: Case, alert: Alert) -> list[Event]:
    """An alert without an incident: opens one, joins one, or waits (triage and quiet keeping need no fact)."""
    opening = alert.openings(case.policy)
    if alert.triggered is None or (alert.dismissed and not opening):
        return []
    near = _near(case, alert)
    if near is not None:
        return join(case, near, alert)
    if is_storm(case, alert):
        return begin_storm(case, alert)
    if not opening:
        return []
    wanted = case.policy.severity(opening[0][1].severity or case.policy.default_severity)
    if wanted is None:
        return []
    first = alert.triggered
    declared = Declared(
        incident=case.number,
        at=case.now,
        by=MUSTER,
        title=clean_title(first.title or alert.title),
        severity=wanted.value,
        services=(first.service,) if first.service else (),
        source=alert.source,
        detected=first.at,
    )
    return [declared, *join(case, advance(None, declared), alert)]


def _near(case: Case, alert: Alert) -> Incident | None:
    """The incident of its service in which something went on lately, or the storm; one's own goes before a storm."""
    own = sorted((c for c in case.candidates if may_join(case, c, alert)), key=lambda c: c.storm)
    return own[0] if own else takes_in(case, alert)
