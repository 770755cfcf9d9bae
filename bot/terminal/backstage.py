"""Behind the demo's pages: the bot's life and what it owes, kept ready for the pages' thread, and worked from there."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.engine.db import Unavailable
from bot.engine.reading import Reading, Step
from bot.engine.tables import EffectState
from bot.incident.values import MUSTER
from bot.sandbox import Impossible
from bot.sandbox.web.backstage import Life, Offer, Playing, Promises, Row, TourStep
from bot.terminal.opening import opened
from bot.terminal.player import Player
from bot.terminal.problem import Problem
from bot.terminal.scenarios import SCENARIOS
from bot.terminal.stage import Stage
from bot.terminal.tour import Hands, Tour

POLL = 0.5
"""Seconds between two looks into the bot's database."""
LOOKED = 2.0
"""Seconds after which a page that asks no more is closed."""
ROWS = 20
NOTHING = Promises(0, 0, 0, ())


class Crew:
    """The `Backstage` of the demo. What is read may be read from any thread; acts hop onto the demo's own loop."""

    name = "Muster"

    def __init__(self, stage: Stage, reading: Reading, loop: asyncio.AbstractEventLoop) -> None:
        self._bot, self._reading, self._loop = stage.bot, reading, loop
        self._guide = Tour(reading, Hands(stage.hands))
        self._player = Player(stage, SCENARIOS, over=self._guide.forget)
        self._owed, self._steps = NOTHING, self._guide.steps()
        self._owed_asked = self._steps_asked = -LOOKED

    def life(self) -> Life:
        if self._bot.is_starting:
            return Life.STARTING
        return Life.RUNNING if self._bot.is_running else Life.DEAD

    def promises(self) -> Promises:
        self._owed_asked = time.monotonic()
        return self._owed

    def tour(self) -> Sequence[TourStep]:
        self._steps_asked = time.monotonic()
        return self._steps

    def scenarios(self) -> Sequence[Offer]:
        return self._player.offers()

    def playing(self) -> Playing | None:
        return self._player.now

    async def kill(self) -> None:
        await self._here(self._kill())

    async def start(self) -> None:
        await self._here(self._start())

    async def undo(self, step: str) -> None:
        await self._here(self._undo(step))

    async def play(self, scenario: str) -> None:
        await self._here(self._play(scenario))

    async def pause(self) -> None:
        await self._here(self._player.pause())

    async def go_on(self) -> None:
        await self._here(self._player.go_on())

    async def stop(self) -> None:
        await self._here(self._player.stop())

    async def watch(self) -> None:
        """Keeps what the pages show fresh, as long as one of them asks; runs until it is cancelled."""
        try:
            while True:
                with contextlib.suppress(Unavailable):  # just being killed, or started: the last known stands
                    await self._look(time.monotonic() - LOOKED)
                await asyncio.sleep(POLL)
        finally:
            await self._player.close()

    async def _look(self, lately: float) -> None:
        if self._owed_asked > lately:
            self._owed = await owed(self._reading)
        if self._steps_asked > lately and self._player.now is None:
            await self._guide.look()
            self._steps = self._guide.steps()

    async def _undo(self, step: str) -> None:
        await self._guide.undo(step)
        self._steps = self._guide.steps()

    async def _play(self, scenario: str) -> None:
        still = await self._reading.open_incidents(MUSTER)
        if still:
            raise Impossible(
                f"{still[0].name} is open, and the story's alerts would join it. Resolve or cancel it first."
            )
        await self._guide.look()
        await self._player.play(scenario)

    async def _kill(self) -> None:
        if not self._bot.is_running:
            raise Impossible("Muster is not running. Start it first.")
        await self._bot.kill()

    async def _start(self) -> None:
        if self._bot.is_starting or self._bot.is_running:
            raise Impossible("Muster is starting already." if self._bot.is_starting else "Muster is running already.")
        try:
            await self._bot.start()
        except Problem as problem:
            raise Impossible(f"{problem.sentences[0]} Its log is {self._bot.log}.") from None

    async def _here(self, act: Coroutine[Any, Any, None]) -> None:
        try:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(act, self._loop))
        except Unavailable as error:
            raise Impossible(f"Muster's database does not answer just now: {error}") from None


@contextlib.asynccontextmanager
async def let_in(stage: Stage) -> AsyncIterator[Crew]:
    """The crew at work behind the stage's pages."""
    with opened(stage.bot.database_url, read_only=True) as database:
        crew = Crew(stage, Reading(database, lambda: datetime.now(UTC)), asyncio.get_running_loop())
        watching = asyncio.create_task(crew.watch(), name="backstage")
        stage.sandbox.let_in(crew)
        try:
            yield crew
        finally:
            watching.cancel()
            await asyncio.wait({watching})


async def owed(reading: Reading) -> Promises:
    """What the bot has promised and not kept: what it gave up first, then the oldest."""
    health = await reading.health()
    parked = await reading.effects(EffectState.PARKED, limit=ROWS)
    live = await reading.effects()
    pending = sum(count for state, count in health.effects.items() if state != EffectState.PARKED.value)
    return Promises(
        pending=pending,
        retried=sum(step.tries > 1 for step in live),
        parked=health.effects.get(EffectState.PARKED.value, 0),
        rows=tuple(_row(step) for step in [*parked, *live][:ROWS]),
    )


def _row(step: Step) -> Row:
    where = f"{step.system}, INC-{step.incident}" if step.incident else step.system
    next_at = step.not_before.timestamp() if step.not_before else None
    return Row(step.step, where, step.state.value, step.tries, step.reason, next_at)
