"""SQLite's own method on our transactions: the n-th operation fails, for every n; nothing is lost, half or twice."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.engine import sqlite
from bot.engine.db import Database, Unavailable
from bot.engine.handle import Engine
from bot.incident.policy import Policy
from tests.engine.toys import ADA, Clock, Open, Say, announce, reminders

FULL, IOERR, READONLY, BUSY = 13, 10, 8, 5
ALL = os.environ.get("MUSTER_ALL_POINTS") == "1"
FAILURES = list(product((FULL, IOERR, READONLY, BUSY), (False, True))) if ALL else [(FULL, True), (IOERR, False)]
STRIDE = 1 if ALL else 3
"""Each operation in turn, or each third."""
AGAIN = 20
"""How often somebody tries again who was told to."""


@dataclass
class Failure:
    """Which operation of the writer's connection fails, and how; `whole`: SQLite gives up the transaction with it."""

    at: int = 0
    code: int = FULL
    whole: bool = False
    times: int = 1
    done: int = 0
    struck: int = 0
    begun: list[str] = field(default_factory=list)

    def strike(self, connection: sqlite3.Connection, operation: str) -> None:
        self.done += 1
        if not self.at <= self.done < self.at + self.times:
            return
        self.struck += 1
        self.begun.append(operation)
        if self.whole:
            sqlite3.Connection.rollback(connection)
        error = sqlite3.OperationalError(f"it fails at {operation}")
        error.sqlite_errorcode = self.code
        raise error


_failure = Failure()


class Cursor(sqlite3.Cursor):
    def execute(self, statement: str, *values: Any) -> "Cursor":
        _failure.strike(self.connection, statement)
        return super().execute(statement, *values)

    def executemany(self, statement: str, *values: Any) -> "Cursor":
        _failure.strike(self.connection, statement)
        return super().executemany(statement, *values)


class Frail(sqlite3.Connection):
    """A connection whose n-th statement or commit fails."""

    def cursor(self, *_: Any) -> Any:
        return super().cursor(Cursor)

    def commit(self) -> None:
        _failure.strike(self, "COMMIT")
        super().commit()


@contextmanager
def frail(file: Path, failure: Failure) -> Iterator[Database]:
    """A database whose writer meets the failure, counted from its first transaction."""
    global _failure
    _failure = Failure()
    writers = sqlite.write_engine(file)
    event.listen(writers, "do_connect", lambda _d, _r, _a, how: how.update(factory=Frail))
    database = Database(sqlite.read_engine(file), writers, sqlite.SqliteWriter(writers))
    _failure = failure
    yield database
    _failure = Failure()
    database.close()


async def insist(act: Callable[[], Awaitable[object]]) -> None:
    for _ in range(AGAIN):
        try:
            await act()
        except Unavailable:
            continue
        return
    raise AssertionError("it never went through")


async def story(database: Database) -> dict[str, object]:
    """Deliveries, commands and their promises, by people who try again when they are told to; and what is kept."""
    engine = Engine(database, Policy(), facts=[announce], due=reminders, clock=Clock())
    await insist(lambda: engine.handle(Open(), ADA, key="open"))
    await asyncio.gather(
        *(insist(lambda n=n: engine.hear("toy", f"k{n}", "g", b"x" * 6000)) for n in range(3)),  # type: ignore[misc]
        *(insist(lambda n=n: engine.handle(Say(incident=1, text=f"it {n}"), ADA, key=f"say {n}")) for n in range(2)),  # type: ignore[misc]
    )
    await insist(lambda: engine.handle(Say(incident=1, text="over"), ADA, key="over"))
    return {name: await database.read(rows(query)) for name, query in KEPT.items()}


KEPT = {
    "heard": "SELECT source, key FROM inbox ORDER BY source, key",
    "facts": "SELECT incident, kind, count(*) FROM event GROUP BY incident, kind ORDER BY kind",
    "places": "SELECT count(DISTINCT seq), max(seq) FROM event",
    "state": "SELECT number, seq, json_extract(state, '$.summary') FROM incident",
    "promised": "SELECT kind, count(*) FROM effect GROUP BY kind ORDER BY kind",
    "due": "SELECT incident, key FROM timer",
}


def rows(query: str) -> Callable[[Connection], list[tuple[Any, ...]]]:
    return lambda connection: [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def expected_errors() -> list[str]:
    return [""]


@pytest.mark.parametrize(("code", "whole"), FAILURES)
async def test_whichever_operation_fails_nothing_is_lost_halved_or_doubled(
    tmp_path: Path, template: Path, code: int, whole: bool
) -> None:
    with frail(Path(shutil.copy(template, tmp_path / "right.db")), Failure()) as database:
        right = await story(database)
    at, struck = 1, 1
    while struck:
        copy = Path(shutil.copy(template, tmp_path / f"{at}.db"))
        failure = Failure(at=at, code=code, whole=whole)
        with frail(copy, failure) as database:
            assert await story(database) == right, f"operation {at}: {failure.begun}"
            assert database.trouble == ""
        struck, at = failure.struck, at + STRIDE
    assert at > 40


async def test_a_disk_that_fills_up_at_any_page_gives_nothing_half(tmp_path: Path, template: Path) -> None:
    """SQLite's own full disk: a page more each time, until everything has room."""
    with frail(Path(shutil.copy(template, tmp_path / "right.db")), Failure()) as database:
        right = await story(database)
    pages, refused = 0, True
    while refused:
        copy = Path(shutil.copy(template, tmp_path / f"{pages}.db"))
        with frail(copy, Failure()) as database:
            refused = await _until_full(database, pages)
            await database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 100000").fetchall())
            assert await story(database) == right
        pages += 1
    assert pages > 3


async def _until_full(database: Database, spare: int) -> bool:
    def limit(connection: Connection) -> None:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {used + spare}").fetchall()

    await database.write(limit)
    try:
        await story(database)
    except AssertionError:
        return True
    return False
