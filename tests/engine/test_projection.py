"""The columns that questions are asked by: who may see an incident, who owes something, which alerts fired when."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select

from bot.engine import tables as t
from bot.engine.handle import Engine
from bot.engine.journal import project
from bot.incident import HearAlert
from bot.incident.duties import Task, TaskState
from bot.incident.mirror import OWN_KEY, WATCH_KEY
from bot.incident.policy import Action, Policy, Rule
from bot.incident.values import Service, Status
from tests.engine.conftest import House
from tests.engine.test_alerts import ASKS, CHECKOUT, OPENS, PAGER, fired
from tests.engine.toys import ADA, BOB, NOON, Open

TASK = Task(number=1, text="restart the workers", to=BOB, by=ADA, at=NOON)
KEEPS = Policy(rules=(Rule(action=Action.KEEP),))


async def change(engine: Engine, **fields: Any) -> None:
    """Projects INC-1 as it would be after some facts."""
    i = await engine.reading.incident(1)
    assert i is not None
    await engine.database.write(lambda connection: project(connection, i.but(**fields)))


async def row(engine: Engine, *columns: str) -> tuple[Any, ...]:
    """The only alert's row, or the only incident's."""
    table = t.alert if "fired_at" in columns else t.incident

    def read(connection: Connection) -> tuple[Any, ...]:
        return tuple(connection.execute(select(*(table.c[name] for name in columns))).one())

    return await engine.database.read(read)


async def seen_by_bob(engine: Engine) -> list[int]:
    return [i.number for i in await engine.reading.recent(BOB)]


async def test_who_is_in_the_room_of_a_private_incident_sees_it(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(private=True), ADA)
        await change(engine, members=("slack:UEVE",))
        assert await seen_by_bob(engine) == []
        await change(engine, members=("slack:UEVE", BOB.id))
        assert await seen_by_bob(engine) == [1]


async def test_who_owes_a_task_of_a_private_incident_sees_it_until_it_is_settled(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(private=True), ADA)
        await change(engine, tasks=(TASK, TASK.model_copy(update={"number": 2})))
        assert await seen_by_bob(engine) == [1]
        assert await row(engine, "owners") == (f"\n{BOB.id}\n",)
        await change(engine, tasks=(TASK.model_copy(update={"state": TaskState.DONE}),))
        assert await seen_by_bob(engine) == []
        assert await row(engine, "owners") == ("",)


async def test_what_somebody_owes_is_read_for_them_alone_the_newest_first(house: House) -> None:
    async with house.process() as engine:
        for _ in range(3):
            await engine.handle(Open(), ADA)
        done = TASK.model_copy(update={"state": TaskState.DONE})
        for number, tasks in ((1, (TASK, done)), (2, (done,)), (3, (TASK.model_copy(update={"followup": True}),))):
            i = await engine.reading.incident(number)
            assert i is not None
            over = i.but(tasks=tasks, status=Status.RESOLVED)
            await engine.database.write(partial(project, i=over))
        assert [i.number for i in await engine.reading.owed(BOB)] == [3, 1]
        assert await engine.reading.owed(ADA) == []
        await change(engine, tasks=(TASK,), status=Status.MERGED)
        assert [i.number for i in await engine.reading.owed(BOB)] == [3]


async def test_how_far_things_are_is_told_of_what_is_open_or_owed_and_changes_with_each_fact(house: House) -> None:
    async with house.process() as engine:
        for _ in range(3):
            await engine.handle(Open(), ADA)
        assert await engine.reading.versions() == {1: 1, 2: 1, 3: 1}
        await change(engine, status=Status.RESOLVED, tasks=(TASK,), seq=4)
        assert await engine.reading.versions() == {1: 4, 2: 1, 3: 1}
        await change(engine, status=Status.RESOLVED, tasks=(), seq=5)
        assert await engine.reading.versions() == {2: 1, 3: 1}


@pytest.mark.parametrize(("policy", "at"), [(OPENS, NOON), (ASKS, NOON), (KEEPS, None)])
async def test_an_alert_that_somebody_must_look_at_is_counted_from_its_trigger(
    house: House, policy: Policy, at: object
) -> None:
    async with house.process(policy) as engine:
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        assert await row(engine, "service", "fired_at") == (CHECKOUT.id, at)


@pytest.mark.parametrize("key", [f"{OWN_KEY}INC-7/page-1", f"{WATCH_KEY}backlog"])
async def test_an_alert_of_our_own_making_is_not_counted(house: House, key: str) -> None:
    async with house.process(ASKS) as engine:
        report = fired("P1").model_copy(update={"incident_key": key})
        await engine.handle(HearAlert(report=report), PAGER)
        assert await row(engine, "fired_at") == (None,)


async def test_a_service_without_an_id_is_counted_by_its_name_in_any_case(house: House) -> None:
    async with house.process(ASKS) as engine:
        await engine.handle(HearAlert(report=fired("P1", Service(id="", name="Checkout"))), PAGER)
        assert await row(engine, "service", "fired_at") == ("checkout", NOON)


def test_who_owes_what_is_answered_by_its_index(template: Path) -> None:
    engine = create_engine(f"sqlite:///{template}")
    asked = "EXPLAIN QUERY PLAN SELECT state FROM incident WHERE incident.owners <> '' ORDER BY number"
    with engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(asked))
    engine.dispose()
    assert "ix_incident_owed" in plan
