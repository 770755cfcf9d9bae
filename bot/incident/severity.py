"""How bad it is, and whom that calls."""

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.paging import page_for_severity
from bot.incident.policy import Policy
from bot.incident.values import SeverityValue


class SeverityChanged(Event, kind="severity_changed"):
    """The severity was set; both are resolved values, so a changed policy rewrites no history."""

    was: SeverityValue
    now: SeverityValue

    def apply(self, i: Incident) -> Incident:
        return i.but(severity=self.now, updated_at=max(i.updated_at, self.at), alerts_clear=i.alerts_clear)

    def line(self) -> str:
        verb = "raised" if self.now.level < self.was.level else "lowered"
        return f"{self.by.name} {verb} the severity from {self.was.label} to {self.now.label}"


class SetSeverity(Command):
    """Set the severity to a level (1 is the worst)."""

    to: int

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        wanted = case.policy.severity(self.to)
        if wanted is None:
            raise Refused(f"There is no severity {self.to}. {known_severities(case.policy)}", field="severity")
        if wanted.level == i.severity.level:
            return []
        changed = SeverityChanged(**case.stamp(), was=i.severity, now=wanted.value)
        return [changed, *page_for_severity(case, i, wanted, before=case.policy.implied_by(i.severity))]


def known_severities(policy: Policy) -> str:
    """The severities in one sentence, for a refusal."""
    return "Severities: " + ", ".join(f"{s.level} ({s.label})" for s in policy.severities) + "."
