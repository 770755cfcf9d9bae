"""Plays a story by itself at a speed that can be watched, beat by beat, to be paused and to be stopped at any time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import aiohttp

from bot.sandbox import Impossible
from bot.sandbox.slack.seed import INCIDENTS
from bot.sandbox.web.backstage import Offer, Playing
from bot.terminal.problem import Problem
from bot.terminal.scene import Scene
from bot.terminal.stage import Stage

PAGER, ROOM, WEATHER, ANNOUNCED = "/pager", "room", "/weather", f"/c/{INCIDENTS}"
"""Where a beat is watched."""
BROKEN = (Impossible, Problem, RuntimeError, aiohttp.ClientError)
"""What a story may break off by."""
LINGER = 12.0
"""Seconds for which the last words of a story that broke off stay to be read."""


@dataclass(frozen=True)
class Beat:
    """One thing that happens: `who` does it, `caption` tells it, and it is watched at `place` (`/pager`, `room` …).

    `act` returns once it is seen; then `pause` seconds pass, for reading.
    """

    caption: str
    who: str
    place: str
    act: Callable[[Scene], Awaitable[object]]
    pause: float = 2.5


@dataclass(frozen=True)
class Scenario:
    """A story: what it is called, what it shows, and its beats in order."""

    key: str
    title: str
    words: str
    beats: Sequence[Beat]


@dataclass
class Player:
    """At most one story at a time. `pace`: 0 leaves the pauses out. `over` is awaited when a story has ended."""

    stage: Stage
    scenarios: Sequence[Scenario]
    over: Callable[[], Awaitable[None]]
    pace: float = 1.0
    now: Playing | None = None
    failed: str = ""
    """Why the last story broke off."""
    _scene: Scene | None = None
    _task: "asyncio.Task[None] | None" = None
    _going: asyncio.Event = field(default_factory=asyncio.Event)
    _beginning: asyncio.Lock = field(default_factory=asyncio.Lock)

    def offers(self) -> Sequence[Offer]:
        return tuple(Offer(one.key, one.title, one.words) for one in self.scenarios)

    async def play(self, key: str) -> None:
        """Begins one. Raises Impossible while another plays, or where it would run into what is under way."""
        scenario = next((one for one in self.scenarios if one.key == key), None)
        if scenario is None:
            raise Impossible(f"There is no story {key}, only: {', '.join(one.key for one in self.scenarios)}.")
        async with self._beginning:  # a double click plays it once
            if self._task is not None and not self._task.done():
                raise Impossible("A story plays already. Stop it first.")
            if not self.stage.bot.is_running or self.stage.bot.is_starting:
                raise Impossible("Muster is not running. Start it on the weather page, then play.")
            self._scene, self.failed = await Scene.of(self.stage, self.pace), ""
            self._going.set()
            self._task = asyncio.create_task(self._play(scenario, self._scene), name=f"story {key}")

    async def pause(self) -> None:
        self._playing()
        self._going.clear()
        self.now = self.now and replace(self.now, paused=True)

    async def go_on(self) -> None:
        self._playing()
        self._going.set()
        self.now = self.now and replace(self.now, paused=False)

    async def stop(self) -> None:
        """Ends it where it is, and its incidents with it."""
        playing = self._playing()
        playing.cancel()
        await asyncio.wait({playing})
        if self._scene is not None:
            with contextlib.suppress(*BROKEN):
                await self._scene.tidy()
        await self.over()

    async def close(self) -> None:
        """The demo ends: nothing is left to tidy for."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def ended(self) -> None:
        """Returns when the story that plays is over."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _play(self, scenario: Scenario, scene: Scene) -> None:
        try:
            for number, beat in enumerate(scenario.beats, start=1):
                told = (scenario.title, beat.caption, beat.who, _place(beat, scene))
                self.now = Playing(*told, number, len(scenario.beats), not self._going.is_set())
                await self._going.wait()
                await beat.act(scene)
                self.now = replace(self.now, place=_place(beat, scene), paused=not self._going.is_set())
                await scene.rest(beat.pause)
        except BROKEN as error:
            await self._broken_off(scene, str(error))
        finally:
            self.now = None
        await self.over()

    async def _broken_off(self, scene: Scene, why: str) -> None:
        self.failed = why
        if self.now is not None:
            self.now = replace(self.now, caption=f"The story broke off: {why}")
        with contextlib.suppress(*BROKEN):
            await scene.tidy()
        await scene.rest(LINGER)

    def _playing(self) -> "asyncio.Task[None]":
        if self._task is None or self._task.done():
            raise Impossible("No story plays.")
        return self._task


def _place(beat: Beat, scene: Scene) -> str:
    """Where it is to be watched; a room that is not there yet is announced."""
    room = f"/c/{scene.room}" if scene.room else ANNOUNCED
    return room if beat.place == ROOM else beat.place
