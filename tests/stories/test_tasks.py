"""A task from the room: asked, taken on, chased, kept for afterwards, done weeks later; and its words taken back."""

from pathlib import Path

from bot.incident.duties import TaskState
from bot.sandbox.slack import seed
from tests.stories.screen import Json, button_of, whispers, words
from tests.stories.world import World

SECRET = "hunter2"
UNTIL_IT_IS_DUE = 9 * 24 * 60
"""Minutes from a Saturday to the Monday after the next: a week, and the working morning after it."""


async def _told(world: World, who: str) -> str:
    """The direct messages to somebody, as they read them."""
    return "\n".join(words(message) for message in await world.hands.slack.dm(who))


async def _press(world: World, who: str, value: str) -> Json:
    """Presses the newest such button among somebody's direct messages."""
    refs = await world.app.engine.reading.refs(1)
    for message in reversed(await world.hands.slack.dm(who)):
        if element := button_of(message, "run", value):
            direct = next(where.partition("/")[0] for where in refs.values() if where.endswith(message["ts"]))
            await world.hands.slack.click(who, element["action_id"], channel=direct, ts=message["ts"], value=value)
            await world.settled()
            return message
    raise AssertionError(f"there is no button {value} in the messages to {who}")


async def test_a_task_is_taken_on_chased_put_off_kept_and_done_when_the_room_is_long_archived(world: World) -> None:
    await world.declare("Search is slow", severity=4)
    await world.type("ada", "task restart the workers @carla 15m")
    await world.settled()
    assert "Ada Marsh gives you task 1, by" in await _told(world, "carla")
    assert seed.CARLA in (await world.room())["members"], "who is asked is let in"
    await _press(world, "carla", "INC-1 task take 1")
    assert "Carla Reyes is on task 1: restart the workers" in "\n".join(await world.said())
    await world.restart()
    await world.pass_time(minutes=16)
    await _press(world, "ada", "INC-1 task later 1 15m")
    assert "time is up" not in await _told(world, "ada"), "what was answered is gone"
    await world.pass_time(minutes=16)
    assert "The time for task 1 is up (Carla Reyes): restart the workers" in await _told(world, "ada")
    await world.type("ada", "resolve the index was rebuilt")
    await world.settled()
    assert "*1 task is still open.*" in (await world.said())[-1]
    listed = await world.press("ada", "run", value="INC-1 tasks keep")
    assert "*1 follow-up in INC-1*" in whispers(listed)
    await world.pass_time(minutes=UNTIL_IT_IS_DUE)
    for _ in range(8):
        await world.pass_time(minutes=6 * 60)
    assert "INC-1: Follow-up 1 is due: restart the workers" in await _told(world, "carla")
    mine = whispers(await world.hands.slack.command("carla", "#ops", "tasks"))
    assert mine.startswith("*You have 1 follow-up*")
    await _press(world, "carla", "INC-1 followup done 1")
    assert (await world.incident()).tasks[0].state is TaskState.DONE
    assert await world.unkept() == []


async def test_a_message_becomes_a_task_and_its_words_are_gone_everywhere_once_redacted(world: World) -> None:
    await world.declare("Search is slow", severity=4)
    room = (await world.room())["id"]
    await world.hands.slack.join("bo", room)
    message = await world.hands.slack.post("bo", room, f"I will rotate {SECRET} now")
    await world.hands.slack.message_shortcut("ada", room, message["ts"], "task_from_message")
    form = await world.hands.slack.wait_for_modal("ada", "Task in INC-1")
    assert SECRET in str(form)
    await world.hands.slack.submit("ada", {"time": "5"})
    await world.settled()
    (task,) = (await world.incident()).tasks
    assert (task.to.name, task.source.endswith(message["ts"].replace(".", ""))) == ("Bo Lind", True)
    await world.type("bo", "task take 1")
    await world.pass_time(minutes=6)
    await world.type("ada", "task hand 1 @carla")
    await world.settled()
    assert SECRET in await _told(world, "ada") + await _told(world, "carla")
    entry = next(s.seq for s in await world.app.engine.reading.events(1) if s.event.kind == "task_given")
    shown = (await world.type("ada", "timeline"))["ephemerals"][-1]
    choice = f"redact/1/{entry}"
    await world.hands.slack.click("ada", f"entry#{entry}", channel=shown["channel"], ts=shown["ts"], selected=choice)
    await world.hands.slack.wait_for_modal("ada", "for good")
    await world.hands.slack.submit("ada")
    await world.settled()
    ours = [words(m) for m in (await world.room())["messages"] if m.get("bot_id")]
    assert SECRET not in str(ours)
    assert SECRET not in await _told(world, "ada") + await _told(world, "carla") + await _told(world, "bo")
    assert SECRET not in _on_disk(world)
    assert (await world.incident()).tasks[0].text == "[redacted]"


def _on_disk(world: World) -> str:
    path = Path(world.settings.database_url.removeprefix("sqlite:///"))
    return "".join(file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*") if file.is_file())
