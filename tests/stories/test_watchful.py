"""Somebody goes, something is shut, nobody answers: one person is asked, then all of them, and nothing is forgotten."""

from bot.sandbox.slack import seed
from tests.stories.screen import Json, button_of, words
from tests.stories.world import World

DAY = 24 * 60


async def told(world: World, who: str, part: str) -> Json:
    """The newest direct message to somebody that holds these words."""
    there = await world.hands.slack.dm(who)
    found = [message for message in there if part in words(message)]
    assert found, f"{part!r} is not in {[words(message) for message in there]}"
    return found[-1]


async def answer(world: World, who: str, message: Json, action: str) -> Json:
    """Somebody presses a button under a direct message; what they are told."""
    direct = world.sandbox.slack.direct(seed.BOT_USER, {"ada": seed.ADA, "bo": seed.BO}[who])
    element = button_of(message, action)
    assert element is not None, f"no {action} under {words(message)!r}"
    done = await world.hands.slack.click(
        who, element["action_id"], channel=direct.id, ts=message["ts"], value=element.get("value")
    )
    await world.settled()
    shown: list[Json] = done["ephemerals"]
    return shown[-1] if shown else {}


async def test_the_deputy_is_asked_when_the_commander_leaves_then_the_room_and_a_restart_forgets_nothing(
    world: World,
) -> None:
    number = await world.declare("Checkout errors", severity=2)
    room = (await world.room(number))["id"]
    await world.hands.slack.join("bo", room)
    await world.type("ada", "role deputy @bo", number)
    await world.settled()
    await world.hands.slack.leave("ada", room)
    await world.settled()
    await world.restart()
    await world.pass_time(minutes=3)
    asked = await told(world, "bo", "Ada Marsh has command and left the room")
    assert not [line for line in await world.said(number) if "left the room" in line]
    await world.pass_time(minutes=11)
    (aloud,) = [line for line in await world.said(number) if "nobody has answered for 10 minutes" in line]
    assert aloud.startswith(f"<@{seed.BO}> INC-{number}: ")
    sure = await answer(world, "bo", asked, "take_role")
    assert "Take over?" in words(sure)
    await answer(world, "bo", sure, "take_over")
    commander = (await world.incident(number)).commander
    assert commander
    assert commander.name == "Bo Lind"
    await world.pass_time(minutes=30)
    assert len([line for line in await world.said(number) if "left the room" in line]) == 1
    assert await world.unkept() == []


async def test_a_room_shut_by_hand_is_come_back_to_and_one_that_is_done_with_is_archived_and_comes_back(
    world: World,
) -> None:
    number = await world.declare("Checkout errors", severity=3)
    room = (await world.room(number))["id"]
    await world.hands.slack.join("bo", room)
    await world.hands.slack.rename("bo", room, "tills")
    await world.settled()
    await world.type("ada", "rename tills are down", number)
    await world.settled()
    assert (await world.room(number))["name"] == f"inc-{number}-tills-are-down"
    await world.hands.slack.archive("bo", room)
    await world.settled()
    await world.pass_time(minutes=1)
    await told(world, "ada", "unarchive it there, then type `/invite @Muster` in it.")
    await world.hands.slack.unarchive("ada", room)
    await world.settled()
    await world.type("ada", "resolve fixed", number)
    await world.settled()
    await world.pass_time(minutes=7 * DAY + 5)
    assert (await world.room(number))["is_archived"]
    await world.hands.slack.command("ada", "#ops", f"INC-{number} reopen")
    await world.settled()
    await told(world, "ada", "unarchive it in Slack")
    await world.hands.slack.unarchive("ada", room)
    await world.settled()
    await world.press("ada", "retry_step", number)
    await world.settled()
    assert "reopened" in (await world.said(number))[-1]
    assert await world.unkept() == []
