"""Bad weather over PostgreSQL: restarted, cut off, frozen, full, out of connections, read-only."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bot.engine.schema import driver_url
from tests.campaign.faults_world import Brisk
from tests.engine.conftest import Cluster


async def says(world: Brisk, statement: str) -> None:
    """Somebody at the server, about the world's database `{name}`."""
    await asyncio.to_thread(_says, world.settings.database_url, statement)


def _says(url: str, statement: str) -> None:
    address = make_url(driver_url(url))
    server = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement.format(name=address.database)))
    server.dispose()


async def cut(world: Brisk) -> None:
    """Every connection to the world's database ends."""
    await says(world, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@asynccontextmanager
async def away(world: Brisk) -> AsyncIterator[None]:
    """Nobody gets in."""
    await says(world, "ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await cut(world)
    try:
        yield
    finally:
        await says(world, "ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@asynccontextmanager
async def cut_again_and_again(world: Brisk) -> AsyncIterator[None]:
    """Each tenth of a second every connection ends."""

    async def cutting() -> None:
        while True:
            await cut(world)
            await asyncio.sleep(0.1)

    task = world.people(cutting())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def standby(world: Brisk) -> AsyncIterator[None]:
    """The server takes no writes, as a standby or after a failed failover."""
    await says(world, "ALTER DATABASE {name} SET default_transaction_read_only = on")
    await cut(world)
    try:
        yield
    finally:
        await says(world, "ALTER DATABASE {name} RESET default_transaction_read_only")
        await cut(world)


@asynccontextmanager
async def impatient(world: Brisk) -> AsyncIterator[None]:
    """Some admin has set a statement_timeout that nothing can keep."""
    await says(world, "ALTER DATABASE {name} SET statement_timeout = 1")
    await cut(world)
    try:
        yield
    finally:
        await says(world, "ALTER DATABASE {name} RESET statement_timeout")
        await cut(world)


@asynccontextmanager
async def blocked(world: Brisk) -> AsyncIterator[None]:
    """A migration or a backup of somebody else's holds the tables."""
    server = create_engine(driver_url(world.settings.database_url))
    with server.connect() as connection:
        for table in ("inbox", "incident", "effect"):
            await asyncio.to_thread(connection.execute, text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        try:
            yield
        finally:
            connection.rollback()
    server.dispose()


class Server:
    """The server itself, by its processes."""

    def __init__(self, cluster: Cluster) -> None:
        self._server = cluster._server

    @asynccontextmanager
    async def down(self, world: Brisk) -> AsyncIterator[None]:
        """It is shut down at once, as when its machine restarts."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        await asyncio.to_thread(_gone, pid)
        try:
            yield
        finally:
            await asyncio.to_thread(self._server.ensure_postgres_running)

    @asynccontextmanager
    async def frozen(self, world: Brisk) -> AsyncIterator[None]:
        """It stands still with everything open: neither answers nor refuses."""
        family = _family(self._server.get_pid())
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in family:
                os.kill(pid, signal.SIGCONT)


def _gone(pid: int) -> None:
    """Returns once the process is gone; it is no child of ours, so that nobody tells us."""
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.02)


def _family(postmaster: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


def on_a_small_disk(cluster: Cluster, disk: Path) -> str:
    """The URL of a fresh database whose tables lie on that disk."""
    url = cluster.fresh()
    owner = Path(cluster._folder / "data").stat()
    os.chown(disk, owner.st_uid, owner.st_gid)
    name = make_url(url).database
    with cluster._admin.connect() as connection:
        connection.execute(text(f"CREATE TABLESPACE {name}_disk LOCATION '{disk}'"))
        connection.execute(text(f"ALTER DATABASE {name} SET TABLESPACE {name}_disk"))
    return url


@asynccontextmanager
async def full(world: Brisk, disk: Path) -> AsyncIterator[None]:
    """The disk of its tables has no byte left, and what its files had in hand is used up."""
    hog = disk / "hog"
    with hog.open("wb", buffering=0) as handle:
        try:
            while shutil.disk_usage(disk).free:
                handle.write(b"x" * 4096)
        except OSError:
            pass
    try:
        yield
    finally:
        hog.unlink()
