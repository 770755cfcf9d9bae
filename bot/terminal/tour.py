"""The six steps of the tour, told off by the bot's own facts; each can be undone, as a person would take it back."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.engine.reading import Reading
from bot.incident.alerts import AlertJoined
from bot.incident.lifecycle import Resolved
from bot.incident.model import Incident
from bot.incident.notes import MessageMarked, Noted
from bot.incident.privacy import is_for_all
from bot.incident.roles import RoleTaken
from bot.incident.severity import SeverityChanged
from bot.incident.timeline import Stored
from bot.incident.updates import UpdatePosted
from bot.incident.values import MUSTER
from bot.sandbox import Impossible, SandboxClient
from bot.sandbox.slack import seed
from bot.sandbox.web.backstage import TourStep

COMMANDER = "commander"
RECENT = 5
"""So many incidents are looked at, the newest."""
ANYWHERE = f"/c/{seed.INCIDENTS}"


@dataclass(frozen=True)
class Step:
    """What somebody is to do, by which fact it is told that they did (`is_it`), and how it is taken back.

    `undoing` says what taking back does; `back` does it. `at_pager`: it begins on the PagerDuty page, not in the room.
    """

    key: str
    title: str
    words: str
    undoing: str
    is_it: Callable[[Stored], bool]
    back: Callable[["Hands", Stored], Awaitable[None]]
    at_pager: bool = False


@dataclass(frozen=True)
class Hands:
    """Takes back what a fact tells of, as whoever did it."""

    people: SandboxClient

    async def nothing(self, fact: Stored) -> None:
        """What was said stays said."""

    async def cancel(self, fact: Stored) -> None:
        await self._type(fact, "cancel Undone in the tour")
        if isinstance(fact.event, AlertJoined):
            with contextlib.suppress(Impossible):  # it is resolved already
                await self.people.pagerduty.resolve(fact.event.alert, by="Ada")

    async def leave(self, fact: Stored) -> None:
        await self._type(fact, f"leave {COMMANDER}")

    async def soften(self, fact: Stored) -> None:
        if isinstance(fact.event, SeverityChanged):
            await self._type(fact, f"sev {fact.event.was.level}")

    async def unmark(self, fact: Stored) -> None:
        if isinstance(fact.event, MessageMarked):
            with contextlib.suppress(Impossible):  # marked from the message's menu: the mark stays
                who, where = _slack_id(fact), fact.event.channel
                await self.people.slack.unreact(who, where, fact.event.ts, "pushpin")

    async def reopen(self, fact: Stored) -> None:
        await self._type(fact, "reopen")

    async def _type(self, fact: Stored, words: str) -> None:
        """A command about that fact's incident, typed where everybody is."""
        text = f"INC-{fact.event.incident} {words}"
        answer = await self.people.slack.command(_slack_id(fact), seed.GENERAL, text, wait=0)
        if answer["error"]:
            raise Impossible("Muster is not there to hear it. Start it on the weather page, then undo again.")


STEPS = (
    Step(
        "alert",
        "An alert fires",
        "On the PagerDuty page, fire the first alert. A war room opens by itself, with whoever is on call in it.",
        "cancels the incident and resolves its alert.",
        lambda s: isinstance(s.event, AlertJoined) and not s.event.ours,
        Hands.cancel,
        at_pager=True,
    ),
    Step(
        "command",
        "Take command",
        "In the war room press Take Incident Commander, or type `/incident lead`. Everybody sees who decides.",
        "lays the command down again.",
        lambda s: isinstance(s.event, RoleTaken) and s.event.role == COMMANDER,
        Hands.leave,
    ),
    Step(
        "severity",
        "Say how bad it is",
        "Type `/incident sev 1`, or `/incident sev 2` where it is that bad already. Who must know is paged.",
        "sets the severity back.",
        lambda s: isinstance(s.event, SeverityChanged) and s.event.by != MUSTER,
        Hands.soften,
    ),
    Step(
        "note",
        "Write it down",
        "`/incident note deploy 4.2 is suspected` writes a line into the timeline. A 📌 on any message does, too.",
        "takes a 📌 away; a note stays.",
        lambda s: isinstance(s.event, Noted | MessageMarked),
        Hands.unmark,
    ),
    Step(
        "update",
        "Tell everybody",
        "`/incident update` opens a form: how things stand, what is done, when the next word comes. Post it.",
        "an update stays said; the step waits for another.",
        lambda s: isinstance(s.event, UpdatePosted),
        Hands.nothing,
    ),
    Step(
        "resolve",
        "Resolve, and read the draft",
        "Type `/incident resolve rolled back to 4.1`. PagerDuty is told, and the postmortem draft comes as a file.",
        "opens the incident again.",
        lambda s: isinstance(s.event, Resolved),
        Hands.reopen,
    ),
)


@dataclass
class Tour:
    """Which steps are done: by a fact that was recorded after the step's mark, which undoing moves to now."""

    reading: Reading
    hands: Hands
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _marks: dict[str, datetime] = field(default_factory=dict)
    _done: dict[str, Stored] = field(default_factory=dict)
    _read: dict[int, int] = field(default_factory=dict)
    _place: str = ANYWHERE
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._marks = dict.fromkeys((step.key for step in STEPS), self.now())

    def steps(self) -> Sequence[TourStep]:
        return tuple(self._told(step) for step in STEPS)

    def _told(self, step: Step) -> TourStep:
        place = "/pager" if step.at_pager else self._place
        return TourStep(step.key, step.title, step.words, place, step.key in self._done, step.undoing)

    async def look(self) -> None:
        """Reads what the bot recorded since it looked last. Raises Unavailable."""
        async with self._lock:
            incidents = await self.reading.recent(MUSTER, limit=RECENT)
            for incident in reversed(incidents):
                if self._read.get(incident.number) != incident.seq:
                    self._hear(await self.reading.events(incident.number))
                    self._read[incident.number] = incident.seq
            self._place = _room_of(incidents)

    def _hear(self, facts: Sequence[Stored]) -> None:
        for step in STEPS:
            fresh = (s for s in facts if s.recorded > self._marks[step.key] and step.is_it(s))
            if step.key not in self._done and (fact := next(fresh, None)):
                self._done[step.key] = fact

    async def undo(self, key: str) -> None:
        """Takes a step back. Raises Impossible where it is not done, or nobody hears it."""
        async with self._lock:  # a double click undoes once
            step = next((step for step in STEPS if step.key == key), None)
            fact = self._done.get(key)
            if step is None or fact is None:
                raise Impossible("That step is not done yet: there is nothing to undo.")
            await step.back(self.hands, fact)
            self._marks[key] = self.now()
            del self._done[key]

    async def forget(self) -> None:
        """What happened so far was played, not done by whoever is on the tour: what waits goes on waiting."""
        async with self._lock:
            for step in STEPS:
                if step.key not in self._done:
                    self._marks[step.key] = self.now()


def _room_of(incidents: Sequence[Incident]) -> str:
    """Where the tour goes on: the newest room that everybody may enter."""
    rooms = [i.room for i in incidents if i.room and not i.room.archived and is_for_all(i)]
    return f"/c/{rooms[0].channel}" if rooms else ANYWHERE


def _slack_id(fact: Stored) -> str:
    """Whose it is to take back, in Slack; Ada's for what nobody there did."""
    who = fact.event.person if isinstance(fact.event, RoleTaken) else fact.event.by
    return who.foreign_id if who.system == "slack" else seed.ADA
