"""Who comes late, who declares afterwards, who practises, who looks at the home tab: through the whole program."""

import asyncio

import pytest

from bot.integrations.slack.homes import EVERY
from bot.sandbox.slack import seed
from tests.stories.screen import Json, labels, whispers, words
from tests.stories.world import Plan, World

BOTH = pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)
SECRET = "the password is hunter2"


@BOTH
async def test_who_comes_late_is_told_in_private_what_happened_so_far(world: World) -> None:
    number = await world.declare("Checkout errors", severity=2, services=["PSCHECK"])
    room = await world.room(number)
    await world.hands.slack.join("emi", room["id"])
    await world.settled()
    assert await world.hands.slack.dm("emi") == [], "in time: the card says it all"
    await world.type("ada", "impact One order in twenty fails", number)
    await world.type("ada", "note rolled back to 4.2", number)
    await world.type("ada", f"note {SECRET}", number)
    await world.pass_time(minutes=6)
    for _ in range(2):
        await world.hands.slack.join("carla", room["id"])
        await world.settled()
        await world.hands.slack.leave("carla", room["id"])
        await world.settled()
    (told,) = await world.hands.slack.dm("carla")
    assert words(told).startswith("You came into")
    for line in ("*Impact:* One order in twenty fails", "Ada Marsh: rolled back to 4.2", SECRET):
        assert line in words(told)

    noted = next(s.seq for s in await world.app.engine.reading.events(number) if SECRET in s.event.line())
    shown = (await world.type("ada", "timeline", number))["ephemerals"][-1]
    pressed = {"channel": room["id"], "ts": shown["ts"], "selected": f"redact/{number}/{noted}"}
    await world.hands.slack.click("ada", f"entry#{noted}", **pressed)
    await world.hands.slack.wait_for_modal("ada", "for good")
    await world.hands.slack.submit("ada")
    await world.settled()
    (told,) = await world.hands.slack.dm("carla")
    assert SECRET not in words(told)
    assert "rolled back to 4.2" in words(told)
    assert await world.unkept() == []


async def test_the_new_commander_knows_what_the_former_one_knew(world: World) -> None:
    number = await world.declare("Checkout errors", severity=2)
    await world.type("ada", "note rolled back to 4.2", number)
    await world.type("ada", "handover @bo", number)
    await world.settled()
    told = [words(m) for m in await world.hands.slack.dm("bo")]
    assert any(m.startswith("You have command of INC-1 now.") and "rolled back to 4.2" in m for m in told)
    assert "rolled back to 4.2" in whispers(await world.hands.slack.command("carla", "#ops", "catchup INC-1"))


async def test_what_was_over_already_wakes_nobody_and_is_on_record_everywhere(world: World) -> None:
    slack = world.hands.slack
    await slack.command("ada", "#ops", "declare payments were refused last night")
    await slack.click("ada", "in/over")
    await slack.wait_for_modal("ada", "When was it over?")
    moments = {"began": "2026-01-05 01:10 UTC", "ended": "2026-01-05 02:25 UTC"}
    await slack.submit("ada", {"severity": "1", "services": ["PSPAYME"], **moments})
    await world.settled()
    i = await world.incident()
    assert (i.is_open, i.pages, i.review) == (False, (), True)
    assert set((await world.room())["members"]) == {seed.BOT_USER, seed.ADA}, "nobody on call is asked in"
    (announced,) = [m for m in await slack.messages("#incidents") if "INC-1" in words(m)]
    assert "Resolved" in words(announced)
    assert "lasted 1 h 15 min" in words(await world.card())
    assert any(m.get("files") for m in (await world.room())["messages"]), "the draft of the review is there"
    assert await world.unkept() == []


async def test_a_drill_pages_nobody_and_says_what_it_is(world: World) -> None:
    slack = world.hands.slack
    await slack.command("ada", "#ops", "drill deploy")
    await slack.submit("ada", {"severity": "1", "services": ["checkout"]})
    await world.settled()
    await world.pass_time(minutes=45)
    i = await world.incident()
    assert (i.drill, i.pages, i.nudged) == (True, (), ())
    assert (await world.room())["name"].startswith("inc-1-drill-")
    assert "drill" in words((await slack.messages("#incidents"))[-1]).casefold()
    assert "Drill" in words(await world.card())
    assert "Services: checkout" in words(await world.card()).replace("*", ""), "what is practised"
    assert await world.hands.pagerduty.pages() == []
    assert "drill" in words(await slack.home("ada") or {}).casefold()


async def test_the_home_tab_follows_a_resolve_while_somebody_looks_at_it(world: World) -> None:
    assert EVERY < 5, "within five seconds, for a story in less"
    world.app._parts.slack._homes._every = 0.05
    number = await world.declare("Checkout errors")
    shown = await world.hands.slack.home("ada") or {}
    assert "you: Incident Commander" in words(shown)
    assert labels(shown)[:2] == ["Declare an incident", "Begin a drill"]
    await world.type("ada", "resolve rolled back", number)
    async with asyncio.timeout(4):
        while "No incident is open." not in words(_tab(world)):  # noqa: ASYNC110  (it comes by and by)
            await asyncio.sleep(0.05)


def _tab(world: World) -> Json:
    """Ada's home tab as it stands, without opening it anew."""
    return world.sandbox.slack.views[world.sandbox.slack.homes[seed.ADA]].content
