"""Heard, then handled: in order within a group, side by side between groups, parked when it cannot be."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.engine.handle import Engine
from bot.engine.inbox import DEATHS, TRIES, Heard, Inbox, Later, Said
from bot.engine.tables import InboxState
from tests.engine.conftest import House
from tests.engine.toys import ADA, Open, Say, SayOnce, Stumble, Touch, until


class Ear:
    """A reader that can stumble: `say:words`, `bug`, `refuse`, `slow`, `twice`."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.stumbles = 0
        self.gate = asyncio.Event()
        self.at_once = 0

    async def read(self, heard: Heard) -> Sequence[Said]:
        self.heard.append(heard)
        word, _, rest = heard.body.decode().partition(":")
        if word == "bug" or (word == "stumble" and self.stumbles > 0):
            self.stumbles -= 1
            raise ValueError("a payload with a secret: hunter2hunter2")
        if word == "slow":
            self.at_once += 1
            await self.gate.wait()
        wishes = {
            "say": [Said(Say(incident=1, text=rest), ADA)],
            "touch": [Said(Touch(incident=1), ADA)],
            "once": [Said(SayOnce(incident=1, text=rest), ADA)],
            "refuse": [Said(Touch(incident=77), ADA), Said(Touch(incident=1), ADA)],
            "rules": [Said(Touch(incident=1), ADA), Said(Stumble(incident=1), ADA)],
        }
        return wishes.get(word, [])


async def texts(engine: Engine) -> list[str]:
    return [s.event.line() for s in await engine.reading.events(1)][1:]


async def test_what_was_heard_is_handled_once_however_often_it_comes(house: House) -> None:
    ear = Ear()
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await asyncio.gather(*(engine.hear("toy", "event-1", "g", b"say:hello") for _ in range(20)))
        await engine.hear("toy", "event-1", "g", b"say:something else")
        await inbox.idle()
        await inbox.stop()
        assert [h.body for h in ear.heard] == [b"say:hello"]
        assert await texts(engine) == ["hello"]
        assert (await engine.reading.health()).inbox == {}


async def test_a_group_is_handled_in_order_and_groups_side_by_side(house: House) -> None:
    ear = Ear()
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        for n in range(12):
            await engine.hear("toy", f"k{n}", f"g{n % 3}", f"slow:{n}".encode())
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await until(lambda: ear.at_once == 3)
        await asyncio.sleep(0.05)
        assert sorted(h.key for h in ear.heard) == ["k0", "k1", "k2"]
        ear.gate.set()
        await inbox.idle()
        await inbox.stop()
        for group in range(3):
            assert [h.key for h in ear.heard if h.group == f"g{group}"] == [f"k{n}" for n in range(group, 12, 3)]


async def test_what_cannot_be_handled_is_parked_with_its_reason_and_its_group_goes_on(
    house: House, expected_errors: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    expected_errors.append("handling_failed")
    ear = Ear()
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.hear("toy", "bad", "g", b"bug:")
        await engine.hear("toy", "rules", "h", b"rules:")
        await engine.hear("toy", "good", "g", b"say:after")
        inbox = Inbox(engine, {"toy": ear.read}, backoff=0.0)
        await inbox.start()
        for _ in range(6):
            await inbox.idle()
            house.clock.forward(1)
        parked = await engine.reading.deliveries()
        assert [(d.key, d.tries) for d in parked] == [("bad", 3), ("rules", 3)]
        assert "ValueError at test_inbox.py" in parked[0].reason
        assert "ZeroDivisionError at toys.py" in parked[1].reason
        assert await texts(engine) == ["after"]
        await inbox.stop()
    assert "hunter2" not in caplog.text


async def test_while_a_reader_cannot_look_outside_a_delivery_waits_and_is_never_parked(house: House) -> None:
    ear, down = Ear(), iter(range(10))

    async def read(heard: Heard) -> Sequence[Said]:
        if next(down, None) is not None:
            raise Later("Slack cannot be reached")
        return await ear.read(heard)

    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.hear("toy", "k", "g", b"say:at last")
        inbox = Inbox(engine, {"toy": read}, look_again=0.0)
        await inbox.start()
        while not await texts(engine):
            await inbox.idle()
        assert next(down, None) is None
        assert await texts(engine) == ["at last"]
        assert await engine.reading.deliveries() == []
        await inbox.stop()


async def test_after_the_mend_a_parked_delivery_is_replayed(house: House, expected_errors: list[str]) -> None:
    expected_errors.append("handling_failed")
    ear = Ear()
    ear.stumbles = 3
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.hear("toy", "k", "g", b"stumble:")
        inbox = Inbox(engine, {"toy": ear.read}, backoff=0.0)
        await inbox.start()
        for _ in range(4):
            await inbox.idle()
            house.clock.forward(1)
        (parked,) = await engine.reading.deliveries()
        assert await inbox.replay_parked() == 1
        await inbox.idle()
        assert await engine.reading.deliveries() == []
        assert await inbox.replay(parked.id)
        await inbox.idle()
        assert len(ear.heard) == 5
        assert not await inbox.replay(12345)
        await inbox.stop()


async def test_a_refused_wish_ends_it_and_the_others_of_the_delivery_count(house: House) -> None:
    ear = Ear()
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await engine.hear("toy", "k", "g", b"refuse:")
        await inbox.idle()
        await inbox.stop()
        assert await texts(engine) == ["Ada did something"]
        assert await engine.reading.deliveries() == []


async def test_natural_keys_hold_for_deliveries_too(house: House) -> None:
    ear = Ear()
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await engine.hear("toy", "webhook", "g", b"once:same note")
        await engine.hear("toy", "log entry", "h", b"once:same note")
        await inbox.idle()
        await inbox.stop()
        assert await texts(engine) == ["same note"]


async def die_with_in_hand(engine: Engine, times: int, *keys: str) -> None:
    """What the tries of deliveries are after the process has died so often while it had them in hand."""

    def died(connection: Connection) -> None:
        for key in keys:
            connection.exec_driver_sql(f"UPDATE inbox SET tries = {times} WHERE key = '{key}'")

    await engine.database.write(died)


async def test_a_delivery_that_kills_the_process_is_parked_in_the_end(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.hear("toy", "deadly", "g", b"say:x")
        await die_with_in_hand(engine, DEATHS, "deadly")
        ear = Ear()
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await inbox.idle()
        await inbox.stop()
        (parked,) = await engine.reading.deliveries()
        assert parked.reason == f"Muster died {DEATHS} times while handling it."
        assert ear.heard == []


async def test_what_was_in_hand_at_several_deaths_is_handled_alone_and_after_everything_else(house: House) -> None:
    in_hand: set[str] = set()
    beside: dict[str, set[str]] = {}

    async def read(heard: Heard) -> Sequence[Said]:
        in_hand.add(heard.key)
        if heard.key == "suspect 1":
            await engine.hear("toy", "late", "late", b"")
        await asyncio.sleep(0.03)
        beside[heard.key] = in_hand - {heard.key}
        in_hand.discard(heard.key)
        return []

    async with house.process() as engine:
        for key in ("suspect 1", "suspect 2", "a", "b"):
            await engine.hear("toy", key, key, b"")
        await die_with_in_hand(engine, TRIES, "suspect 1", "suspect 2")
        inbox = Inbox(engine, {"toy": read})
        await inbox.start()
        await inbox.idle()
        await inbox.stop()
    assert [*beside][2:] == ["suspect 1", "late", "suspect 2"]
    assert beside["a"] | beside["b"] > set()
    assert beside["suspect 1"] == beside["suspect 2"] == set()


async def test_sources_without_a_reader_here_wait_for_a_process_that_has_one(house: House) -> None:
    async with house.process() as engine:
        await engine.hear("elsewhere", "k", "g", b"say:x")
        inbox = Inbox(engine, {"toy": Ear().read})
        await inbox.start()
        await inbox.idle()
        await inbox.stop()
        assert [d.key for d in await engine.reading.deliveries(InboxState.WAITING)] == ["k"]
        assert (await engine.reading.health()).inbox == {"waiting": 1}


async def test_keys_are_forgotten_only_when_no_sender_repeats_them_any_more(house: House) -> None:
    ear = Ear()
    async with house.process() as engine:
        await engine.handle(Open(), ADA, key="click")
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await engine.hear("toy", "k", "g", b"say:x")
        await inbox.idle()
        house.clock.forward(timedelta(days=3).total_seconds())
        assert await inbox.prune() == 0
        house.clock.forward(timedelta(days=5).total_seconds())
        assert await inbox.prune() >= 2
        await inbox.stop()


async def test_a_reader_that_never_answers_is_cut_short(house: House, expected_errors: list[str]) -> None:
    expected_errors.append("handling_failed")
    ear = Ear()
    async with house.process() as engine:
        inbox = Inbox(engine, {"toy": ear.read}, backoff=0.0, time_limit=0.02, tries=1)
        await inbox.start()
        await engine.hear("toy", "k", "g", b"slow:")
        await inbox.idle()
        await inbox.idle()
        (parked,) = await engine.reading.deliveries()
        assert "TimeoutError" in parked.reason
        await inbox.stop()


async def test_deliveries_without_a_group_hold_nobody_up(house: House) -> None:
    ear = Ear()
    async with house.process() as engine:
        for n in range(5):
            await engine.hear("toy", f"k{n}", "", b"slow:")
        inbox = Inbox(engine, {"toy": ear.read})
        await inbox.start()
        await until(lambda: ear.at_once == 5)
        ear.gate.set()
        await inbox.stop()
