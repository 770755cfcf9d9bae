"""What falls due is said once, in time, whatever happened in between."""

import asyncio

from sqlalchemy import Connection, text

from bot.engine.handle import Engine
from bot.engine.timers import Ticker
from tests.engine.conftest import House
from tests.engine.toys import ADA, Open, Say, remind, until


async def reminders_of(engine: Engine) -> list[str]:
    return [s.event.line() for s in await engine.reading.events(1) if s.event.kind == "test_reminded"]


async def test_what_falls_due_is_said_once(house: House) -> None:
    async with house.process() as engine:
        ticker = Ticker(engine, remind)
        await engine.handle(Open(), ADA)
        assert await ticker.say_what_is_due() == 0
        house.clock.forward(601)
        assert await ticker.say_what_is_due() == 1
        assert await ticker.say_what_is_due() == 0
        assert await reminders_of(engine) == ["Reminded of look/"]


async def test_two_tickers_at_once_say_it_once(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        house.clock.forward(601)
        counts = await asyncio.gather(*(Ticker(engine, remind).say_what_is_due() for _ in range(4)))
        assert sum(counts) == 1
        assert len(await reminders_of(engine)) == 1


async def test_what_is_done_in_the_meantime_is_not_due_any_more(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        house.clock.forward(300)
        await engine.handle(Say(incident=1, text="looked"), ADA)
        rows = await engine.database.read(lambda c: c.execute(text("SELECT key FROM timer")).scalars().all())
        assert rows == ["look/looked"]


async def test_a_claim_whose_process_died_is_taken_up_again(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        house.clock.forward(601)

        def die(connection: Connection) -> None:
            connection.execute(text("UPDATE timer SET lease_until = due_at"))

        await engine.database.write(die)
        house.clock.forward(61)
        ticker = Ticker(engine, remind)
        await ticker.start()
        await until(lambda: max(ticker.late().values()) == 0.0)
        await ticker.say_what_is_due()
        await ticker.stop()
        assert await reminders_of(engine) == ["Reminded of look/"]


async def test_a_refused_reminder_is_forgotten(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        house.clock.forward(601)
        ticker = Ticker(engine, lambda incident, key: remind(99, key))
        assert await ticker.say_what_is_due() == 1
        rows = await engine.database.read(lambda c: c.execute(text("SELECT key FROM timer")).scalars().all())
        assert rows == []


async def test_ticks_come_and_one_that_fails_ends_neither_itself_nor_the_others(
    house: House, expected_errors: list[str]
) -> None:
    expected_errors.append("tick_failed")
    ran: list[str] = []

    async def good() -> None:
        ran.append("good")

    async def bad() -> None:
        ran.append("bad")
        raise ValueError

    async with house.process() as engine:
        ticker = Ticker(engine, remind)
        ticker.every(0.05, "good", good, singleton=True)
        ticker.every(0.05, "bad", bad)
        await ticker.start()
        await until(lambda: ran.count("good") >= 2 and ran.count("bad") >= 2)
        assert max(ticker.late().values()) < 1.0
        await ticker.stop()


async def test_late_tells_of_a_tick_that_hangs(house: House) -> None:
    async def hang() -> None:
        await asyncio.sleep(3600)

    async with house.process() as engine:
        ticker = Ticker(engine, remind)
        ticker.every(0.05, "hangs", hang)
        await ticker.start()
        await until(lambda: max(ticker.late().values()) > 0.2)
        await ticker.stop(grace=0.01)
