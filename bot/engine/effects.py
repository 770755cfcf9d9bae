"""A promise to the outside world, what may come of trying to keep it, and who keeps it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict

from bot.incident.mirror import Alert
from bot.incident.model import Command, Event, Incident
from bot.incident.policy import Policy


class Priority(IntEnum):
    """Who goes first when there is not room for all."""

    PAGE = 0
    ROOM = 1
    CARD = 2
    SENTENCE = 3
    REST = 4


class InDoubt(StrEnum):
    """What to do when a try may or may not have taken effect (a crash, a time-out)."""

    REPEAT = "repeat"
    """Doing it again ends the same."""
    LOOK = "look"
    """Find our mark first; repeat only if it is not there."""
    ASK = "ask"
    """Park it: a person decides."""


class Effect(BaseModel):
    """One thing to be done outside. Frozen; stored as JSON under its `kind`; subclasses live with their integration."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]
    system: ClassVar[str]
    """The integration that keeps it; lanes never cross systems."""
    in_doubt: ClassVar[InDoubt]
    priority: ClassVar[Priority] = Priority.REST
    refreshes: ClassVar[bool] = False
    """Rendered when performed: while one waits unclaimed in its lane, a second is not promised."""

    incident: int | None = None

    def __init_subclass__(cls, *, kind: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if kind:
            cls.kind = kind
            if EFFECTS.setdefault(kind, cls) is not cls:
                raise TypeError(f"two effect classes of kind {kind}")

    @property
    def lane(self) -> str:
        """Effects of one lane are kept one after the other, in the order of their promise."""
        raise NotImplementedError

    @property
    def need(self) -> str | None:
        """The incident's ref (`slack.channel`) without which it cannot be tried; it waits, its lane waits behind it."""
        return None

    @property
    def buckets(self) -> tuple[str, ...]:
        """The rate budgets that one try takes a token of, such as `slack/conversations.create` or `slack/post/C123`."""
        return ()

    @property
    def step(self) -> str:
        """What a person calls it in the set-up report: "invite the on-call"."""
        return self.kind.replace("_", " ")

    def kept(self, receipt: "Receipt") -> Command | None:
        """The command that its success gives rise to, decided in the transaction that saves the receipt."""
        return None

    def failed(self, reason: str) -> Command | None:
        """The command that giving it up gives rise to, decided in the transaction that parks or skips it."""
        return None

    def late(self, reason: str) -> Command | None:
        """What people must know once it was tried for a minute in vain, while it goes on; said at each further try."""
        return None

    def redacted(self) -> Self | None:
        """The effect without people's words, for when the fact behind it is redacted; None: nothing is left to say."""
        return self


EFFECTS: dict[str, type[Effect]] = {}


def parse_effect(kind: str, body: Mapping[str, Any]) -> Effect:
    """An effect from its stored form. Raises KeyError for an unknown kind, ValidationError for an impossible body."""
    return EFFECTS[kind].model_validate(body)


@dataclass(frozen=True)
class Promise:
    """An effect under its natural key: the same key is promised once, ever. `later`: not before this time.

    `gathers`: how long a refresh waits for more to become one with it, where they come by the hundred.
    """

    effect: Effect
    key: str
    later: datetime | None = None
    gathers: timedelta = timedelta(0)


@dataclass(frozen=True)
class Ref:
    """A foreign id that an incident is known by. Unique as (system, kind, foreign id) and as (incident, name).

    `Ref("slack", "channel", "C0123", "slack.channel")`.
    """

    system: str
    kind: str
    foreign_id: str
    name: str


@dataclass(frozen=True)
class Receipt:
    """It is done: the foreign ids it brought and, as plain JSON, what else is worth keeping."""

    refs: tuple[Ref, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry:
    """It was certainly not done; try again, for as long as it takes. `after` seconds (None: the usual backoff).

    `pause`: a bucket that nobody may use for that long (a 429's Retry-After pauses the method for all replicas).
    """

    reason: str
    after: float | None = None
    pause: str | None = None
    tell: Command | None = None
    """What people must know by now, decided in the transaction that puts the effect back; each try may say it again."""


@dataclass(frozen=True)
class GiveUp:
    """It was refused: park it with this reason, in words for a person, until the cause is mended and it is retried.

    `final`: no later try would help (what it says is refused; it is over): skip it instead.
    """

    reason: str
    final: bool = False


@dataclass(frozen=True)
class Doubtful:
    """It may or may not have been done (time-out, reset, 5xx): the in-doubt policy decides. The rest as in Retry."""

    reason: str
    tell: Command | None = None
    after: float | None = None


Answer = Receipt | Retry | GiveUp | Doubtful


@dataclass(frozen=True)
class Attempt:
    """What a performer is told beside the effect."""

    key: str
    """The effect's key: our mark in the outside world."""
    tries: int
    """1 at the first try."""
    since: datetime
    """When the first try began (UTC): where to look from."""
    refs: Mapping[str, str]
    """The incident's refs by name."""
    repeated: bool = False
    """An earlier try may have taken effect and the look did not find it."""


class Performer(Protocol):
    """Keeps the promises of one system."""

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        """One try, one call as far as possible; never retries by itself."""
        ...

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | GiveUp | None:
        """Finds our mark: the receipt of an earlier try, None when it is not there, Retry when looking failed, GiveUp
        where a person has to look."""
        ...


FactAnnouncer = Callable[[Event, Incident | None, Incident, Policy], Iterable[Promise]]
"""What a system makes of a fact: (fact, before, after, policy) -> promises. `after.seq` is the fact's seq."""

AlertAnnouncer = Callable[[Alert | None, Alert, Policy], Iterable[Promise]]
"""What a system makes of a change in an alert's mirror that belongs to no incident (triage cards)."""
