"""The story of the demo in a second, as people live it who do again what was not answered; and how it ended."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from bot.engine.reading import Reading
from bot.engine.tables import EffectState, InboxState
from bot.incident.timeline import timeline
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

    async def turn_page(self) -> None:
        """What lies between two chapters."""


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
        for chapter in (
            self.an_alert_opens_a_room,
            self.ada_takes_command,
            self.things_are_written_down,
            self.it_gets_worse,
            self.another_alert_joins,
            self.it_is_resolved,
        ):
            await chapter()
            await self.world.turn_page()

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

    async def type(self, who: str, text: str) -> None:
        """Types `/incident …` until it is answered."""
        await self.insist(lambda: self.world.hands.slack.command(who, self.room, text, wait=0))

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
        await self.until(lambda: any(said in m.text for m in self._messages()), said)

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
AGAIN = "Invited Ada Marsh"
"""Said once or twice: she may have come into the room by herself before."""


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
        "told": {who: _said(await slack.dm(who)) for who in ("ada", "bo", "dev", "emi", "finn")},
        "pagerduty": _pagerduty(world),
        "timeline": Counter(s for entry in timeline(await reading.events(1)) if (s := plain(entry.text)) != AGAIN),
        "undone": [f"{s.key}: {s.state} {s.reason}" for s in await reading.effects(*UNDONE)],
        "unheard": [str(entry) for state in UNHEARD for entry in await reading.deliveries(state)],
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
        "files": sorted(plain(file["name"]) for m in room["messages"] for file in m.get("files", [])),
    }


def _in_vain(messages: Iterable[Json]) -> int:
    """How often the topic was set to what it was already: each time is a line that everybody has to read."""
    topics = [m["topic"] for m in messages if m.get("subtype") == "channel_topic"]
    return sum(one == other for one, other in pairwise(topics))


def _said(messages: Iterable[Json]) -> Json:
    """How often each thing was said, and whether any promise was kept by two messages."""
    said = list(messages)
    marks = Counter(m.get("metadata", {}).get("event_payload", {}).get("key") for m in said)
    return {
        "words": Counter(plain(words(m)) for m in said),
        "twice": sorted(mark for mark, times in marks.items() if mark and times > 1),
    }


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
    (re.compile(r"\bless than a minute\b|\b\d+ (?:min|h)\b(?: \d+ min\b)?"), "A WHILE"),
    (re.compile(r"\b[CQ][A-Z0-9]{8,13}\b"), "ID"),
    (re.compile(r"\b\d{10}\.\d{6}\b"), "TS"),
    (re.compile(r"-[0-9a-f]{8}\.md"), "-MARK.md"),
    (re.compile(r"(?:\(repeat\) | ?\(repeat: [^)]*\))"), ""),
)
"""What is another in each life: addresses, times, how long it took, ids."""


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
