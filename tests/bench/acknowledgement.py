"""How soon Slack has its answer, which the bot gives after its commit: `/incident`, and a form that was sent.

Idle, then with 200 webhooks a second coming in, each when its moment comes; then in a flood of 64 senders.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from tests.bench import requests
from tests.bench.bot import Running, running
from tests.bench.figures import Figure, Wish, quantile
from tests.bench.senders import Load, send_all, send_in_turn, send_steadily

PAUSE = 0.03
"""Seconds between two of what people do."""
STORM = 200.0
"""Webhooks a second."""
Make = Callable[[int, str], bytes]


async def acknowledgement(wish: Wish) -> AsyncIterator[Figure]:
    """Slack's answer after the commit, idle and while webhooks come in."""
    async with running(slack_mode="http") as bot:
        for what, make in (("/incident note", _command), ("note form", _form)):
            times = wish.size(200, 20)
            wish.say(f"{what}, idle")
            idle = await _people(bot, make, times)
            yield Figure(f"{what}, idle: median", quantile(idle, 0.5), "ms", most=4)
            yield Figure(f"{what}, idle: 99 %", quantile(idle, 0.99), "ms")
            wish.say(f"{what}, with {STORM:.0f} webhooks a second")
            taken, load = await _in_storm(bot, make, wish.size(400, 20))
            yield Figure(
                f"{what}, {STORM:.0f} webhooks/s: 99 %", quantile(taken, 0.99), "ms", most=150, note=_told(load)
            )
        wish.say("/incident note, in a flood")
        async for figure in _flood(wish, bot):
            yield figure


def _command(port: int, words: str) -> bytes:
    return requests.command(port, f"note INC-1 {words}")


def _form(port: int, words: str) -> bytes:
    return requests.note_form(port, 1, words)


async def _people(bot: Running, make: Make, times: int, stop: asyncio.Event | None = None) -> list[float]:
    """Milliseconds until each was acknowledged, one after the other over one line; infinite when it was not."""
    made = (make(bot.port, f"words {time.time_ns()}") for _ in range(times) if not (stop and stop.is_set()))
    load = await send_in_turn(bot.port, made, PAUSE)
    return [*load.latencies, *[float("inf")] * load.refused]


async def _in_storm(bot: Running, make: Make, times: int) -> tuple[list[float], Load]:
    made = [requests.webhook(bot.port, f"s{times}{make.__name__}") for _ in range(int(times * 0.2 * STORM))]
    over = asyncio.Event()
    storm = asyncio.create_task(send_steadily(bot.port, made, STORM, over))
    await asyncio.sleep(1)
    taken = await _people(bot, make, times)
    over.set()
    load = await storm
    await bot.handled()
    return taken, load


async def _flood(wish: Wish, bot: Running) -> AsyncIterator[Figure]:
    """As many webhooks as 64 senders bring."""
    made = [requests.webhook(bot.port, "flood") for _ in range(wish.size(12_000, 1000))]
    over = asyncio.Event()
    people = asyncio.create_task(_people(bot, _command, 10_000, over))
    load = await send_all(bot.port, made, senders=64)
    over.set()
    taken = await people
    yield Figure("/incident note, flood: 99 %", quantile(taken, 0.99), "ms", note=f"{len(taken)} in {_told(load)}")


def _told(load: Load) -> str:
    return f"{load.rate:.0f} webhooks/s, {load.refused} refused"
