"""What was given up is tried again by itself, while the incident is open."""

from bot.engine.auditor import AFTER, AT_ONCE, Auditor
from bot.engine.effects import GiveUp, Promise
from bot.engine.handle import Engine
from bot.engine.tables import EffectState
from tests.engine.conftest import House
from tests.engine.test_outbox import all_effects, answering, promised
from tests.engine.toys import ADA, Loose, Open, Ring

LATE = AFTER.total_seconds() + 1


async def state(engine: Engine, key: str) -> EffectState:
    return (await all_effects(engine))[key].state


async def test_what_was_refused_is_tried_again_after_a_while_and_works(house: House) -> None:
    house.world.before = answering(GiveUp("Slack says no."), None)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        assert await state(engine, "room/1") is EffectState.PARKED
        assert await Auditor(engine, outbox).turn() == 0, "too early"
        house.clock.forward(LATE)
        assert await Auditor(engine, outbox).turn() == 1
        await outbox.idle()
        assert await state(engine, "room/1") is EffectState.KEPT
        assert house.world.count("test_make_room") == 1


async def test_what_is_refused_again_waits_as_long_again(house: House) -> None:
    house.world.before = answering(GiveUp("no"), GiveUp("still no"), None)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        house.clock.forward(LATE)
        assert await Auditor(engine, outbox).turn() == 1
        await outbox.idle()
        assert await Auditor(engine, outbox).turn() == 0
        house.clock.forward(LATE)
        assert await Auditor(engine, outbox).turn() == 1


async def test_what_a_person_must_decide_is_left_alone(house: House) -> None:
    house.world.before = answering(*[GiveUp("no")] * 2)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        await outbox.idle()
        await promised(engine, Promise(Ring(incident=1), "page"))
        await outbox.idle()
        house.clock.forward(LATE)
        assert await Auditor(engine, outbox).turn() == 1, "the room alone"
        await outbox.idle()
        assert await state(engine, "page") is EffectState.PARKED


async def test_what_belongs_to_no_open_incident_is_tried_again_for_three_days(house: House) -> None:
    house.world.before = answering(*[GiveUp("no")] * 3)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await promised(engine, Promise(Loose(word="of nobody"), "loose"))
        await outbox.idle()
        for days, tried in ((0, 1), (2, 1), (1, 0)):
            house.clock.forward(LATE + days * 86_400)
            assert await Auditor(engine, outbox).turn() == tried, days
            await outbox.idle()
        assert await state(engine, "loose") is EffectState.PARKED


async def test_one_turn_tries_only_a_few(house: House) -> None:
    house.world.before = answering(*[GiveUp("no")] * 20)
    async with house.process() as engine, house.outbox(engine) as outbox:
        await engine.handle(Open(), ADA)
        many = (Promise(Loose(incident=1, word=f"{n}", line=f"{n}"), f"k{n}") for n in range(AT_ONCE + 5))
        await promised(engine, *many)
        await outbox.idle()
        house.clock.forward(LATE)
        assert await Auditor(engine, outbox).turn() == AT_ONCE
