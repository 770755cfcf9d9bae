"""In the middle of the night an incident goes on elsewhere: in a private room, or in another incident."""

from contextlib import suppress

import aiohttp
import pytest

from bot.sandbox import Impossible
from bot.sandbox.slack import seed
from tests.stories.screen import buttons, labels, whispers, words
from tests.stories.world import Plan, World

SECRET = "Umbrella"
BOTH = pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)


async def shown(world: World, channel: str) -> str:
    """What stands in a channel now, as everybody in it reads it, with its name, its topic and its bookmarks."""
    there = await world.hands.slack.channel(channel)
    told = [words(m) for m in await world.hands.slack.messages(channel, with_system=True)]
    return "\n".join([there["name"], str(there["topic"]), str(there.get("bookmarks")), *told])


async def everywhere_else(world: World, old: str) -> dict[str, str]:
    """All that somebody can see who is in the old room and in every shared channel, but not in the new room."""
    seen = {place: await shown(world, place) for place in (old, "#general", "#incidents", "#ops")}
    for person in ("carla", "emi", "finn"):
        seen[f"{person}'s messages"] = str([words(m) for m in await world.hands.slack.dm(person)])
        seen[f"{person}'s home"] = str(await world.hands.slack.home(person))
    for typed in ("list", "show INC-1", "INC-1 timeline", "INC-1 catchup", "tasks", "INC-2 merge into INC-1",
                  "INC-1 private", "INC-1 invite @carla", "INC-1 update edit 1", f"declare {SECRET} again",
                  ):  # fmt: skip
        seen[typed] = whispers(await world.hands.slack.command("carla", "#ops", typed)).replace(f"{SECRET} again", "")
    for typed in ("", "show", "timeline", "catchup", "tasks", "status", "note what is it"):
        seen[f"{typed} in the old room"] = whispers(await world.hands.slack.command("carla", old, typed))
    for place in (old, "#incidents"):
        for message in await world.hands.slack.messages(place):
            for button in (b for b in buttons(message) if b["type"] == "button"):
                with suppress(Impossible):  # what was pressed before it may have brought other buttons
                    pressed = await world.hands.slack.click(
                        "carla",
                        button["action_id"],
                        channel=place,
                        ts=message["ts"],
                        value=button.get("value"),
                        wait=0.2,
                    )
                    seen[f"{button['text']['text']} in {place}"] = whispers(pressed)
    seen["PagerDuty"] = str(await world.hands.pagerduty.state())
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/metrics", "/readyz"):
            async with session.get(world.url + path) as answer:
                seen[path] = await answer.text()
    return seen


@BOTH
async def test_what_goes_on_in_the_private_room_is_seen_nowhere_else(world: World) -> None:
    await world.declare("Keys leaked", severity=2, services=["PSCHECK"])
    old = (await world.room())["id"]
    for person in ("carla", "emi"):
        await world.hands.slack.join(person, old)
    await world.type("bo", "role scribe")
    await world.type("ada", "task rotate the keys @dev 15m")
    await world.hands.pagerduty.trigger("search", "5xx", priority="P3")
    await world.settled()
    await world.type("ada", "private")
    asked = await world.hands.slack.wait_for_modal("ada", "private room")
    assert "Asked in: you, and who declared it, has a role or a task: Bo Lind, Dev Anand." in words(asked)
    await world.hands.slack.submit("ada", {})
    await world.settled()
    new = (await world.incident()).room
    assert new is not None
    room = await world.hands.slack.channel(new.channel)
    assert room["is_private"]
    assert set(room["members"]) == {seed.BOT_USER, seed.ADA, seed.BO, seed.DEV}
    for typed in (
        "edit", f"summary {SECRET}", f"note it was {SECRET}", "sev 1", f"update {SECRET} is on it", "lead @bo",
        f"task call {SECRET} @ada", "status identified", f"resolve {SECRET} is gone",
    ):  # fmt: skip
        await world.hands.slack.command("ada", new.channel, typed)
    await world.settled()
    assert SECRET in await shown(world, new.channel)
    facts = await world.facts()
    await world.hands.slack.react("carla", old, (await world.hands.slack.messages(old))[-1]["ts"], "pushpin")
    seen = await everywhere_else(world, old)
    await world.settled()
    assert f"Done in {old}" in seen, "the buttons that stood there were tried"
    assert await world.facts() == facts, "whoever is not in it changes nothing of it"
    assert [place for place, told in seen.items() if SECRET in told] == []
    assert [place for place in ("list", "carla's home", "tasks", "show INC-1") if "Keys leaked" in seen[place]] == []
    assert "INC-1 goes on in a private room" in whispers(await world.hands.slack.command("carla", old, "note hello"))
    assert [labels(m) for m in await world.hands.slack.messages(old) if "goes on" in words(m)] == [[], []]
    assert "*INC-1* is private now." in await shown(world, "#incidents")
    assert await world.unkept() == []


@BOTH
async def test_two_incidents_that_are_one_go_on_in_one_room(world: World) -> None:
    await world.declare("Checkout errors")
    alert = await world.hands.pagerduty.trigger("checkout", "Index is slow", priority="P2")
    await world.settled()
    source, target = await world.room(2), await world.room(1)
    await world.hands.slack.join("carla", source["id"])
    await world.type("bo", "lead", 2)
    await world.type("bo", "task rebuild the index @dev 15m", 2)
    await world.type("bo", "note it began with the deploy", 2)
    await world.settled()
    await world.type("bo", "merge", 2)
    await world.hands.slack.wait_for_modal("bo", "Merge")
    await world.hands.slack.submit("bo", {"into": "1"})
    await world.settled()
    here = await world.room(1)
    assert {seed.CARLA, seed.BO, seed.DEV} <= set(here["members"]), "everybody was asked over"
    assert "Bo Lind merged INC-2 into this incident: Index is slow. 1 alert and 1 open task came along." in str(
        await world.said(1)
    )
    assert "*INC-2* was merged into INC-1" in await shown(world, "#incidents")
    closing = f"This room closes; INC-1 goes on in <#{target['id']}>, where everybody here is invited."
    assert closing in str(await world.said(2))
    await world.hands.pagerduty.resolve(alert)
    await world.settled()
    assert "All alerts are clear" in str(await world.said(1))
    told = await world.type("ada", "timeline", 1)
    assert "`INC-2 " in whispers(told)
    assert "Bo Lind: it began with the deploy" in whispers(told)
    await world.pass_time(minutes=2)
    assert (await world.room(2))["is_archived"]
    assert "INC-2 was merged into INC-1" in whispers(await world.hands.slack.command("ada", "#ops", "INC-2 resolve x"))
    assert await world.unkept() == []
