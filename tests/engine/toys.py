"""A small story of its own for the engine's tests: cases that open, notes that are said, rooms that are made."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from bot.engine.effects import Answer, Attempt, Effect, InDoubt, Priority, Promise, Receipt, Ref, Retry
from bot.incident.dues import Due
from bot.incident.enclosures import NewDocument
from bot.incident.model import Birth, Case, Command, Event, Incident, Refused
from bot.incident.policy import Policy
from bot.incident.values import Actor, Room, SeverityValue, Status

ADA = Actor(id="slack:UADA", name="Ada")
BOB = Actor(id="slack:UBOB", name="Bob")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class TestOpened(Birth, kind="test_opened"):
    __test__: ClassVar[bool] = False
    title: str
    private: bool = False

    def begin(self) -> Incident:
        return Incident(
            number=self.incident,
            title=self.title,
            status=Status.INVESTIGATING,
            severity=SeverityValue(level=3, label="SEV3"),
            declared_by=self.by,
            private=self.private,
            updated_at=self.at,
        )

    def line(self) -> str:
        return f"{self.by.name} opened it: {self.title}"


class TestSaid(Event, kind="test_said"):
    __test__: ClassVar[bool] = False
    text: str

    def apply(self, i: Incident) -> Incident:
        return i.but(summary=self.text)

    def line(self) -> str:
        return self.text

    def redacted(self) -> "TestSaid":
        return self.model_copy(update={"text": "[redacted]"})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,)


class TestRoomMade(Event, kind="test_room_made"):
    __test__: ClassVar[bool] = False
    channel: str

    def apply(self, i: Incident) -> Incident:
        return i.but(room=Room(channel=self.channel, name=self.channel))

    def line(self) -> str:
        return f"Room {self.channel}"


class TestFailed(Event, kind="test_failed"):
    __test__: ClassVar[bool] = False
    reason: str

    def apply(self, i: Incident) -> Incident:
        return i.but(failed_steps={**i.failed_steps, "step": self.reason})

    def line(self) -> str:
        return self.reason


class TestReminded(Event, kind="test_reminded"):
    __test__: ClassVar[bool] = False
    key: str

    def apply(self, i: Incident) -> Incident:
        return i.but(nudged=(*i.nudged, self.key))

    def line(self) -> str:
        return f"Reminded of {self.key}"


class TestHeld(Event, kind="test_held"):
    """A role is in someone's hands: no words, no promise."""

    __test__: ClassVar[bool] = False

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        return f"{self.by.name} did something"


class Open(Command):
    declares = True
    title: str = "Checkout fails"
    private: bool = False

    def decide(self, case: Case) -> list[Event]:
        if not self.title:
            raise Refused("An incident needs a title.", field="title")
        return [TestOpened(**case.stamp(), title=self.title, private=self.private)]


class Say(Command):
    text: str

    def decide(self, case: Case) -> list[Event]:
        if case.incident.summary == self.text:
            return []
        return [TestSaid(**case.stamp(), text=self.text)]


class SayOnce(Say):
    """The same words by the same person count once."""

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        return f"{self.incident}/{by.id}/{self.text}"

    def decide(self, case: Case) -> list[Event]:
        return [TestSaid(**case.stamp(), text=self.text)]


class Touch(Command):
    def decide(self, case: Case) -> list[Event]:
        case.incident  # noqa: B018  (it must exist)
        return [TestHeld(**case.stamp())]


class Write(Command):
    """A document's next version."""

    body: str

    @property
    def document(self) -> NewDocument | None:
        return NewDocument(kind="report", body=self.body)

    def decide(self, case: Case) -> list[Event]:
        return [TestHeld(**case.stamp())]


class Stumble(Command):
    """A bug in the rules."""

    def decide(self, case: Case) -> list[Event]:
        raise ZeroDivisionError("a bug with a secret: hunter2hunter2")


class RecordMade(Command):
    channel: str

    def decide(self, case: Case) -> list[Event]:
        if case.incident.room is not None:
            return []
        return [TestRoomMade(**case.stamp(), channel=self.channel)]


class RecordFailed(Command):
    reason: str

    def decide(self, case: Case) -> list[Event]:
        return [TestFailed(**case.stamp(), reason=self.reason)]


class Remind(Command):
    key: str

    def decide(self, case: Case) -> list[Event]:
        if self.key in case.incident.nudged:
            return []
        return [TestReminded(**case.stamp(), key=self.key)]


class MakeRoom(Effect, kind="test_make_room"):
    system = "toy"
    in_doubt = InDoubt.LOOK
    priority = Priority.ROOM
    name: str = "room"

    @property
    def lane(self) -> str:
        return f"toy/room/{self.incident}"

    @property
    def buckets(self) -> tuple[str, ...]:
        return ("toy/rooms",)

    def kept(self, receipt: Receipt) -> Command | None:
        return RecordMade(incident=self.incident, channel=receipt.refs[0].foreign_id)

    def failed(self, reason: str) -> Command | None:
        return RecordFailed(incident=self.incident, reason=reason)

    def late(self, reason: str) -> Command | None:
        return RecordFailed(incident=self.incident, reason=reason)


class Post(Effect, kind="test_post"):
    """A sentence in the room."""

    system = "toy"
    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE
    text: str
    line: str = "posts"

    @property
    def lane(self) -> str:
        return f"toy/{self.line}/{self.incident}"

    @property
    def need(self) -> str | None:
        return "toy.channel"

    @property
    def buckets(self) -> tuple[str, ...]:
        return ("toy/posts",)

    def redacted(self) -> "Post | None":
        return None


class Card(Effect, kind="test_card"):
    """Rendered when performed."""

    system = "toy"
    in_doubt = InDoubt.REPEAT
    priority = Priority.CARD
    refreshes = True

    @property
    def lane(self) -> str:
        return f"toy/card/{self.incident}"

    @property
    def need(self) -> str | None:
        return "toy.channel"


class Ring(Effect, kind="test_ring"):
    """A page: nobody but a person can tell whether it was sent."""

    system = "bell"
    in_doubt = InDoubt.ASK
    priority = Priority.PAGE
    whom: str = "on-call"

    @property
    def lane(self) -> str:
        return f"bell/{self.incident}"

    def failed(self, reason: str) -> Command | None:
        return RecordFailed(incident=self.incident, reason=reason)


class Loose(Effect, kind="test_loose"):
    """Needs nothing, in a lane of one's choice; `then`: what its success gives rise to."""

    system = "toy"
    in_doubt = InDoubt.LOOK
    word: str
    line: str = "loose"
    bucket: str = ""
    then: str = ""

    @property
    def lane(self) -> str:
        return f"toy/{self.line}"

    @property
    def buckets(self) -> tuple[str, ...]:
        return (self.bucket,) if self.bucket else ()

    def kept(self, receipt: Receipt) -> Command | None:
        if self.then == "stumble":
            return Stumble(incident=self.incident)
        return Say(incident=self.incident, text=self.then) if self.then else None


def announce(fact: Event, before: Incident | None, after: Incident, policy: Policy) -> Iterable[Promise]:
    """What the toy world makes of facts."""
    if isinstance(fact, TestOpened):
        yield Promise(MakeRoom(incident=after.number), f"room/{after.number}")
    if isinstance(fact, TestSaid):
        yield Promise(Post(incident=after.number, text=fact.text), f"post/{after.number}/{after.seq}")
    if isinstance(fact, TestOpened | TestSaid):
        yield Promise(Card(incident=after.number), f"card/{after.number}/{after.seq}")


def reminders(i: Incident, policy: Policy) -> Sequence[Due]:
    """Ten minutes after the last change of its summary, unless it was said."""
    key = f"look/{i.summary}"
    return [] if key in i.nudged else [Due(key=key, at=i.updated_at + timedelta(minutes=10))]


def remind(incident: int, key: str) -> Command:
    return Remind(incident=incident, key=key)


@dataclass
class Done:
    """One thing that happened in the toy world."""

    kind: str
    incident: int | None
    key: str
    text: str = ""


Trick = Callable[[Effect, Attempt], Awaitable[Answer | None]]


@dataclass
class World:
    """The outside: remembers what was done to it, and can be told to play tricks before or after it does."""

    done: list[Done] = field(default_factory=list)
    calls: list[tuple[str, str, Attempt]] = field(default_factory=list)
    before: Trick | None = None
    """Answers instead of doing, when it answers at all."""
    after: Trick | None = None
    """Answers instead of the receipt, although it is done."""
    looking: Callable[[Effect, Attempt], Receipt | Retry | None] | None = None
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    under_way: int = 0
    most_under_way: int = 0

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        self.calls.append(("perform", effect.kind, attempt))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.before and (answer := await self.before(effect, attempt)) is not None:
                return answer
            receipt = self._do(effect, attempt)
            if self.after and (answer := await self.after(effect, attempt)) is not None:
                return answer
            return receipt
        finally:
            self.under_way -= 1

    def _do(self, effect: Effect, attempt: Attempt) -> Receipt:
        text = getattr(effect, "text", getattr(effect, "word", ""))
        self.done.append(Done(effect.kind, effect.incident, attempt.key, text))
        return self._receipt(effect, f"C{next(self.numbers)}")

    def _receipt(self, effect: Effect, channel: str) -> Receipt:
        if isinstance(effect, MakeRoom):
            return Receipt((Ref("toy", "channel", channel, "toy.channel"),))
        return Receipt(data={"text": getattr(effect, "text", "")})

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | None:
        self.calls.append(("look", effect.kind, attempt))
        if self.looking:
            return self.looking(effect, attempt)
        place = next((n for n, done in enumerate(self.done, 1) if done.key == attempt.key), None)
        return None if place is None else self._receipt(effect, f"C{place}")

    def texts(self, kind: str = "test_post") -> list[str]:
        return [done.text for done in self.done if done.kind == kind]

    def count(self, kind: str) -> int:
        return sum(done.kind == kind for done in self.done)


async def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Waits for something to become true. Fails after so many seconds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  (the world outside rings no bell)
            await asyncio.sleep(0.005)


def performers(world: World) -> Mapping[str, World]:
    return {"toy": world, "bell": world}
