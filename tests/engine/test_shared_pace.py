"""Several processes on one database draw on the same rate budgets, and keep each other's pauses."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

import pytest

from bot.engine.effects import Answer, Attempt, Effect, Promise, Retry
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace, Rate, load_pauses, save_pause
from tests.engine.conftest import Cluster, House
from tests.engine.test_outbox import promised
from tests.engine.toys import Loose, until


@pytest.fixture
def shared(cluster: Cluster) -> Iterator[House]:
    url = cluster.fresh()
    yield House(url)
    cluster.drop(url)


async def several(house: House, stack: AsyncExitStack, count: int, rate: Rate) -> list[tuple[Engine, Outbox]]:
    found = []
    for _ in range(count):
        engine = await stack.enter_async_context(house.process())
        found.append((engine, await stack.enter_async_context(house.outbox(engine, Pace(lambda bucket: rate)))))
    return found


def loose(number: int, bucket: str = "tier") -> Promise:
    return Promise(Loose(word=f"{number}", line=f"l{number}", bucket=bucket), f"k{number}")


async def test_three_processes_use_one_budget_and_a_restart_forgets_nothing_of_it(shared: House) -> None:
    hourly = Rate(per_minute=1 / 60, burst=6)
    async with AsyncExitStack() as stack:
        bots = await several(shared, stack, 3, hourly)
        for number in range(15):
            await promised(bots[number % 3][0], loose(number))
        await until(lambda: len(shared.world.done) == 6)
        for _, outbox in bots:
            await outbox.idle()
    async with AsyncExitStack() as stack:
        [(_, outbox)] = await several(shared, stack, 1, hourly)
        await outbox.idle()
        assert len(shared.world.done) == 6


async def test_a_budget_fills_again_by_the_database_s_clock(shared: House) -> None:
    async with AsyncExitStack() as stack:
        bots = await several(shared, stack, 2, Rate(per_minute=120, burst=1))
        for number in range(4):
            await promised(bots[number % 2][0], loose(number))
        await asyncio.sleep(0.7)
        assert 1 <= len(shared.world.done) <= 2
        await until(lambda: len(shared.world.done) == 4)


async def test_budgets_of_their_own_do_not_wait_for_one_another(shared: House) -> None:
    async with AsyncExitStack() as stack:
        [(engine, outbox)] = await several(shared, stack, 1, Rate(per_minute=1, burst=1))
        await promised(engine, *(loose(number, f"room {number}") for number in range(5)))
        await outbox.idle()
        assert len(shared.world.done) == 5


async def test_a_pause_that_one_is_told_holds_for_the_others_at_their_next_claim(shared: House) -> None:
    told: list[str] = []

    async def limited_once(effect: Effect, attempt: Attempt) -> Answer | None:
        if told:
            return None
        told.append(attempt.key)
        return Retry("429", after=30, pause="tier")

    shared.world.before = limited_once
    async with AsyncExitStack() as stack:
        bots = await several(shared, stack, 2, Rate(6000, 100))
        await promised(bots[0][0], loose(0))
        await until(lambda: bool(told))
        await bots[0][1].idle()
        for number in range(1, 9):
            await promised(bots[number % 2][0], loose(number))
        await asyncio.sleep(0.3)
        assert shared.world.done == []


async def test_a_shorter_pause_does_not_end_a_longer_one(house: House) -> None:
    async with house.process() as engine:
        now = house.clock()
        for seconds in (30, 5):
            await engine.database.write(partial(save_pause, bucket="tier", seconds=seconds, now=now))
        pauses = await engine.database.write(partial(load_pauses, now=now))
        assert pauses == {"tier": pytest.approx(30, abs=5)}
