"""What a story is played with: people's hands on both systems, the bot's life, and patience until it is seen."""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import Impossible, SandboxClient
from bot.sandbox.slack.seed import GENERAL
from bot.terminal.books import timeline_of
from bot.terminal.stage import Bot, Stage

PATIENCE = 20.0
"""Seconds that each thing may take to be seen."""
LINK = re.compile(r"<[^|>]*\|([^>]*)>")
ROOM = re.compile(r"inc-\d+")


@dataclass
class Scene:
    """One incident as it is played: in `room`, as INC-`number`; `newest` is what stood there before the last act.

    Every act raises Impossible where it cannot be done, or where what should come of it is not seen in time.
    """

    stage: Stage
    before: set[str]
    """The war rooms that were there when it began."""
    pace: float = 1.0
    """What waiting is multiplied with; 0: nobody waits for the sake of those who watch."""
    room: str = ""
    number: int = 0
    newest: str = ""
    host: str = "ada"
    """Who may end it, if it breaks off."""
    alerts: list[str] = field(default_factory=list)
    entered: list[tuple[str, int]] = field(default_factory=list)
    """Its rooms so far, each with its incident's number."""

    @staticmethod
    async def of(stage: Stage, pace: float = 1.0) -> "Scene":
        return Scene(stage, {channel["id"] for channel in await _war_rooms(stage.hands)}, pace)

    @property
    def hands(self) -> SandboxClient:
        return self.stage.hands

    @property
    def bot(self) -> Bot:
        return self.stage.bot

    async def fire(self, service: str, title: str, priority: str | None = None) -> str:
        """Monitoring fires; the id of PagerDuty's incident."""
        self.newest = await self.last() if self.room else ""
        self.alerts.append(await self.hands.pagerduty.trigger(service, title, priority=priority))
        return self.alerts[-1]

    async def enter(self, *people: str) -> str:
        """Waits for the war room of what was just begun, and its card; these people come in. The room's name."""
        await self.until(self._is_open, "no war room opened")
        self.go(-1)
        await self.until(lambda: self.has_said(f"INC-{self.number}"), "the room has no card")
        for user in people:
            await self.hands.slack.join(user, self.room)
        return str((await self.channel())["name"])

    def go(self, which: int) -> None:
        """Goes on in another of its rooms, 0 for the first."""
        self.room, self.number = self.entered[which]
        self.newest = ""

    async def _is_open(self) -> bool:
        fresh = [room for room in await _war_rooms(self.hands) if room["id"] not in self.before]
        for room in fresh[:1]:
            self.before.add(room["id"])
            self.entered.append((room["id"], int(room["name"].split("-")[1])))
        return bool(fresh)

    async def tidy(self) -> None:
        """Ends what it began: the bot is there again, its incidents are called off, its alerts are resolved."""
        if not self.bot.is_running:
            await self.bot.start()
        while await self._is_open():
            pass
        with contextlib.suppress(Impossible):
            await self.hands.slack.close("carla", clear=True)
        for _, number in self.entered:
            await self.hands.slack.command(self.host, GENERAL, f"INC-{number} cancel The story was stopped", wait=0)
        for alert in self.alerts:
            with contextlib.suppress(Impossible):  # it is resolved
                await self.hands.pagerduty.resolve(alert, by="Ada")

    async def say(self, user: str, words: str) -> None:
        """Types `/incident words` in the room."""
        self.newest = await self.last()
        answer = await self.hands.slack.command(user, self.room, words)
        if answer["error"]:
            raise Impossible(f"/incident {words}: {answer['error']}")

    async def seen(self, words: str) -> str:
        """Waits for a message of the bot's that is newer than what was done last; its text, in one line."""
        wait = self.hands.slack.wait_for_message(self.room, words, after=self.newest, seconds=PATIENCE)
        return " ".join(LINK.sub(r"\1", str((await wait)["text"])).split())

    async def knows(self, words: str) -> bool:
        """Whether the bot's timeline, read from its database, has an entry with these words."""
        return any(words in entry.text for entry in await timeline_of(self.stage, self.number))

    async def until(self, holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        """Looks every now and then. Raises Impossible when it never comes true."""
        end = time.monotonic() + PATIENCE
        while not await holds():
            if time.monotonic() > end:
                raise Impossible(otherwise)
            await asyncio.sleep(0.1)

    async def rest(self, seconds: float) -> None:
        """Lets time pass, for those who watch."""
        await asyncio.sleep(seconds * self.pace)

    async def has(self, person: str) -> bool:
        """Whether somebody, by id, is in the room."""
        return person in (await self.channel())["members"]

    async def has_said(self, words: str) -> bool:
        """Whether the bot said so in the room, at whatever time."""
        return any(words in str(message) for message in (await self.channel())["messages"] if message.get("bot_id"))

    async def has_file(self) -> bool:
        return any(message.get("files") for message in (await self.channel())["messages"])

    async def is_calm(self) -> bool:
        """Whether everything that fired in it is resolved in PagerDuty."""
        there = {incident.id: incident for incident in (await self.hands.pagerduty.state()).incidents}
        return not any(there[alert].is_open for alert in self.alerts)

    async def last(self) -> str:
        """The newest message of the room, by its time stamp."""
        return max((str(message["ts"]) for message in (await self.channel())["messages"]), default="")

    async def channel(self) -> dict[str, Any]:
        return await self.hands.slack.channel(self.room)


async def _war_rooms(hands: SandboxClient) -> list[dict[str, Any]]:
    return [channel for channel in await hands.slack.channels() if ROOM.match(channel["name"])]
