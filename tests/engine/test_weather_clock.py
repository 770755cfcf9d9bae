"""The machine's clock jumps: what ticks goes on ticking, and what falls due is said once and in time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base as apscheduler
import pytest

from bot.engine import timers
from bot.engine.clock import SteadyClock
from bot.engine.handle import Engine
from bot.engine.timers import Every, Ticker
from tests.engine.conftest import House
from tests.engine.test_timers import reminders_of
from tests.engine.toys import ADA, Open, remind, until

HOUR = timedelta(hours=1)


class Wall:
    """The machine's wall clock, for us and for APScheduler; `jump` sets it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def jump(self, by: timedelta) -> None:
        self.ahead += by


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()

    class Shown(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return wall().astimezone(tz)

    monkeypatch.setattr(apscheduler, "datetime", Shown)
    monkeypatch.setattr(timers, "WATCH", 0.05)
    return wall


@asynccontextmanager
async def ticking(engine: Engine, wall: Wall) -> AsyncIterator[tuple[Ticker, list[float]]]:
    """A ticker, and when something that comes every 50 ms came."""
    came: list[float] = []

    async def come() -> None:
        came.append(time.monotonic())

    ticker = Ticker(engine, remind, wall)
    ticker.every(0.05, "often", come)
    await ticker.start()
    await until(lambda: len(came) >= 2)
    yield ticker, came
    await ticker.stop()


@pytest.mark.parametrize("by", [-HOUR, HOUR, 25 * HOUR, -25 * HOUR], ids=str)
async def test_ticks_go_on_after_a_jump(house: House, wall: Wall, by: timedelta) -> None:
    async with house.process() as engine, ticking(engine, wall) as (ticker, came):
        wall.jump(by)
        jumped = len(came)
        await until(lambda: len(came) >= jumped + 3, seconds=2.5)
        assert max(ticker.late().values()) < 1.0


def test_a_day_of_sleep_is_one_tick_and_not_a_day_of_them() -> None:
    now = datetime.now(UTC)
    assert Every(1.0).get_next_fire_time(now - 25 * HOUR, now) == now + timedelta(seconds=1)


@pytest.mark.parametrize("back", [HOUR, 25 * HOUR], ids=str)
async def test_what_falls_due_is_said_once_and_in_time_although_the_clock_went_back(
    house: House, back: timedelta
) -> None:
    wall, uptime = Wall(), 0.0
    start = wall()
    clock = SteadyClock(lambda: start + timedelta(seconds=uptime) + wall.ahead, lambda: uptime)
    async with house.process() as engine:
        engine.clock = clock
        ticker = Ticker(engine, remind)
        await engine.handle(Open(), ADA)
        wall.jump(-back)
        uptime += 599
        assert await ticker.say_what_is_due() == 0
        uptime += 599 / 9 + 2
        assert await ticker.say_what_is_due() == 1
        wall.jump(back)
        assert await ticker.say_what_is_due() == 0
        assert await reminders_of(engine) == ["Reminded of look/"]


async def test_a_process_that_is_held_up_is_late_only_until_its_next_tick(house: House, wall: Wall) -> None:
    async with house.process() as engine, ticking(engine, wall) as (ticker, came):
        asyncio.get_running_loop().call_soon(time.sleep, 0.4)  # the whole loop stands still, as under SIGSTOP
        await asyncio.sleep(0)
        assert max(ticker.late().values()) > 0.3
        stood = len(came)
        await until(lambda: len(came) > stood and max(ticker.late().values()) < 0.3)
