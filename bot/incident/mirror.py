"""What an outside system said about one alert: a set of reports, read the same in whatever order they came."""

from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from bot.incident.policy import Action, Decided, Policy
from bot.incident.values import Actor, Service, Value

SAME_MOMENT = timedelta(seconds=2)
"""A webhook tells milliseconds, the log entry of the same act whole seconds: closer than this they are one act."""


class What(StrEnum):
    """What a report says happened to the alert."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    ESCALATED = "escalated"
    DELEGATED = "delegated"
    REASSIGNED = "reassigned"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    MERGED = "merged"
    PRIORITY = "priority"
    SERVICE = "service"
    TYPE = "type"
    NOTE = "note"
    RESPONDER_ADDED = "responder_added"
    RESPONDER_REPLIED = "responder_replied"
    STATUS_UPDATE = "status_update"
    BRIDGE = "bridge"
    FIELDS = "fields"
    ROLE = "role"
    TASK = "task"
    ACTION = "action"
    WORKFLOW = "workflow"
    SEEN = "seen"
    """Nothing happened: the state as it was when asked for."""


LIFE = {
    What.TRIGGERED: "triggered",
    What.ACKNOWLEDGED: "acknowledged",
    What.UNACKNOWLEDGED: "triggered",
    What.REOPENED: "triggered",
    What.RESOLVED: "resolved",
    What.MERGED: "resolved",
}


class Report(Value):
    """One thing that an outside system said about one alert, at its own time. Fields it did not speak of are None.

    `key` is the outside system's id of the happening (event id, note id): the same key twice is one report.
    `echo`: our own agent did it there because someone did it here.
    """

    source: str
    alert: str
    key: str
    at: AwareDatetime
    what: What
    by: Actor
    echo: bool = False
    title: str | None = None
    url: str | None = None
    number: int | None = None
    service: Service | None = None
    priority: str | None = None
    """The priority's name ("P1"); the empty string when it has none."""
    urgency: str | None = None
    status: str | None = None
    """triggered, acknowledged or resolved."""
    assignees: tuple[Actor, ...] | None = None
    incident_key: str | None = None
    bridge: str | None = None
    text: str = ""
    """Words: of a note, a status update, an answer; or the name of what was changed."""
    person: Actor | None = None
    """Whom it is about, where that is not who did it: the responder asked, the one who got a role."""
    into: str = ""
    """The id of the incident it was merged into."""

    def same_act(self, other: "Report") -> bool:
        """Whether the two tell of one act, heard by two ways."""
        if self.key == other.key:
            return True
        alike = (self.what, self.by.id, self.text, self.person) == (other.what, other.by.id, other.text, other.person)
        return alike and abs(self.at - other.at) < SAME_MOMENT


class Alert(Value):
    """One outside alert, as the sum of the reports about it, sorted by (at, key): each field is the latest word on it."""

    source: str
    id: str
    reports: tuple[Report, ...] = ()
    incident: int | None = None
    dismissed: bool = False
    triaged: bool = False

    def knows(self, report: Report) -> bool:
        return any(known.same_act(report) for known in self.reports)

    def heard(self, report: Report) -> "Alert":
        """The mirror with one more report; the same mirror when it knew it."""
        if self.knows(report):
            return self
        reports = tuple(sorted((*self.reports, report), key=lambda r: (r.at, r.key)))
        return self.model_copy(update={"reports": reports})

    @property
    def title(self) -> str:
        return next((r.title for r in reversed(self.reports) if r.title), "") or f"{self.source} {self.id}"

    @property
    def url(self) -> str:
        return next((r.url for r in reversed(self.reports) if r.url), "")

    @property
    def service(self) -> Service | None:
        return next((r.service for r in reversed(self.reports) if r.service), None)

    @property
    def priority(self) -> str:
        return next((r.priority for r in reversed(self.reports) if r.priority is not None), "")

    @property
    def urgency(self) -> str:
        return next((r.urgency for r in reversed(self.reports) if r.urgency is not None), "")

    @property
    def bridge(self) -> str:
        return next((r.bridge for r in reversed(self.reports) if r.bridge is not None), "")

    @property
    def incident_key(self) -> str:
        return next((r.incident_key for r in reversed(self.reports) if r.incident_key), "")

    @property
    def assignees(self) -> tuple[Actor, ...]:
        return next((r.assignees for r in reversed(self.reports) if r.assignees is not None), ())

    @property
    def status(self) -> str:
        """triggered, acknowledged or resolved: the latest word on its life."""
        return next((s for r in reversed(self.reports) if (s := LIFE.get(r.what) or r.status)), "triggered")

    @property
    def clear(self) -> bool:
        return self.status == "resolved"

    @property
    def clear_since(self) -> AwareDatetime | None:
        """When it became clear for the last time, or None while it is not."""
        if not self.clear:
            return None
        return next(
            (r.at for r in reversed(self.reports) if r.what in (What.RESOLVED, What.MERGED)), self.reports[-1].at
        )

    @property
    def triggered(self) -> Report | None:
        return next((r for r in self.reports if r.what in (What.TRIGGERED, What.SEEN)), None)

    @property
    def acknowledged(self) -> Report | None:
        """The first acknowledgement."""
        return next((r for r in self.reports if r.what is What.ACKNOWLEDGED), None)

    def routed(self, policy: Policy) -> list[tuple[Report, Decided]]:
        """What the rules say after each report in the order of their own times, from the first that tells of a trigger.

        Empty until the trigger is known: a note about an alert never heard of opens nothing. Because it is read
        from the whole set, webhooks in any order end in the same decisions.
        """
        if self.triggered is None:
            return []
        decided, so_far = [], Alert(source=self.source, id=self.id)
        for report in self.reports:
            so_far = so_far.model_copy(update={"reports": (*so_far.reports, report)})
            if so_far.triggered is not None and report.what not in (What.RESOLVED, What.MERGED):
                decided.append((report, so_far._route(policy)))
        return decided

    def _route(self, policy: Policy) -> Decided:
        return policy.route(
            source=self.source,
            service=self.service.name if self.service else "",
            priority=self.priority,
            urgency=self.urgency,
            title=self.title,
        )

    def wants_triage(self, policy: Policy) -> bool:
        """Whether some moment of its history asks for a person to look, and none opened an incident."""
        return any(d.action is Action.TRIAGE for _, d in self.routed(policy))
