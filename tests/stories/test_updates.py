"""A status update from the form to a follower's direct messages, put right everywhere, promised onward, taken back."""

import pytest

from bot.incident import RedactEntry
from bot.sandbox.slack import seed
from tests.stories.screen import Json, button_of, labels, whispers, words
from tests.stories.world import VIEWER, Plan, World

BOTH = pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)
SECRET = "hunter2"
GRAPHS = "https://graphs.example/checkout"


async def told(world: World, who: str) -> list[str]:
    """The updates in the direct messages to somebody, as they read them."""
    return [text for message in await world.hands.slack.dm(who) if "*Update" in (text := words(message))]


async def announced(world: World) -> Json:
    """The announcement card."""
    (card,) = [m for m in await world.hands.slack.messages("#incidents") if m.get("bot_id")]
    return card


async def press_there(world: World, who: str, message: Json, action: str, where: str) -> Json:
    """Presses a button of a message in that channel."""
    element = button_of(message, action)
    assert element is not None, labels(message)
    result = await world.hands.slack.click(
        who, element["action_id"], channel=where, ts=message["ts"], value=element.get("value")
    )
    await world.settled()
    return result


async def test_an_update_is_previewed_posted_followed_and_put_right_wherever_it_was_said(world: World) -> None:
    await world.declare("Checkout errors", severity=1)
    shown = await press_there(world, "carla", await announced(world), "follow", "#incidents")
    assert "You follow INC-1: each update, and its end, comes to you" in whispers(shown)

    await world.press("ada", "open_form", value="1/update")
    form = await world.hands.slack.wait_for_modal("ada", "How do things stand?")
    assert "In 30 min (as SEV1 asks)" in str(form)
    await world.hands.slack.fill("ada", {"condition": "1 in 5 payments fails", "actions": "Bo rolls back"})
    await world.hands.slack.click("ada", "in/preview")
    form = await world.hands.slack.wait_for_modal("ada", "So it will look")
    assert "*Update 1* by Ada Marsh\n1 in 5 payments fails\n*Doing:* Bo rolls back\nNext update in 30 min." in words(
        form
    )
    await world.hands.slack.submit("ada", {"needs": "A gateway expert", "next": "15"}, times=2)
    await world.settled()

    (said,) = [m for m in await world.said() if m.startswith("*Update")]
    assert said.startswith(
        "*Update 1* by Ada Marsh\n1 in 5 payments fails\n*Doing:* Bo rolls back\n*Needed:* A gateway expert\nNext"
    )
    for shown_to_all in (await world.card(), await announced(world)):
        assert "1 in 5 payments fails" in words(shown_to_all)
    (private,) = await told(world, "carla")
    assert "*INC-1* · SEV1 · investigating · Checkout errors" in private
    assert "*Needed:* A gateway expert" in private
    assert await told(world, "ada") == [], "who says it knows it"

    await world.hands.slack.join("bo", (await world.room())["id"])
    await world.press("bo", "run", value="INC-1 update edit 1")
    await world.hands.slack.wait_for_modal("bo", "How do things stand?")
    await world.hands.slack.submit("bo", {"condition": "1 in 10 payments fails"})
    await world.settled()
    for text in (*(m for m in await world.said() if m.startswith("*Update")), *await told(world, "carla")):
        assert "1 in 10 payments fails" in text
        assert "put right by Bo Lind" in text
        assert "1 in 5" not in text
    assert "1 in 10 payments fails" in words(await announced(world))

    message = next(m for m in await world.hands.slack.dm("carla") if "*Update" in words(m))
    direct = (await world.app.engine.reading.refs(1))[f"slack.tell.{await entry(world)}.{seed.CARLA}"]
    shown = await press_there(world, "carla", message, "follow", direct.partition("/")[0])
    assert "You no longer follow INC-1." in whispers(shown)
    await world.type("ada", "update all is well again")
    await world.settled()
    assert len(await told(world, "carla")) == 1, "and that one is still there"
    assert await world.unkept() == []


async def entry(world: World, kind: str = "update_posted") -> int:
    """Where the first fact of that kind stands."""
    return next(s.seq for s in await world.app.engine.reading.events(1) if s.event.kind == kind)


async def test_the_next_update_is_asked_for_as_it_was_promised_and_a_restart_forgets_nothing(world: World) -> None:
    await world.declare("Checkout errors", severity=4)
    await world.type("ada", "update")
    await world.hands.slack.wait_for_modal("ada", "How do things stand?")
    await world.hands.slack.submit("ada", {"condition": "looking", "next": "60"})
    await world.settled()
    await world.restart()
    await world.pass_time(minutes=59)
    assert not [m for m in await world.hands.slack.dm("ada") if "is due" in words(m)]
    await world.pass_time(minutes=2)
    (asked,) = [m for m in await world.hands.slack.dm("ada") if "is due" in words(m)]
    assert "A status update on INC-1 is due (promised for" in words(asked)
    assert labels(asked) == ["Post update", "Snooze", "Not needed"]
    assert "*Next update due:*" in words(await world.card())
    direct = world.sandbox.slack.direct(seed.BOT_USER, seed.ADA)
    await press_there(world, "ada", asked, "answer_prompt", direct.id)
    assert "*Next update due:*" not in words(await world.card())
    await world.pass_time(minutes=120)
    assert not [m for m in await world.hands.slack.dm("ada") if "is due" in words(m)]
    assert await world.unkept() == []


@BOTH
async def test_redacted_an_update_and_a_link_are_gone_everywhere(world: World) -> None:
    await world.declare("Checkout errors", severity=1)
    await world.type("ada", "invite @payments")
    await world.hands.slack.command("carla", "#ops", "INC-1 update follow")
    await world.type("ada", f"update the key is {SECRET} for now")
    await world.type("ada", f"link {GRAPHS}/{SECRET} {SECRET} board")
    await world.settled()
    room = await world.room()
    assert {seed.BO, seed.FINN} <= set(room["members"])
    assert [SECRET in b["title"] for b in room["bookmarks"] if GRAPHS in b["link"]] == [True]
    await world.type("ada", "update edit")
    await world.hands.slack.wait_for_modal("ada", "How do things stand?")
    await world.hands.slack.submit("ada", {"condition": f"{SECRET} is not needed any more"})
    await world.settled()
    assert SECRET in "".join(await told(world, "carla"))

    await redact(world, "update_posted")
    last = world.sandbox.calls.last
    await redact(world, "link_added")
    room = await world.room()
    seen = [words(await announced(world)), *await world.said(), *await told(world, "carla"), room["topic"]]
    assert SECRET not in str(seen) + str(room["bookmarks"])
    assert await told(world, "carla") == [], "what was told of it in private says so no more"
    assert SECRET not in "\n".join(await world.timeline())
    assert SECRET not in str([call.args for call in world.sandbox.calls.all(since=last)])
    assert await world.unkept() == []


async def redact(world: World, kind: str) -> None:
    await world.app.engine.handle(RedactEntry(incident=1, entry=await entry(world, kind)), VIEWER)
    await world.settled()
