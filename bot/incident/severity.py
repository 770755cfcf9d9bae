"""How bad it is, and whom that calls."""

from bot.incident.ladder import page_for_severity
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.policy import Policy
from bot.incident.values import Graded, SeverityValue


class SeverityChanged(Event, kind="severity_changed"):
    """The severity was set; both are resolved values, so a changed policy rewrites no history.

    `by_rule`: the routing rules raised it, because of what an alert's source says.
    """

    was: SeverityValue
    now: SeverityValue
    by_rule: bool = False

    def apply(self, i: Incident) -> Incident:
        return i.but(
            severity=self.now,
            severities=(*i.severities, Graded(severity=self.now, since=self.at)),
            severity_set=i.severity_set if self.by_rule else self.at,
            updated_at=max(i.updated_at, self.at),
        )

    def line(self) -> str:
        verb = "raised" if self.now.level < self.was.level else "lowered"
        why = ", as the routing rules say" if self.by_rule else ""
        return f"{self.by.name} {verb} the severity from {self.was.label} to {self.now.label}{why}"


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
    return f"Severities: {', '.join(s.label for s in policy.severities)}."
