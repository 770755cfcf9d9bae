"""Tasks through the real Bolt: the forms and what is wrong in them, the buttons of the list, a message's shortcut."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.engine.handle import Engine
from bot.incident.duties import Task, TaskState
from bot.integrations.slack.client import Connection
from bot.sandbox import Sandbox, SandboxClient
from tests.integrations.slack.listening import Bot, listening, room_of
from tests.stories.screen import button_of, whispers, words


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as heard:
        yield heard


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo", "carla")


async def task(bot: Bot, number: int = 1) -> Task:
    return next(t for t in (await bot.incident()).tasks if t.number == number)


async def press(bot: Bot, who: str, shown: Any, value: str) -> Any:
    """Presses a button of an ephemeral list."""
    element = button_of(shown, "run", value)
    assert element is not None, value
    return await bot.hands.slack.click(
        who, element["action_id"], channel=shown["channel"], ts=shown["ts"], value=value, wait=0.5
    )


async def test_the_form_is_filled_in_with_what_was_said_and_says_what_is_wrong_beside_its_field(
    bot: Bot, room: str
) -> None:
    await bot.say("ada", room, "task ask @bo whether @carla knows 30m")
    form = await bot.hands.slack.wait_for_modal("ada", "Task in INC-1")
    assert "ask @Bo Lind whether @Carla Reyes knows" in str(form)
    assert "'initial_option': {'text': {'type': 'plain_text', 'text': '30 min'" in str(form)
    refused = await bot.hands.slack.submit("ada", {"text": "   "})
    assert list(refused["errors"]) == ["text"]
    assert (await bot.hands.slack.submit("ada", {"text": "ask around"}))["errors"] == {}
    assert (await task(bot)).text == "ask around"


async def test_a_follow_ups_day_is_refused_beside_it(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "followup")
    await bot.hands.slack.wait_for_modal("ada", "Follow-up to INC-1")
    refused = await bot.hands.slack.submit("ada", {"text": "alert on the queue", "due": "soon"})
    assert list(refused["errors"]) == ["due"]
    assert "tomorrow, friday" in refused["errors"]["due"]
    past = await bot.hands.slack.submit("ada", {"due": "2020-01-01"})
    assert past["errors"] == {"due": "That is in the past. Name a time ahead."}
    assert (await bot.hands.slack.submit("ada", {"due": "5d"}))["errors"] == {}
    assert (await task(bot)).followup


async def test_the_list_comes_back_after_each_button_as_things_stand_then(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "task restart the workers @bo 15m")
    await bot.say("ada", room, "followup alert on the queue @bo")
    (listed,) = (await bot.say("bo", room, "tasks"))["ephemerals"]
    assert "*1 task and 1 follow-up in INC-1*" in words(listed)
    (taken,) = (await press(bot, "bo", listed, "INC-1 tasks take 1"))["ephemerals"]
    assert "on it, by" in words(taken)
    assert (await task(bot)).state is TaskState.ACCEPTED
    (done,) = (await press(bot, "bo", taken, "INC-1 tasks done 1"))["ephemerals"]
    assert words(done).startswith("*1 follow-up in INC-1*")
    await press(bot, "bo", done, "INC-1 tasks later 2")
    await bot.hands.slack.wait_for_modal("bo", "Time for follow-up 2")
    assert list((await bot.hands.slack.submit("bo", {"due": "never"}))["errors"]) == ["due"]
    assert (await bot.hands.slack.submit("bo", {"due": "2w"}))["errors"] == {}


async def test_ones_own_list_comes_back_from_outside_the_room(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "task restart the workers @bo 15m")
    (listed,) = (await bot.say("bo", "#ops", "tasks"))["ephemerals"]
    assert words(listed).startswith("*You have 1 task*")
    after = await press(bot, "bo", listed, "INC-1 tasks mine done 1")
    assert whispers(after) == "You have no task and no follow-up."


async def test_a_task_is_handed_over_by_form_with_a_time_of_its_own(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "task restart the workers @bo 15m")
    await bot.say("ada", room, "task hand 1")
    await bot.hands.slack.wait_for_modal("ada", "Hand task 1 over")
    await bot.hands.slack.submit("ada", {"person": "carla", "time": "60"})
    handed = await task(bot)
    assert (handed.to.name, handed.state) == ("Carla Reyes", TaskState.GIVEN)
    assert handed.due is not None
    assert round((handed.due - handed.at).total_seconds() / 60) == 60


async def test_a_task_cannot_be_given_to_an_app_or_to_another_company(bot: Bot, room: str) -> None:
    assert "is an app" in whispers(await bot.say("ada", room, "task restart the workers @muster"))
    assert (await bot.incident()).tasks == ()


async def test_a_message_becomes_a_task_for_who_wrote_it_and_only_in_a_room(bot: Bot, room: str) -> None:
    message = await bot.hands.slack.post("bo", room, "I'll restart <@U0CARLA001>'s &amp; my workers", raw=True)
    await bot.hands.slack.message_shortcut("ada", room, message["ts"], "task_from_message")
    await bot.hands.slack.wait_for_modal("ada", "Task in INC-1")
    await bot.hands.slack.submit("ada")
    made = await task(bot)
    assert (made.text, made.to.name) == ("I'll restart @Carla Reyes's & my workers", "Bo Lind")
    assert made.source.endswith(f"/p{message['ts'].replace('.', '')}")
    elsewhere = await bot.hands.slack.post("bo", "#ops", "restart them")
    refused = await bot.hands.slack.message_shortcut("ada", "#ops", elsewhere["ts"], "task_from_message")
    assert whispers(refused) == "This is no incident's room. In one, *Add as task* makes a task of a message."
