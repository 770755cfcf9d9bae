"""Programs under measurement: each its own process on a free port, waited for until it answers, always stopped."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOG_ENDS = 2000
"""Bytes of its log that are shown when a program dies."""


@dataclass(frozen=True)
class Program:
    """A running process and what the system says of it (Linux: /proc)."""

    process: asyncio.subprocess.Process

    @property
    def cpu(self) -> float:
        """Seconds of processor time that its threads have used so far, user and system together."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    @property
    def resident(self) -> float:
        """Megabytes (10⁶ bytes) of memory that it holds now."""
        return self._memory("VmRSS:")

    @property
    def most_resident(self) -> float:
        """Megabytes that it held at its worst."""
        return self._memory("VmHWM:")

    def _memory(self, name: str) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024 / 1e6


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextlib.asynccontextmanager
async def program(port: int, *words: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Program]:
    """`python -m words…` with these extra environment variables, listening on the port while the block runs."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *words,
            env={**os.environ, **(env or {})},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
        )
        try:
            await _listening(port, process, log)
            yield Program(process)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process, log: IO[bytes], seconds: float = 60) -> None:
    """Returns when the port accepts; raises when the process ends first or takes longer."""
    async with asyncio.timeout(seconds):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the program ended with {process.returncode}: {_end_of(log)}")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)


def _end_of(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_ENDS))
    return log.read().decode(errors="replace")
