"""The few places where the two databases are spoken to differently.

Statements on the busy paths are built once, here and elsewhere: building one costs more than running it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from bot.engine import tables as t

CHANNEL = "muster"
"""The PostgreSQL channel that processes wake one another on."""


def is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def insert_new(connection: Connection, table: Table, *returning: str) -> Insert:
    """An insert that leaves a row whose key is there already as it is. Ask for it with RETURNING, never by rowcount."""
    return _insert_new(is_postgres(connection), table, *returning)


@cache
def _insert_new(on_postgres: bool, table: Table, *returning: str) -> Insert:
    new = insert(on_postgres, table).on_conflict_do_nothing()
    return new.returning(*(table.c[name] for name in returning)) if returning else new


def upsert(connection: Connection, table: Table, *keep: str) -> Insert:
    """An insert that overwrites the row of the same primary key, all columns but `keep`."""
    return _upsert(is_postgres(connection), table, *keep)


def insert(on_postgres: bool, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if on_postgres else sqlite.insert(table)


@cache
def _upsert(on_postgres: bool, table: Table, *keep: str) -> Insert:
    keys = [column.name for column in table.primary_key]
    changed = [c.name for c in table.columns if c.name not in keys and c.name not in keep]
    new = insert(on_postgres, table)
    return new.on_conflict_do_update(index_elements=keys, set_={name: new.excluded[name] for name in changed})


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """What is done inside is undone alone when it raises."""
    connection.exec_driver_sql("SAVEPOINT part")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
        connection.exec_driver_sql("RELEASE SAVEPOINT part")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT part")


def lock(connection: Connection, name: str) -> None:
    """Holds the row `name` of `lease` until the transaction ends; on SQLite the one writer is lock enough."""
    if is_postgres(connection):
        connection.execute(select(t.lease.c.name).where(t.lease.c.name == name).with_for_update())


def lease_time(connection: Connection, now: datetime) -> datetime:
    """The clock that leases go by: the database's where several machines share it."""
    if not is_postgres(connection):
        return now
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


def notify(connection: Connection, word: str) -> None:
    """Wakes the other processes on the same database once this transaction is committed."""
    if is_postgres(connection):
        connection.execute(text("SELECT pg_notify(:channel, :word)"), {"channel": CHANNEL, "word": word})


def holds(connection: Connection, column: ColumnElement[bytes], part: bytes) -> ColumnElement[bool]:
    """Whether bytes hold others; each database has its own word for that."""
    if is_postgres(connection):
        return func.position(literal(part, LargeBinary).op("IN")(column)) > 0
    return func.instr(column, literal(part, LargeBinary)) > 0
