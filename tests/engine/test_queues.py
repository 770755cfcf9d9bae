"""What is not done yet is counted by whom it waits for, and never by reading all that ever was."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.engine.db import Database
from bot.engine.queues import count_queues, count_urgent, lane_kind
from bot.integrations.pagerduty.effects import Page
from bot.integrations.slack.effects import SetTopic, Tell
from tests.engine.conftest import House
from tests.engine.toys import ADA, Open


async def test_open_promises_are_counted_by_system_and_state(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        house.clock.forward(90)
        queues = await count_queues(engine.database, engine.clock)

        assert {(q.name, q.state) for q in queues.outbox} <= {
            ("toy", "waiting"),
            ("toy", "needing"),
            ("other", "waiting"),
        }
        assert sum(q.count for q in queues.outbox) == len(await engine.reading.effects())
        assert {q.oldest for q in queues.outbox} == {90.0}
        assert queues.inbox == ()


async def test_what_is_done_is_not_counted(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        async with house.outbox(engine) as outbox:
            await outbox.idle()
        queues = await count_queues(engine.database, engine.clock)

        assert sum(q.count for q in queues.outbox) == len(await engine.reading.effects())


async def test_deliveries_are_counted_by_source(house: House) -> None:
    async with house.process() as engine:
        for number in range(3):
            await engine.hear("pagerduty", f"event-{number}", "g", b"x")
        await engine.hear("slack", "event-1", "g", b"x")
        house.clock.forward(7)
        queues = await count_queues(engine.database, engine.clock)

        assert [(q.name, q.state, q.count, q.oldest) for q in queues.inbox] == [
            ("pagerduty", "waiting", 3, 7.0),
            ("slack", "waiting", 1, 7.0),
        ]


@pytest.mark.parametrize(
    ("lane", "kind"),
    [
        ("slack/12/topic", "topic"),
        ("slack/12/2/topic", "topic"),
        ("slack/tell/U0ADA", "tell"),
        ("slack/triage/pagerduty/Q1", "triage"),
        ("page/12/1", "page"),
        ("pagerduty/Q1ABC", "pagerduty"),
        ("draft/7", "draft"),
    ],
)
def test_a_lane_is_counted_by_its_sort_and_names_nobody(lane: str, kind: str) -> None:
    assert lane_kind(lane) == kind


def test_the_lanes_that_are_shown_are_those_that_there_are() -> None:
    named: dict[str, Any] = {"incident": 12, "person": "U0ADA", "page": 1}
    found = [lane_kind(kind.model_construct(None, **named).lane) for kind in (SetTopic, Tell, Page)]

    assert found == ["topic", "tell", "page"]


async def test_pages_that_wait_and_what_was_given_up_are_counted_apart(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Open(title="another"), ADA)
        nothing = await count_urgent(engine.database, engine.clock, ["pagerduty"])
        await change(engine.database, "UPDATE effect SET priority = 0 WHERE kind = 'test_make_room'")
        house.clock.forward(61)
        waiting = await count_urgent(engine.database, engine.clock, ["pagerduty"])
        await change(engine.database, "UPDATE effect SET state = 'parked' WHERE priority = 0 AND incident = 1")
        parked = await count_urgent(engine.database, engine.clock, ["pagerduty"])
        await change(engine.database, "UPDATE incident SET status = 'resolved'")
        over = await count_urgent(engine.database, engine.clock, ["pagerduty"])

        assert (nothing.pages, nothing.oldest_page, nothing.parked) == (0, 0.0, 0)
        assert (waiting.pages, waiting.oldest_page, waiting.parked) == (2, 61.0, 0)
        assert (parked.pages, parked.parked) == (1, 1)
        assert over.parked == 0


async def test_only_deliveries_that_may_page_are_urgent(house: House) -> None:
    async with house.process() as engine:
        for source in ("pagerduty", "slack"):
            for key in ("one", "two"):
                await engine.hear(source, key, "g", b"x")
        await change(engine.database, "UPDATE inbox SET state = 'parked' WHERE key = 'two'")
        house.clock.forward(130)
        urgent = await count_urgent(engine.database, engine.clock, ["pagerduty"])

        assert (urgent.deliveries, urgent.oldest_delivery, urgent.parked) == (1, 130.0, 1)


@pytest.mark.parametrize(
    "count", [count_queues, lambda database, clock: count_urgent(database, clock, ["pagerduty"])], ids=["all", "urgent"]
)
async def test_counting_never_reads_what_is_done(house: House, count: Callable[..., Awaitable[object]]) -> None:
    async with house.process() as engine:
        if engine.database.shared:
            pytest.skip("PostgreSQL plans by how much there is; here there is nothing")
        plans: list[str] = []
        event.listen(engine.database._read_engine, "before_cursor_execute", lambda c, _, *a: explain(c, plans, *a))
        await count(engine.database, engine.clock)

        assert len(plans) > 3
        for plan in plans:
            assert "SCAN effect" not in plan or "INDEX ix_effect_" in plan
            assert "SCAN inbox" not in plan or "INDEX ix_inbox_" in plan
            assert "uq_" not in plan
            assert "sqlite_autoindex" not in plan.partition("SEARCH incident")[0]


def explain(connection: Connection, plans: list[str], statement: str, values: Any, *rest: object) -> None:
    raw: Any = connection.connection.dbapi_connection
    plans.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values))


async def change(database: Database, statement: str) -> None:
    await database.write(lambda connection: connection.execute(text(statement)))
