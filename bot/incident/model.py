"""An incident and the words it is told in: facts (Event), wishes (Command), their judging (Case), and no (Refused)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Self, TypedDict

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.incident.duties import Task
from bot.incident.enclosures import NewBlob, NewDocument
from bot.incident.marks import Image
from bot.incident.mirror import Alert, Firing
from bot.incident.news import UpdateLine
from bot.incident.policy import Policy
from bot.incident.refusal import Refused as Refused
from bot.incident.steps import Run
from bot.incident.values import (
    OPEN,
    Actor,
    AlertLine,
    Amendment,
    Graded,
    Holding,
    Link,
    Moments,
    PageLine,
    RecentNote,
    Room,
    Service,
    SeverityValue,
    Status,
    Value,
)


class Incident(Value):
    """The folded state of an incident: what is true now, after all its facts.

    `updated_at`: the last status news for people, which the next update is counted from. `news_at`: the last fact by
    which anything went on, which the grouping window is counted from.
    """

    number: int
    title: str
    status: Status
    severity: SeverityValue
    declared_by: Actor
    private: bool = False
    drill: bool = False
    summary: str = ""
    impact: str = ""
    services: tuple[Service, ...] = ()
    holdings: tuple[Holding, ...] = ()
    moments: Moments = Moments()
    by_hand: tuple[str, ...] = ()
    """Names of moments that a person put right: no later fact moves them."""
    updated_at: AwareDatetime
    update: UpdateLine | None = None
    updates: int = 0
    next_due: AwareDatetime | None = None
    """When its writer promised the next update, where that was said; the cadence of the severity counts otherwise."""
    followers: tuple[Actor, ...] = ()
    news_at: AwareDatetime | None = None
    severities: tuple[Graded, ...] = ()
    severity_set: AwareDatetime | None = None
    """When a person last changed the severity: what the outside said before that raises it no more."""
    uncommanded: AwareDatetime | None = None
    """Since when nobody has command; None while somebody has."""
    alerts: tuple[AlertLine, ...] = ()
    alerts_clear: bool = False
    storm: bool = False
    """Many services at once: it takes in what would open an incident otherwise."""
    apart: tuple[str, ...] = ()
    """Alerts (`source/id`) that a person took out of it: they do not join it again by themselves."""
    pages: tuple[PageLine, ...] = ()
    room: Room | None = None
    former_rooms: tuple[Room, ...] = ()
    members: tuple[str, ...] = ()
    """Ids of the people who came into the room, as far as it was heard."""
    left: tuple[str, ...] = ()
    """Ids of those who left the room and have not come back. Only this says that somebody is gone."""
    left_at: dict[str, AwareDatetime] = Field(default_factory=dict)
    """When they left it, by id."""
    outsiders: tuple[Actor, ...] = ()
    """Those in the room who belong to another company."""
    tasks: tuple[Task, ...] = ()
    runs: tuple[Run, ...] = ()
    links: tuple[Link, ...] = ()
    merged_into: int | None = None
    merged_quietly: bool = False  # into a private one, which nobody is told of here
    absorbed: tuple[int, ...] = ()
    """Numbers of the incidents that were merged into it."""
    marked: dict[str, int] = Field(default_factory=dict)
    gone: tuple[int, ...] = ()
    """Entries whose message was deleted in the chat."""
    images: dict[int, tuple[Image, ...]] = Field(default_factory=dict)
    """Pictures by the entry that they came with."""
    offered: tuple[str, ...] = ()
    """Messages (by their `ts`) that nobody marked, offered for the timeline at the end."""
    hidden: tuple[int, ...] = ()
    redacted: tuple[int, ...] = ()
    amended: dict[int, Amendment] = Field(default_factory=dict)
    recent_notes: tuple[RecentNote, ...] = ()
    failed_steps: dict[str, str] = Field(default_factory=dict)
    nudged: tuple[str, ...] = ()
    snoozed: dict[str, AwareDatetime] = Field(default_factory=dict)
    asked: dict[str, AwareDatetime] = Field(default_factory=dict)
    """Prompts that somebody was asked and has not answered, by key, with when."""
    review: bool = False
    drafts: int = 0
    seq: int = 0

    @property
    def name(self) -> str:
        """How people call it: `INC-42`."""
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def goes_on_in(self) -> str:
        """Where a merged incident goes on, as everybody who sees it may be told."""
        return "a private incident" if self.merged_quietly else f"INC-{self.merged_into}"

    def require_open(self) -> None:
        """Raises Refused unless it is still open."""
        if self.status is Status.MERGED:
            raise Refused(f"{self.name} was merged into {self.goes_on_in}, and goes on there.")
        if not self.is_open:
            raise Refused(f"{self.name} is {self.status}. `/incident {self.name} reopen` opens it again.")

    def holding(self, role: str) -> Holding | None:
        """The first holding of a role, or None when nobody has it."""
        return next((h for h in self.holdings if h.role == role), None)

    @property
    def commander(self) -> Actor | None:
        held = self.holding("commander")
        return held.person if held else None

    def page(self, number: int) -> PageLine | None:
        return next((p for p in self.pages if p.page == number), None)

    @property
    def alarms(self) -> tuple[AlertLine, ...]:
        """The alerts that somebody or something else raised; without those that our own pages opened."""
        return tuple(a for a in self.alerts if not a.ours)

    def alert(self, source: str, alert_id: str) -> AlertLine | None:
        return next((a for a in self.alerts if (a.source, a.id) == (source, alert_id)), None)

    def timed(self, **moments: datetime | None) -> Moments:
        """The moments with some of them set, except those that a person put right."""
        return self.moments.model_copy(update={k: at for k, at in moments.items() if k not in self.by_hand})

    def but(self, **changes: Any) -> Self:
        """The same incident with some fields changed; the only way a fact changes it."""
        return self.model_copy(update=changes)


class Event(BaseModel):
    """A fact: something that happened to one incident, in the past tense.

    Subclasses say `kind=` (stored beside the body, never renamed), how the incident is afterwards (`apply`) and the
    sentence that the timeline shows (`line`). Unknown fields are ignored: an older program reads a newer journal.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str]
    shown: ClassVar[bool] = True
    """Whether the timeline shows it; what only serves the machinery is kept but not shown."""
    repeats: ClassVar[tuple[str, ...]] = ()
    """Fields with words of other facts, as the title of an alert: blanked there where those are redacted."""
    news: ClassVar[bool] = True
    """Whether something went on by it: what only keeps watch or books leaves `news_at` as it is."""

    incident: int
    at: AwareDatetime
    by: Actor

    def __init_subclass__(cls, *, kind: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if kind:
            cls.kind = kind
            if EVENTS.setdefault(kind, cls) is not cls:
                raise TypeError(f"two event classes of kind {kind}")

    def apply(self, i: Incident) -> Incident:
        """The incident after this fact. Pure; never refuses: a fact has happened."""
        raise NotImplementedError

    def line(self) -> str:
        """One plain sentence for the timeline, without the time and without markup."""
        raise NotImplementedError

    def redacted(self) -> Self:
        """The fact without people's words; a fact that carries none is the same."""
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """The words that redaction must find and blank wherever they were copied."""
        return ()

    def named(self, room: str) -> bool:
        """Whether a room goes by that name because of these words: it must have another once they are redacted."""
        return False

    @property
    def amends(self) -> int | None:
        """The entry whose words it puts anew: it is redacted together with that one."""
        return None

    @property
    def link(self) -> str:
        """Where it came from, as a URL; empty where nothing can be pointed at."""
        return ""


EVENTS: dict[str, type[Event]] = {}


def parse_event(kind: str, body: Mapping[str, Any]) -> Event:
    """An event from its stored form. Raises KeyError for an unknown kind, ValidationError for an impossible body."""
    return EVENTS[kind].model_validate(body)


class Birth(Event):
    """A fact that begins an incident: it needs no state to apply to."""

    def begin(self) -> Incident:
        raise NotImplementedError

    def apply(self, i: Incident) -> Incident:
        raise TypeError("an incident begins once")


def fold(events: Iterable[Event], start: Incident | None = None) -> Incident | None:
    """The state after all events, each counted in `seq`."""
    state = start
    for event in events:
        state = advance(state, event)
    return state


def advance(state: Incident | None, event: Event) -> Incident:
    """The state after one more event. Raises ValueError when something other than a birth comes first."""
    if state is None:
        if not isinstance(event, Birth):
            raise ValueError(f"{event.kind} cannot come first")
        return event.begin().but(seq=1, news_at=event.at)
    news = max(event.at, state.news_at or event.at) if event.news else state.news_at
    return event.apply(state).but(seq=state.seq + 1, news_at=news)


def then(i: Incident, events: Iterable[Event]) -> Incident:
    """An incident after some more facts."""
    for event in events:
        i = advance(i, event)
    return i


class Stamp(TypedDict):
    """What every fact carries."""

    incident: int
    at: datetime
    by: Actor


def in_utc(_who: Actor) -> str:
    """The zone of somebody of whom nothing is known."""
    return "UTC"


@dataclass(frozen=True)
class Case:
    """What a command is judged by. The engine fills it inside the transaction, from locked rows."""

    now: datetime
    actor: Actor
    policy: Policy
    found: Incident | None = None
    number: int = 0
    """The number that a declared incident gets."""
    entry: Event | None = None
    """The timeline entry that the command names, if it names one."""
    copied_to: tuple[Incident, ...] = ()
    """Other incidents that say the title of that entry's alert again: it was split off there, or from there."""
    alert: Alert | None = None
    """The mirror of the alert that the command names, after `command.mirror`."""
    fresh: bool = False
    """Whether `command.mirror` changed it."""
    candidates: tuple[Incident, ...] = ()
    """Open incidents of the alert's service, oldest first."""
    storm: Incident | None = None
    """The storm that is on: it takes in alerts of services that are new to it, too."""
    firing: Firing | None = None
    along: tuple[Alert, ...] = ()
    """The storm's other alerts of the alert's service."""
    others: Mapping[int, Incident] = field(default_factory=dict)
    """The further incidents that the command touches, by number; those that exist."""
    zone_of: Callable[[Actor], str] = in_utc
    """Where somebody's clock stands, as an IANA name ("Europe/Berlin")."""

    @property
    def incident(self) -> Incident:
        """The incident that the command names. Raises Refused where there is none."""
        if self.found is None:
            raise Refused("There is no such incident. `/incident list` shows the open ones.")
        return self.found

    @property
    def open_incident(self) -> Incident:
        """The same, when it is still open."""
        self.require_open()
        return self.incident

    def require_open(self) -> None:
        """Raises Refused unless the named incident is still open."""
        self.incident.require_open()

    @property
    def goes_on_in(self) -> list[Incident]:
        """The incidents that the named one was merged into, one after the other; where its words may have gone."""
        found = [self.incident]
        while (later := found[-1].merged_into) is not None and later in self.others:
            found.append(self.others[later])
        return found[1:]

    def other(self, number: int) -> Incident:
        """A further incident that the command touches. Raises Refused where there is none."""
        if number not in self.others:
            raise Refused(f"There is no INC-{number}. `/incident list` shows the open ones.")
        return self.others[number]

    def about(self, i: Incident, *, by: Actor | None = None) -> "Case":
        """The same case about another incident, or about the same one some facts later; `by`: judged as their act."""
        return replace(self, found=i, number=i.number, actor=by or self.actor)

    def stamp(self, at: datetime | None = None) -> Stamp:
        """Incident, time and person for a fact; `at` when it happened at another time than now."""
        return {"incident": self.found.number if self.found else self.number, "at": at or self.now, "by": self.actor}


class Command(Value):
    """A wish, in the imperative. It drives to a desired state: said twice, it yields no further facts."""

    incident: int | None = None
    declares: ClassVar[bool] = False
    """Whether it begins an incident: the engine then gives `case.number`."""
    redirected: ClassVar[bool] = False
    """Whether it goes to where its incident was merged into, as no wish of a person does."""
    routes: ClassVar[bool] = False
    """Whether it finds an alert its incident: the engine then gives `case.candidates`, `storm` and `firing`."""
    takes_out: ClassVar[bool] = False
    """Whether it takes an entry's words out of the world: other incidents that say them again are wanted, too."""
    takes_along: ClassVar[bool] = False
    """Whether it moves the alerts of a whole service: the engine then gives `case.along`."""

    def decide(self, case: Case) -> list[Event]:
        """The facts that follow, or none when all is so already. Raises Refused."""
        raise NotImplementedError

    def touches(self) -> tuple[int, ...]:
        """The numbers of further incidents that it is about; the engine then gives `case.others`, locked, too."""
        return ()

    def names_entry(self) -> int | None:
        """The seq of the timeline entry it is about; the engine then gives `case.entry`."""
        return None

    def names_alert(self) -> tuple[str, str] | None:
        """(source, id) of the outside alert it is about: the engine then gives `case.alert`, under the routing lock."""
        return None

    def mirror(self, alert: Alert) -> Alert:
        """The alert's mirror after this command; the engine saves it, and sets its incident as AlertJoined says."""
        return alert

    @property
    def document(self) -> NewDocument | None:
        """Prose to be stored as the next version when the command yields facts."""
        return None

    @property
    def blobs(self) -> tuple[NewBlob, ...]:
        """Bytes to be kept when the command yields facts."""
        return ()

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        """What makes two sayings of it one, beyond the key of the click; None where the desired state does."""
        return None
