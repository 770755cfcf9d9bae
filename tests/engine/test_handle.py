"""A command in, facts and promises out, in one transaction."""

import asyncio

import pytest

from bot.engine.effects import Promise
from bot.engine.tables import EffectState
from bot.incident.model import Refused
from tests.engine.conftest import House
from tests.engine.toys import ADA, BOB, MakeRoom, Open, Say, SayOnce, Stumble, TestOpened, TestSaid, Touch


async def test_a_command_becomes_facts_a_state_and_promises(house: House) -> None:
    async with house.process() as engine:
        out = await engine.handle(Open(title="Checkout fails"), ADA)
        assert out.incident is not None
        assert (out.incident.number, out.incident.title, out.first_seq) == (1, "Checkout fails", 1)
        assert [type(e) for e in out.events] == [TestOpened]
        assert [s.kind for s in await engine.reading.effects()] == ["test_make_room", "test_card"]
        assert await engine.reading.incident(1) == out.incident


async def test_incident_numbers_have_no_gaps_when_many_declare_at_once(house: House) -> None:
    async with house.process() as engine:
        outs = await asyncio.gather(*(engine.handle(Open(title=f"Nr {n}"), ADA) for n in range(12)))
        assert sorted(out.incident.number for out in outs if out.incident) == list(range(1, 13))


async def test_facts_are_numbered_in_their_order_although_many_speak_at_once(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await asyncio.gather(*(engine.handle(Touch(incident=1), BOB) for _ in range(15)))
        assert [s.seq for s in await engine.reading.events(1)] == list(range(1, 17))
        found = await engine.reading.incident(1)
        assert found is not None
        assert found.seq == 16


async def test_the_same_key_gets_the_stored_answer_and_does_nothing_twice(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        first = await engine.handle(Say(incident=1, text="rolled back"), ADA, key="click-1")
        again = await engine.handle(Say(incident=1, text="rolled back"), ADA, key="click-1")
        assert again.again
        assert not first.again
        assert again.events == first.events
        assert again.incident == first.incident
        assert len(await engine.reading.events(1)) == 2


async def test_ten_copies_at_the_same_instant_count_once(house: House) -> None:
    async with house.process() as engine:
        outs = await asyncio.gather(*(engine.handle(Open(), ADA, key="form-7") for _ in range(10)))
        assert sum(not out.again for out in outs) == 1
        assert {out.incident.number for out in outs if out.incident} == {1}
        assert all(isinstance(out.events[0], TestOpened) for out in outs)


async def test_a_refusal_saves_nothing_and_the_corrected_form_is_heard(house: House) -> None:
    async with house.process() as engine:
        with pytest.raises(Refused, match="needs a title"):
            await engine.handle(Open(title=""), ADA, key="form-1")
        out = await engine.handle(Open(title="Now with a title"), ADA, key="form-1")
        assert not out.again
        assert out.incident is not None


async def test_what_is_promised_along_with_a_command_stands_or_falls_with_it(house: House) -> None:
    along = [Promise(MakeRoom(incident=1), "who/U1")]
    async with house.process() as engine:
        with pytest.raises(Refused):
            await engine.handle(Open(title=""), ADA, along=along)
        assert await engine.reading.effects() == []
        await engine.handle(Open(), ADA, along=along)
        await engine.handle(Touch(incident=1), ADA, along=along)
        assert [s.kind for s in await engine.reading.effects()].count(MakeRoom.kind) == 2, "the command's own, and this"


async def test_a_bug_in_the_rules_reaches_the_caller_and_saves_nothing(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        with pytest.raises(ZeroDivisionError):
            await engine.handle(Stumble(incident=1), ADA, key="k")
        assert len(await engine.reading.events(1)) == 1
        assert not (await engine.handle(Touch(incident=1), ADA, key="k")).again


async def test_the_same_words_by_two_clicks_count_once_and_each_click_finds_its_answer(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        first = await engine.handle(SayOnce(incident=1, text="hello"), ADA, key="click-1")
        second = await engine.handle(SayOnce(incident=1, text="hello"), ADA, key="click-2")
        third = await engine.handle(SayOnce(incident=1, text="hello"), ADA, key="click-2")
        assert (first.again, second.again, third.again) == (False, True, True)
        assert third.events == first.events
        assert not (await engine.handle(SayOnce(incident=1, text="hello"), BOB)).again


async def test_what_is_so_already_yields_no_facts(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text="x"), ADA)
        out = await engine.handle(Say(incident=1, text="x"), ADA)
        assert out.events == ()
        assert out.incident is not None
        assert out.incident.summary == "x"


async def test_a_command_for_an_incident_that_is_not_there_is_refused(house: House) -> None:
    async with house.process() as engine:
        with pytest.raises(Refused, match="no such incident"):
            await engine.handle(Touch(incident=99), ADA)


async def test_nul_and_lone_surrogates_crash_neither_database(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(title="nul \0 here"), ADA, key="key \0 \ud800")
        again = await engine.handle(Open(title="x"), ADA, key="key \0 \ud800")
        assert again.again
        await engine.hear("pagerduty", "k\ud800\0", "g\0", b"\0\xff\xd8")
        found = await engine.reading.incident(1)
        assert found is not None
        assert found.title.replace("�", "\0") == "nul \0 here"


async def test_refreshes_that_wait_unclaimed_are_promised_once(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        for n in range(5):
            await engine.handle(Say(incident=1, text=f"{n}"), ADA)
        waiting = await engine.reading.effects(EffectState.NEEDING)
        assert [s.kind for s in waiting].count("test_card") == 1
        assert [s.kind for s in waiting].count("test_post") == 5


async def test_the_facts_of_a_command_are_told_with_the_state_before_and_after(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        out = await engine.handle(Say(incident=1, text="hello"), ADA)
        assert isinstance(out.events[0], TestSaid)
        assert out.first_seq == 2
