"""What an outside system said about one alert: a set of reports, read the same in whatever order they came."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from bot.incident.policy import Action, Decided, Policy
from bot.incident.values import Actor, Ending, Service, Value

OWN_KEY = "muster/"
"""How the keys of what Muster itself opened in PagerDuty begin; of a page it is `muster/INC-42/page-1`."""
WATCH_KEY = f"{OWN_KEY}watch/"
"""How the keys of Muster's own alarms in PagerDuty begin: that it is unwell itself."""
SAME_MOMENT = timedelta(seconds=2)
"""A webhook tells milliseconds, the log entry of the same act whole seconds: closer than this they may be one act."""


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
ENDS = frozenset({What.RESOLVED, What.MERGED})


class Worth(StrEnum):
    """What an alert was worth to whoever it woke, kept for tuning them."""

    REAL = "real"
    HEALED = "healed"
    """It went away by itself."""
    NOT_ACTIONABLE = "not_actionable"
    EXPECTED = "expected"


def counts_at(at: datetime, *, ends: bool) -> datetime:
    """The moment by which a word on an alert's life is the later one: an end told in whole seconds ends its second."""
    return at.replace(microsecond=999_999) if ends and at.microsecond == 0 else at


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
    timed_out: bool = False
    """The outside system resolved it because time ran out: nobody said that it is over."""

    @property
    def stands(self) -> str:
        """What it says of the alert's life: triggered, acknowledged, resolved, or nothing."""
        return LIFE.get(self.what) or self.status or ""

    @property
    def describes(self) -> bool:
        """Whether it says something that the routing rules go by; a note does not."""
        return any(said is not None for said in (self.title, self.service, self.priority, self.urgency))

    @property
    def ended(self) -> Ending | None:
        """How the alert ended, where this report says that it did."""
        if self.stands != "resolved":
            return None
        if self.echo or self.timed_out:
            return Ending.BY_US if self.echo else Ending.TIMED_OUT
        return Ending.MERGED if self.what is What.MERGED else Ending.RESOLVED

    @property
    def place(self) -> tuple[AwareDatetime, int, str]:
        """Where it stands among the reports. Whole seconds make ties: a trigger comes first then, an end last."""
        rank = 0 if self.what is What.TRIGGERED else 2 if self.what in ENDS else 1
        return counts_at(self.at, ends=self.stands == "resolved"), rank, self.key

    def same_act(self, other: "Report") -> bool:
        """Whether the two tell of one act, heard by two ways (two subscriptions; a webhook and the log)."""
        return self.key == other.key or (self._tells() == other._tells() and self._same_time(other))

    def _tells(self) -> tuple[object, ...]:
        status = self.status if self.what is What.SEEN else None
        return self.what, self.by.id, self.text, self.person, status

    def _same_time(self, other: "Report") -> bool:
        """Equal, or within the rounding where one of them has whole seconds only (a webhook may fall on one, too)."""
        rounded = 0 in (self.at.microsecond, other.at.microsecond)
        return self.at == other.at or (rounded and abs(self.at - other.at) < SAME_MOMENT)


class Alert(Value):
    """One outside alert as the sum of the reports about it, in the order of their times: the latest word counts."""

    source: str
    id: str
    reports: tuple[Report, ...] = ()
    incident: int | None = None
    dismissed: bool = False
    dismissed_at: AwareDatetime | None = None
    """The time of the latest report that was known when a person dismissed it: later ones are judged anew."""
    triaged: bool = False
    unrelated: tuple[int, ...] = ()
    """The incidents that it was taken out of: it goes back to none of them by itself."""
    parted_at: AwareDatetime | None = None
    """The time of the latest report that was known when it was taken out: later ones are judged anew."""
    along: bool = False
    """It was taken out together with another of its service, which is put to people for all of them."""
    worth: Worth | None = None
    worth_by: str = ""
    """The id of who said what it was worth."""

    def knows(self, report: Report) -> bool:
        return any(known.same_act(report) for known in self.reports)

    def heard(self, report: Report) -> "Alert":
        """The mirror with one more report; the same mirror when it knew it."""
        if self.knows(report):
            return self
        return self.model_copy(update={"reports": tuple(sorted((*self.reports, report), key=lambda r: r.place))})

    def without(self, reports: Iterable[Report]) -> "Alert":
        """The mirror as it was before these reports."""
        gone = {r.key for r in reports}
        return self.model_copy(update={"reports": tuple(r for r in self.reports if r.key not in gone)})

    def dismiss(self) -> "Alert":
        """The mirror after a person said that it needs no incident."""
        known_until = self.reports[-1].at if self.reports else None
        return self.model_copy(update={"dismissed": True, "dismissed_at": known_until})

    def leave(self, incident: int, *, along: bool) -> "Alert":
        """The mirror after a person took it out of an incident."""
        known_until = self.reports[-1].at if self.reports else None
        unrelated = tuple(dict.fromkeys((*self.unrelated, incident)))
        return self.model_copy(
            update={"incident": None, "unrelated": unrelated, "parted_at": known_until, "along": along}
        )

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
        return next((r.stands for r in reversed(self.reports) if r.stands), "triggered")

    @property
    def clear(self) -> bool:
        return self.status == "resolved"

    @property
    def clear_since(self) -> AwareDatetime | None:
        """When it became clear for the last time, or None while it is not."""
        since = None
        for report in self.reports:
            if report.stands:
                since = (since or report.at) if report.stands == "resolved" else None
        return since

    @property
    def triggered(self) -> Report | None:
        return next((r for r in self.reports if r.what in (What.TRIGGERED, What.SEEN)), None)

    @property
    def acknowledged(self) -> Report | None:
        """The first acknowledgement by somebody else than ourselves."""
        return next((r for r in self.reports if r.what is What.ACKNOWLEDGED and not r.echo), None)

    def routed(self, policy: Policy) -> list[tuple[Report, Decided]]:
        """What the rules say after each report in the order of their own times, from the first that tells of a trigger.

        Empty until the trigger is known: a note about an alert never heard of opens nothing. Because it is read
        from the whole set, webhooks in any order end in the same decisions. What we did there decides nothing.
        """
        decided, so_far = [], Alert(source=self.source, id=self.id)
        for report in (r for r in self.reports if not r.echo):
            so_far = so_far.model_copy(update={"reports": (*so_far.reports, report)})
            if so_far.triggered is not None and report.what not in ENDS and report.describes:
                decided.append((report, so_far._route(policy)))
        return decided

    def turns(self, policy: Policy) -> list[tuple[Report, Decided]]:
        """The reports after which the rules say something else than before: the first, and each change of mind."""
        routed = self.routed(policy)
        before = [None, *(decided for _, decided in routed)]
        return [(r, d) for (r, d), was in zip(routed, before, strict=False) if d != was]

    def openings(self, policy: Policy) -> list[tuple[Report, Decided]]:
        """The turns that ask for an incident; once a person has dismissed it or taken it out, only what came later."""
        decided = self.dismissed_at if self.dismissed else None
        since = max(filter(None, (decided, self.parted_at)), default=None)
        return [(r, d) for r, d in self.turns(policy) if d.action is Action.OPEN and (since is None or r.at > since)]

    def level(self, policy: Policy) -> int | None:
        """The worst severity that the rules ask for it by itself, of those that there are; None for none."""
        asked = (d.severity for _, d in self.turns(policy) if d.severity and policy.severity(d.severity))
        return min(asked, default=None)

    def wants_triage(self, policy: Policy) -> bool:
        """Whether some moment of its history asks for a person to look, or a person gave it back to be looked at."""
        if self.along:
            return False
        wanted = (Action.TRIAGE, Action.OPEN) if self.unrelated else (Action.TRIAGE,)
        return any(d.action in wanted for _, d in self.routed(policy))

    def fired_at(self, policy: Policy) -> datetime | None:
        """When it fired, if that says that something is wrong: None for what the rules keep quiet, for what we opened
        there ourselves, and while no trigger is known."""
        fired = self.triggered
        if fired is None or self.incident_key.startswith(OWN_KEY):
            return None
        return fired.at if any(d.action is not Action.KEEP for _, d in self.routed(policy)) else None

    def _route(self, policy: Policy) -> Decided:
        """That we are unwell ourselves opens no incident, whatever the rules say: it would be run by the one who is,
        after the fact, and page a second time. Who is called for it may declare one."""
        if self.incident_key.startswith(WATCH_KEY):
            return Decided(action=Action.KEEP)
        return policy.route(
            source=self.source,
            service=self.service.name if self.service else "",
            priority=self.priority,
            urgency=self.urgency,
            title=self.title,
        )


class Firing(Value):
    """What fired at about the same time as an alert, the alert itself included; counted while no storm is on.

    `rooms`: how many open incidents alerts began lately. `waiting`: the alerts among them that belong to no incident,
    told only where there are enough of them for a storm.
    """

    services: int = 0
    rooms: int = 0
    waiting: tuple[Alert, ...] = ()
