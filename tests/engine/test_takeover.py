"""A process that falls silent is stood in for, and does nothing late when it comes back."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.engine.db import Database
from bot.engine.effects import Answer, Attempt, Effect, Promise
from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Inbox, Said
from bot.engine.presence import Life
from bot.engine.seams import hooked
from bot.engine.tables import EffectState
from bot.engine.timers import Ticker
from bot.engine.turns import end_turn, list_turns, take_turns
from bot.engine.wakes import REPLACED
from bot.incident.model import Refused
from tests.engine.conftest import Cluster, House
from tests.engine.test_inbox import Ear
from tests.engine.test_outbox import all_effects, promised
from tests.engine.toys import ADA, Done, Loose, Open, Say, Touch, remind, until

BRIEF = Life(lasts=1.2, beat=0.2, spare=0.4)
SOON = 10.0
"""Seconds, on a machine that is busy with other tests too."""
LONG = 60.0
"""A claim's own lease, in seconds: longer than any of these tests."""


@pytest.fixture
def shared(cluster: Cluster) -> Iterator[House]:
    url = cluster.fresh()
    yield House(url, life=BRIEF)
    cluster.drop(url)


def fall_silent(engine: Engine) -> None:
    """It says no more that it lives, as if it were dead or cut off."""
    assert engine.presence._beating is not None
    engine.presence._beating.cancel()


async def test_a_silent_process_sends_no_more_and_its_effects_in_hand_are_looked_for_and_taken_over(
    shared: House,
) -> None:
    async def hang_once(effect: Effect, attempt: Attempt) -> Answer | None:
        if not shared.world.done:
            shared.world.done.append(Done(effect.kind, None, attempt.key, "by the dead"))
            await asyncio.sleep(LONG)
        return None

    shared.world.before = hang_once
    async with shared.process() as dead, shared.process() as alive, shared.outbox(dead, lease=LONG) as frozen:
        await promised(dead, Promise(Loose(word="x"), "k"))
        await until(lambda: len(shared.world.done) == 1)
        async with shared.outbox(alive, lease=LONG):
            await asyncio.sleep(2 * BRIEF.lasts)
            assert [call for call, _, _ in shared.world.calls] == ["perform"]
            fall_silent(dead)
            began = time.monotonic()
            await until(lambda: any(call == "look" for call, _, _ in shared.world.calls), SOON)
            assert time.monotonic() - began < SOON
            await until(lambda: not frozen._running)
        step = (await all_effects(alive))["k"]
        assert (step.state, step.tries) == (EffectState.KEPT, 2)
    assert [done.text for done in shared.world.done] == ["by the dead"]


async def test_a_silent_process_claims_nothing(shared: House) -> None:
    async with shared.process() as engine, shared.outbox(engine):
        fall_silent(engine)
        await asyncio.sleep(BRIEF.lasts)
        await promised(engine, Promise(Loose(word="x"), "k"))
        await asyncio.sleep(1.2)
        assert shared.world.calls == []


async def test_a_process_that_was_held_up_comes_back_under_another_name_and_sends_nothing_that_it_held(
    shared: House,
) -> None:
    names: list[str] = []

    def hook(name: str) -> None:
        if name == "after-finish" and not names:
            names.append(engine.presence.name)
            time.sleep(BRIEF.lasts + 0.3)

    async with shared.process() as engine:
        await promised(engine, Promise(Loose(word="x"), "k"))
        with hooked(hook):
            async with shared.outbox(engine, lease=LONG):
                await until(lambda: bool(shared.world.done))
        assert engine.presence.name not in names
    assert [attempt.tries for _, _, attempt in shared.world.calls if attempt.tries < 2] == []
    assert len(shared.world.done) == 1


async def test_what_a_process_still_holds_when_it_stops_in_order_is_free_at_once(shared: House) -> None:
    shared.life = replace(BRIEF, lasts=LONG)

    async def hang_once(effect: Effect, attempt: Attempt) -> None:
        if attempt.tries == 1:
            await asyncio.sleep(LONG)

    shared.world.before = hang_once
    async with AsyncExitStack() as first:
        leaving = await first.enter_async_context(shared.process())
        await first.enter_async_context(shared.outbox(leaving, lease=LONG))
        await promised(leaving, Promise(Loose(word="x"), "k"))
        await until(lambda: bool(shared.world.calls))
    async with shared.process() as staying, shared.outbox(staying, lease=LONG):
        await until(lambda: len(shared.world.done) == 1, 2)


async def test_a_delivery_in_the_hands_of_a_silent_process_is_handled_by_another_and_counts_once(shared: House) -> None:
    gate, reading = asyncio.Event(), asyncio.Event()

    async def slowly(heard: Heard) -> Sequence[Said]:
        reading.set()
        await gate.wait()
        return [Said(Touch(incident=1), ADA)]

    async with shared.process() as dead, shared.process() as alive:
        await dead.handle(Open(), ADA)
        await dead.hear("toy", "k", "g", b"touch:")
        held_up, other = Inbox(dead, {"toy": slowly}), Inbox(alive, {"toy": Ear().read})
        await held_up.start()
        await reading.wait()
        fall_silent(dead)
        await other.start()
        began = time.monotonic()
        while len(await alive.reading.events(1)) < 2:
            assert time.monotonic() - began < SOON
            await asyncio.sleep(0.02)
        gate.set()
        for box in (held_up, other):
            await box.stop()
        assert len(await alive.reading.events(1)) == 2


async def test_a_process_in_the_middle_of_a_transaction_that_stands_still_lets_its_locks_go(shared: House) -> None:
    """The server ends it; what it was at is run again whole."""
    began, goes_on = threading.Event(), threading.Event()

    def stand_still(connection: Connection) -> None:
        connection.execute(text("SELECT name FROM lease WHERE name = 'claims' FOR UPDATE"))
        if not began.is_set():
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '150ms'"))
            began.set()
            assert goes_on.wait(30)
        connection.execute(text("UPDATE lease SET epoch = epoch + 1 WHERE name = 'claims'"))

    async with shared.process() as still, shared.process() as other:
        await other.handle(Open(), ADA)
        limit = await other.database.write(
            lambda c: c.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
        )
        assert limit == "5s"
        writing = asyncio.create_task(still.database.write(stand_still))
        await until(began.is_set)
        async with shared.outbox(other):
            await until(lambda: shared.world.count("test_make_room") == 1)
        goes_on.set()
        await writing
        epoch = await other.database.read(
            lambda c: c.execute(text("SELECT epoch FROM lease WHERE name = 'claims'")).scalar_one()
        )
        assert epoch == 1


async def turns(engine: Engine, **seconds: float) -> list[str]:
    return await engine.database.write(partial(take_turns, seconds=seconds, us=engine.presence.name))


async def test_a_turn_is_one_process_s_and_the_next_one_anybody_s_when_it_is_due(shared: House) -> None:
    async with shared.process() as one, shared.process() as two:
        await one.database.write(partial(list_turns, seconds={"sweep": 0.3, "people": LONG}))
        assert await turns(one, sweep=0.3, people=LONG) == []
        await asyncio.sleep(0.4)
        assert await turns(one, sweep=0.3, people=LONG) == ["sweep"]
        await asyncio.sleep(0.4)
        assert await turns(two, sweep=0.3) == []
        await one.database.write(partial(end_turn, name="sweep", us=one.presence.name))
        assert await turns(two, sweep=0.3) == ["sweep"]


async def test_a_turn_whose_process_died_in_the_middle_is_taken_over_however_long_its_period(shared: House) -> None:
    ran: list[str] = []

    def tickers(engine: Engine, name: str) -> Ticker:
        async def act() -> None:
            ran.append(name)
            if len(ran) == 1:
                await asyncio.sleep(LONG)

        ticker = Ticker(engine, remind)
        ticker.every(6 * 3600, "people", act, singleton=True)
        ticker.every(0.2, "so that turns are looked at often", partial(asyncio.sleep, 0), singleton=True)
        return ticker

    async with shared.process() as dead, shared.process() as alive:
        both = [tickers(dead, "dead"), tickers(alive, "alive")]
        await both[0].start()
        await dead.database.write(lambda c: c.execute(text("UPDATE lease SET until = now() WHERE name = 'people'")))
        await until(lambda: ran == ["dead"])
        await both[1].start()
        await asyncio.sleep(0.5)
        assert ran == ["dead"]
        fall_silent(dead)
        await until(lambda: ran == ["dead", "alive"], SOON)
        await asyncio.sleep(0.5)
        assert ran == ["dead", "alive"]
        for ticker in both:
            await ticker.stop(grace=0.01)


async def test_a_process_whose_database_got_another_shape_steps_back_and_says_so(
    shared: House, expected_errors: list[str]
) -> None:
    expected_errors.append("superseded")

    def migrated(revision: str) -> Any:
        return lambda c: c.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))

    async with shared.process() as old, shared.outbox(old) as outbox:
        await old.handle(Open(), ADA)
        await outbox.idle()
        inbox, ear, replaced = Inbox(old, {"toy": Ear().read}), len(shared.world.calls), asyncio.Event()
        old.wakes.on(REPLACED, replaced.set)
        await inbox.start()
        ours = old.presence._shape
        await old.database.write(migrated("9999"))
        await until(lambda: old.presence.superseded)
        with pytest.raises(Refused, match="being updated"):
            await old.handle(Say(incident=1, text="now"), ADA)
        await old.hear("toy", "k", "g", b"say:later")
        await promised(old, Promise(Loose(word="x"), "k"))
        await asyncio.sleep(1.2)
        assert len(shared.world.calls) == ear
        assert [d.reason for d in await old.reading.deliveries()] == []
        assert not replaced.is_set()
        newer = "INSERT INTO lease (name, owner, until) VALUES ('process/newer', '9999', now() + interval '9 s')"
        await old.database.write(lambda c: c.execute(text(newer)))
        await asyncio.wait_for(replaced.wait(), 3)
        await old.database.write(migrated(ours))
        await until(lambda: shared.world.texts("test_loose") == ["x"])
        await inbox.idle()
        assert (await old.reading.events(1))[-1].event.line() in ("later", "Room C1")
        await inbox.stop()


async def test_a_process_s_row_is_gone_when_it_stopped_and_cleared_away_when_it_died_long_ago(shared: House) -> None:
    database = Database.open(shared.url)

    def rows() -> list[str]:
        query = text("SELECT name FROM lease WHERE name LIKE 'process/%'")
        return list(database.read_now(lambda c: c.execute(query).scalars().all()))

    async with shared.process() as one:
        assert rows() == [f"process/{one.presence.name}"]
        dead = "INSERT INTO lease (name, until) VALUES ('process/dead', now() - interval '2 hours')"
        await one.database.write(lambda c: c.execute(text(dead)))
        async with shared.process() as two:
            assert sorted(rows()) == sorted(f"process/{engine.presence.name}" for engine in (one, two))
    assert rows() == []
    database.close()
