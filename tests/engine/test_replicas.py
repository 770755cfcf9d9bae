"""Several processes on one PostgreSQL database: each wakes the others, stands in for them, and does nothing twice."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.engine.db import Database
from bot.engine.effects import Answer, Attempt, Effect, GiveUp, Promise, Retry
from bot.engine.inbox import Heard, Inbox, Said
from bot.engine.line import Unavailable
from bot.engine.pace import Pace
from bot.engine.seams import hooked
from bot.engine.tables import EffectState
from bot.incident.values import Actor
from tests.engine.conftest import Cluster, House
from tests.engine.test_inbox import Ear
from tests.engine.test_outbox import all_effects, promised
from tests.engine.toys import ADA, Done, Loose, Open, Say, Touch, until


@pytest.fixture
def shared(cluster: Cluster) -> Iterator[House]:
    url = cluster.fresh()
    yield House(url)
    cluster.drop(url)


async def test_another_process_is_woken_at_once(shared: House) -> None:
    async with shared.process() as here, shared.process() as there, shared.outbox(there):
        await asyncio.sleep(0.3)
        began = time.monotonic()
        await here.handle(Open(), ADA)
        await until(lambda: shared.world.count("test_make_room") == 1)
        assert time.monotonic() - began < 0.7
        await until(lambda: here.directory.incident_of_channel("C1") == 1)


async def test_several_processes_keep_each_promise_once_and_every_lane_in_order(shared: House) -> None:
    async def slowly(effect: Effect, attempt: Attempt) -> None:
        await asyncio.sleep(0.003)

    shared.world.before = slowly
    async with shared.process() as one, shared.process() as two, shared.process() as three:
        async with shared.outbox(one), shared.outbox(two), shared.outbox(three):
            batches = [[Promise(Loose(word=f"{n}", line=f"l{n % 5}"), f"k{n}")] for n in range(60)]
            for batch in batches:
                await promised(one, *batch)
            await until(lambda: len(shared.world.done) >= 60, 10)
            await asyncio.sleep(0.1)
        words = shared.world.texts("test_loose")
        assert sorted(words, key=int) == [f"{n}" for n in range(60)]
        for lane in range(5):
            assert [w for w in words if int(w) % 5 == lane] == [f"{n}" for n in range(lane, 60, 5)]


async def test_a_dead_process_is_replaced_when_its_lease_ends_and_its_late_answer_is_thrown_away(shared: House) -> None:
    gate = asyncio.Event()
    first = True

    async def hang_once(effect: Effect, attempt: Attempt) -> Answer | None:
        nonlocal first
        if first:
            first = False
            shared.world.done.append(Done(effect.kind, None, attempt.key, "by the dead"))
            await asyncio.shield(gate.wait())
            return GiveUp("said too late")
        return None

    shared.world.before = hang_once
    async with shared.process() as dead, shared.process() as alive, shared.outbox(dead, lease=0.4, at_once=1) as frozen:
        frozen_answer = frozen._answer

        async def without_time_limit(claimed: Any) -> Any:
            return await frozen._try(claimed)

        frozen._answer = without_time_limit  # type: ignore[method-assign]
        await promised(dead, Promise(Loose(word="x"), "k"))
        await until(lambda: len(shared.world.done) == 1)
        async with shared.outbox(alive, lease=5.0) as other:
            await until(lambda: any(call == "look" for call, _, _ in shared.world.calls), 5)
            await other.idle()
            assert (await all_effects(alive))["k"].state is EffectState.KEPT
            gate.set()
            await frozen.idle()
            step = (await all_effects(alive))["k"]
            assert (step.state, step.tries) == (EffectState.KEPT, 2)
        frozen._answer = frozen_answer  # type: ignore[method-assign]
    assert [done.text for done in shared.world.done] == ["by the dead"]


async def test_a_process_that_was_held_up_does_not_send_late(shared: House) -> None:
    held = False

    def hook(name: str) -> None:
        nonlocal held
        if name == "after-finish" and not held:
            held = True
            time.sleep(0.5)

    async with shared.process() as engine:
        await promised(engine, Promise(Loose(word="x"), "k"))
        with hooked(hook):
            async with shared.outbox(engine, lease=0.6) as outbox:
                await until(lambda: held)
                await until(lambda: bool(shared.world.done))
                await outbox.idle()
        assert [attempt.tries for _, _, attempt in shared.world.calls] == [2]


async def test_replicas_handle_each_delivery_once(shared: House) -> None:
    ear = Ear()
    async with shared.process() as one, shared.process() as two:
        await one.handle(Open(), ADA)
        boxes = [Inbox(engine, {"toy": ear.read}) for engine in (one, two)]
        for box in boxes:
            await box.start()
        for n in range(20):
            await one.hear("toy", f"k{n}", f"g{n % 4}", f"say:{n}".encode())
        for box in boxes:
            await box.idle()
            await box.idle()
        for box in boxes:
            await box.stop()
        said = [s.event.line() for s in await one.reading.events(1)][1:]
        assert sorted(said, key=int) == [f"{n}" for n in range(20)]
        for group in range(4):
            assert [w for w in said if int(w) % 4 == group] == [f"{n}" for n in range(group, 20, 4)]


async def test_two_processes_declare_at_once_and_no_number_is_given_twice(shared: House) -> None:
    async with shared.process() as one, shared.process() as two:
        outs = await asyncio.gather(*(engine.handle(Open(), ADA) for engine in (one, two) for _ in range(10)))
        assert sorted(out.incident.number for out in outs if out.incident) == list(range(1, 21))


async def test_a_deadlock_is_run_again_whole(shared: House) -> None:
    async with shared.process() as engine:
        for _ in range(2):
            await engine.handle(Open(), ADA)
        tries = 0

        def crossing(first: int, second: int) -> Any:
            def work(connection: Connection) -> None:
                nonlocal tries
                tries += 1
                for number in (first, second):
                    connection.execute(
                        text("UPDATE incident SET title = title || '!' WHERE number = :n"), {"n": number}
                    )
                    time.sleep(0.15)

            return work

        await asyncio.gather(engine.database.write(crossing(1, 2)), engine.database.write(crossing(2, 1)))
        assert tries >= 3
        titles = await engine.database.read(lambda c: c.execute(text("SELECT title FROM incident")).scalars().all())
        assert [title.count("!") for title in titles] == [2, 2]


async def test_lost_connections_are_made_again_and_nothing_counts_twice(shared: House) -> None:
    async with shared.process() as engine, shared.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        kill = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for n in range(5):
            await engine.database.read(lambda c: c.execute(kill).all())
            await engine.handle(Say(incident=1, text=f"{n}"), Actor(id="slack:U", name="U"))
        await outbox.idle()
        assert len([s for s in await engine.reading.events(1) if s.event.kind == "test_said"]) == 5
        await until(lambda: house_posts(shared) == [f"{n}" for n in range(5)])


def house_posts(house: House) -> list[str]:
    return house.world.texts("test_post")


async def test_a_pause_is_kept_by_every_process(shared: House) -> None:
    async def limited(effect: Effect, attempt: Attempt) -> Answer:
        return Retry("429", after=30, pause="slow")

    shared.world.before = limited
    async with shared.process() as one, shared.outbox(one) as outbox:
        await promised(one, Promise(Loose(word="a", bucket="slow"), "a"))
        await outbox.idle()
    shared.world.before = None
    async with shared.process() as two, shared.outbox(two, Pace()) as outbox:
        await promised(two, Promise(Loose(word="b", line="b", bucket="slow"), "b"))
        await outbox.idle()
        assert shared.world.done == []


async def test_a_database_that_is_gone_is_told_as_unavailable(
    shared: House, cluster: Cluster, expected_errors: list[str]
) -> None:
    expected_errors.append("database_away")
    database = Database.open(shared.url)
    cluster.drop(shared.url)
    with pytest.raises(Unavailable):
        await database.write(lambda c: c.execute(text("SELECT 1")).all())
    database.close()


async def test_touching_one_incident_from_many_sides_loses_nothing(shared: House) -> None:
    async with shared.process() as one, shared.process() as two:
        await one.handle(Open(), ADA)
        await asyncio.gather(*(engine.handle(Touch(incident=1), ADA) for engine in (one, two) for _ in range(20)))
        assert [s.seq for s in await one.reading.events(1)] == list(range(1, 42))


async def test_a_delivery_that_another_process_took_over_counts_once(shared: House) -> None:
    gate, reading = asyncio.Event(), asyncio.Event()

    async def slowly(heard: Heard) -> Sequence[Said]:
        reading.set()
        await gate.wait()
        return [Said(Touch(incident=1), ADA)]

    async with shared.process() as slow, shared.process() as quick:
        await slow.handle(Open(), ADA)
        await slow.hear("toy", "k", "g", b"touch:")
        held_up = Inbox(slow, {"toy": slowly}, lease=timedelta(seconds=0.2), side_by_side=1)
        await held_up.start()
        await reading.wait()
        await asyncio.sleep(0.3)
        other = Inbox(quick, {"toy": Ear().read})
        await other.start()
        await other.idle()
        gate.set()
        await held_up.idle()
        for box in (held_up, other):
            await box.stop()
        assert [s.event.kind for s in await quick.reading.events(1)] == ["test_opened", "test_held"]


async def test_what_one_process_hears_another_handles_at_once(shared: House) -> None:
    """Woken each time: by its poll alone it would take a second for each."""
    async with shared.process() as web, shared.process() as worker:
        await web.handle(Open(), ADA)
        inbox = Inbox(worker, {"toy": Ear().read})
        await inbox.start()
        await asyncio.sleep(0.3)
        began = time.monotonic()
        for n in range(6):
            await web.hear("toy", f"k{n}", "g", f"say:{n}".encode())
            while len(await web.reading.events(1)) < n + 2:  # noqa: ASYNC110  (a commit rings no bell here)
                await asyncio.sleep(0.005)
        assert time.monotonic() - began < 4
        await inbox.stop()
