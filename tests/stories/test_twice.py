"""The same thing twice: what is sent, pressed or heard again does nothing again."""

import asyncio

import pytest

from bot.sandbox import Rule
from tests.stories.screen import Json, buttons, whispers
from tests.stories.world import VIEWER, Plan, World

BOTH_DATABASES = pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)
BOTH_WAYS = pytest.mark.parametrize("world", [Plan("socket"), Plan("http")], indirect=True, ids=str)


async def _rooms(world: World) -> list[str]:
    return [c["name"] for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]


@BOTH_DATABASES
async def test_one_form_sent_twice_at_once_declares_one_incident(world: World) -> None:
    await world.hands.slack.command("ada", "#ops", "declare twice")
    await world.hands.slack.wait_for_modal("ada", "What is wrong?")
    await world.hands.slack.submit("ada", {"severity": "1", "services": ["checkout"]}, times=2)
    await world.settled()
    assert [i.name for i in await world.app.engine.reading.recent(VIEWER)] == ["INC-1"]
    assert await _rooms(world) == ["inc-1-twice"]
    assert len(await world.hands.pagerduty.pages()) == 1
    assert len(await world.hands.slack.messages("#incidents")) == 1


@BOTH_DATABASES
async def test_a_double_click_takes_command_once(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "double", priority="P1")
    await world.settled()
    await world.hands.slack.join("ada", (await world.room())["id"])
    await world.press("ada", "take_role", value="1/commander", times=2)
    await world.settled()
    assert (await world.facts()).count("role_taken") == 1
    assert (await world.said()).count("Ada Marsh is *Incident Commander*.") == 1
    assert len(await world.hands.slack.dm("ada")) == 1


async def test_a_double_click_on_resolve_and_status_says_each_once(world: World) -> None:
    await world.declare("twice resolved")
    answered = await world.type("ada", "status")
    where = {"channel": answered["ephemerals"][0]["channel"], "ts": answered["ephemerals"][0]["ts"]}
    await world.hands.slack.click("ada", "set_status#2", **where, times=2)
    await world.press("ada", "resolve_form", times=2)
    await world.hands.slack.wait_for_modal("ada", "What fixed it?")
    await world.hands.slack.submit("ada", {"text": "restarted"}, times=2)
    await world.settled()
    facts = await world.facts()
    assert (facts.count("status_changed"), facts.count("resolved")) == (2, 1)


async def test_the_same_note_twice_within_a_minute_is_one_note_and_other_words_are_two(world: World) -> None:
    await world.declare("notes")
    await asyncio.gather(*(world.type("ada", "note it is the cache") for _ in range(2)))
    await world.type("ada", "note it is the cache after all")
    await world.settled()
    told = await world.timeline()
    assert told.count("Ada Marsh: it is the cache") == 1
    assert told.count("Ada Marsh: it is the cache after all") == 1


@BOTH_WAYS
async def test_everything_delivered_again_changes_nothing(world: World) -> None:
    number = await world.declare("again", severity=2, services=["checkout"])
    room = (await world.room(number))["id"]
    message = await world.hands.slack.post("ada", room, "found it")
    await world.hands.slack.react("ada", room, message["ts"], "pushpin")
    await world.hands.slack.mention("ada", room, "note said in passing", thread_ts=message["ts"])
    await world.type("ada", "note written down", number)
    await world.press("ada", "take_role", number, value=f"{number}/scribe")
    await world.settled()
    before = await _everything(world)
    for delivery in await world.hands.slack.deliveries():
        await world.hands.slack.redeliver(delivery["id"])
    await world.settled()
    assert await _everything(world) == before


async def test_events_that_slack_delivers_twice_at_once_count_once(world: World) -> None:
    number = await world.declare("marks")
    room = (await world.room(number))["id"]
    for event in ("reaction_added", "app_mention"):
        world.sandbox.faults.add(Rule("slack", event, "duplicate", times=None))
    message = await world.hands.slack.post("ada", room, "this is it")
    await world.hands.slack.react("ada", room, message["ts"], "pushpin")
    await world.hands.slack.mention("ada", room, "note said twice", thread_ts=message["ts"])
    await world.hands.slack.wait_for_delivery("app_mention")
    await world.settled()
    told = await world.timeline(number)
    assert told.count("Ada Marsh: this is it") == 1
    assert told.count("Ada Marsh: said twice") == 1


@BOTH_DATABASES
async def test_webhooks_sent_three_times_each_open_one_room_and_page_nobody_again(world: World) -> None:
    await world.hands.pagerduty.set_weather(copies=3, hurry=0.01)
    alert = await world.hands.pagerduty.trigger("checkout", "thrice", priority="P1")
    await world.hands.pagerduty.acknowledge(alert, by="Bo")
    await world.hands.pagerduty.note(alert, "on it", by="Bo")
    await world.settled()
    assert await _rooms(world) == ["inc-1-thrice"]
    told = await world.timeline()
    for line in (
        "Alert on checkout: thrice",
        "Bo Lind acknowledged the alert “thrice”",
        "Bo Lind noted in PagerDuty: on it",
    ):
        assert told.count(line) == 1
    assert len(await world.hands.slack.messages("#incidents")) == 1


@BOTH_DATABASES
async def test_two_first_alerts_of_a_service_at_the_same_instant_open_one_room(world: World) -> None:
    await world.hands.pagerduty.hold()
    for title in ("cpu", "memory", "disk", "network"):
        await world.hands.pagerduty.trigger("checkout", title, priority="P1")
    await world.hands.pagerduty.release()
    await world.settled()
    assert len(await _rooms(world)) == 1
    assert len((await world.incident()).alerts) == 4


@BOTH_DATABASES
async def test_of_two_who_take_command_at_the_same_instant_one_has_it_and_the_other_is_asked(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "race", priority="P1")
    await world.settled()
    room = (await world.room())["id"]
    for person in ("ada", "emi"):
        await world.hands.slack.join(person, room)
    answered = await asyncio.gather(*(world.press(who, "take_role", value="1/commander") for who in ("ada", "emi")))
    await world.settled()
    assert (await world.facts()).count("role_taken") == 1
    commander = (await world.incident()).commander
    assert commander is not None
    (loser, asked) = ("emi", answered[1]) if commander.name == "Ada Marsh" else ("ada", answered[0])
    asked = asked if asked["ephemerals"] else {"ephemerals": await world.hands.slack.ephemerals(loser), "modal": None}
    assert f"{commander.name} has been Incident Commander of INC-1 since" in whispers(asked)
    assert "Take over?" in whispers(asked)
    await _say_yes(world, loser, asked)
    facts = await world.facts()
    assert facts.count("role_taken") == 2
    assert (await world.incident()).commander != commander
    assert f"took over *Incident Commander* from <@{commander.foreign_id}>." in "\n".join(await world.said())


async def _say_yes(world: World, who: str, asked: Json) -> None:
    question = asked["ephemerals"][-1]
    (yes,) = buttons(question)
    await world.hands.slack.click(who, yes["action_id"], channel=question["channel"], ts=question["ts"], times=2)
    await world.settled()


async def _everything(world: World) -> tuple[object, ...]:
    """All that a person or the account could see changed."""
    messages = await world.hands.slack.messages("#incidents")
    return (
        [await world.facts(i.number) for i in await world.app.engine.reading.recent(VIEWER)],
        await world.said(),
        [m["ts"] for m in messages],
        len(await world.hands.slack.dm("ada")),
        len(await world.hands.pagerduty.pages()),
        await _rooms(world),
    )
