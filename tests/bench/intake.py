"""How fast webhooks are taken durably, against a handler on the same server that only verifies and parses.

In turn, several rounds: the yardstick, then the bot, each with the same number of senders. The ratio of the rates is
what is asked for; the processor time a request costs is the number to trust on a machine that others use too.
"""

import statistics
from collections.abc import AsyncIterator

from tests.bench import requests
from tests.bench.bot import Running, running
from tests.bench.databases import database
from tests.bench.figures import Figure, Wish
from tests.bench.processes import Program, free_port, program
from tests.bench.senders import Load, send_all

SENDERS = (1, 16, 64, 128)
GOALS = {64: 0.6, 128: 0.6}
"""By senders, on SQLite."""


async def intake(wish: Wish) -> AsyncIterator[Figure]:
    """Webhooks a second with a durable commit before each answer, on both databases."""
    port = free_port()
    async with program(port, "tests.bench.verify_only", str(port)) as bare:
        for kind in ("sqlite", "postgresql"):
            with database(kind) as url:
                async with running(slack_mode="http", database=url) as bot:
                    for senders in SENDERS:
                        wish.say(f"{senders} senders on {kind}")
                        async for figure in _compared(wish, kind, senders, bare, port, bot):
                            yield figure
                    wish.say(f"handling the rest on {kind}")
                    yield Figure(f"{kind}: memory at its worst", bot.program.most_resident, "MB", most=130)


async def _compared(
    wish: Wish, kind: str, senders: int, bare: Program, port: int, bot: Running
) -> AsyncIterator[Figure]:
    """The two in turn, so that whatever else goes on meets both."""
    rounds, each = wish.size(5, 2), wish.size(3000, 400) if senders > 1 else wish.size(1000, 200)
    there = bot.heard()
    yardstick, ours = [], []
    for number in range(rounds):
        run = f"{kind}{senders}x{number}"
        yardstick.append(await _timed(bare, port, run, each, senders))
        ours.append(await _timed(bot.program, bot.port, run, each, senders))
    rate, base = (statistics.median(load.rate for load, _ in side) for side in (ours, yardstick))
    cost, least = (statistics.median(cpu for _, cpu in side) for side in (ours, yardstick))
    goal = GOALS.get(senders) if kind == "sqlite" else None
    note = f"{rate:.0f}/s to {base:.0f}/s; {cost:.0f} µs to {least:.0f} µs of processor each"
    yield Figure(f"{kind}, {senders} senders: part of the bare rate", rate / base, least=goal, note=note)
    answered = sum(load.accepted for load, _ in ours)
    lost = answered - (bot.heard() - there)
    if lost or any(load.refused for load, _ in ours):
        refused = sum(load.refused for load, _ in ours)
        yield Figure(f"{kind}, {senders} senders: lost or refused", lost + refused, most=0)


async def _timed(server: Program, port: int, run: str, each: int, senders: int) -> tuple[Load, float]:
    """The load, and the microseconds of processor time that the server spent on each request."""
    made = [requests.webhook(port, run) for _ in range(each)]
    before = server.cpu
    load = await send_all(port, made, senders)
    return load, (server.cpu - before) * 1e6 / each
