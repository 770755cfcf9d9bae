"""One writer: shared commits, nobody answered before the disk has it, one bad job harming itself alone."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, text

from bot.engine import sqlite
from bot.engine.db import AlreadyRunning, Database, Unavailable
from bot.engine.line import Job, Line, Row, Rows, Urgency
from bot.engine.schema import Outdated, migrate
from bot.engine.seams import hooked
from tests.engine.conftest import House
from tests.engine.toys import ADA, Clock, Open, Stumble, Touch

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM inbox")).scalar_one())


def fill(connection: Connection) -> None:
    connection.execute(
        text("INSERT INTO blob VALUES ('d', 'text/plain', 1, :body, '2026-11-21')"), {"body": b"x" * 400_000}
    )


@pytest.fixture
def file(tmp_path: Path, template: Path) -> str:
    (tmp_path / "muster.db").write_bytes(template.read_bytes())
    return f"sqlite:///{tmp_path / 'muster.db'}"


async def test_nobody_is_answered_before_the_commit_and_many_share_one(house: House) -> None:
    held, go, commits = threading.Event(), threading.Event(), 0

    def hook(name: str) -> None:
        nonlocal commits
        if name == "before-commit":
            commits += 1
            held.set()
            go.wait(5)

    async with house.process() as engine:
        with hooked(hook):
            waiting = [asyncio.create_task(engine.hear("toy", f"k{n}", "g", b"x")) for n in range(100)]
            await asyncio.to_thread(held.wait, 5)
            await asyncio.sleep(0.02)
            assert not any(task.done() for task in waiting)
            go.set()
            await asyncio.gather(*waiting)
        assert commits <= 10
        assert await engine.database.read(count) == 100


async def test_a_bug_in_one_job_harms_none_that_shares_its_transaction(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        jobs = [engine.handle(Stumble(incident=1) if n % 3 == 0 else Touch(incident=1), ADA) for n in range(12)]
        outs = await asyncio.gather(*jobs, return_exceptions=True)
        assert sum(isinstance(out, ZeroDivisionError) for out in outs) == 4
        assert len(await engine.reading.events(1)) == 9


async def test_one_row_that_cannot_be_kept_fails_alone(house: House) -> None:
    async with house.process() as engine:
        bad = cast(bytes, {"not": "bytes"})
        hears = [engine.hear("toy", f"k{n}", "g", bad if n == 5 else b"x") for n in range(10)]
        outs = await asyncio.gather(*hears, return_exceptions=True)
        if engine.database.shared:
            assert any(isinstance(out, Exception) for out in outs)
        else:
            assert [n for n, out in enumerate(outs) if isinstance(out, Exception)] == [5]
            assert await engine.database.read(count) == 9


async def test_what_is_asked_at_the_end_is_still_served(house: House) -> None:
    async with house.process() as engine:
        late = [asyncio.create_task(engine.hear("toy", f"k{n}", "g", b"x")) for n in range(5)]
        await asyncio.sleep(0)
    await asyncio.gather(*late)
    async with house.process() as engine:
        assert await engine.database.read(count) == 5
    with pytest.raises(Unavailable):
        await engine.hear("toy", "after the end", "g", b"x")


async def test_a_full_disk_is_told_plainly_and_writing_goes_on_when_there_is_room(
    file: str, expected_errors: list[str]
) -> None:
    expected_errors.append("database_away")
    database = Database.open(file)
    await database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 80").fetchall())
    small = [database.insert_heard("toy", f"k{n}", "g", b"x", NOW) for n in range(5)]
    outs = await asyncio.gather(database.write(fill), *small, return_exceptions=True)
    assert isinstance(outs[0], Unavailable)
    assert outs[1:] == [None] * 5
    assert await database.read(count) == 5
    await database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 100000").fetchall())
    await database.write(fill)
    database.close()


async def test_after_a_full_disk_at_commit_each_job_gets_a_transaction_of_its_own(file: str) -> None:
    database = Database.open(file)
    failed = False

    def hook(name: str) -> None:
        nonlocal failed
        if name == "before-commit" and not failed:
            failed = True
            raise sqlite3.OperationalError("database or disk is full")

    with hooked(hook):
        await asyncio.gather(*(database.insert_heard("toy", f"k{n}", "g", b"x", NOW) for n in range(5)))
    assert failed
    assert await database.read(count) == 5
    database.close()


async def test_a_foreign_lock_is_borne_for_a_while_and_then_told(
    file: str, monkeypatch: pytest.MonkeyPatch, expected_errors: list[str]
) -> None:
    expected_errors.append("database_away")
    monkeypatch.setattr(sqlite, "PATIENCE", 0.2)
    database = Database.open(file)
    foreign = sqlite3.connect(file.removeprefix("sqlite:///"), isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await database.insert_heard("toy", "k", "g", b"x", NOW)
    foreign.execute("ROLLBACK")
    foreign.close()
    await database.insert_heard("toy", "k", "g", b"x", NOW)
    assert await database.read(count) == 1
    database.close()


async def test_a_damaged_file_is_not_written_to_any_more(file: str, expected_errors: list[str]) -> None:
    expected_errors.append("database_away")
    database = Database.open(file)

    def damage(connection: Connection) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = 11
        raise error

    with pytest.raises(Unavailable, match="damaged"):
        await database.write(damage)
    with pytest.raises(Unavailable, match="damaged"):
        await database.insert_heard("toy", "k", "g", b"x", NOW)
    assert await database.read(count) == 0
    database.close()


async def test_a_second_process_on_the_same_file_is_told_so_in_one_sentence(file: str) -> None:
    database = Database.open(file)
    with pytest.raises(AlreadyRunning, match=r"Another Muster is running on .*muster\.db"):
        Database.open(file)
    with pytest.raises(AlreadyRunning):
        migrate(file)
    reader = Database.open(file, read_only=True)
    assert reader.read_now(count) == 0
    with pytest.raises(Unavailable, match="reading only"):
        await reader.insert_heard("toy", "k", "g", b"x", NOW)
    reader.close()
    database.close()
    Database.open(file).close()


async def test_readers_cannot_write(file: str) -> None:
    database = Database.open(file)
    with pytest.raises(Unavailable) as told:
        await database.read(lambda c: c.exec_driver_sql("DELETE FROM inbox"))
    assert "readonly" in str(told.value.__cause__)
    database.close()


def test_an_unmigrated_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Outdated, match="muster migrate"):
        Database.open(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(Outdated, match="muster migrate"):
        Database.open(f"sqlite:///{tmp_path / 'new.db'}", read_only=True)


class Waiting:
    """Jobs and rows for a line without a writer."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.seconds = 0.0
        self.line = Line(lambda: self.seconds)
        self.loop = asyncio.new_event_loop()

    def job(self, urgency: Urgency) -> Job:
        job = Job(lambda connection: None, urgency, self.loop.create_future())
        self.line.put(job)
        return job

    def rows(self, many: int) -> None:
        for n in range(many):
            self.line.put_row((n,), self.loop.create_future())


@pytest.fixture
def waiting() -> Any:
    waiting = Waiting()
    yield waiting
    waiting.loop.close()


def test_people_go_first_then_what_comes_in_then_our_own_work(waiting: Waiting) -> None:
    work, person = waiting.job(Urgency.WORK), waiting.job(Urgency.PERSON)
    waiting.rows(3)
    assert waiting.line.take(wait=False) is person
    rows = waiting.line.take(wait=False)
    assert isinstance(rows, Rows)
    assert len(rows.rows) == 3
    assert waiting.line.take(wait=False) is work
    assert waiting.line.take(wait=False) is None


def test_in_a_flood_our_own_work_gets_a_small_share_and_all_of_it_afterwards(waiting: Waiting) -> None:
    served = 0
    for _ in range(1000):  # ten seconds, 2,000 rows a second, work of 5 ms each whenever it may
        waiting.rows(20)
        waiting.line.take(wait=False)
        job = waiting.job(Urgency.WORK)
        if waiting.line.take(wait=False, work=True) is not None:
            served += 1
            waiting.line.worked(0.005)
        waiting.seconds += 0.010
        assert job is not None
    assert 0.05 <= served * 0.005 / 10 <= 0.15
    waiting.seconds += 1
    assert waiting.line.take(wait=False) is not None


async def test_people_are_served_in_time_while_deliveries_flood_in(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        stop = False

        async def flood(sender: int) -> None:
            n = 0
            while not stop:
                n += 1
                await engine.hear("toy", f"{sender}/{n}", f"{n}", b"x" * 1500)

        senders = [asyncio.create_task(flood(n)) for n in range(16)]
        loop = asyncio.get_running_loop()
        waits = []
        for _ in range(10):
            began = loop.time()
            await engine.handle(Touch(incident=1), ADA)
            waits.append(loop.time() - began)
            await asyncio.sleep(0.01)
        stop = True
        await asyncio.gather(*senders)
        assert sorted(waits)[-2] < 0.3


def test_any_number_of_deliveries_goes_in_whole_by_few_kinds_of_statement() -> None:
    rows: list[Row] = [("pagerduty", f"E{n}", "", b"{}", "2026-11-21 12:00:00") for n in range(500)]
    for number in range(501):
        assert [row for part in sqlite._parts(rows[:number]) for row in part] == rows[:number]

    kinds = {len(part) for number in range(501) for part in sqlite._parts(rows[:number])}
    assert len(kinds) < 10, "SQLite keeps each ready, in megabytes"


async def test_a_line_is_flooded_while_much_comes_in_and_not_for_long_after() -> None:
    now = [0.0]
    line, waiting = Line(lambda: now[0]), asyncio.get_running_loop().create_future()
    for _ in range(60):
        line.put_row(("pagerduty", "E1", "", b"{}", "2026-11-21 12:00:00"), waiting)
    assert not line.flooded
    line.take(wait=False)
    assert line.flooded

    now[0] += 1.0
    line.put_row(("pagerduty", "E2", "", b"{}", "2026-11-21 12:00:01"), waiting)
    line.take(wait=False)
    assert not line.flooded
