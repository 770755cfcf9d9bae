"""The machine around the process: stopped for half a minute, out of descriptors, or nothing to start on."""

import asyncio
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from bot.engine.schema import sqlite_path
from bot.sandbox import Sandbox, running
from bot.terminal.stage import Stage, environment, set_up
from tests.campaign.weather_ground import Ground
from tests.stories.screen import Json
from tests.stories.world import free_port

STOPPED = 35.0
"""Seconds; more than half of a claim's minute, after which nothing of it may be sent any more."""
LATENCY = 1.0
PATIENCE = 30.0
SPARE = 40
"""Descriptors that the bot has beside those it has at rest; its own work needs some twenty."""


async def stopped_and_continued(ground: Ground) -> None:
    """The process stands still in the middle of opening a room, longer than its claims allow, and goes on."""
    async with set_up(0) as stage:
        stage.sandbox.faults.latency.update(slack=LATENCY, pagerduty=LATENCY)
        await stage.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P1")
        pid = _pid(stage)
        await asyncio.sleep(ground.rng.uniform(0.3, 4.0))
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(STOPPED)
        os.kill(pid, signal.SIGCONT)
        await _ready_within(stage, 5)
        stage.sandbox.faults.latency.update(slack=0.0, pagerduty=0.0)
        room = await _usable(stage)
        marks = Counter(m.get("metadata", {}).get("event_payload", {}).get("key") for m in room["messages"])
        twice = [mark for mark, times in marks.items() if mark and times > 1]
        assert not twice, f"said twice: {twice}"
        pages = Counter((page.user, page.message) for page in stage.sandbox.pagerduty.pages)
        assert not [page for page, times in pages.items() if times > 1], pages


async def out_of_descriptors(ground: Ground) -> None:
    """Others hold all the connections that the process may have; once they let go, it hears again by itself."""
    async with set_up(0) as stage:
        pid = _pid(stage)
        used = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + SPARE, used + SPARE))
        with ExitStack() as held:
            for _ in range(3 * SPARE):
                line = held.enter_context(socket.socket())
                line.setblocking(False)
                line.connect_ex(("127.0.0.1", stage.bot.port))
            await asyncio.sleep(3)
            await stage.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P1")
            await asyncio.sleep(3)
        await _usable(stage)
        await _ready_within(stage, 10)


def _pid(stage: Stage) -> int:
    assert stage.bot.process is not None
    return stage.bot.process.pid


async def _ready_within(stage: Stage, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(_is_ready, stage.bot.port):
        assert time.monotonic() < end, f"/readyz is not green {seconds:g} s later"
        await asyncio.sleep(0.1)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _usable(stage: Stage) -> Json:
    """The one war room, once its card is pinned and the on-call is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        rooms = [c for c in await stage.hands.slack.channels() if c["name"].startswith("inc-")]
        assert len(rooms) < 2, "a second room"
        if rooms:
            room = await stage.hands.slack.channel(rooms[0]["id"])
            if room["pins"] and len(room["members"]) > 1 and room["topic"]["value"]:
                return room
        await asyncio.sleep(0.2)
    raise AssertionError("the room was never usable")


Spoilt = AbstractContextManager[Path]
"""A database file, and what is wrong with it while the block lasts."""


@contextmanager
def locked(ground: Ground) -> Iterator[Path]:
    file = sqlite_path(ground.sqlite())
    foreign = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    foreign.execute("BEGIN IMMEDIATE")
    try:
        yield file
    finally:
        foreign.execute("ROLLBACK")
        foreign.close()


@contextmanager
def damaged(ground: Ground) -> Iterator[Path]:
    file = sqlite_path(ground.sqlite())
    file.write_bytes(os.urandom(200_000))
    yield file


@contextmanager
def newer(ground: Ground) -> Iterator[Path]:
    file = sqlite_path(ground.sqlite())
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    yield file


@contextmanager
def read_only(ground: Ground) -> Iterator[Path]:
    with ground.small_disk() as disk:
        file = sqlite_path(ground.sqlite(disk))
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        yield file


@contextmanager
def full(ground: Ground) -> Iterator[Path]:
    with ground.small_disk() as disk:
        file = sqlite_path(ground.sqlite(disk))
        with suppress(OSError), (disk / "hog").open("wb", buffering=0) as hog:
            while True:
                hog.write(b"x" * 4096)
        yield file


async def says_why_it_cannot_start(ground: Ground, spoil: Callable[[Ground], Spoilt], words: str) -> None:
    """`muster serve` ends by itself, soon, and says in a sentence what is wrong; no traceback."""
    with spoil(ground) as file, running() as sandbox:
        bot = await _serve(sandbox, ground, file)
        try:
            async with asyncio.timeout(PATIENCE):
                said, _ = await bot.communicate()
        except TimeoutError:
            bot.kill()
            raise AssertionError("it neither starts nor ends") from None
    told = said.decode()
    assert bot.returncode, f"it ended as if all were well: {told}"
    assert "Traceback" not in told, told[-600:]
    assert words in told, told[-600:]


async def starts_once_the_lock_is_gone(ground: Ground) -> None:
    """Another program holds the file for a second while the bot starts."""
    with running() as sandbox, ExitStack() as held:
        file = held.enter_context(locked(ground))
        bot = await _serve(sandbox, ground, file)
        assert bot.stdout is not None
        await asyncio.sleep(1.5)
        held.close()
        async with asyncio.timeout(PATIENCE):
            first = (await bot.stdout.readline()).decode()
        bot.terminate()
        rest, _ = await bot.communicate()
    assert "listens on" in first, first + rest.decode()[-600:]


async def _serve(sandbox: Sandbox, ground: Ground, file: Path) -> asyncio.subprocess.Process:
    settings = environment(sandbox, ground.folder, free_port()) | {"MUSTER_DATABASE_URL": f"sqlite:///{file}"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"),
        env={"PATH": os.environ["PATH"], **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
