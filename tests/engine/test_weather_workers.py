"""The workers outlive a database that is away, and blame nobody's work for it; it is told once when it goes."""

import asyncio
import errno
import logging
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

from bot.engine import db, sqlite
from bot.engine.effects import Answer, Attempt, Effect, Promise
from bot.engine.finish import Patience
from bot.engine.inbox import Heard, Inbox, Said
from bot.engine.line import Unavailable
from bot.engine.tables import EffectState
from bot.engine.timers import Ticker
from bot.engine.weather import passes
from tests.engine.conftest import House
from tests.engine.test_outbox import all_effects, promised
from tests.engine.toys import ADA, Loose, Open, Say, remind, until


class Lines(logging.Handler):
    """The events that were logged."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict):
            self.events.append(str(record.msg.get("event")))


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines()
    logging.getLogger().addHandler(lines)
    yield lines
    logging.getLogger().removeHandler(lines)


async def opens(heard: Heard) -> list[Said]:
    return [Said(Open(title=heard.body.decode()), ADA)]


async def test_a_bug_in_a_round_of_the_inbox_does_not_end_it(
    house: House, expected_errors: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_errors.append("round_failed")
    monkeypatch.setattr("bot.engine.inbox.POLL", 0.01)
    left = 3

    async with house.process() as engine:
        inbox = Inbox(engine, {"toy": opens})
        await inbox.start()
        write = engine.database.write

        async def stumbling(work: Any, urgency: Any = None) -> Any:
            nonlocal left
            left -= 1
            if left >= 0:
                raise ZeroDivisionError
            return await write(work, urgency)

        engine.database.write = stumbling  # type: ignore[method-assign]
        await engine.hear("toy", "k", "g", b"checkout is down")
        await until(lambda: left < -1)
        await inbox.idle()
        await inbox.stop()
        assert await engine.reading.incident(1) is not None


async def test_a_delivery_in_hand_while_the_database_is_away_is_handled_as_soon_as_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.inbox.POLL", 0.01)
    away, reads = 0, 0

    async with house.process() as engine:
        write = engine.database.write

        async def failing(work: Any, urgency: Any = None) -> Any:
            nonlocal away
            away -= 1
            if away >= 0:
                raise Unavailable("away")
            return await write(work, urgency)

        async def goes_away(heard: Heard) -> list[Said]:
            nonlocal away, reads
            reads += 1
            away = 5 if reads == 1 else 0
            return await opens(heard)

        engine.database.write = failing  # type: ignore[method-assign]
        inbox = Inbox(engine, {"toy": goes_away})
        await inbox.start()
        await engine.hear("toy", "k", "g", b"checkout is down")
        async with asyncio.timeout(5):
            while (await engine.reading.health()).inbox:  # noqa: ASYNC110  (the inbox is quiet before it is empty)
                await asyncio.sleep(0.01)
        await inbox.stop()
        assert reads == 2
        assert await engine.reading.incident(1) is not None


STARVED = OSError(errno.EMFILE, "Too many open files")


@pytest.mark.parametrize("trouble", [Unavailable("The database cannot be read just now."), STARVED], ids=repr)
async def test_an_adapter_on_a_machine_in_trouble_has_no_bug(house: House, trouble: Exception) -> None:
    left = 5  # more often than a bug is borne

    async def unread(effect: Effect, attempt: Attempt) -> Answer | None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise trouble
        return None

    house.world.before = unread
    patience = Patience(first=0.01, most=0.02, tries=40)
    async with house.process() as engine, house.outbox(engine, patience=patience) as outbox:
        await promised(engine, Promise(Loose(word="x"), "k"))
        async with asyncio.timeout(5):
            while (await all_effects(engine))["k"].state is not EffectState.KEPT:
                house.clock.forward(1)
                outbox.wake()
                await asyncio.sleep(0.01)
        assert house.world.texts("test_loose") == ["x"]


async def test_a_lock_held_by_another_program_is_told_once_and_all_goes_on_after_it(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, expected_errors: list[str], lines: Lines
) -> None:
    expected_errors.append("database_away")
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    for worker in ("inbox", "outbox"):
        monkeypatch.setattr(f"bot.engine.{worker}.POLL", 0.05)
    file = shutil.copy(template, tmp_path / "muster.db")
    house = House(f"sqlite:///{file}")
    foreign = sqlite3.connect(file, isolation_level=None)
    async with house.process() as engine, house.outbox(engine) as outbox:
        ticker, inbox = Ticker(engine, remind), Inbox(engine, {"toy": opens})
        ticker.every(0.05, "often", ticker.say_what_is_due)
        await ticker.start()
        await inbox.start()
        await engine.hear("toy", "before", "", b"checkout is down")
        await inbox.idle()
        foreign.execute("BEGIN IMMEDIATE")
        for _ in range(5):
            with pytest.raises(Unavailable):
                await engine.hear("toy", "during", "", b"search is down")
            with pytest.raises(Unavailable):
                await engine.handle(Say(incident=1, text="hello"), ADA)
            await asyncio.sleep(0.05)
        assert engine.database.trouble
        foreign.execute("ROLLBACK")
        await until(lambda: not engine.database.trouble)
        await engine.hear("toy", "during", "", b"search is down")
        await engine.handle(Say(incident=1, text="hello"), ADA)
        await inbox.idle()
        await outbox.idle()
        assert await engine.reading.incident(2) is not None
        assert house.world.texts() == ["hello"]
        await inbox.stop()
        await ticker.stop()
    foreign.close()
    assert lines.events.count("database_away") == lines.events.count("database_back") == 1
    assert not {"tick_failed", "round_failed", "handling_failed"} & set(lines.events)
    assert lines.events.count("write_failed") == 1


async def test_a_delivery_that_a_starved_machine_cannot_handle_waits_and_is_not_parked(house: House) -> None:
    left = 5  # more often than a delivery is tried

    async def starved(heard: Heard) -> list[Said]:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError(errno.EMFILE, "Too many open files")
        return await opens(heard)

    async with house.process() as engine:
        inbox = Inbox(engine, {"toy": starved}, look_again=0.01)
        await inbox.start()
        await engine.hear("toy", "k", "g", b"checkout is down")
        async with asyncio.timeout(5):
            while await engine.reading.incident(1) is None:
                house.clock.forward(1)
                inbox.wake()
                await asyncio.sleep(0.01)
        await inbox.stop()


def test_a_mistake_in_what_was_asked_is_no_weather(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
    with engine.connect() as connection, pytest.raises(OperationalError) as mistake:
        connection.exec_driver_sql("SELECT what FROM nowhere")
    engine.dispose()
    assert not passes(mistake.value)
    assert not passes(ValueError("a bug"))


class Driver(Exception):
    """An error of PostgreSQL's driver."""

    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "weather"),
    [
        (None, True),  # the connection was refused: nobody there to give a code
        ("53100", True),  # disk full
        ("53300", True),  # too many connections
        ("57014", True),  # statement_timeout
        ("57P01", True),  # shut down by an admin
        ("55P03", True),  # lock_timeout
        ("25006", True),  # a standby
        ("58030", True),  # an I/O error
        ("40P01", True),  # deadlock
        ("22021", False),  # a byte that is no text
        ("42P01", False),  # no such table
        ("54001", False),  # a statement too complex
    ],
)
def test_weather_on_postgresql_is_told_by_its_code(state: str | None, weather: bool) -> None:
    assert passes(OperationalError("", {}, Driver(state))) is weather
    if state:
        assert passes(ProgrammingError("", {}, Driver(state))) is weather


def test_that_no_connection_is_free_is_weather() -> None:
    assert passes(NoConnection())


async def test_a_command_whose_asker_was_told_that_it_took_too_long_is_not_begun_any_more(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        threads = 4 if engine.database.shared else 1
        go = threading.Event()
        held = [asyncio.create_task(engine.database.write(lambda _: go.wait(5))) for _ in range(threads)]
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await engine.handle(Say(incident=1, text="too late"), ADA)
        go.set()
        await asyncio.gather(*held)
        await engine.handle(Say(incident=1, text="in time"), ADA)
        assert [s.event.line() for s in await engine.reading.events(1)][1:] == ["in time"]


async def test_a_write_that_hangs_is_told_although_nothing_has_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "HANGS", 0.1)
    async with house.process() as engine:
        go = threading.Event()
        held = asyncio.create_task(engine.database.write(lambda _: go.wait(5)))
        await until(lambda: "has not answered" in engine.database.trouble)
        go.set()
        await held
        assert engine.database.trouble == ""
