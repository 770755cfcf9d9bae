"""What a webhook costs, handling included, on an empty database and on one with 100,000 incidents in it.

Two bots, each with its own sandbox, take the same load in turn, so that whatever else goes on meets both.
"""

import statistics
from collections.abc import AsyncIterator

from tests.bench import requests
from tests.bench.bot import Running, bot, sandbox
from tests.bench.databases import database
from tests.bench.figures import Figure, Wish
from tests.bench.filling import fill
from tests.bench.senders import send_all
from tests.bench.start import started


async def growth(wish: Wish) -> AsyncIterator[Figure]:
    """Processor time per webhook, from its arrival to its being handled, as the database grows."""
    many = wish.size(100_000, 2_000)
    for kind in ("sqlite", "postgresql"):
        with database(kind) as empty, database(kind) as full:
            wish.say(f"filling: {many:,} incidents on {kind}")
            await fill(empty, 1)
            await fill(full, many)
            async with sandbox() as one, sandbox() as other:
                if kind == "sqlite":
                    wish.say(f"starting on {many:,} incidents")
                    seconds, cpu, memory = await started(other, full)
                    note = f"{cpu:.1f} s of processor time, {memory:.0f} MB"
                    yield Figure(f"start on {many:,} incidents: until ready", seconds, "s", most=3, note=note)
                async with bot(one, empty, slack_mode="http") as small, bot(other, full, slack_mode="http") as large:
                    wish.say(f"webhooks on {kind}")
                    for what, figures in (await _compared(wish, small, large)).items():
                        before, after = (statistics.median(side) for side in figures)
                        note = f"{before:.0f} to {after:.0f} µs"
                        yield Figure(f"{kind}: {what}, {many:,} against 1", after / before, "x", most=1.2, note=note)
                    yield Figure(
                        f"{kind}: memory at its worst on {many:,}", large.program.most_resident, "MB", most=130
                    )


async def _compared(wish: Wish, small: Running, large: Running) -> dict[str, tuple[list[float], list[float]]]:
    """Microseconds of the bot's processor time for each webhook and for each note, on both, round by round."""
    found: dict[str, tuple[list[float], list[float]]] = {"a webhook": ([], []), "a note": ([], [])}
    for number in range(wish.size(6, 3)):
        for place, it in enumerate((small, large)):
            each = wish.size(400, 150)
            hooks = [requests.webhook(it.port, f"g{number}", incidents=1_000_000) for _ in range(each)]
            notes = [requests.command(it.port, f"note INC-1 growth {number} {n}") for n in range(wish.size(60, 20))]
            for what, made in (("a webhook", hooks), ("a note", notes)):
                cost = await _cost(it, made)
                if number:  # the first round only warms
                    found[what][place].append(cost)
    return found


async def _cost(it: Running, made: list[bytes]) -> float:
    before = it.program.cpu
    await send_all(it.port, made, senders=4)
    await it.handled()
    return (it.program.cpu - before) * 1e6 / len(made)
