"""How long a start takes, until `/readyz` is green, and how much memory the bot holds then."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator

import aiohttp

from bot.sandbox.client import SandboxClient
from tests.bench.bot import sandbox, settings
from tests.bench.databases import sqlite_database
from tests.bench.figures import Figure, Wish
from tests.bench.processes import Program, free_port, program


async def start(wish: Wish) -> AsyncIterator[Figure]:
    """From the command to a green `/readyz`; the memory held then."""
    async with sandbox() as hands:
        with sqlite_database() as url:
            wish.say("the first start")
            first, _, _ = await started(hands, url)
            yield Figure("first start (the database is made): until ready", first, "s")
            again = []
            for number in range(wish.size(5, 2)):
                wish.say(f"start {number + 2}")
                again.append(await started(hands, url))
    seconds, cpu, memory = (statistics.median(column) for column in zip(*again, strict=True))
    yield Figure("further starts: until ready, median", seconds, "s", most=2, note=f"{cpu:.2f} s of processor time")
    yield Figure("memory once ready", memory, "MB", most=130)


async def started(hands: SandboxClient, url: str) -> tuple[float, float, float]:
    """Starts a bot, waits until it is ready, stops it: seconds, seconds of processor time, megabytes."""
    port = free_port()
    begun = time.monotonic()
    async with program(port, "bot", "serve", env=settings(hands.url, port, url)) as bot:
        await ready(port, bot)
        return time.monotonic() - begun, bot.cpu, bot.resident


async def ready(port: int, bot: Program, seconds: float = 300) -> None:
    """Returns once `/readyz` answers 200."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(seconds):
        while bot.process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.02)
