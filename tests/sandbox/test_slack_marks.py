"""Pins, bookmarks, reactions and files."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources

ROOM = seed.INCIDENTS


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


@pytest.fixture
async def ts(web: AsyncWebClient) -> str:
    return str((await web.chat_postMessage(channel=ROOM, text="look"))["ts"])


async def test_a_message_is_pinned_once(web: AsyncWebClient, ts: str) -> None:
    await web.pins_add(channel=ROOM, timestamp=ts)
    assert await refused(web.pins_add(channel=ROOM, timestamp=ts)) == "already_pinned"
    items = (await web.pins_list(channel=ROOM))["items"]
    assert [(item["message"]["ts"], item["created_by"]) for item in items] == [(ts, seed.BOT_USER)]
    await web.pins_remove(channel=ROOM, timestamp=ts)
    assert await refused(web.pins_remove(channel=ROOM, timestamp=ts)) == "no_pin"
    assert await refused(web.pins_add(channel=ROOM, timestamp="1.1")) == "message_not_found"


async def test_a_hundred_pins_are_the_most(web: AsyncWebClient) -> None:
    for n in range(100):
        posted = await web.chat_postMessage(channel=ROOM, text=str(n))
        await web.pins_add(channel=ROOM, timestamp=posted["ts"])
    one_more = await web.chat_postMessage(channel=ROOM, text="x")
    assert await refused(web.pins_add(channel=ROOM, timestamp=one_more["ts"])) == "too_many_pins"


async def test_an_emoji_is_given_once_by_each(web: AsyncWebClient, hands: SandboxClient, ts: str) -> None:
    await web.reactions_add(channel=ROOM, timestamp=ts, name="pushpin")
    await hands.slack.react("ada", "#incidents", ts, "pushpin")
    assert await refused(web.reactions_add(channel=ROOM, timestamp=ts, name="pushpin")) == "already_reacted"
    reactions = (await web.reactions_get(channel=ROOM, timestamp=ts))["message"]["reactions"]
    assert reactions == [{"name": "pushpin", "users": [seed.BOT_USER, seed.ADA], "count": 2}]
    await web.reactions_remove(channel=ROOM, timestamp=ts, name="pushpin")
    assert await refused(web.reactions_remove(channel=ROOM, timestamp=ts, name="pushpin")) == "no_reaction"
    assert await refused(web.reactions_add(channel=ROOM, timestamp=ts, name="No Emoji")) == "invalid_name"


async def test_bookmarks_are_added_changed_listed_and_removed(web: AsyncWebClient) -> None:
    link = "https://example.com/incidents/1"
    added = (await web.bookmarks_add(channel_id=ROOM, title="Page", type="link", link=link))["bookmark"]
    await web.bookmarks_edit(bookmark_id=added["id"], channel_id=ROOM, title="Incident page")
    listed = (await web.bookmarks_list(channel_id=ROOM))["bookmarks"]
    assert [(bookmark["title"], bookmark["link"]) for bookmark in listed] == [("Incident page", link)]
    await web.bookmarks_remove(bookmark_id=added["id"], channel_id=ROOM)
    assert await refused(web.bookmarks_remove(bookmark_id=added["id"], channel_id=ROOM)) == "not_found"


@pytest.mark.fact(sources.method("bookmarks.add"))
async def test_the_same_bookmark_twice_is_two_bookmarks(web: AsyncWebClient) -> None:
    for _ in range(2):
        await web.bookmarks_add(channel_id=ROOM, title="Page", type="link", link="https://example.com")
    assert len((await web.bookmarks_list(channel_id=ROOM))["bookmarks"]) == 2


async def test_a_bookmark_that_is_no_web_link_is_refused(web: AsyncWebClient) -> None:
    assert await refused(web.bookmarks_add(channel_id=ROOM, title="x", type="link", link="ftp://x")) == "invalid_link"
    other = web.bookmarks_add(channel_id=ROOM, title="x", type="folder", link="https://x")
    assert await refused(other) == "invalid_bookmark_type"


async def test_a_hundred_bookmarks_are_the_most(web: AsyncWebClient) -> None:
    for n in range(100):
        await web.bookmarks_add(channel_id=ROOM, title=str(n), type="link", link="https://example.com")
    one_more = web.bookmarks_add(channel_id=ROOM, title="x", type="link", link="https://example.com")
    assert await refused(one_more) == "too_many_bookmarks"


@pytest.mark.fact(sources.method("files.completeUploadExternal"))
async def test_a_file_is_uploaded_in_three_steps_and_shared(web: AsyncWebClient, hands: SandboxClient) -> None:
    said = await web.files_upload_v2(
        channel=ROOM, filename="inc-1.md", content="# What happened", title="Draft", initial_comment="The draft"
    )
    file_id = said["file"]["id"]
    info = (await web.files_info(file=file_id))["file"]
    assert (info["name"], info["title"], info["size"]) == ("inc-1.md", "Draft", 15)
    message = (await web.conversations_history(channel=ROOM))["messages"][0]
    assert (message["text"], message["files"][0]["id"]) == ("The draft", file_id)
    assert info["shares"]["public"][ROOM][0]["ts"] == message["ts"]
    assert (await hands.slack.file(file_id))["content"] == "# What happened"


async def test_an_upload_that_never_came_cannot_be_shared(web: AsyncWebClient) -> None:
    asked = await web.files_getUploadURLExternal(filename="x.md", length=3)
    refusal = web.files_completeUploadExternal(files=[{"id": asked["file_id"]}], channel_id=ROOM)
    assert await refused(refusal) == "file_not_found"
    assert await refused(web.files_info(file=asked["file_id"])) == "file_not_found"


async def test_a_file_is_not_shared_where_the_bot_is_not(web: AsyncWebClient) -> None:
    assert await refused(web.files_upload_v2(channel=seed.OPS, filename="x.md", content="x")) == "not_in_channel"


async def test_the_bytes_of_a_file_can_be_lost_on_the_way_and_sent_again(sandbox: Sandbox, web: AsyncWebClient) -> None:
    sandbox.faults.add(Rule("slack", "upload", "500"))
    with pytest.raises(SlackRequestError):
        await web.files_upload_v2(channel=ROOM, filename="x.md", content="x")
    assert sandbox.slack.channels[ROOM].messages == {}
    assert (await web.files_upload_v2(channel=ROOM, filename="x.md", content="x"))["ok"]
    assert [call.outcome for call in sandbox.calls.all("slack", "upload")] == ["500", "ok"]
