"""The small values that facts and incidents are made of: people, severities, services, pages, moments."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value without surprises: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Status(StrEnum):
    """Where an incident is in its life. Fixed, so that figures compare between companies."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELED = "canceled"
    MERGED = "merged"


OPEN = frozenset({Status.TRIAGE, Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING})


class Actor(Value):
    """Who did it, by name: the name is copied, so that re-reading a timeline pings nobody.

    `id` is `system:foreign id` (`slack:U024BE7LH`, `pagerduty:PXPGF42`) or `muster` for the bot itself.
    """

    id: str
    name: str

    @property
    def system(self) -> str:
        return self.id.partition(":")[0]

    @property
    def foreign_id(self) -> str:
        return self.id.partition(":")[2]


MUSTER = Actor(id="muster", name="Muster")


class SeverityValue(Value):
    """A severity as it was when the fact was written: a changed policy rewrites no history."""

    level: int
    label: str


class Graded(Value):
    """A severity and the time since which it holds."""

    severity: SeverityValue
    since: AwareDatetime


class Service(Value):
    """A service as the alert source names it (`id` is the source's, may be empty when typed by hand)."""

    id: str
    name: str


class Holding(Value):
    """A role in someone's hands."""

    role: str
    label: str
    person: Actor
    since: AwareDatetime


class Room(Value):
    """The war room in the chat. `archived`: since when it can only be read; None while people can write in it."""

    channel: str
    name: str
    url: str = ""
    archived: AwareDatetime | None = None


class Link(Value):
    """A page that somebody pinned to the incident; `entry` is where the timeline says so."""

    url: str
    title: str
    entry: int = 0


class Moments(Value):
    """The moments that durations are measured between; each may be corrected by hand."""

    impact_start: AwareDatetime | None = None
    detected: AwareDatetime | None = None
    declared: AwareDatetime | None = None
    acknowledged: AwareDatetime | None = None
    mitigated: AwareDatetime | None = None
    resolved: AwareDatetime | None = None


class Ending(StrEnum):
    """How an alert came to be clear. Only somebody's resolving it says that something is mended."""

    RESOLVED = "resolved"
    BY_US = "resolved by us"
    """Because the incident was resolved here: no news."""
    MERGED = "merged"
    """Its life goes on in another alert."""
    TIMED_OUT = "timed out"
    """The alert source tidied up; nobody said that it is over."""


class AlertLine(Value):
    """An alert as the card shows it. `as_of`: the time of the latest word on whether it is clear."""

    source: str
    id: str
    title: str
    url: str = ""
    service: str = ""
    clear: bool = False
    ended: Ending | None = None
    as_of: AwareDatetime | None = None
    ours: bool = False
    """A page of ours opened it: it calls people, and says of no service that anything is wrong there."""
    severity: int | None = None
    """In a storm, the level that the rules ask for this alert by itself: it may deserve an incident of its own."""
    fires: tuple[AwareDatetime, ...] = ()
    """When it fired, the first few times; nobody counts them in a storm."""


class PageState(StrEnum):
    REQUESTED = "requested"
    SENT = "sent"
    ANSWERED = "answered"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    FAILED = "failed"


class TargetKind(StrEnum):
    SERVICE = "service"
    POLICY = "policy"
    USER = "user"


class Target(Value):
    """Whom to page: the on-call of a service, an escalation policy, or one person (ids are PagerDuty's)."""

    kind: TargetKind
    id: str
    name: str


class PageLine(Value):
    """One page and what became of it. `level` is the escalation level, 1 first."""

    page: int
    target: Target
    level: int
    why: str
    state: PageState
    requested_at: AwareDatetime
    people: tuple[str, ...] = ()
    answered_by: str = ""
    outside: str = ""
    reason: str = ""
    sent_at: AwareDatetime | None = None
    called_off: bool = False
    """The incident was over before anybody answered: nobody waits for it any more."""
    above_top: bool = False
    """It did not go out because the target has no such level."""


class Amendment(Value):
    """What a correction made of an entry: a fingerprint of its words and its time; empty and None: as they were."""

    words: str = ""
    happened: AwareDatetime | None = None
    by_hand: bool = False
    """A person put the words right here: later edits of the message in the chat leave them alone."""


class RecentNote(Value):
    """A note of the last minute by its fingerprint, so that a double click writes it once."""

    by: str
    words: str
    at: AwareDatetime
