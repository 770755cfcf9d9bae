"""How long from a webhook to a usable war room, in round trips to Slack: alone, and twenty at once.

Each row has a bot and a sandbox of its own, so that Slack's budget of new channels (20 a minute) is whole for each.
"""

import asyncio
import statistics
from collections.abc import AsyncIterator, Sequence

from tests.bench.answers import usable_after
from tests.bench.bot import Running, running
from tests.bench.figures import Figure, Wish, quantile

LATENCIES = (0.0, 0.05, 0.12, 0.3)
"""Seconds that Slack takes for a call."""
REST = 1.5
"""Seconds between two incidents: the announcements of the first are out by then."""
REFILL = 5.0
"""Seconds in which the budget of new channels is whole again after the warm-up."""
ALONE, TOGETHER = 1.15, 1.6
"""Times two calls: the goals at 120 ms."""


async def war_room(wish: Wish) -> AsyncIterator[Figure]:
    """Webhook to usable room (room, card, invitations): two round trips are the limit."""
    alone: dict[float, float] = {}
    for latency in LATENCIES if not wish.quick else (0.0, 0.12):
        wish.say(f"one at a time, Slack taking {latency * 1000:.0f} ms")
        names = [f"Bench {number:03d}" for number in range(wish.size(8, 2))]
        async with running(services=names) as bot:
            taken, fresh = await _one_at_a_time(bot, latency, names)
        alone[latency] = statistics.median(taken)
        yield _figure("one at a time, median", alone[latency], latency, ALONE)
        if latency == 0.12:
            yield Figure(f"new connections to Slack for {len(names)} incidents", fresh, most=0)
        wish.say(f"at once, Slack taking {latency * 1000:.0f} ms")
        yield await _at_once(latency, [f"Burst {number:03d}" for number in range(wish.size(20, 5))])
    slope = (alone[max(alone)] - alone[0.0]) / max(alone) / 1000
    yield Figure("one at a time: round trips, by what more latency adds", slope, most=2.1)


def _figure(what: str, taken: float, latency: float, goal: float) -> Figure:
    """In milliseconds without latency, in times two calls with it."""
    if not latency:
        return Figure(f"{what}, 0 ms", taken, "ms")
    ms = latency * 1000
    most = goal if latency == 0.12 else None
    return Figure(f"{what}, {ms:.0f} ms", taken / (2 * ms), "x two calls", most=most, note=f"{taken:.0f} ms")


async def _one_at_a_time(bot: Running, latency: float, names: Sequence[str]) -> tuple[list[float], int]:
    """Milliseconds of each, and how many connections to Slack were opened for all of them."""
    await bot.hands.set_latency("slack", latency)
    since = await bot.hands.last_call()
    known = {call["connection"] for call in await bot.hands.calls("slack")}
    taken = []
    for name in names:
        taken += await usable_after(bot.hands, [name])
        await asyncio.sleep(REST)
    fresh = {call["connection"] for call in await bot.hands.calls("slack", since=since)} - known
    return taken, len(fresh)


async def _at_once(latency: float, names: Sequence[str]) -> Figure:
    """All in one moment, within what Slack's tier for new channels allows in a minute."""
    async with running(services=names) as bot:
        await bot.hands.set_latency("slack", latency)
        await asyncio.sleep(REFILL)
        taken = quantile(await usable_after(bot.hands, names), 0.95)
    return _figure(f"{len(names)} at once, 95 %", taken, latency, TOGETHER)
