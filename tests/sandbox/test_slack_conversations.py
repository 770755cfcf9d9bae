"""Channels: names, creation, invitations, topics, archives, and who may see them."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


@pytest.fixture
async def room(web: AsyncWebClient) -> str:
    return str((await web.conversations_create(name="inc-1-checkout"))["channel"]["id"])


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("a" * 81, "invalid_name_maxlength"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("inc.1", "invalid_name_specials"),
        ("störung", "invalid_name_specials"),
        ("---", "invalid_name_punctuation"),
        ("general", "name_taken"),
    ],
    ids=[
        "none",
        "81 letters",
        "upper case",
        "a blank",
        "a full stop",
        "a letter beyond a to z",
        "dashes only",
        "taken",
    ],
)
@pytest.mark.fact(sources.method("conversations.create"))
async def test_an_illegal_channel_name_is_refused(web: AsyncWebClient, name: str, error: str) -> None:
    assert await refused(web.conversations_create(name=name)) == error


@pytest.mark.fact(sources.method("conversations.create"))
async def test_eighty_characters_are_not_too_many(web: AsyncWebClient) -> None:
    assert (await web.conversations_create(name="a" * 80))["ok"]


@pytest.mark.fact(sources.method("conversations.create"))
async def test_the_creator_is_the_first_member(web: AsyncWebClient, room: str) -> None:
    shown = (await web.conversations_info(channel=room, include_num_members=True))["channel"]
    assert (shown["creator"], shown["is_member"], shown["num_members"]) == (seed.BOT_USER, True, 1)
    assert (await web.conversations_members(channel=room))["members"] == [seed.BOT_USER]


@pytest.mark.fact(sources.ARCHIVES)
async def test_an_archived_channel_keeps_its_name_and_a_deleted_one_frees_it(
    web: AsyncWebClient, hands: SandboxClient, room: str
) -> None:
    await web.conversations_archive(channel=room)
    assert await refused(web.conversations_create(name="inc-1-checkout")) == "name_taken"
    await hands.slack.delete_channel("ada", room)
    assert (await web.conversations_create(name="inc-1-checkout"))["ok"]


async def test_two_creates_at_once_may_both_succeed_where_slack_races(
    web: AsyncWebClient, hands: SandboxClient
) -> None:
    await hands.slack.configure(race_creates=0.05)
    made = await asyncio.gather(*(web.conversations_create(name="twice") for _ in range(2)))
    assert len({said["channel"]["id"] for said in made}) == 2
    assert await refused(web.conversations_create(name="twice")) == "name_taken"


async def test_two_creates_at_once_make_one_channel_otherwise(web: AsyncWebClient) -> None:
    made = await asyncio.gather(*(web.conversations_create(name="once") for _ in range(2)), return_exceptions=True)
    assert sorted(type(said).__name__ for said in made) == ["AsyncSlackResponse", "SlackApiError"]


@pytest.mark.fact(sources.method("conversations.invite"))
async def test_an_invitation_tells_each_persons_outcome(web: AsyncWebClient, room: str) -> None:
    await web.conversations_invite(channel=room, users=[seed.ADA])
    with pytest.raises(SlackApiError) as caught:
        await web.conversations_invite(channel=room, users=[seed.BO, seed.ADA, "U0NOBODY", seed.BOT_USER, seed.XENIA])
    assert caught.value.response["errors"] == [
        {"user": seed.ADA, "ok": False, "error": "already_in_channel"},
        {"user": "U0NOBODY", "ok": False, "error": "user_not_found"},
        {"user": seed.BOT_USER, "ok": False, "error": "cant_invite_self"},
        {"user": seed.XENIA, "ok": False, "error": "no_external_invite_permission"},
    ]
    assert seed.BO not in (await web.conversations_members(channel=room))["members"]


@pytest.mark.fact(sources.method("conversations.invite"))
async def test_force_invites_those_who_can_be(web: AsyncWebClient, room: str) -> None:
    said = await web.conversations_invite(channel=room, users=[seed.BO, "U0NOBODY"], force=True)
    assert [error["error"] for error in said["errors"]] == ["user_not_found"]
    assert seed.BO in (await web.conversations_members(channel=room))["members"]
    assert await refused(web.conversations_invite(channel=room, users="U0NOBODY", force=True)) == "user_not_found"


@pytest.mark.fact(sources.method("conversations.invite"))
async def test_guests_are_invited_unless_the_workspace_forbids_it(
    web: AsyncWebClient, hands: SandboxClient, room: str
) -> None:
    await hands.slack.configure(guests_invitable=False)
    assert await refused(web.conversations_invite(channel=room, users=seed.GUS)) == "user_is_restricted"
    await hands.slack.configure(guests_invitable=True)
    assert (await web.conversations_invite(channel=room, users=seed.GUS))["ok"]


async def test_only_members_invite_and_nobody_invites_into_an_archive(web: AsyncWebClient, room: str) -> None:
    assert await refused(web.conversations_invite(channel=seed.OPS, users=seed.GUS)) == "not_in_channel"
    await web.conversations_archive(channel=room)
    assert await refused(web.conversations_invite(channel=room, users=seed.BO)) == "is_archived"
    assert await refused(web.conversations_archive(channel=room)) == "already_archived"


@pytest.mark.fact(sources.method("conversations.setTopic"))
async def test_setting_a_topic_posts_a_line_and_long_topics_are_refused(web: AsyncWebClient, room: str) -> None:
    await web.conversations_setTopic(channel=room, topic="SEV1 · Ada")
    newest = (await web.conversations_history(channel=room))["messages"][0]
    assert (newest["subtype"], newest["topic"]) == ("channel_topic", "SEV1 · Ada")
    assert (await web.conversations_info(channel=room))["channel"]["topic"]["value"] == "SEV1 · Ada"
    assert (await web.conversations_setTopic(channel=room, topic="x" * 250))["ok"]
    assert await refused(web.conversations_setTopic(channel=room, topic="x" * 251)) == "too_long"
    assert await refused(web.conversations_setPurpose(channel=room, purpose="x" * 251)) == "too_long"
    assert (await web.conversations_setTopic(channel=room, topic=""))["ok"]


@pytest.mark.fact(sources.method("conversations.rename"))
async def test_only_the_creator_renames(web: AsyncWebClient, room: str) -> None:
    assert (await web.conversations_rename(channel=room, name="inc-1-payments"))["channel"]["name"] == "inc-1-payments"
    assert await refused(web.conversations_rename(channel=seed.INCIDENTS, name="other")) == "not_authorized"
    assert await refused(web.conversations_rename(channel=room, name="general")) == "name_taken"
    assert (await web.conversations_create(name="inc-1-checkout"))["ok"]


@pytest.mark.fact(sources.method("conversations.join"))
async def test_the_bot_joins_and_leaves_public_channels(web: AsyncWebClient) -> None:
    assert await refused(web.chat_postMessage(channel=seed.OPS, text="hi")) == "not_in_channel"
    await web.conversations_join(channel=seed.OPS)
    assert (await web.conversations_join(channel=seed.OPS))["warning"] == "already_in_channel"
    assert (await web.chat_postMessage(channel=seed.OPS, text="hi"))["ok"]
    await web.conversations_leave(channel=seed.OPS)
    assert await refused(web.conversations_history(channel=seed.OPS)) == "not_in_channel"


@pytest.mark.fact(sources.method("conversations.info"))
async def test_a_private_channel_does_not_exist_for_those_outside(web: AsyncWebClient, hands: SandboxClient) -> None:
    secret = await hands.slack.create_channel("ada", "secret", private=True)
    assert await refused(web.conversations_info(channel=secret["id"])) == "channel_not_found"
    assert await refused(web.conversations_create(name="secret")) == "name_taken"
    names = [channel["name"] for channel in (await web.conversations_list(types="private_channel"))["channels"]]
    assert names == []
    await hands.slack.invite("ada", "secret", "muster")
    assert (await web.conversations_info(channel=secret["id"]))["channel"]["is_private"]


@pytest.mark.fact(sources.ARCHIVED_APPS)
async def test_an_app_is_taken_out_of_what_is_archived_and_can_neither_open_nor_join_it(
    web: AsyncWebClient, room: str, hands: SandboxClient
) -> None:
    await web.conversations_archive(channel=room)
    every = (await web.users_conversations(user=seed.BOT_USER, exclude_archived=False))["channels"]
    assert [channel["name"] for channel in every] == ["incidents"]
    assert await refused(web.conversations_archive(channel=room)) == "already_archived"
    assert await refused(web.conversations_unarchive(channel=room)) == "not_in_channel"
    assert await refused(web.conversations_join(channel=room)) == "is_archived"
    await hands.slack.unarchive("ada", room)
    assert await refused(web.conversations_unarchive(channel=room)) == "not_in_channel"
    await web.conversations_join(channel=room)
    assert await refused(web.conversations_unarchive(channel=room)) == "not_archived"


async def test_kicking_has_its_refusals(web: AsyncWebClient, room: str) -> None:
    await web.conversations_invite(channel=room, users=seed.BO)
    assert await refused(web.conversations_kick(channel=room, user=seed.BOT_USER)) == "cant_kick_self"
    await web.conversations_kick(channel=room, user=seed.BO)
    assert await refused(web.conversations_kick(channel=room, user=seed.BO)) == "not_in_channel"


@pytest.mark.fact(sources.method("conversations.open"))
async def test_opening_a_direct_message_is_the_same_one_each_time(web: AsyncWebClient, hands: SandboxClient) -> None:
    first = (await web.conversations_open(users=seed.ADA))["channel"]["id"]
    posted = await web.chat_postMessage(channel=seed.ADA, text="psst")
    assert posted["channel"] == first
    assert [message["text"] for message in await hands.slack.dm("ada")] == ["psst"]
    await hands.slack.remove_scope("im:history")
    assert await refused(web.conversations_history(channel=first)) == "missing_scope"


@pytest.mark.fact(sources.method("conversations.history"))
async def test_history_takes_a_span_of_time_and_leaves_replies_to_the_thread(web: AsyncWebClient, room: str) -> None:
    stamps = [(await web.chat_postMessage(channel=room, text=str(n)))["ts"] for n in range(5)]
    await web.chat_postMessage(channel=room, text="reply", thread_ts=stamps[2])

    async def texts(**span: Any) -> list[str]:
        messages = (await web.conversations_history(channel=room, **span))["messages"]
        return [message["text"] for message in messages if "subtype" not in message]

    assert await texts(oldest=stamps[1], latest=stamps[4]) == ["3", "2"]
    assert await texts(oldest=stamps[1], latest=stamps[4], inclusive=True) == ["4", "3", "2", "1"]
    thread = (await web.conversations_replies(channel=room, ts=stamps[2]))["messages"]
    assert [(message["text"], message.get("reply_count")) for message in thread] == [("2", 1), ("reply", None)]
    assert await refused(web.conversations_history(channel=room, oldest="x")) == "invalid_ts_oldest"
    assert await refused(web.conversations_replies(channel=room, ts="1.1")) == "thread_not_found"


async def test_a_timestamp_is_never_given_twice(sandbox: Sandbox, web: AsyncWebClient, room: str) -> None:
    posts = await asyncio.gather(*(web.chat_postMessage(channel=room, text="x") for _ in range(50)))
    assert len({post["ts"] for post in posts}) == 50
    assert list(sandbox.slack.channels[room].messages) == sorted(sandbox.slack.channels[room].messages)
