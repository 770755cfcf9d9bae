"""The database of this process: writes go through the writer, reads through connections of their own."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.engine import postgres, schema, sqlite
from bot.engine.columns import clean
from bot.engine.file_lock import AlreadyRunning, FileLock
from bot.engine.line import Job, Unavailable, Urgency
from bot.engine.reach import reaching
from bot.engine.weather import Outage, passes
from bot.engine.witness import Witness

__all__ = ["AlreadyRunning", "Database", "Unavailable"]

T = TypeVar("T")

READERS = 4
HANGS = 10.0
"""Seconds; a storm of webhooks lets our own work wait for some of them."""
HANGING = "The database has not answered for {:.0f} s."
UNREADABLE = "The database cannot be read just now."


class Database:
    """Opened once per process. `url`: `sqlite:///path` or `postgresql://…` (spoken to with psycopg)."""

    def __init__(
        self,
        readers: Engine,
        writers: Engine | None,
        writer: sqlite.SqliteWriter | postgres.PostgresWriter | None,
        lock: FileLock | None = None,
    ) -> None:
        self._read_engine = readers
        self._write_engine = writers
        self._writer = writer
        self._lock = lock
        self._outage = Outage()
        self._waiting: dict[asyncio.Future[Any], float] = {}
        """Since when each write waits, the first in front."""
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="muster-reader")
        self._ear: postgres.Ear | None = None

    @staticmethod
    def open(url: str, *, read_only: bool = False) -> "Database":
        """Raises AlreadyRunning (SQLite, another process writes), Outdated (`muster migrate` mends it), Unusable."""
        address = make_url(url)
        with reaching(url):
            if address.get_backend_name() == "sqlite":
                return _open_sqlite(schema.sqlite_path(url), read_only)
            return _open_postgres(schema.driver_url(url), read_only)

    @property
    def shared(self) -> bool:
        """Whether other processes may work on it too (PostgreSQL)."""
        return self._read_engine.dialect.name == "postgresql"

    async def write(self, work: Callable[[Connection], T], urgency: Urgency = Urgency.PERSON) -> T:
        """The result of the work, once it is committed. Raises Unavailable, or what the work raised."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open_writer.line.put(Job(work, urgency, future))
        return await self._written(future)

    async def insert_heard(self, source: str, key: str, group: str, body: bytes, at: datetime) -> None:
        """One inbox row, durable when this returns; one that is there already is left as it is."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        moment = at if self.shared else at.replace(tzinfo=None).isoformat(" ", "microseconds")
        self._open_writer.line.put_row((source, clean(key), clean(group), body, moment), future)
        await self._written(future)

    async def _written(self, future: "asyncio.Future[T]") -> T:
        self._waiting[future] = time.monotonic()
        try:
            result = await future
        except Unavailable as error:
            self._outage.begins(str(error))
            raise
        finally:
            del self._waiting[future]
        self._outage.ends()
        return result

    @property
    def trouble(self) -> str:
        """Why nothing can be kept just now: the last write was not, or one hangs; empty when all is well.

        The ticker writes every second, so that this is never much older.
        """
        first = next(iter(self._waiting.values()), None)
        waits = time.monotonic() - first if first is not None else 0.0
        return HANGING.format(waits) if waits > HANGS else self._outage.reason

    async def read(self, query: Callable[[Connection], T]) -> T:
        """The query's result, from one moment of the database, in a thread of its own. Raises Unavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, query)

    def read_now(self, query: Callable[[Connection], T]) -> T:
        """The same, for callers without an event loop (the command line)."""
        try:
            return self._asked(query)
        except SQLAlchemyError as error:
            if not passes(error):
                raise
            raise Unavailable(UNREADABLE) from error

    def _asked(self, query: Callable[[Connection], T]) -> T:
        """Asks once more where the connection was lost under the question: that harms nobody."""
        try:
            with self._read_engine.connect() as connection:
                return query(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self._read_engine.connect() as connection:
            return query(connection)

    async def scrub(self) -> None:
        """What was overwritten leaves the files: the write-ahead log is emptied (SQLite zeroes the page itself)."""
        await self.write(self._open_writer.want_checkpoint, Urgency.WORK)

    def listen(self, heard: Callable[[str], None]) -> None:
        """Calls `heard` (in another thread) for each call of another process. SQLite has no other process."""
        if self.shared and self._write_engine is not None:
            self._ear = postgres.Ear(self._write_engine, heard)

    def close(self) -> None:
        """Serves who waits, then lets everything go."""
        if self._ear is not None:
            self._ear.close()
        if self._writer is not None:
            self._writer.close()
        self._readers.shutdown()
        for engine in (self._read_engine, self._write_engine):
            if engine is not None:
                engine.dispose()
        if self._lock is not None:
            self._lock.release()

    @property
    def _open_writer(self) -> sqlite.SqliteWriter | postgres.PostgresWriter:
        if self._writer is None:
            raise Unavailable("The database was opened for reading only.")
        return self._writer


def _open_sqlite(path: Path, read_only: bool) -> Database:
    readers = sqlite.read_engine(path)
    if read_only:
        schema.require_current(readers)
        return Database(readers, None, None)
    with ExitStack() as undone:
        lock = FileLock(path)
        undone.callback(lock.release)
        writers = sqlite.write_engine(path)
        schema.require_current(writers)
        undone.pop_all()
    return Database(readers, writers, sqlite.SqliteWriter(writers, Witness(path, lock).trouble), lock)


def _open_postgres(url: str, read_only: bool) -> Database:
    readers = postgres.read_engine(url)
    schema.require_current(readers)
    if read_only:
        return Database(readers, None, None)
    writers = postgres.write_engine(url)
    return Database(readers, writers, postgres.PostgresWriter(writers))
