"""The stage of the fault campaign: worlds whose calls have little time, whose pauses are short, whose clock flies."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Any

import aiohttp

from bot.app import App
from bot.engine.finish import Patience
from bot.engine.pace import Pace
from bot.engine.reading import Step
from bot.engine.schema import migrate
from bot.engine.tables import EffectState
from bot.incident.model import Command
from bot.incident.values import Actor
from bot.sandbox import Rule
from bot.sandbox.faults import System
from bot.sandbox.slack import seed
from tests.stories.plot import Plot, end_state
from tests.stories.world import PATIENCE, Plan, World, brief

PLAN = Plan("http", "sqlite")
UNDER_WAY = (EffectState.WAITING, EffectState.CLAIMED)
PRESSED = Patience(first=0.02, most=0.1, untold=600.0)
"""Short pauses; and nobody is told of what is late only because this machine is busy while the clock flies."""
LASTED = re.compile(r"less than a minute|\d+ min\b")
ADA = Actor(id=f"slack:{seed.ADA}", name="Ada Marsh")
Named = tuple[System, str]
"""A call: the system, and the method's name there."""


class Brisk(World):
    """A world in which calls have a fraction of a second, pauses are short, and the bot's time flies."""

    def furnish(self, app: App) -> None:
        super().furnish(app)
        app.outbox._pace = Pace(clock=lambda: self.clock().timestamp())
        app.outbox._finishing = replace(app.outbox._finishing, patience=PRESSED)

    async def open(self) -> None:
        """The calls of the start have their usual time."""
        await super().open()
        app = self.app
        if app._parts.pagerduty and app._parts.pagerduty._first:
            await app._parts.pagerduty._first
        app._parts.connection.session._timeout = aiohttp.ClientTimeout(total=0.3)
        for line in app._parts.pagerduty._lines if app._parts.pagerduty else ():
            line._manner = replace(line._manner, read=0.2, whole=0.3)

    async def fly(self) -> None:
        """Ten seconds of the bot's time in one of ours, as far as what it puts off is concerned."""
        while True:
            await asyncio.sleep(0.01)
            self.put_forward(0.1)

    def put_forward(self, seconds: float) -> None:
        """The bot's clock, and whatever waits for it."""
        self.clock.advance(timedelta(seconds=seconds))
        self.app.outbox.wake()
        self.app.inbox.wake()

    async def wait(self, seconds: float, step: float = 61.0) -> None:
        """So much of the bot's and the sandbox's time passes; whatever falls due meanwhile is done, or tried."""
        end = self.clock() + timedelta(seconds=seconds)
        while (left := (end - self.clock()).total_seconds()) > 0:
            self.put_forward(min(step, left))
            await self.hands.advance(min(step, left))
            await self.app.ticker.say_what_is_due()
            await self.settled()

    async def all_kept(self) -> None:
        """Returns once everything promised is kept or parked, and everything heard is handled."""
        end = time.monotonic() + PATIENCE
        await self.settled()
        while (waiting := [s for s in await self.unkept() if s.state in UNDER_WAY]) or await self._unread():
            assert time.monotonic() < end, f"never at rest: {waiting}, {await self._marks()}"
            await asyncio.sleep(0.01)
            await self.settled()

    async def given_up(self) -> list[Step]:
        """What is parked or skipped."""
        return await self.app.engine.reading.effects(EffectState.PARKED, EffectState.SKIPPED)

    async def _unread(self) -> bool:
        return bool((await self.app.engine.reading.health()).inbox.get("waiting"))


OpenBrisk = Callable[[], AbstractAsyncContextManager[Brisk]]
"""Opens a fresh world for a block."""


class Worlds:
    """Worlds on SQLite, one after the other, each on a copy of a database without incidents in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        migrate(f"sqlite:///{folder / 'fresh.db'}")

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Brisk]:
        path = copyfile(self._folder / "fresh.db", self._folder / f"{next(self._numbers)}.db")
        async with brief(Brisk, PLAN, f"sqlite:///{path}") as world:
            yield world


def unless(*promises: tuple[object, str]) -> list[str]:
    """The sentences of those that do not hold."""
    return [sentence for holds, sentence in promises if not holds]


async def act(world: Brisk, command: Command) -> None:
    """What Ada does by a command or a button; Slack may be out of order."""
    await world.app.engine.handle(command, ADA)
    await world.settled()


async def lived(world: Brisk, *rules: Rule) -> tuple[dict[str, object], Counter[Named]]:
    """How the whole story ends with these faults on the way, and which calls it took."""
    before = world.sandbox.calls.last
    world.sandbox.faults.add(*rules)
    flight = world.people(world.fly())
    try:
        await Plot(world).play()
        await world.all_kept()
    finally:
        flight.cancel()
    calls = world.sandbox.calls.all(since=before)
    systems: tuple[System, ...] = ("slack", "pagerduty")
    made = Counter[Named]((system, c.method) for system in systems for c in calls if c.system == system)
    return timeless(await end_state(world)), made


def timeless(end: Any) -> Any:
    """An end without how long it all took."""
    if isinstance(end, Mapping):
        return {timeless(k): timeless(v) for k, v in end.items()}
    if isinstance(end, str):
        return LASTED.sub("A WHILE", end)
    return [timeless(one) for one in end] if isinstance(end, list) else end
