"""Marked messages afterwards: edits and deletions followed where a company wants it, and what is offered at the end."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.engine.handle import Engine
from bot.incident import MarkMessage, OfferMessages
from bot.incident.habits import Marking
from bot.incident.policy import Policy
from bot.incident.values import MUSTER
from bot.integrations.slack import events
from bot.integrations.slack.client import Connection
from bot.integrations.slack.hearing import EARS
from bot.integrations.slack.presses import OLD
from bot.sandbox import Sandbox, SandboxClient
from tests.integrations.slack.listening import ADA, Bot, listening, room_of, until
from tests.stories.screen import whispers

PNG = b"\x89PNG\r\n\x1a\npixels"
CHANGED = {"type": "message", "subtype": "message_changed", "channel": "C1", "message": {"ts": "1.1", "text": "secret"}}
DELETED = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.1", "ts": "2.2"}
STONE = {**CHANGED, "message": {"ts": "1.1", "subtype": "tombstone", "text": "This message was deleted."}}


@pytest.fixture
def policy() -> Policy:
    return Policy(marking=Marking(emoji=("eyes",), follow_edits=True))


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    await hands.slack.subscribe("message.channels")
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo", "gus")


async def kind(bot: Bot, wanted: str) -> None:
    async def there() -> bool:
        return any(s.event.kind == wanted for s in await bot.engine.reading.events(1))

    await until(there)


async def marked(bot: Bot, room: str, text: str) -> str:
    message = await bot.hands.slack.post("bo", room, text)
    await bot.hands.slack.react("ada", room, message["ts"], "eyes")
    await kind(bot, "message_marked")
    return str(message["ts"])


async def deliveries(bot: Bot) -> list[bytes]:
    query = "SELECT body FROM inbox WHERE source = 'slack' ORDER BY id"
    return await bot.engine.database.read(lambda c: [bytes(r[0]) for r in c.exec_driver_sql(query)])


@pytest.mark.parametrize(("event", "subtype"), [(CHANGED, "message_changed"), (DELETED, "message_deleted")])
def test_of_a_message_only_which_it_is_and_what_happened_is_kept(event: dict[str, object], subtype: str) -> None:
    kept = json.loads(events.kept_body({"event": event}))["event"]
    assert kept == {"type": "message", "subtype": subtype, "channel": "C1", "ts": "1.1"}


def test_a_deleted_message_with_answers_is_deleted_though_slack_says_changed() -> None:
    assert json.loads(events.kept_body({"event": STONE}))["event"]["subtype"] == "message_deleted"


@pytest.mark.parametrize("event", [{"type": "message", "channel": "C1", "text": "hello", "ts": "1.1"}, CHANGED])
def test_what_people_say_and_what_happens_elsewhere_is_dropped_at_the_door(event: dict[str, object]) -> None:
    elsewhere = events.worth_keeping({"event": event}, known=lambda user: True, in_room=lambda channel: False)
    here = events.worth_keeping({"event": event}, known=lambda user: True, in_room=lambda channel: True)
    assert not elsewhere
    assert here is ("subtype" in event)


def test_the_companys_own_emoji_marks_in_every_colour_of_skin_and_no_other() -> None:
    def worth(reaction: str) -> bool:
        event = {"type": "reaction_added", "reaction": reaction}
        return events.worth_keeping({"event": event}, known=lambda user: True, emoji=("writing_hand",))

    assert worth("writing_hand")
    assert worth("writing_hand::skin-tone-4")
    assert not worth("pushpin")


async def test_an_edit_is_followed_by_its_author_and_a_deletion_noted(bot: Bot, room: str) -> None:
    ts = await marked(bot, room, "it is the cache")
    await bot.hands.slack.edit_message("bo", room, ts, "it is the database")
    await kind(bot, "corrected")
    await bot.hands.slack.delete_message("bo", room, ts)
    await kind(bot, "message_gone")
    edited = next(s.event for s in await bot.engine.reading.events(1) if s.event.kind == "corrected")
    assert (edited.by.name, edited.words) == ("Bo Lind", ("it is the database",))


async def test_edits_of_messages_that_nobody_marked_are_not_even_kept(bot: Bot, room: str) -> None:
    ts = await marked(bot, room, "it is the cache")
    other = await bot.hands.slack.post("bo", room, "lunch?")
    before = len(await deliveries(bot))
    await bot.hands.slack.edit_message("bo", room, other["ts"], "dinner?")
    await bot.hands.slack.delete_message("bo", room, other["ts"])
    await bot.hands.slack.edit_message("bo", room, ts, "it is the database")
    await kind(bot, "corrected")
    kept = (await deliveries(bot))[before:]
    assert len(kept) == 1
    assert b"database" not in kept[0]


async def test_where_the_setting_is_off_nothing_is_followed_though_slack_tells(bot: Bot, room: str) -> None:
    await marked(bot, room, "it is the cache")
    off = Policy(marking=Marking(emoji=("eyes",)))
    event = {**CHANGED, "channel": (await bot.incident()).room.channel}  # type: ignore[union-attr]
    event["message"] = {"ts": next(iter((await bot.incident()).marked))}
    house = bot.inbound.reader.__self__._house  # type: ignore[attr-defined]
    assert await EARS["message"].wanted(house, event)
    assert not await EARS["message"].wanted(replace(house, policy=off), event)


async def test_a_message_with_a_picture_is_put_on_the_timeline_by_the_shortcut_with_the_picture(
    bot: Bot, room: str
) -> None:
    said = await bot.hands.slack.share_file("bo", room, "errors.png", PNG, "look")
    answered = await bot.hands.slack.message_shortcut("ada", room, said["ts"], "add_to_timeline")
    assert "with its pictures" in whispers(answered)
    await kind(bot, "message_marked")
    (images,) = (await bot.incident()).images.values()
    assert [image.name for image in images] == ["errors.png"]


async def offered(bot: Bot, room: str) -> str:
    said = await bot.hands.slack.post("bo", room, "rolled back to 4.2")
    await bot.engine.handle(OfferMessages(incident=1, messages=(said["ts"],)), MUSTER)
    return str(said["ts"])


async def press(bot: Bot, room: str, who: str, value: str) -> str:
    """Presses *Add*, on a message that the bot posts for it."""
    channel = (await bot.incident()).room.channel  # type: ignore[union-attr]
    button = {"type": "button", "action_id": "mark", "value": value, "text": {"type": "plain_text", "text": "Add"}}
    shown = await bot.inbound._client.chat_postMessage(
        channel=channel, text="offer", blocks=[{"type": "actions", "elements": [button]}]
    )
    return whispers(await bot.hands.slack.click(who, "mark", channel=channel, ts=shown["ts"], value=value))


async def test_what_is_offered_goes_onto_the_timeline_with_a_click(bot: Bot, room: str) -> None:
    ts = await offered(bot, room)
    assert await press(bot, room, "ada", f"1/{ts}") == "It goes onto the timeline."
    await kind(bot, "message_marked")
    assert (await bot.engine.reading.events(1))[-1].event.by == ADA
    assert await press(bot, room, "bo", f"1/{ts}") == "It is on the timeline already."


async def test_what_was_never_offered_is_not_added_and_none_of_them_takes_the_offer_back(bot: Bot, room: str) -> None:
    ts = await offered(bot, room)
    assert await press(bot, room, "ada", "1/123.456") == OLD
    assert await press(bot, room, "ada", "1/none") == ""
    assert (await bot.incident()).offered == ()
    assert await press(bot, room, "ada", f"1/{ts}") == OLD


async def test_a_guest_adds_nothing(bot: Bot, room: str) -> None:
    ts = await offered(bot, room)
    assert "As a guest" in await press(bot, room, "gus", f"1/{ts}")


async def test_a_message_that_was_marked_already_is_marked_once(bot: Bot, room: str) -> None:
    ts = await marked(bot, room, "it is the cache")
    wish = MarkMessage(incident=1, channel="C1", ts=ts, author=ADA, text="x", at=bot.engine.clock())
    assert (await bot.engine.handle(wish, ADA)).events == ()
