"""A bot that is gone can tell nobody: that its signs of life stop is what calls its owner."""

import asyncio
from pathlib import Path

from bot.sandbox import SandboxClient, running
from bot.terminal import stage

EVERY = 0.2
"""Seconds between two signs of life; the watchman looks around once a second."""


async def test_the_signs_of_life_of_a_killed_process_stop(tmp_path: Path) -> None:
    with running() as sandbox:
        async with SandboxClient(sandbox.url) as hands:
            bot = stage._bot(sandbox, tmp_path)
            bot.environment["MUSTER_WATCH__HEARTBEAT_URL"] = f"{sandbox.url}/heartbeats/muster"
            bot.environment["MUSTER_WATCH__HEARTBEAT_SECONDS"] = str(EVERY)
            await bot.start()
            try:
                await beats(hands, 2)
            finally:
                await bot.kill()
            last = len(await hands.heartbeats("muster"))
            await asyncio.sleep(2.5)

            assert len(await hands.heartbeats("muster")) == last


async def beats(hands: SandboxClient, count: int) -> None:
    async with asyncio.timeout(20):
        while len(await hands.heartbeats("muster")) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
