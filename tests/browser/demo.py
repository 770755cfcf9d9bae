"""`muster demo` as somebody who tries it starts it: a child process that says where its pages are."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass

LAST_WORDS = "Ctrl-C stops it."
PATIENCE = 90.0
"""Seconds that it may take until its pages are there."""


@dataclass(frozen=True)
class Demo:
    """Where its pages are, and the database of the bot in it."""

    url: str
    database_url: str


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Demo]:
    """It stands, on a port that was free, and is told to stop at the end of the block."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    command = (sys.executable, "-u", "-m", "bot", "demo", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT, env=kept)
    try:
        async with asyncio.timeout(PATIENCE):
            said = await _until_it_stands(process)
        yield Demo(_found(r"Open (\S+)", said), f"sqlite:///{_found(r'its log: (.+)/muster.log', said)}/muster.db")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.communicate()


async def _until_it_stands(process: Process) -> str:
    assert process.stdout is not None
    said = ""
    while LAST_WORDS not in said:
        line = await process.stdout.readline()
        assert line, f"The demo ended:\n{said}"
        said += line.decode()
    return said


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    assert found, said
    return found[1]
