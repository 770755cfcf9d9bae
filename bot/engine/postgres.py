"""Writers on PostgreSQL: several threads, one job per transaction, run again whole where the database asks for it."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from bot.engine.dialects import CHANNEL, notify
from bot.engine.line import Job, Line, Rows, Unavailable, Urgency, settle
from bot.engine.seams import point
from bot.engine.wakes import INBOX
from bot.engine.weather import passes

log = structlog.get_logger()

THREADS = 4
TRIES = 6
POLL = 1.0
"""Seconds after which the ear looks around although nobody called."""

AGAIN = ("40001", "40P01", "25P03", "57P01", "57P02", "57P03", "08000", "08003", "08006")
"""SQLSTATEs after which a transaction may simply be run again: serialisation failure, deadlock, held up in the middle,
shutdown, connection loss (postgresql.org/docs/current/errcodes-appendix.html)."""

INSERT_HEARD = (
    "INSERT INTO inbox (source, key, grp, body, heard_at) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (source, key) DO NOTHING"
)

HELD_UP = "5s"
"""How long a process that stands still in the middle of a transaction may hold its locks; then the server ends it, so
that one stopped process never stops the others (postgresql.org/docs/current/runtime-config-client.html)."""
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
"""Where an admin has switched it off, a server that crashes forgets what it said was committed: webhooks that we
acknowledged, and that a message was posted, so that it would be posted again."""
REACHED = {
    "connect_timeout": 5,
    "tcp_user_timeout": 8_000,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""So that a server that is gone without a word is noticed within seconds, not after TCP's quarter of an hour. Seconds;
`tcp_user_timeout` in milliseconds (postgresql.org/docs/current/libpq-connect.html)."""

UNREACHABLE = "The database cannot be reached just now."


def write_engine(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=THREADS, max_overflow=2, pool_pre_ping=True, connect_args=REACHED
    )
    event.listen(engine, "connect", _prepare_writer)
    return engine


def _prepare_writer(driver: Any, _record: object) -> None:
    with driver.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{HELD_UP}'")
        cursor.execute(DURABLE)
    driver.commit()


def read_engine(url: str) -> Engine:
    """Connections that see one moment throughout and cannot write."""
    return create_engine(
        url,
        pool_size=THREADS,
        pool_pre_ping=True,
        connect_args=REACHED,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )


class PostgresWriter:
    """Several threads at one line; the first takes no background work, so that people never wait behind it."""

    def __init__(self, engine: Engine) -> None:
        self.line = Line()
        self._engine = engine
        self._threads = [
            threading.Thread(target=self._run, args=(number > 0,), name=f"muster-writer-{number}", daemon=True)
            for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Serves who waits, then stops."""
        self.line.close()
        for thread in self._threads:
            thread.join()

    def want_checkpoint(self, connection: Connection) -> None:
        """A job that does nothing: PostgreSQL's vacuum clears what was overwritten."""

    def _run(self, work: bool) -> None:
        while (item := self.line.take(wait=True, work=work)) is not None:
            began = time.monotonic()
            self._serve(item)
            if isinstance(item, Job) and item.urgency is Urgency.WORK:
                self.line.worked(time.monotonic() - began)
            settle([item])

    def _serve(self, item: Job | Rows) -> None:
        try:
            result = self._transaction(_insert(item) if isinstance(item, Rows) else item.work)
        except Exception as error:  # the writer's edge: the failure belongs to who waits
            _fail(item, _plain(error))
            return
        if isinstance(item, Job):
            item.result = result

    def _transaction(self, work: Callable[[Connection], Any]) -> Any:
        """The job's result, once committed. Tried again, whole, while the database says that this may help."""
        for tries in range(1, TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    result = work(connection)
                    point("before-commit")
                point("after-commit")
                return result
            except (DBAPIError, PendingRollbackError) as error:
                if not may_repeat(error) or tries == TRIES:
                    raise
                log.info("transaction_again", error=type(error).__name__, tries=tries)
            time.sleep(random.uniform(0.005, 0.02) * 2**tries)  # nosec B311 # noqa: S311  (a jitter, no secret)
        raise AssertionError("unreachable")


def may_repeat(error: DBAPIError | PendingRollbackError) -> bool:
    """Whether the same transaction may well go through next time; nothing of it was kept."""
    if isinstance(error, PendingRollbackError):
        return True  # the connection was lost before, inside a savepoint
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in AGAIN


def _plain(error: Exception) -> Exception:
    """What the waiting caller sees: a database that is away is Unavailable, everything else is as it was raised."""
    away = passes(error) or getattr(error, "connection_invalidated", False)
    return Unavailable(UNREACHABLE) if away else error


def _fail(item: Job | Rows, error: Exception) -> None:
    if isinstance(item, Job):
        item.error = error
    else:
        item.errors = dict.fromkeys(range(len(item.rows)), error)


def _insert(rows: Rows) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql(INSERT_HEARD, sorted(rows.rows, key=lambda row: row[:2]))  # one order: no deadlock
        notify(connection, INBOX)

    return work


class Ear:
    """Listens for the other processes' calls, on a connection and a thread of its own; comes back by itself."""

    def __init__(self, engine: Engine, heard: Callable[[str], None]) -> None:
        self._engine = engine
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="muster-ear", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        lost = (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error)  # what it waits in is the driver's own
        while not self._stopping.is_set():
            try:
                self._listen()
            except lost as error:
                log.info("ear_lost", error=type(error).__name__)
                self._stopping.wait(POLL)

    def _listen(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            driver: Any = connection.connection.driver_connection
            while not self._stopping.is_set():
                for call in driver.notifies(timeout=POLL / 4, stop_after=1):
                    self._heard(call.payload)
