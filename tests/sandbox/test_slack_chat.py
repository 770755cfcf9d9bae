"""Messages: what may be posted, changed, deleted, whispered, and whom it pings."""

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


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, **more}}


ROOM = seed.INCIDENTS


@pytest.mark.fact(sources.METADATA)
async def test_a_message_is_kept_with_its_blocks_and_metadata(web: AsyncWebClient) -> None:
    mark = {"event_type": "muster", "event_payload": {"k": "7"}}
    posted = await web.chat_postMessage(channel=ROOM, text="hi", blocks=[section("*hi*")], metadata=mark)
    bare = (await web.conversations_history(channel=ROOM))["messages"][0]
    assert (bare["ts"], bare["text"], bare["bot_id"]) == (posted["ts"], "hi", seed.BOT_ID)
    assert bare["blocks"][0]["block_id"]
    assert bare["metadata"] == {"event_type": "muster"}
    whole = (await web.conversations_history(channel=ROOM, include_all_metadata=True))["messages"][0]
    assert whole["metadata"] == mark


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "no_text"),
        ({"text": "", "blocks": []}, "no_text"),
        ({"text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [section("x" * 2990)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "y" * 12_001}, "msg_too_long"),
        ({"text": "x", "metadata": "no json"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"k": "x" * 20_000}}},
            "metadata_too_large",
        ),
    ],
    ids=[
        "nothing: no_text",
        "empty text and blocks: no_text",
        "blocks that are no JSON: invalid_blocks_format",
        "a block of no known type: invalid_blocks",
        "blocks of 15,000 letters: msg_blocks_too_long",
        "101 attachments: too_many_attachments",
        "text and markdown_text: markdown_text_conflict",
        "markdown_text of 12,001 letters: msg_too_long",
        "metadata that is no JSON: invalid_metadata_format",
        "metadata without a payload: invalid_metadata_schema",
        "metadata of 20,000 letters: metadata_too_large",
    ],
)
@pytest.mark.fact(sources.method("chat.postMessage"))
async def test_a_message_that_breaks_a_limit_is_refused(web: AsyncWebClient, args: dict[str, Any], error: str) -> None:
    assert await refused(web.api_call("chat.postMessage", json={"channel": ROOM, **args})) == error


async def test_a_message_goes_nowhere_it_must_not(web: AsyncWebClient, hands: SandboxClient) -> None:
    assert await refused(web.chat_postMessage(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await refused(web.chat_postMessage(channel=seed.OPS, text="x")) == "not_in_channel"
    await hands.slack.archive("ada", "#incidents")
    assert await refused(web.chat_postMessage(channel=ROOM, text="x")) == "is_archived"


@pytest.mark.fact(sources.method("chat.postMessage"))
async def test_public_posting_rights_reach_channels_the_bot_has_not_joined(
    web: AsyncWebClient, hands: SandboxClient
) -> None:
    await hands.slack.add_scope("chat:write.public")
    assert (await web.chat_postMessage(channel=seed.OPS, text="x"))["ok"]


@pytest.mark.fact(sources.method("chat.update"))
async def test_an_update_replaces_what_was_there_and_keeps_the_old_for_asserts(
    web: AsyncWebClient, hands: SandboxClient
) -> None:
    mark = {"event_type": "muster", "event_payload": {"k": "7"}}
    ts = (await web.chat_postMessage(channel=ROOM, text="one", blocks=[section("one")], metadata=mark))["ts"]
    await web.chat_update(channel=ROOM, ts=ts, text="two", blocks=[section("two")])
    await web.chat_update(channel=ROOM, ts=ts, text="three")
    assert [version["text"] for version in await hands.slack.versions("#incidents", ts)] == ["one", "two", "three"]
    shown = (await web.conversations_history(channel=ROOM, include_all_metadata=True))["messages"][0]
    assert (shown["text"], shown.get("blocks"), shown["metadata"]) == ("three", None, mark)
    assert shown["edited"]["user"] == seed.BOT_USER


async def test_an_update_has_its_refusals(web: AsyncWebClient, hands: SandboxClient) -> None:
    ts = (await web.chat_postMessage(channel=ROOM, text="one"))["ts"]
    bos = (await hands.slack.post("bo", "#incidents", "mine"))["ts"]
    assert await refused(web.chat_update(channel=ROOM, ts="1.1", text="x")) == "message_not_found"
    assert await refused(web.chat_update(channel=ROOM, ts=bos, text="x")) == "cant_update_message"
    assert await refused(web.chat_update(channel=seed.ADA, ts=ts, text="x")) == "channel_not_found"
    assert await refused(web.chat_delete(channel=ROOM, ts=bos)) == "cant_delete_message"


async def test_a_deleted_message_is_gone_but_remembered(web: AsyncWebClient, hands: SandboxClient) -> None:
    ts = (await web.chat_postMessage(channel=ROOM, text="oops"))["ts"]
    await web.chat_delete(channel=ROOM, ts=ts)
    assert (await web.conversations_history(channel=ROOM))["messages"] == []
    assert (await hands.slack.channel("#incidents"))["deleted_messages"][0]["text"] == "oops"
    assert await refused(web.chat_delete(channel=ROOM, ts=ts)) == "message_not_found"


@pytest.mark.fact(sources.method("chat.postEphemeral"))
async def test_only_one_person_sees_a_whisper(web: AsyncWebClient, hands: SandboxClient) -> None:
    await web.chat_postEphemeral(channel=ROOM, user=seed.ADA, text="for you")
    assert [whisper["text"] for whisper in await hands.slack.ephemerals("ada")] == ["for you"]
    assert await hands.slack.ephemerals("bo") == []
    assert (await web.conversations_history(channel=ROOM))["messages"] == []
    assert await refused(web.chat_postEphemeral(channel=ROOM, user=seed.GUS, text="x")) == "user_not_in_channel"


async def test_answers_go_to_the_thread_and_to_its_root(web: AsyncWebClient) -> None:
    root = (await web.chat_postMessage(channel=ROOM, text="root"))["ts"]
    first = (await web.chat_postMessage(channel=ROOM, text="first", thread_ts=root))["ts"]
    nested = await web.chat_postMessage(channel=ROOM, text="nested", thread_ts=first)
    assert nested["message"]["thread_ts"] == root
    await web.chat_postMessage(channel=ROOM, text="aloud", thread_ts=root, reply_broadcast=True)
    shown = [message["text"] for message in (await web.conversations_history(channel=ROOM))["messages"]]
    assert shown == ["aloud", "root"]


async def test_a_permalink_names_the_message_and_its_thread(web: AsyncWebClient) -> None:
    root = (await web.chat_postMessage(channel=ROOM, text="root"))["ts"]
    link = (await web.chat_getPermalink(channel=ROOM, message_ts=root))["permalink"]
    assert link.endswith(f"/archives/{ROOM}/p{root.replace('.', '')}")
    reply = (await web.chat_postMessage(channel=ROOM, text="reply", thread_ts=root))["ts"]
    assert f"thread_ts={root}" in (await web.chat_getPermalink(channel=ROOM, message_ts=reply))["permalink"]


@pytest.mark.parametrize(
    ("args", "whom"),
    [
        ({"text": "<!channel> fire"}, ["channel"]),
        ({"text": "<@U0ADA00001> and <!subteam^S0SRE00001|@sre>"}, ["U0ADA00001", "S0SRE00001"]),
        ({"text": "@channel fire"}, []),
        ({"text": "@channel fire", "link_names": True}, ["channel"]),
        ({"text": "&lt;!channel&gt;"}, []),
        ({"text": "x", "blocks": [section("@here now")]}, ["here"]),
        ({"text": "x", "blocks": [section("@here now", verbatim=True)]}, []),
        ({"text": "x", "blocks": [section("<!everyone>", verbatim=True)]}, ["everyone"]),
        ({"text": "x", "blocks": [section("mail me at ops@here.example")]}, []),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<!channel> @here"}}]},
            [],
        ),
        (
            {
                "text": "x",
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "text", "text": "<!channel> @here"},
                                    {"type": "user", "user_id": "U0BO000001"},
                                    {"type": "broadcast", "range": "here"},
                                ],
                            }
                        ],
                    }
                ],
            },
            ["U0BO000001", "here"],
        ),
    ],
    ids=[
        "a broadcast in text",
        "a person and a group in text",
        "nobody by a bare word in text",
        "a broadcast by a bare word where link_names is set",
        "nobody by what is escaped",
        "a broadcast by a bare word in mrkdwn",
        "nobody by a bare word in verbatim mrkdwn",
        "a broadcast by its token in verbatim mrkdwn",
        "nobody by an address of mail",
        "nobody by plain_text",
        "those whom rich_text names as elements, and nobody by its text",
    ],
)
@pytest.mark.fact(sources.FORMATTING)
async def test_who_is_named_by_a_message_is_recorded(
    sandbox: Sandbox, web: AsyncWebClient, args: dict[str, Any], whom: list[str]
) -> None:
    await web.api_call("chat.postMessage", json={"channel": ROOM, **args})
    assert [ping.whom for ping in sandbox.slack.pings] == whom


async def test_a_ping_reaches_members_only_and_an_edit_nobody(web: AsyncWebClient, hands: SandboxClient) -> None:
    ts = (await web.chat_postMessage(channel=ROOM, text=f"<@{seed.ADA}> <@{seed.GUS}> <!subteam^S0SRE00001>"))["ts"]
    await web.chat_update(channel=ROOM, ts=ts, text="<!channel>")
    notified = [(ping["whom"], ping["notified"]) for ping in await hands.slack.pings("#incidents")]
    assert notified == [
        (seed.ADA, [seed.ADA]),
        (seed.GUS, []),
        ("S0SRE00001", [seed.ADA, seed.DEV]),
        ("channel", []),
    ]
