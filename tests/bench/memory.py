"""How much memory the bot holds: on 10,000 incidents, through 10,000 alerts that each are new, and at its worst."""

from collections.abc import AsyncIterator

from tests.bench import requests
from tests.bench.bot import bot, sandbox
from tests.bench.databases import sqlite_database
from tests.bench.figures import Figure, Wish
from tests.bench.filling import fill, kept
from tests.bench.senders import send_all
from tests.bench.start import ready


async def memory(wish: Wish) -> AsyncIterator[Figure]:
    """Resident memory throughout, with 10,000 incidents in the database and 10,000 more alerts coming in."""
    many = wish.size(10_000, 500)
    with sqlite_database() as url:
        wish.say(f"filling: {many:,} incidents")
        await fill(url, many)
        async with sandbox() as hands, bot(hands, url, slack_mode="http") as it:
            await ready(it.port, it.program)
            yield Figure(f"ready, on {many:,} incidents", it.program.resident, "MB", most=130)
            half = it.program.resident
            for part in (1, 2):
                wish.say(f"alerts, part {part} of 2")
                made = [requests.webhook(it.port, f"m{part}", incidents=1_000_000) for _ in range(many // 2)]
                await send_all(it.port, made, senders=16)
                await kept(url)
                before, half = half, it.program.resident
                yield Figure(
                    f"after {part * many // 2:,} new alerts", half, "MB", most=130, note=f"{half - before:+.1f} MB"
                )
            yield Figure("at its worst", it.program.most_resident, "MB", most=130)
