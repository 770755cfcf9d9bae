"""Moves everything from one database to another, SQLite to PostgreSQL or back, and proves that all of it arrived."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Table, create_engine, func, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.engine import postgres, sqlite
from bot.engine import tables as t
from bot.engine.dialects import is_postgres
from bot.engine.file_lock import FileLock
from bot.engine.reach import reaching
from bot.engine.schema import bring_up, driver_url, refuse_newer, require_current, revision_of, sqlite_path

BATCH = 1000
"""Rows that are in memory at once."""
LEASED: Mapping[str, Mapping[str, Any]] = {
    t.inbox.name: {"owner": "", "lease_until": None},
    t.timer.name: {"lease_until": None},
    t.lease.name: {"owner": "", "until": None},
}
"""What only holds while a process lives. A claimed promise stays claimed, its lease over: whoever takes it up is in
doubt about it, and looks first."""
OVER = datetime(1970, 1, 1, tzinfo=UTC)
SEEDED = (t.lease.name,)
"""Tables that are not empty in a new database."""

Progress = Callable[[str, int, int], None]
"""Told the table, how many of its rows are done, of how many."""


class NotCopied(Exception):
    """Why nothing was copied; one plain sentence."""


@dataclass(frozen=True)
class Tally:
    """What a table holds: how many rows, and a digest of their contents that does not depend on their order."""

    rows: int
    digest: int


def copy_database(
    source: str, target: str, *, dry_run: bool = False, progress: Progress = lambda table, done, total: None
) -> dict[str, int]:
    """Copies every row, in one transaction of the target; the rows by table. `dry_run`: only looks whether it could.

    Nobody may work on the source meanwhile, and the target must be new. Raises NotCopied, AlreadyRunning, Outdated,
    Unusable, ValueError for an URL that is none.
    """
    if _place(source) == _place(target):
        raise NotCopied("These are one and the same database.")
    with ExitStack() as stack:
        stack.enter_context(reaching(source))
        there = stack.enter_context(_source(source))
        stack.enter_context(reaching(target))
        here = stack.enter_context(_target(target, writable=not dry_run))
        _must_be_empty(here)
        if dry_run:
            return {table.name: _count(there, table) for table in t.METADATA.sorted_tables}
        return _copy_all(there, here, progress)


def _place(url: str) -> str:
    return str(sqlite_path(url)) if _is_file(url) else driver_url(url)


def _is_file(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


@contextmanager
def _source(url: str) -> Iterator[Connection]:
    """A connection that sees one moment, with everybody else kept out until the copy is done."""
    with ExitStack() as stack:
        if _is_file(url):
            path = sqlite_path(url)
            if not path.is_file():
                raise NotCopied(f"There is no database {path}.")
            stack.callback(FileLock(path).release)
        engine = sqlite.read_engine(path) if _is_file(url) else postgres.read_engine(driver_url(url))
        stack.callback(engine.dispose)
        require_current(engine)
        connection = stack.enter_context(engine.connect())
        if is_postgres(connection):
            _keep_others_out(connection)
        yield connection


def _keep_others_out(connection: Connection) -> None:
    """Who comes later cannot write."""
    tables = ", ".join(table.name for table in t.METADATA.sorted_tables)
    try:
        connection.execute(text(f"LOCK TABLE {tables} IN SHARE MODE NOWAIT"))
    except OperationalError:
        raise NotCopied("Somebody writes to that database just now. Stop every Muster on it first.") from None
    _refuse_company(connection)


def _refuse_company(connection: Connection) -> None:
    """On PostgreSQL no lock tells whether a bot runs; its connections do."""
    others = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND coalesce(backend_type, 'client backend') = 'client backend'"
        )
    ).scalar_one()
    if others:
        raise NotCopied(f"Somebody works on that database ({others} connections). Stop every Muster on it first.")


@contextmanager
def _target(url: str, *, writable: bool) -> Iterator[Connection]:
    """A transaction on the database to fill, brought up to date; kept when the block ends well, else undone."""
    if _is_file(url):
        with _file_target(url, writable=writable) as connection:
            yield connection
        return
    engine = create_engine(driver_url(url))
    try:
        with engine.begin() as connection:
            _refuse_company(connection)
            refuse_newer(revision_of(connection))
            if writable:
                bring_up(connection)
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _file_target(url: str, *, writable: bool) -> Iterator[Connection]:
    path = sqlite_path(url)
    if not writable:
        engine = sqlite.read_engine(path) if path.is_file() else create_engine("sqlite://")
        with _released(engine), engine.connect() as connection:
            yield connection
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.callback(FileLock(path).release)
        if not path.exists():
            stack.push(partial(_swept, path))
            path.touch(mode=0o600)
        engine = sqlite.write_engine(path)
        with _released(engine), engine.begin() as connection:
            refuse_newer(revision_of(connection))
            bring_up(connection)
            yield connection


def _swept(path: Path, failed: type[BaseException] | None, *_: object) -> None:
    """A file that was made for a copy that did not come about goes again."""
    if failed is not None:
        for leftover in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            leftover.unlink(missing_ok=True)


@contextmanager
def _released(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()


def _must_be_empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    filled = [
        x.name for x in t.METADATA.sorted_tables if x.name in there and x.name not in SEEDED and _any(connection, x)
    ]
    if filled:
        raise NotCopied(f"The database to fill is not empty: it has rows in {', '.join(filled)}. Name a new one.")


def _any(connection: Connection, table: Table) -> bool:
    return connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy_all(there: Connection, here: Connection, progress: Progress) -> dict[str, int]:
    rows = {}
    for table in t.METADATA.sorted_tables:
        sent = _copy_table(there, here, table, progress)
        arrived = _tally(_rows(here, table))
        if sent != arrived:
            raise NotCopied(f"The table {table.name} did not arrive as it was sent; nothing is kept of the copy.")
        rows[table.name] = sent.rows
    _set_sequences(here)
    return rows


def _copy_table(there: Connection, here: Connection, table: Table, progress: Progress) -> Tally:
    total = _count(there, table)
    here.execute(table.delete())  # what a new database is seeded with
    sent = Tally(0, 0)
    progress(table.name, 0, total)
    for batch in _batches(there, table):
        free = [_freed(table, row) for row in batch]
        here.execute(insert(table), free)
        more = _tally(free)
        sent = Tally(sent.rows + more.rows, (sent.digest + more.digest) % 2**128)
        progress(table.name, sent.rows, total)
    return sent


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    found = connection.execute(select(table), execution_options={"yield_per": BATCH}).mappings()
    for part in found.partitions(BATCH):
        yield [dict(row) for row in part]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    for batch in _batches(connection, table):
        yield from batch


def _freed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the claims of processes that will not come with it."""
    if table is t.effect and row["state"] == t.EffectState.CLAIMED.value:
        return row | {"lease_until": OVER}
    return {**row, **LEASED.get(table.name, {})}


def _tally(rows: Iterator[dict[str, Any]] | Sequence[dict[str, Any]]) -> Tally:
    count = digest = 0
    for row in rows:
        count += 1
        digest = (digest + _digest(row)) % 2**128
    return Tally(count, digest)


def _digest(row: Mapping[str, Any]) -> int:
    told = repr([(name, _plain(row[name])) for name in sorted(row)])
    return int.from_bytes(hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


def _plain(value: Any) -> Any:
    """One spelling for what both databases hold: drivers differ in how they hand out bytes and moments."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else value


def _set_sequences(connection: Connection) -> None:
    """The next row gets a number that none of the copied ones has; SQLite sees to that by itself."""
    if not is_postgres(connection):
        return
    for table in t.METADATA.sorted_tables:
        numbered = [c for c in table.primary_key if isinstance(c.type, BigInteger) and c.autoincrement is True]
        for column in numbered:
            highest = connection.execute(select(func.max(column))).scalar_one()
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))
