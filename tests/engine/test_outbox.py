"""The promises are kept: in order where it matters, side by side where not, once, and nothing is dropped."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.engine.effects import Answer, Attempt, Doubtful, Effect, GiveUp, Promise, Receipt, Retry
from bot.engine.finish import Patience
from bot.engine.handle import Engine
from bot.engine.line import Unavailable
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace, Rate
from bot.engine.promises import promise
from bot.engine.reading import Step
from bot.engine.tables import EffectState
from tests.engine.conftest import House
from tests.engine.toys import ADA, Card, Done, Loose, MakeRoom, Open, Post, Ring, Say, until


async def promised(engine: Engine, *promises: Promise) -> None:
    def work(connection: Connection) -> None:
        promise(connection, [(one, None) for one in promises], engine.clock())

    await engine.database.write(work)


async def all_effects(engine: Engine) -> dict[str, Step]:
    return {step.key: step for step in await engine.reading.effects(*EffectState)}


def answering(*answers: Answer | None) -> Any:
    """A trick that gives these answers one after the other, then none."""
    left = list(answers)

    async def trick(effect: Effect, attempt: Attempt) -> Answer | None:
        return left.pop(0) if left else None

    return trick


async def test_the_room_comes_first_and_what_needs_it_follows(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text="hello"), ADA)
        await until(lambda: house.world.count("test_post") == 1)
        await outbox.idle()
        assert house.world.done[0].kind == "test_make_room"
        assert await engine.reading.refs(1) == {"toy.channel": "C1"}
        found = await engine.reading.incident(1)
        assert found is not None
        assert found.room is not None
        assert found.room.channel == "C1"
        assert engine.directory.incident_of_channel("C1") == 1
        by_ref = await engine.reading.incident_by_ref("toy", "channel", "C1")
        assert by_ref == found


async def test_a_lane_keeps_its_order_while_lanes_run_side_by_side(house: House) -> None:
    async def slowly(effect: Effect, attempt: Attempt) -> None:
        await asyncio.sleep(0.02)

    house.world.before = slowly
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, *(Promise(Loose(word=f"{n}", line=f"lane{n % 4}"), f"k{n}") for n in range(16)))
        await outbox.idle()
        for lane in range(4):
            words = [done.text for done in house.world.done if int(done.text) % 4 == lane]
            assert words == [f"{n}" for n in range(lane, 16, 4)]
        assert 2 <= house.world.most_under_way <= 4


async def test_the_urgent_goes_first(house: House) -> None:
    async with house.process() as engine:
        await promised(
            engine, Promise(Loose(word="rest"), "a"), Promise(MakeRoom(incident=5), "b"), Promise(Ring(incident=5), "c")
        )
        async with house.outbox(engine, at_once=1) as outbox:
            await outbox.idle()
    assert [done.kind for done in house.world.done] == ["test_ring", "test_make_room", "test_loose"]


async def test_the_same_key_is_promised_once_for_ever(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        for _ in range(3):
            await promised(engine, Promise(Loose(word="once"), "one key"))
            await outbox.idle()
    assert [done.text for done in house.world.done] == ["once"]


async def test_nothing_goes_before_its_time(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        house.clock.forward(1)
        later = house.clock.now.replace(second=30)
        await promised(engine, Promise(Loose(word="later"), "k", later=later))
        await outbox.idle()
        assert house.world.done == []
        house.clock.forward(60)
        await outbox.idle()
        assert [done.text for done in house.world.done] == ["later"]


async def test_what_was_certainly_not_done_is_tried_again(house: House) -> None:
    house.world.before = answering(Retry("busy"), Retry("busy", after=0.01), None)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="third time"), "k"))
        while not house.world.done:
            house.clock.forward(1)
            await outbox.idle()
        assert [(call, attempt.tries) for call, _, attempt in house.world.calls] == [
            ("perform", 1),
            ("perform", 2),
            ("perform", 3),
        ]
        assert (await all_effects(engine))["k"].state is EffectState.KEPT


async def test_a_try_is_counted_before_the_call(house: House) -> None:
    async with house.process() as engine:
        seen: list[int] = []

        async def look(effect: Effect, attempt: Attempt) -> None:
            seen.append((await all_effects(engine))["k"].tries)

        house.world.before = look
        async with house.outbox(engine) as outbox:
            await promised(engine, Promise(Loose(word="x"), "k"))
            await outbox.idle()
    assert seen == [1]


async def test_a_doubt_is_looked_into_before_anything_is_repeated(house: House) -> None:
    house.world.after = answering(Doubtful("time-out"))
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="once"), "k"))
        await outbox.idle()
        house.clock.forward(5)
        await outbox.idle()
        assert [done.text for done in house.world.done] == ["once"]
        assert [call for call, _, _ in house.world.calls] == ["perform", "look"]
        assert (await all_effects(engine))["k"].state is EffectState.KEPT


async def test_where_the_look_finds_nothing_it_is_repeated_and_told_so(house: House) -> None:
    house.world.before = answering(Doubtful("reset"))
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="once"), "k"))
        await outbox.idle()
        house.clock.forward(5)
        await outbox.idle()
        assert [done.text for done in house.world.done] == ["once"]
        assert [(call, a.repeated) for call, _, a in house.world.calls][2:] == [("perform", True)]
        assert house.world.calls[2][2].since == house.world.calls[0][2].since


async def test_a_look_that_fails_leaves_the_doubt_and_is_made_again(house: House) -> None:
    house.world.after = answering(Doubtful("time-out"))
    failing: list[Retry] = [Retry("down", after=0), Retry("down", after=0)]
    house.world.looking = lambda effect, attempt: failing.pop() if failing else Receipt()
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="once"), "k"))
        for _ in range(4):
            await outbox.idle()
            house.clock.forward(5)
        assert [call for call, _, _ in house.world.calls] == ["perform", "look", "look", "look"]
        assert len(house.world.done) == 1


async def test_a_doubt_that_only_a_person_can_settle_is_parked_and_its_incident_told(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        house.world.after = answering(Doubtful("time-out"))
        await promised(engine, Promise(Ring(incident=1), "page"))
        await outbox.idle()
        page = (await all_effects(engine))["page"]
        assert (page.state, page.reason) == (EffectState.PARKED, "time-out")
        found = await engine.reading.incident(1)
        assert found is not None
        assert found.failed_steps == {"step": "time-out"}
        assert await outbox.retry(page.effect)
        await outbox.idle()
        assert (await all_effects(engine))["page"].state is EffectState.KEPT
        assert house.world.count("test_ring") == 2


async def test_a_refusal_parks_and_where_no_later_try_would_help_it_skips(house: House) -> None:
    async def refuse(effect: Effect, attempt: Attempt) -> Answer | None:
        return GiveUp("not allowed", final=isinstance(effect, Post)) if isinstance(effect, Post | Loose) else None

    house.world.before = refuse
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text="a"), ADA)
        await engine.handle(Say(incident=1, text="b"), ADA)
        await promised(engine, Promise(Loose(word="x"), "loose"))
        await outbox.idle()
        await outbox.idle()
        effects = await all_effects(engine)
        assert (effects["post/1/2"].state, effects["post/1/2"].reason) == (EffectState.SKIPPED, "not allowed")
        assert effects["loose"].state is EffectState.PARKED
        house.world.before = None
        assert await outbox.retry(effects["loose"].effect)
        await outbox.idle()
        assert (await all_effects(engine))["loose"].state is EffectState.KEPT


async def test_what_is_parked_does_not_hold_its_lane(house: House) -> None:
    house.world.before = answering(GiveUp("no"))
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="a"), "a"), Promise(Loose(word="b"), "b"))
        await outbox.idle()
    assert [done.text for done in house.world.done] == ["b"]


async def test_after_enough_doubts_it_is_parked_with_the_last_reason(house: House) -> None:
    async def unsure(effect: Effect, attempt: Attempt) -> Answer:
        return Doubtful("still unsure", after=0)

    house.world.before = unsure
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="x"), "k"))
        for _ in range(7):
            await outbox.idle()
            house.clock.forward(1)
        step = (await all_effects(engine))["k"]
        assert (step.state, step.tries, step.reason) == (EffectState.PARKED, 5, "still unsure")


async def test_what_was_certainly_not_done_is_tried_for_as_long_as_it_takes(house: House) -> None:
    async def down(effect: Effect, attempt: Attempt) -> Answer | None:
        return Retry("Slack cannot be reached", after=0) if attempt.tries <= 50 else None

    house.world.before = down
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="x"), "k"))
        for _ in range(60):
            await outbox.idle()
            house.clock.forward(1)
        step = (await all_effects(engine))["k"]
        assert (step.state, step.tries) == (EffectState.KEPT, 51)


@pytest.mark.parametrize("asked", [float("inf"), float("nan"), 86_400.0, -5.0], ids=str)
async def test_a_pause_that_makes_no_sense_holds_nothing_up_for_longer_than_five_minutes(
    house: House, asked: float
) -> None:
    house.world.before = answering(Retry("wait", after=asked, pause="toy/loose"), None)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="x"), "k"))
        await outbox.idle()
        house.clock.forward(301)
        await outbox.idle()
        assert (await all_effects(engine))["k"].state is EffectState.KEPT


async def test_who_waits_for_it_is_told_after_a_minute_in_vain_and_it_goes_on_being_tried(house: House) -> None:
    house.world.before = answering(*[Doubtful("no answer", after=10)] * 3, None)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        told = []
        for seconds in (11, 50, 11):
            told.append([s.event.line() for s in await engine.reading.events(1) if s.event.kind == "test_failed"])
            house.clock.forward(seconds)
            await outbox.idle()
        assert [len(lines) for lines in told] == [0, 0, 1]
        assert (await all_effects(engine))["room/1"].state is EffectState.KEPT


async def test_a_retry_takes_along_what_is_parked_for_the_same_reason(house: House) -> None:
    fates = {"a": "archived", "b": "archived", "c": "no right"}

    async def refuse(effect: Effect, attempt: Attempt) -> Answer | None:
        return GiveUp(fates[effect.word]) if isinstance(effect, Loose) else None

    house.world.before = refuse
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await promised(engine, *(Promise(Loose(incident=1, word=w, line=w), w) for w in fates))
        await outbox.idle()
        house.world.before = None
        assert await outbox.retry((await all_effects(engine))["b"].effect)
        await outbox.idle()
        after = {key: step.state for key, step in (await all_effects(engine)).items() if key in fates}
        assert after == {"a": EffectState.KEPT, "b": EffectState.KEPT, "c": EffectState.PARKED}


async def test_an_adapter_that_raises_is_parked_after_a_few_and_its_message_is_kept_out_of_the_log(
    house: House, expected_errors: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    expected_errors.append("adapter_failed")

    async def stumble(effect: Effect, attempt: Attempt) -> Answer:
        raise KeyError("xoxb-secret")

    house.world.before = stumble
    house.world.looking = lambda effect, attempt: None
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="x"), "k"), Promise(Loose(word="y", line="other"), "y"))
        for _ in range(5):
            await outbox.idle()
            house.clock.forward(1)
        step = (await all_effects(engine))["k"]
        assert (step.state, step.tries) == (EffectState.PARKED, 3)
        assert "KeyError" in step.reason
    assert "xoxb-secret" not in caplog.text


async def test_a_bug_in_what_follows_parks_it_and_a_retry_records_only_the_outcome(
    house: House, expected_errors: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    expected_errors.append("outcome_failed")
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await promised(engine, Promise(Loose(incident=1, word="x", then="stumble"), "k"))
        await promised(engine, Promise(Loose(incident=1, word="y", then="good"), "good"))
        await outbox.idle()
        await outbox.idle()
        step = (await all_effects(engine))["k"]
        assert step.state is EffectState.PARKED
        assert "could not be recorded (ZeroDivisionError)" in step.reason
        assert (await all_effects(engine))["good"].state is EffectState.KEPT
        with pytest.raises(ZeroDivisionError):
            await outbox.retry(step.effect)
        assert house.world.texts("test_loose") == ["x", "y"]
    assert "hunter2" not in caplog.text


async def test_dropped_is_dropped_and_the_lane_moves_on(house: House) -> None:
    house.world.before = answering(Retry("busy", after=3600))
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="a"), "a"), Promise(Loose(word="b"), "b"))
        await outbox.idle()
        a = (await all_effects(engine))["a"]
        assert house.world.done == []
        assert await outbox.drop(a.effect)
        assert not await outbox.drop(a.effect)
        await outbox.idle()
        assert house.world.texts("test_loose") == ["b"]
        assert not await outbox.retry((await all_effects(engine))["b"].effect)


async def test_a_doubt_holds_its_lane_for_two_minutes_and_no_longer(house: House) -> None:
    house.world.after = answering(Doubtful("time-out"))
    house.world.looking = lambda effect, attempt: Retry("cannot look", after=10)
    async with house.process() as engine, house.outbox(engine, patience=Patience(tries=1000)) as outbox:
        await promised(engine, Promise(Loose(word="a"), "a"), Promise(Loose(word="b"), "b"))
        for _ in range(11):
            await outbox.idle()
            house.clock.forward(10)
        assert house.world.texts("test_loose") == ["a"]
        for _ in range(3):
            house.clock.forward(10)
            await outbox.idle()
        assert house.world.texts("test_loose") == ["a", "b"]
        assert (await all_effects(engine))["a"].state is EffectState.WAITING


async def test_a_change_during_a_try_leaves_exactly_one_more_refresh(house: House) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def hold(effect: Effect, attempt: Attempt) -> None:
        if effect.kind == "test_card":
            begun.set()
            await gate.wait()

    house.world.before = hold
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await begun.wait()
        for n in range(5):
            await engine.handle(Say(incident=1, text=f"{n}"), ADA)
        gate.set()
        await until(lambda: house.world.count("test_post") == 5)
        await outbox.idle()
        assert house.world.count("test_card") == 2


async def test_a_rate_budget_is_never_exceeded_and_others_go_past_it(house: House) -> None:
    pace = Pace(lambda bucket: Rate(per_minute=600, burst=2) if bucket == "slow" else None)
    async with house.process() as engine:
        await promised(
            engine,
            *(Promise(Loose(word="s", line=f"s{n}", bucket="slow"), f"s{n}") for n in range(120)),
            *(Promise(Loose(word="f", line=f"f{n}"), f"f{n}") for n in range(5)),
        )
        async with house.outbox(engine, pace):
            await until(lambda: house.world.texts("test_loose").count("f") == 5)
            assert house.world.texts("test_loose").count("s") <= 3
            await until(lambda: house.world.texts("test_loose").count("s") >= 4)
            assert house.world.texts("test_loose").count("s") <= 8


async def test_a_pause_holds_for_the_bucket_and_outlives_the_process(house: House) -> None:
    house.world.before = answering(Retry("429", after=30, pause="slow"))
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="a", bucket="slow"), "a"))
        await outbox.idle()
        await promised(
            engine, Promise(Loose(word="b", line="b", bucket="slow"), "b"), Promise(Loose(word="c", line="c"), "c")
        )
        await outbox.idle()
        assert house.world.texts("test_loose") == ["c"]
    async with house.process() as engine, house.outbox(engine) as outbox:
        house.clock.forward(20)
        await outbox.idle()
        assert house.world.texts("test_loose") == ["c"]
    async with house.process() as engine:
        house.clock.forward(40)
        if engine.database.shared:  # where pauses go by the database's clock
            await engine.database.write(lambda c: c.exec_driver_sql("UPDATE pace SET until = until - interval '1 min'"))
    async with house.process() as engine, house.outbox(engine) as outbox:
        await outbox.idle()
        await outbox.idle()
        assert sorted(house.world.texts("test_loose")) == ["a", "b", "c"]


async def test_an_unknown_kind_is_parked_and_holds_nobody_up(house: House, expected_errors: list[str]) -> None:
    expected_errors.append("parked")
    async with house.process() as engine:
        await promised(engine, Promise(Loose(word="a"), "a"), Promise(Loose(word="b"), "b"))

        def forget(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE effect SET kind = 'from_the_future' WHERE key = 'a'")

        await engine.database.write(forget)
        async with house.outbox(engine) as outbox:
            await outbox.idle()
        step = (await all_effects(engine))["a"]
        assert step.state is EffectState.PARKED
        assert "cannot read a promise of kind from_the_future" in step.reason
        assert house.world.texts("test_loose") == ["b"]


async def test_a_system_without_a_performer_here_is_left_waiting(house: House) -> None:
    async with house.process() as engine:
        await promised(engine, Promise(Ring(incident=1), "page"), Promise(Loose(word="a"), "a"))
        outbox = Outbox(engine, {"toy": house.world}, Pace())
        await outbox.start()
        await outbox.idle()
        await outbox.stop()
        assert (await all_effects(engine))["page"].state is EffectState.WAITING
        assert house.world.texts("test_loose") == ["a"]


async def test_what_the_process_was_at_when_it_died_is_free_at_once_and_in_doubt(house: House, url: str) -> None:
    begun = asyncio.Event()

    async def hang(effect: Effect, attempt: Attempt) -> None:
        house.world.done.append(Done(effect.kind, None, attempt.key))
        begun.set()
        await asyncio.sleep(3600)

    house.world.before = hang
    async with house.process() as engine, house.outbox(engine, lease=0.3) as outbox:
        await promised(engine, Promise(Loose(word="a"), "a"))
        await begun.wait()
        outbox._cut_short()  # no answer, as by a death
    house.world.before = None
    async with house.process() as engine, house.outbox(engine, lease=0.3) as outbox:
        await until(lambda: any(call == "look" for call, _, _ in house.world.calls))
        await outbox.idle()
        assert len(house.world.done) == 1
        assert (await all_effects(engine))["a"].state is EffectState.KEPT


async def test_a_system_that_hangs_takes_no_slot_of_another(house: House) -> None:
    gate = asyncio.Event()

    async def hang(effect: Effect, attempt: Attempt) -> None:
        if isinstance(effect, Loose):
            await gate.wait()

    house.world.before = hang
    async with house.process() as engine, house.outbox(engine, at_once=10) as outbox:  # two of them for the rest
        await promised(engine, *(Promise(Loose(word=f"{n}", line=f"{n}"), f"k{n}") for n in range(5)))
        await until(lambda: house.world.under_way == 2)
        await promised(engine, Promise(Ring(incident=1), "page"))
        await until(lambda: house.world.count("test_ring") == 1)
        assert house.world.under_way == 2
        gate.set()
        await outbox.idle()
        assert house.world.most_under_way <= 4


async def test_a_try_that_fails_can_tell_people_meanwhile(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        news = [Say(incident=1, text="the pager is down"), Say(incident=1, text="still down")]
        fates = answering(Retry("down", after=5, tell=news[0]), Doubtful("unclear", tell=news[1], after=5))

        async def trick(effect: Effect, attempt: Attempt) -> Answer | None:
            answer: Answer | None = await fates(effect, attempt) if isinstance(effect, Loose) else None
            return answer

        house.world.before = trick
        await promised(engine, Promise(Loose(incident=1, word="x"), "k"))
        for _ in range(4):
            house.clock.forward(5)
            await outbox.idle()
        said = [s.event.line() for s in await engine.reading.events(1) if s.event.kind == "test_said"]
        assert said == ["the pager is down", "still down"]
        assert (await all_effects(engine))["k"].state is EffectState.KEPT


async def test_answers_outlive_a_database_that_is_away(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        write, fails = engine.database.write, 1

        async def away(work: Any, urgency: Any = None) -> Any:
            nonlocal fails
            if fails and house.world.done:
                fails -= 1
                raise Unavailable("away")
            return await write(work, urgency)

        engine.database.write = away  # type: ignore[method-assign]
        await promised(engine, Promise(Loose(word="x"), "k"))
        await until(lambda: fails == 0)
        await outbox.idle()
        await outbox.idle()
        assert (await all_effects(engine))["k"].state is EffectState.KEPT
        assert house.world.texts("test_loose") == ["x"]


async def test_an_outcome_that_is_refused_is_kept_all_the_same(house: House) -> None:
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(incident=99, word="x", then="nobody there"), "k"))
        await outbox.idle()
        assert (await all_effects(engine))["k"].state is EffectState.KEPT


async def test_an_outcome_that_was_missing_is_recorded_by_a_retry_without_a_second_call(
    house: House, expected_errors: list[str]
) -> None:
    expected_errors.append("outcome_failed")
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        await promised(engine, Promise(Loose(incident=1, word="x", then="stumble"), "k"))
        await outbox.idle()

        def mend(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE effect SET body = replace(body, 'stumble', 'mended') WHERE key = 'k'")

        await engine.database.write(mend)
        assert await outbox.retry((await all_effects(engine))["k"].effect)
        await outbox.idle()
        assert (await all_effects(engine))["k"].state is EffectState.KEPT
        found = await engine.reading.incident(1)
        assert found is not None
        assert found.summary == "mended"
        assert house.world.texts("test_loose") == ["x"]


async def test_a_refresh_that_was_tried_before_does_not_stand_for_a_later_change(house: House) -> None:
    async def busy(effect: Effect, attempt: Attempt) -> Answer | None:
        return Doubtful("time-out", after=60) if effect.kind == "test_card" else None

    house.world.after = busy
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        assert house.world.count("test_card") == 1
        for text in ("a", "b"):
            await engine.handle(Say(incident=1, text=text), ADA)
        cards = [step for step in (await all_effects(engine)).values() if step.kind == "test_card"]
        assert [(card.state, card.tries) for card in cards] == [(EffectState.WAITING, 1), (EffectState.WAITING, 0)]


async def test_of_refreshes_that_are_refused_one_stays_parked_and_draws_everything_later(house: House) -> None:
    async def refuse(effect: Effect, attempt: Attempt) -> Answer | None:
        return GiveUp("archived") if isinstance(effect, Card) else None

    house.world.before = refuse
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        for text in ("a", "b"):
            await outbox.idle()
            await engine.handle(Say(incident=1, text=text), ADA)
        await outbox.idle()
        cards = [step for step in (await all_effects(engine)).values() if step.kind == "test_card"]
        assert sorted(step.state for step in cards) == ["dropped", "dropped", "parked"]
        house.world.before = None
        (parked,) = [step for step in cards if step.state is EffectState.PARKED]
        assert await outbox.retry(parked.effect)
        await outbox.idle()
        assert house.world.count("test_card") == 1
