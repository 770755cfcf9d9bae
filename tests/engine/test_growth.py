"""Nothing that is done every day reads through all there ever was: an old database costs what a new one does."""

import re
import shutil
import sqlite3
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import event, insert, update

from bot.engine import tables
from bot.engine.auditor import Auditor
from bot.engine.db import Database
from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Inbox, Said
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.queues import count_queues
from bot.engine.tables import METADATA, EffectState
from bot.engine.timers import Ticker
from bot.incident import HearAlert
from bot.incident.model import Case, Command, Event, Incident
from bot.incident.policy import Policy
from bot.incident.values import MUSTER
from tests.engine.conftest import House
from tests.engine.test_alerts import PAGER, fired
from tests.engine.toys import ADA, Clock, Open, Say, World, announce, performers, remind, reminders

GROWING = ("incident", "event", "inbox", "effect", "ref", "alert", "document")
"""Tables that hold what is over, too."""
WHOLE = re.compile(rf"SCAN (?:{'|'.join(GROWING)}|[ep])\b(?: USING (?:COVERING )?INDEX (\w+))?")
ALLOWED = ("ref.kind = ?", "incident.number DESC")
"""The rooms are read once, at the start; the newest incidents from the newest backwards, as many as are shown."""
PARTIAL = {
    str(i.name)
    for table in METADATA.tables.values()
    for i in table.indexes
    if i.dialect_kwargs["sqlite_where"] is not None
}


class Asked:
    """Every statement that a database was asked, with its parameters."""

    def __init__(self, database: Database) -> None:
        self.statements: dict[str, Sequence[Any]] = {}
        for engine in (database._read_engine, database._write_engine):
            event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE") and not many:
            self.statements.setdefault(statement, parameters)


def whole_tables_read(file: sqlite3.Connection, statement: str, parameters: Sequence[Any]) -> list[str]:
    """The steps of SQLite's plan that go through a table or an index in which everything is that ever was."""
    plan = [str(row[3]) for row in file.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    found = ((step, WHOLE.match(step)) for step in plan)
    return [step for step, scan in found if scan and scan[1] not in PARTIAL]


async def _a_day(engine: Engine) -> None:
    """Something of everything: alerts, people, promises kept, looks, ticks, tidying up."""

    async def read(heard: Heard) -> list[Said]:
        return [Said(HearAlert(report=fired("P2")), PAGER)]

    inbox, world = Inbox(engine, {"pagerduty": read}), World()
    outbox = Outbox(engine, performers(world), Pace())
    ticker = Ticker(engine, nudge=remind)
    await inbox.start()
    await outbox.start()
    await engine.handle(Open(), ADA)
    await engine.handle(Say(incident=1, text="rolled back"), ADA, key="once")
    await engine.handle(HearAlert(report=fired("P1")), PAGER)
    await engine.hear("pagerduty", "E1", "P2", b"{}")
    await inbox.idle()
    await outbox.idle()
    await ticker.say_what_is_due()
    await Auditor(engine, outbox).turn()
    await inbox.prune(timedelta(days=30))
    await _looks(engine)
    await inbox.stop()
    await outbox.stop()


async def _looks(engine: Engine) -> None:
    reading = engine.reading
    await count_queues(engine.database, engine.clock)
    await reading.health()
    await reading.effects()
    await reading.effects(EffectState.PARKED)
    await reading.deliveries()
    await reading.open_incidents(ADA)
    await reading.recent(MUSTER)
    await reading.events(1)
    await reading.setup(1)
    await reading.refs(1)
    await reading.alerts(1)
    await reading.incident_by_ref("slack", "channel", "C1")


@pytest.fixture
def path(tmp_path: Path, template: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "muster.db"))


async def test_no_statement_of_a_day_reads_a_growing_table_whole(path: Path) -> None:
    database = Database.open(f"sqlite:///{path}")
    asked = Asked(database)
    engine = Engine(database, Policy(), facts=[announce], due=reminders, clock=Clock())
    await engine.start()
    await _a_day(engine)
    await engine.stop()
    database.close()

    assert len(asked.statements) > 30, "the day was too quiet to prove anything"
    with sqlite3.connect(path) as file:
        judged = [(said, whole_tables_read(file, said, given)) for said, given in asked.statements.items()]
    assert [(said, steps) for said, steps in judged if steps and not any(a in said for a in ALLOWED)] == []


class TestHeavy(Event, kind="test_heavy"):
    """A fact that remembers which threads it was read in."""

    __test__: ClassVar[bool] = False
    read_in: ClassVar[set[threading.Thread]] = set()

    def model_post_init(self, context: object) -> None:
        self.read_in.add(threading.current_thread())

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        return "something heavy"


class Weigh(Command):
    def decide(self, case: Case) -> list[Event]:
        return [TestHeavy(**case.stamp())]


async def test_a_timeline_is_never_parsed_on_the_event_loop(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Weigh(incident=1), ADA)
        TestHeavy.read_in.clear()
        assert [stored.event.kind for stored in await engine.reading.events(1)] == ["test_opened", "test_heavy"]
    assert TestHeavy.read_in
    assert threading.main_thread() not in TestHeavy.read_in


async def test_rooms_of_long_ago_are_read_once_and_late_ones_of_open_incidents_are_found(house: House) -> None:
    async with house.process() as engine:
        for _ in range(2):
            await engine.handle(Open(), ADA)
        old = [_room(number, f"C{number}") for number in range(3, 2001)]
        await engine.database.write(lambda connection: connection.execute(insert(tables.ref), old))
        await engine.directory.load()
        assert engine.directory.incident_of_channel("C3") == 3

        late = [_room(1, "CLATE"), _room(2001, "CNEW")]
        await engine.database.write(lambda connection: connection.execute(insert(tables.ref), late))
        await engine.database.write(lambda connection: connection.execute(_MOVED))
        await engine.directory.load()

        found = {name: engine.directory.incident_of_channel(name) for name in ("CLATE", "CNEW", "C3", "CMOVED")}
        assert found == {"CLATE": 1, "CNEW": 2001, "C3": 3, "CMOVED": None}


_MOVED = update(tables.ref).where(tables.ref.c.foreign_id == "C3").values(foreign_id="CMOVED")
"""What nobody does: it shows whether the row is read again."""


def _room(number: int, channel: str) -> dict[str, object]:
    return {"system": "toy", "kind": "channel", "foreign_id": channel, "incident": number, "name": "toy.channel"}


def test_a_state_given_as_a_parameter_would_be_noticed(path: Path) -> None:
    with sqlite3.connect(path) as file:
        for asked in ("inbox WHERE state IN (?, ?)", "incident WHERE status IN (?, ?)", "effect WHERE state IN (?, ?)"):
            assert whole_tables_read(file, f"SELECT count(*) FROM {asked}", ("waiting", "triage"))
        assert not whole_tables_read(file, "SELECT count(*) FROM inbox WHERE state = 'waiting'", ())
