"""What is not done yet is counted by whom it waits for."""

from sqlalchemy import text

from bot.engine.queues import count_queues, has_our_shape
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


async def test_a_database_migrated_by_another_version_is_noticed(house: House) -> None:
    async with house.process() as engine:
        assert await has_our_shape(engine.database)
        await engine.database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = 'later'")))
        assert not await has_our_shape(engine.database)
