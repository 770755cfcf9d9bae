"""The story of the demo in a second, as people live it who do again what was not answered; and how it ended."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from bot.engine.outbox import UNSURE
from bot.engine.reading import Reading
from bot.engine.tables import EffectState, InboxState
from bot.incident.timeline import timeline
from bot.incident.values import MUSTER
from bot.sandbox import Impossible, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Channel, Message
from tests.stories.screen import Json, button_of, words
from tests.stories.world import World

PATIENCE = 30.0
"""Seconds that people wait for each thing."""
LOOK = 0.003
"""Seconds between two looks at the screen."""
TRIES = 4
"""How often Slack brings an event before it gives it up."""
FOUND = "Rolling back checkout to 4.1"


class Place(Protocol):
    """Where a plot can be lived: a sandbox and people's hands on it."""

    sandbox: Sandbox
    hands: SandboxClient

    async def turn_page(self, seconds: float = ...) -> None:
        """What lies between two chapters: so much time, where time does not pass by itself."""


@dataclass
class Plot:
    """Each chapter returns once people see what it led to; whoever was not answered tries again.

    `patience`: seconds that people wait for each thing; `look`: seconds between two looks at the screen.
    """

    world: Place
    patience: float = PATIENCE
    look: float = LOOK
    room: str = ""
    first: str = ""

    async def play(self) -> None:
        for chapter in self.chapters:
            await chapter()
            await self.world.turn_page()

    @property
    def chapters(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            self.an_alert_opens_a_room,
            self.ada_takes_command,
            self.things_are_written_down,
            self.it_gets_worse,
            self.another_alert_joins,
            self.it_is_resolved,
        )

    async def an_alert_opens_a_room(self) -> None:
        self.first = await self.world.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P2")
        await self.until(lambda: self._rooms() and self._rooms()[-1].pins and seed.BO in self._rooms()[-1].members)
        self.room = self._rooms()[-1].id
        for person in ("ada", "dev"):
            await self.world.hands.slack.join(person, self.room)

    async def ada_takes_command(self) -> None:
        await self.press("ada", "take_role", "1/commander")
        await self.seen("Ada Marsh is *Incident Commander*")

    async def things_are_written_down(self) -> None:
        posted = await self.world.hands.slack.post("dev", self.room, FOUND)
        await self.type("ada", "note the errors began with the deploy of 4.2")
        await self.mark("dev", posted["ts"])
        await self.seen("the errors began with the deploy")

    async def it_gets_worse(self) -> None:
        await self.type("ada", "sev1")
        await self.seen("raised the severity")
        await self.seen("PagerDuty is calling")
        await self.world.hands.pagerduty.acknowledge(self.first, by="Bo")
        await self.seen("acknowledged the alert")

    async def another_alert_joins(self) -> None:
        await self.world.hands.pagerduty.trigger("checkout", "Payment queue grows", priority="P3")
        await self.seen("Another alert")
        await self.type("ada", "status identified")
        await self.seen("to *identified*")

    async def it_is_resolved(self) -> None:
        await self.type("bo", "resolve Rolled back to 4.1")
        await self.seen("*resolved* INC-1")
        await self.until(lambda: any(m.files for m in self._messages()))
        await self.until(lambda: all(i.status == "resolved" for i in self.world.sandbox.pagerduty.incidents.values()))

    async def type(self, who: str, text: str, where: str = "") -> None:
        """Types `/incident …` (in the room, unless another channel is named) until it is answered."""
        await self.insist(lambda: self.world.hands.slack.command(who, where or self.room, text, wait=0))

    async def press(self, who: str, action: str, value: str) -> None:
        """Presses a button of the card until it is answered, or gone: what it is for has come about then."""
        hands = self.world.hands.slack
        card = next(m for m in await hands.messages(self.room) if button_of(m, action, value))
        button = button_of(card, action, value)
        assert button is not None
        name = button["action_id"]

        async def press() -> Json | None:
            try:
                return await hands.click(who, name, channel=self.room, ts=card["ts"], value=value, wait=0)
            except Impossible:
                return None

        await self.insist(press)

    async def insist(self, act: Callable[[], Awaitable[Json | None]]) -> None:
        """Acts until it is answered; None where there is nothing left to do."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            answer = await act()
            if answer is None:
                return
            told = " ".join(words(whisper) for whisper in answer["ephemerals"])
            if answer["acked"] and not answer["error"] and "try again" not in told:
                return
            await asyncio.sleep(0.02)
        raise Impossible("it was never answered")

    async def mark(self, who: str, ts: str) -> None:
        """Marks a message; Slack gives an event up after a while, and who sees nothing come of it marks it again."""
        hands = self.world.hands.slack
        for _ in range(50):
            await hands.react(who, self.room, ts, "pushpin")
            if await self._heard():
                return
            await hands.unreact(who, self.room, ts, "pushpin")
        raise Impossible("a mark was never heard")

    async def _heard(self) -> bool:
        """Whether the newest mark came through, once Slack has it or has given it up."""
        while True:
            newest = (await self.world.hands.slack.deliveries("reaction_added"))[-1]
            if newest["acked"] or len(newest["attempts"]) == TRIES:
                return bool(newest["acked"])
            await asyncio.sleep(self.look)

    async def seen(self, said: str) -> None:
        await self.until(lambda: any(said in f"{m.text}\n{words(m.fields)}" for m in self._messages()), said)

    async def until(self, holds: Callable[[], Any], what: str = "it") -> None:
        end = time.monotonic() + self.patience
        while not holds():
            if time.monotonic() > end:
                raise Impossible(f"{what} never came")
            await asyncio.sleep(self.look)

    def _messages(self) -> list[Message]:
        return list(self.world.sandbox.slack.channels[self.room].messages.values())

    def _rooms(self) -> list[Channel]:
        return [c for c in list(self.world.sandbox.slack.channels.values()) if c.name.startswith("inc-")]


UNDONE = tuple(state for state in EffectState if state not in (EffectState.KEPT, EffectState.DROPPED))
UNHEARD = (InboxState.WAITING, InboxState.PARKED)
INVITED = "Invited "
BY_THEMSELVES = ("Ada Marsh", "Dev Anand")
"""Who may have come into the room by themselves before they were invited, so that it is said or not."""
PEOPLE = ("ada", "bo", "carla", "dev", "emi", "finn")
CALLED = "scale-INC-1"
"""What the call of a runbook is known by to whom it reaches."""
TRIED = "“Scale orders”"
"""The same in sentences. Where a death left open whether it was made people look, and try again if it was not: it is
made once, and how often it was tried differs."""


async def end_state(world: World) -> dict[str, object]:
    """How it ended for a world whose bot lives in this process."""
    return await end_of(world, world.app.engine.reading)


async def end_of(world: Place, reading: Reading) -> dict[str, object]:
    """The books of both sides once all is at rest, in a form that is the same whenever it ended the same way."""
    slack = world.hands.slack
    rooms = [await slack.channel(c["id"]) for c in await slack.channels() if c["name"].startswith("inc-")]
    return {
        "rooms": [_room(room) for room in rooms],
        "announced": _said(await slack.messages("#incidents")),
        "told": {who: _said(await slack.dm(who)) for who in PEOPLE},
        "sent": {who: _files(await slack.dm(who)) for who in PEOPLE},
        "pagerduty": _pagerduty(world),
        "timelines": {i.number: await _told(reading, i.number) for i in await reading.recent(MUSTER)},
        "called": len(await world.hands.heartbeats(CALLED)),
        "undone": [f"{s.key}: {s.state} {s.reason}" for s in await reading.effects(*UNDONE) if s.reason != UNSURE],
        "unheard": [str(entry) for state in UNHEARD for entry in await reading.deliveries(state)],
    }


async def _told(reading: Reading, number: int) -> Json:
    """The timeline of an incident: each sentence with how often it stands there, and who is told of as invited."""
    told = [plain(entry.text) for entry in timeline(await reading.events(number))]
    invited = {name for line in told if line.startswith(INVITED) for name in line.removeprefix(INVITED).split(", ")}
    return {
        "told": Counter(line for line in told if not line.startswith(INVITED) and TRIED not in line),
        "invited": sorted(invited - {*BY_THEMSELVES}),
    }


def _room(room: Json) -> Json:
    said = [m for m in room["messages"] if not m.get("subtype")]
    return {
        "name": room["name"],
        "topic": plain(room["topic"]["value"]),
        "topics set in vain": _in_vain(room["messages"]),
        "members": sorted(room["members"]),
        "pinned": [plain(words(m)) for m in said if m["ts"] in room["pins"]],
        "bookmarks": sorted(plain(b["title"]) for b in room["bookmarks"]),
        "said": _said(said),
        "files": _files(room["messages"]),
        "archived": room["is_archived"],
    }


def _files(messages: Iterable[Json]) -> list[str]:
    """The names of the files that are there; of one that was deleted only a tombstone is."""
    return sorted(plain(file["name"]) for m in messages for file in m.get("files", []) if "name" in file)


def _in_vain(messages: Iterable[Json]) -> int:
    """How often the topic was set to what it was already: each time is a line that everybody has to read."""
    topics = [m["topic"] for m in messages if m.get("subtype") == "channel_topic"]
    return sum(one == other for one, other in pairwise(topics))


def _said(messages: Iterable[Json]) -> Json:
    """How often each thing was said, and whether any promise was kept by two messages."""
    said = list(messages)
    marks = Counter(m.get("metadata", {}).get("event_payload", {}).get("key") for m in said)
    return {
        "words": Counter(_but_tries(plain(words(m))) for m in said if TRIED not in str(m.get("text"))),
        "twice": sorted(mark for mark, times in marks.items() if mark and times > 1),
    }


def _but_tries(said: str) -> str:
    return "\n".join(line for line in said.split("\n") if TRIED not in line)


def _pagerduty(world: Place) -> Json:
    account = world.sandbox.pagerduty
    titles = {i.id: i.title for i in account.incidents.values()}
    return {
        "incidents": Counter((i.title, i.status) for i in account.incidents.values()),
        "pages": Counter((p.kind, p.user, titles[p.incident], plain(p.message)) for p in account.pages),
        "asked": Counter((titles[r.incident], str(r.user)) for r in account.responders),
        "notes": Counter((titles[n.incident], plain(n.content)) for n in account.notes.values()),
    }


DIFFERS = (
    (re.compile(r"https?://127\.0\.0\.1:\d+\S*?(?=[|>\s]|$)"), "URL"),
    (re.compile(r"<!date\^[^>]*>"), "TIME"),
    (re.compile(r"\b\d\d:\d\d\b(:\d\d)?"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d TIME"), "TIME"),
    (re.compile(r"\bwas merged into (a private incident\.|INC-\d+ · <#\w+>)"), "was merged"),
    (re.compile(r"\bredacted an entry \(\d+\)"), "redacted an entry (N)"),
    (re.compile(r"\bless than a minute\b|\b\d+ (?:min|h)\b(?: \d+ min\b)?"), "A WHILE"),
    (re.compile(r"\b[CQ][A-Z0-9]{8,13}\b"), "ID"),
    (re.compile(r"\b\d{10}\.\d{6}\b"), "TS"),
    (re.compile(r"-[0-9a-f]{8}\.md"), "-MARK.md"),
    (re.compile(r"(?:\(repeat\) | ?\(repeat: [^)]*\))"), ""),
)
"""What is another in each life: addresses, times, how long it took, ids; and what was drawn before or after a while."""


def plain(said: str) -> str:
    for pattern, instead in DIFFERS:
        said = pattern.sub(instead, said)
    return said


def differences(one: object, other: object, where: str = "") -> Iterator[str]:
    """Where two ends differ, a line each."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), f"{where}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (this, that) in enumerate(zip(one, other, strict=True)):
            yield from differences(this, that, f"{where}/{place}")
    elif one != other:
        yield f"{where}: {one!r}, not {other!r}"
