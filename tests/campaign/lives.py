"""The lives of a bot: real processes that are born ready, killed, and born again on the same database and port."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.campaign.mortal import COUNT, Birth

PATIENCE = 60.0
"""Seconds that a life may take until it is ready; a campaign leaves the machine little."""
LOOK = 0.02


class Stillborn(Exception):
    """A life that nobody killed ended, or never was ready; its log says why."""


class Cradle:
    """Gives birth to processes: see `mortal`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._one_by_one = asyncio.Lock()

    async def birth(self, wish: Birth) -> "Life":
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None
        assert heard is not None
        async with self._one_by_one:
            told.write(f"{wish.line()}\n".encode())
            await told.drain()
            return Life(int(await heard.readline()))


@asynccontextmanager
async def cradle() -> AsyncIterator[Cradle]:
    """One for a campaign; all its lives end with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.campaign.mortal"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if await process.stdout.readline() != b"ready\n":
            raise Stillborn("the cradle itself did not come up")
        yield Cradle(process)
    finally:
        process.stdin.close()
        await process.wait()


class Life:
    """One process, by a handle that can mean no other."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended = asyncio.Event()
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:  # it died that early
            self.ended.set()
            return
        asyncio.get_running_loop().add_reader(self._handle, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        self.ended.set()

    def send(self, number: signal.Signals) -> None:
        if not self.ended.is_set():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    async def kill(self) -> None:
        """SIGKILL, and gone when this returns."""
        self.send(signal.SIGKILL)
        await self.ended.wait()


@dataclass
class Replica:
    """A bot through all its lives."""

    cradle: Cradle
    folder: Path
    name: str
    port: int
    environment: dict[str, str]
    hurried: bool = False
    life: Life | None = None
    deaths: list[str] = field(default_factory=list)
    """Seams at which it died."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def _place(self) -> Path:
        return self.folder / f"{self.name}.seams"

    async def begin(
        self, seam: int = 0, *, counts: bool = False, known: Collection[str] = (), walks: bool = False
    ) -> None:
        """A new life; when it dies by itself (or walks), see `Birth`."""
        folder, log, place = str(self.folder), str(self.log), str(self._place)
        wish = Birth(self.environment, folder, log, seam, counts, [*known], walks, place, self.hurried)
        birth = asyncio.ensure_future(self.cradle.birth(wish))
        try:
            await asyncio.shield(birth)
        finally:
            self.life = await birth  # born is born: who is cancelled meanwhile still knows whom to end

    async def ready(self) -> bool:
        """Whether `/readyz` turned green before the life ended. Raises Stillborn when neither comes."""
        assert self.life is not None
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            for _ in range(int(PATIENCE / LOOK)):
                if self.life.ended.is_set():
                    return False
                with suppress(OSError, aiohttp.ClientError, TimeoutError):
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(LOOK)
        raise Stillborn(f"{self.name} was not ready within {PATIENCE:g} s")

    async def stand(self, *, walks: bool = False) -> None:
        """A life that nobody is to kill yet. Raises Stillborn."""
        await self.begin(walks=walks)
        if not await self.ready():
            raise Stillborn(f"{self.name} ended at once")

    def count(self) -> None:
        """From here on its seams count."""
        assert self.life is not None
        self.life.send(COUNT)

    def places(self) -> list[str]:
        """The kinds of seams that its lives left: where they died, or what they walked through."""
        return self._place.read_text().splitlines() if self._place.exists() else []

    def died_at(self) -> str:
        """The seam at which the latest death of its own came. Raises Stillborn where it was no seam."""
        found = self.places()
        if len(found) == len(self.deaths):
            raise Stillborn(f"{self.name} ended by itself")
        self.deaths.append(found[-1])
        return found[-1]
