"""Bad weather over an SQLite file: locked, full, read-only, failing, moved away, slow."""

import asyncio
import os
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Engine, event

from bot.engine.schema import sqlite_path
from bot.engine.seams import hooked
from bot.engine.sqlite import SqliteWriter
from tests.campaign.faults_world import Brisk

IOERR = 10
SLOW = 0.5
"""Seconds that a slow disk takes for a commit."""


def file_of(world: Brisk) -> Path:
    return sqlite_path(world.settings.database_url)


@asynccontextmanager
async def locked(world: Brisk) -> AsyncIterator[None]:
    """Another program writes, and takes its time."""
    foreign = sqlite3.connect(file_of(world), isolation_level=None, timeout=10, check_same_thread=False)
    await asyncio.to_thread(foreign.execute, "BEGIN IMMEDIATE")
    try:
        yield
    finally:
        foreign.execute("ROLLBACK")
        foreign.close()


@asynccontextmanager
async def full(world: Brisk) -> AsyncIterator[None]:
    """Something else has taken the last byte of the disk, and what the log had in hand is used up."""
    hog = file_of(world).with_name("hog")
    with hog.open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(b"x" * 65536)
        except OSError:
            pass
    await _use_up(world)
    try:
        yield
    finally:
        hog.unlink()


async def _use_up(world: Brisk) -> None:
    """The log's file may still have room of its own: it is filled with what is taken back at once."""
    for n in range(200):
        try:
            await world.app.engine.hear("weather", f"filler {n}", "", b"x" * 16_000)
        except Exception:
            return


@asynccontextmanager
async def read_only(world: Brisk) -> AsyncIterator[None]:
    """Nothing may be written, as on a file system that was remounted after an error."""
    writer = world.app.engine.database._writer
    assert isinstance(writer, SqliteWriter)
    await asyncio.to_thread(writer._raw.execute, "PRAGMA query_only = ON")
    try:
        yield
    finally:
        await asyncio.to_thread(writer._raw.execute, "PRAGMA query_only = OFF")


@asynccontextmanager
async def moved(world: Brisk, ending: str = "") -> AsyncIterator[None]:
    """Somebody has moved a file of the database away."""
    there = Path(f"{file_of(world)}{ending}")
    aside = there.with_name("aside")
    os.rename(there, aside)
    try:
        yield
    finally:
        os.rename(aside, there)


@asynccontextmanager
async def without_log(world: Brisk) -> AsyncIterator[None]:
    async with moved(world, "-wal"):
        yield


@asynccontextmanager
async def without_lock(world: Brisk) -> AsyncIterator[None]:
    """Somebody tidied the lock file away; it is not put back."""
    os.unlink(f"{file_of(world)}.lock")
    yield


@asynccontextmanager
async def slow(world: Brisk) -> AsyncIterator[None]:
    """Each commit takes half a second."""

    def drag(name: str) -> None:
        if name == "before-commit":
            sleep(SLOW)

    with hooked(drag):
        yield


class Failing(sqlite3.Connection):
    """A connection on which, while it hails, operations fail with an I/O error."""

    hail = 0.0
    rng = random.Random(0)

    def cursor(self, *_: Any) -> Any:
        return super().cursor(_Cursor)

    def commit(self) -> None:
        self.strike()
        super().commit()

    def strike(self) -> None:
        if self.rng.random() < self.hail:
            if self.rng.random() < 0.5:
                super().rollback()  # as SQLite does by itself after some I/O errors
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = IOERR
            raise error


class _Cursor(sqlite3.Cursor):
    def execute(self, statement: str, *values: Any) -> "_Cursor":
        if isinstance(self.connection, Failing):
            self.connection.strike()
        return super().execute(statement, *values)


@contextmanager
def failing_disks(rng: random.Random) -> Iterator[None]:
    """Connections that are made from now on can fail."""
    Failing.rng = rng
    event.listen(Engine, "do_connect", _failing)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", _failing)
        Failing.hail = 0.0


def _failing(dialect: Any, _record: object, _arguments: object, how: dict[str, Any]) -> None:
    if dialect.name == "sqlite":
        how["factory"] = Failing


@asynccontextmanager
async def hail(world: Brisk) -> AsyncIterator[None]:
    """Every third operation fails with an I/O error."""
    Failing.hail = 0.3
    try:
        yield
    finally:
        Failing.hail = 0.0


@asynccontextmanager
async def dead_disk(world: Brisk) -> AsyncIterator[None]:
    """Every operation fails with an I/O error."""
    Failing.hail = 1.0
    try:
        yield
    finally:
        Failing.hail = 0.0
