"""The one writer of an SQLite file: many jobs share a transaction, and nobody is answered before it is on the disk."""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, cast

import structlog
from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError

from bot.engine.line import SLOT, Job, Line, Row, Rows, Unavailable, Urgency, settle
from bot.engine.seams import point
from bot.engine.weather import DAMAGED, LOCKED, code_of, passes

log = structlog.get_logger()

PATIENCE = 2.0
"""Seconds the writer waits for a lock that some other program holds; PagerDuty wants its answer within five."""
PAGES_BEFORE_CHECKPOINT = 4000
READER_CACHE = 256
"""KiB; SQLite's own choice, 2,000 for each connection, comes to a tenth of the bot's memory."""

BREATH = 0.001
"""Seconds between two commits in a flood: more of it shares the next one, and meanwhile the event loop has the
interpreter for itself. It is worth an eighth of the processor time of each delivery."""

LARGEST_PART = 64
"""Rows that go in as one statement."""

SWITCH = 0.0005
"""Seconds after which a busy thread hands over the interpreter. Each statement lets go of it and must get it back: with
Python's 5 ms a transaction of ten statements could wait 50 ms beside a busy event loop."""

UNWRITABLE = "The database cannot be written to just now."
BROKEN = "The database file is damaged. Muster stops writing to it; restore a backup."


def write_engine(path: Path) -> Engine:
    """Connections that begin IMMEDIATE, wait for a foreign lock, sync every commit and overwrite deleted words."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        connect_args={"timeout": PATIENCE, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_writer)
    _begin_with(engine, "BEGIN IMMEDIATE")
    return engine


def read_engine(path: Path) -> Engine:
    """Connections that cannot write, so that only the writer ever moves the log into the file."""
    engine = create_engine(
        f"sqlite:///file:{path}?mode=ro&uri=true",
        poolclass=QueuePool,
        connect_args={"timeout": PATIENCE, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_reader)
    _begin_with(engine, "BEGIN")
    return engine


def _begin_with(engine: Engine, words: str) -> None:
    """How its transactions begin. Not by a listener: with a single one, SQLAlchemy asks for more of them thirty times
    at each statement (`Connection._has_events`)."""

    def begin(dbapi_connection: Any) -> None:
        dbapi_connection.cursor().execute(words)

    engine.dialect.do_begin = begin  # type: ignore[method-assign]


def _prepare_reader(connection: Any, _record: object) -> None:
    """A small cache for each: the system keeps the file's pages in memory, once for all of them."""
    connection.execute(f"PRAGMA cache_size=-{READER_CACHE}")


def _prepare_writer(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "foreign_keys=ON",
        f"wal_autocheckpoint={PAGES_BEFORE_CHECKPOINT}",
    ):
        connection.execute(f"PRAGMA {pragma}")


@cache
def _insert_heard(rows: int) -> str:
    """One statement for all the rows, so that the interpreter is let go of once and not once a row."""
    places = ", ".join(["(?, ?, ?, ?, ?)"] * rows)
    return (
        f"INSERT INTO inbox (source, key, grp, body, heard_at) VALUES {places} "  # nosec B608 # noqa: S608  (only places for values)
        "ON CONFLICT (source, key) DO NOTHING"
    )


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in parts whose sizes are powers of two: each size is a statement that SQLite keeps ready, and a hundred
    of them, one for each number of rows, would be megabytes."""
    done = 0
    while done < len(rows):
        size = min(LARGEST_PART, 1 << (len(rows) - done).bit_length() - 1)
        yield rows[done : done + size]
        done += size


class _Lost(Exception):
    """SQLite rolled the whole transaction back, not only the statement."""


class _Gone(Exception):
    """The files are not where they belong; the sentence."""


class SqliteWriter:
    """One thread. Each transaction takes whoever waits, for at most 10 ms, each in a savepoint, and commits once.

    `trouble`: asked before each commit whether the files are where they belong; a sentence when they are not.
    """

    def __init__(self, engine: Engine, trouble: Callable[[], str] = str) -> None:
        self.line = Line()
        self._connection = engine.connect()
        self._trouble = trouble
        self._broken = False
        self._noted = "", 0
        self._checkpoint_wanted = False
        sys.setswitchinterval(min(SWITCH, sys.getswitchinterval()))
        self._thread = threading.Thread(target=self._run, name="muster-writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serves who waits, then stops."""
        self.line.close()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (first := self.line.take(wait=True)) is not None:
            self._transaction(first)
            if self.line.flooded:
                time.sleep(BREATH)

    def _transaction(self, first: Job | Rows) -> None:
        batch = [first]
        if self._broken:
            _fail(batch, BROKEN)
            settle(batch)
            return
        try:
            with self._connection.begin():
                self._fill(batch)
                self._refuse_if_gone()
                point("before-commit")
            point("after-commit")
            self._noted = "", 0
        except Exception as error:  # the writer's edge: whatever it was, the writer goes on
            self._rescue(batch, error)
        if self._checkpoint_wanted:
            self._checkpoint()
        settle(batch)

    def _fill(self, batch: list[Job | Rows]) -> None:
        """Runs the first and, while the slot lasts, all who came meanwhile; `batch` lists them even when it is lost."""
        until = time.monotonic() + SLOT
        current: Job | Rows | None = batch[0]
        while current is not None:
            self._serve(current)
            current = self.line.take(wait=False) if time.monotonic() < until else None
            if current is not None:
                batch.append(current)

    def _serve(self, item: Job | Rows) -> None:
        if isinstance(item, Rows):
            self._insert(item)
            return
        began = time.monotonic()
        self._attempt(item)
        if item.urgency is Urgency.WORK:
            self.line.worked(time.monotonic() - began)

    def _attempt(self, job: Job) -> None:
        job.error = None
        self._say("SAVEPOINT job")
        try:
            job.result = job.work(self._connection)
        except Exception as error:  # the writer's edge: the job's own failure is its own
            self._undo(error)
            job.error = _plain(error)
        self._say("RELEASE job")

    def _undo(self, error: Exception) -> None:
        if not self._raw.in_transaction or code_of(error) in DAMAGED:
            raise _Lost from error
        self._say("ROLLBACK TO job")

    def _say(self, words: str) -> None:
        """To the driver as it stands: SQLAlchemy would make forty calls of each. Raises sqlite3.Error."""
        self._raw.cursor().execute(words)

    @property
    def _raw(self) -> sqlite3.Connection:
        return cast(sqlite3.Connection, self._connection.connection.dbapi_connection)

    def _insert(self, rows: Rows) -> None:
        """In few statements; row by row only when one fails, so that one bad row harms itself alone."""
        rows.errors.clear()
        try:
            for part in _parts(rows.rows):
                self._connection.exec_driver_sql(_insert_heard(len(part)), tuple(chain.from_iterable(part)))
        except DBAPIError as error:  # the statement has undone itself
            if not self._raw.in_transaction:
                raise _Lost from error
            self._insert_singly(rows)

    def _insert_singly(self, rows: Rows) -> None:
        for place, row in enumerate(rows.rows):
            try:
                self._connection.exec_driver_sql(_insert_heard(1), row)
            except DBAPIError as error:
                if not self._raw.in_transaction:
                    raise _Lost from error
                rows.errors[place] = _plain(error)

    def _rescue(self, batch: list[Job | Rows], error: Exception) -> None:
        """The shared transaction is gone. Each gets one of its own, so that only those that cannot be saved fail."""
        self._note(error)
        if sentence := self._hopeless(error):
            batch.extend(self.line.drain())
            _fail(batch, sentence)
            return
        for item in batch:
            self._alone(item)

    def _hopeless(self, error: Exception) -> str:
        """Why nobody can be served now; empty where each may try alone."""
        if self._broken:
            return BROKEN
        if isinstance(error, _Gone):
            return str(error)
        return UNWRITABLE if code_of(error) in LOCKED else ""

    def _alone(self, item: Job | Rows) -> None:
        try:
            with self._connection.begin():
                self._serve(item)
                self._refuse_if_gone()
        except Exception as error:  # the writer's edge: even alone it cannot be saved
            self._note(error)
            _fail([item], UNWRITABLE)

    def _refuse_if_gone(self) -> None:
        """Before the commit, while nothing is kept: whoever is told so can rely on it."""
        if gone := self._trouble():
            raise _Gone(gone)

    def _note(self, error: Exception) -> None:
        """Says it once, however many transactions meet the same."""
        name, code = type(error).__name__, code_of(error)
        self._broken = self._broken or code in DAMAGED
        if (name, code) != self._noted:
            log.warning("write_failed", error=name, code=code, damaged=self._broken)
        self._noted = name, code

    def want_checkpoint(self, _connection: Connection) -> None:
        """A job: once its transaction is committed, the log is moved into the file and emptied."""
        self._checkpoint_wanted = True

    def _checkpoint(self) -> None:
        """Tried after each transaction until no reader stands in the way."""
        self._raw.execute("PRAGMA busy_timeout=0")
        try:
            self._checkpoint_wanted = bool(self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.Error as error:  # what was committed is safe in the log
            self._note(error)
        self._raw.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")


def _plain(error: Exception) -> Exception:
    """What the waiting caller sees: a full disk or a lock is Unavailable, everything else is as it was raised."""
    return Unavailable(UNWRITABLE) if passes(error) else error


def _fail(items: Iterable[Job | Rows], sentence: str) -> None:
    for item in items:
        if isinstance(item, Job):
            item.error = Unavailable(sentence)
        else:
            item.errors = {place: Unavailable(sentence) for place in range(len(item.rows))}
