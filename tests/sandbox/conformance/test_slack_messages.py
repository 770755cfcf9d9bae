"""What a message may hold, what a change of it leaves, and what reading it back shows."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from bot.sandbox.slack import seed
from tests.sandbox import sources
from tests.sandbox.conformance.conftest import Json, outcome

fact = pytest.mark.fact
BLOCK = {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "block"}}
ATTACHMENT = {"text": "attached"}
MARK = {"event_type": "muster", "event_payload": {"k": "7"}}


@pytest.fixture
def room(new_room: Callable[[], str]) -> str:
    return new_room()


@pytest.fixture
def ts(slack: WebClient, room: str) -> str:
    """A message with everything that a change can leave or take."""
    parts: Json = {"text": "text", "blocks": [BLOCK], "attachments": [ATTACHMENT], "metadata": MARK}
    return str(slack.chat_postMessage(channel=room, **parts)["ts"])


def sections(letters: int) -> list[Json]:
    """Blocks whose JSON is of about so many letters."""
    return [{"type": "section", "text": {"type": "plain_text", "text": "x" * (letters // 5 - 60)}}] * 5


@pytest.mark.parametrize(
    ("method", "make", "fits", "error"),
    [
        pytest.param(
            "chat.update",
            lambda n: {"text": "x" * n},
            4_000,
            "msg_too_long",
            id="text of a change: 4000",
            marks=fact(sources.method("chat.update")),
        ),
        pytest.param(
            "chat.postMessage",
            lambda n: {"text": "x", "attachments": [ATTACHMENT] * n},
            100,
            "too_many_attachments",
            id="attachments: 100",
            marks=fact(sources.method("chat.postMessage")),
        ),
        pytest.param(
            "chat.update",
            lambda n: {"text": "x", "attachments": [ATTACHMENT] * n},
            100,
            "too_many_attachments",
            id="attachments of a change: 100",
            marks=fact(sources.method("chat.update")),
        ),
        pytest.param(
            "chat.postMessage",
            lambda n: {"markdown_text": "x" * n},
            12_000,
            "msg_too_long",
            id="markdown_text: 12000",
            marks=fact(sources.method("chat.postMessage")),
        ),
        pytest.param(
            "conversations.setTopic",
            lambda n: {"topic": "x" * n},
            250,
            "too_long",
            id="topic: 250",
            marks=fact(sources.method("conversations.setTopic")),
        ),
        pytest.param(
            "conversations.setPurpose",
            lambda n: {"purpose": "x" * n},
            250,
            "too_long",
            id="purpose: 250",
            marks=fact(sources.method("conversations.setPurpose")),
        ),
    ],
)
def test_letters_and_parts_at_most(
    slack: WebClient, room: str, method: str, make: Callable[[int], Json], fits: int, error: str
) -> None:
    ts = slack.chat_postMessage(channel=room, text="x")["ts"]
    assert outcome(slack, method, {"channel": room, "ts": ts, **make(fits)}) == "ok"
    assert outcome(slack, method, {"channel": room, "ts": ts, **make(fits + 1)}) == error


@pytest.mark.parametrize(("letters", "said"), [(13_100, "ok"), (13_400, "msg_blocks_too_long")])
@fact(sources.BLOCKS_LENGTH)
def test_all_blocks_together_are_of_about_thirteen_thousand_letters(
    slack: WebClient, room: str, letters: int, said: str
) -> None:
    assert outcome(slack, "chat.postMessage", {"channel": room, "text": "x", "blocks": sections(letters)}) == said


@pytest.mark.parametrize(("sent", "kept"), [(40_000, 40_000), (40_001, 40_000)])
@fact(sources.method("chat.postMessage"))
def test_text_beyond_forty_thousand_letters_is_cut_off(slack: WebClient, room: str, sent: int, kept: int) -> None:
    assert len(slack.chat_postMessage(channel=room, text="x" * sent)["message"]["text"]) == kept


@pytest.mark.parametrize(
    ("change", "left"),
    [
        pytest.param({"text": "new"}, {"attachments", "metadata", "edited"}, id="text takes the place of the blocks"),
        pytest.param({"blocks": [BLOCK]}, {"blocks", "attachments", "metadata"}, id="blocks mark nothing as edited"),
        pytest.param({"metadata": MARK}, {"blocks", "attachments", "metadata"}, id="blocks stay where neither is sent"),
        pytest.param({"attachments": [ATTACHMENT]}, {"blocks", "attachments", "metadata"}, id="attachments alone"),
        pytest.param({"text": "new", "attachments": []}, {"metadata", "edited"}, id="an empty list takes attachments"),
        pytest.param({"text": "new", "blocks": []}, {"attachments", "metadata", "edited"}, id="an empty list, blocks"),
        pytest.param({"text": "new", "metadata": {}}, {"attachments", "edited"}, id="an empty object takes metadata"),
    ],
)
@fact(sources.method("chat.update"))
def test_a_change_leaves(slack: WebClient, room: str, ts: str, change: Json, left: set[str]) -> None:
    slack.api_call("chat.update", json={"channel": room, "ts": ts, **change})
    [shown] = slack.conversations_history(channel=room, latest=ts, inclusive=True, limit=1)["messages"]
    assert {"blocks", "attachments", "metadata", "edited"} & shown.keys() == left


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        pytest.param({}, {"event_type": "muster"}, id="its type only"),
        pytest.param({"include_all_metadata": True}, MARK, id="all of it where it is asked for"),
    ],
)
@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
@fact(sources.METADATA)
def test_metadata_is_read_back_as(slack: WebClient, room: str, ts: str, method: str, asked: Json, shown: Json) -> None:
    said = slack.api_call(method, params={"channel": room, "ts": ts, **asked})
    assert next(one["metadata"] for one in said["messages"] if one["ts"] == ts) == shown


@fact(sources.method("chat.postMessage"))
def test_posting_to_a_person_opens_the_direct_messages(slack: WebClient) -> None:
    posted = slack.chat_postMessage(channel=seed.ADA, text="psst")
    assert posted["channel"] == slack.conversations_open(users=seed.ADA)["channel"]["id"]


@pytest.mark.parametrize(
    ("method", "args", "repeats"),
    [
        pytest.param("pins.add", {}, "already_pinned", id="a pin", marks=fact(sources.method("pins.add"))),
        pytest.param(
            "reactions.add",
            {"name": "eyes"},
            "already_reacted",
            id="a reaction",
            marks=fact(sources.method("reactions.add")),
        ),
        pytest.param(
            "conversations.invite",
            {"users": seed.ADA},
            "already_in_channel",
            id="an invitation",
            marks=fact(sources.method("conversations.invite")),
        ),
        pytest.param("conversations.join", {}, "ok", id="a join", marks=fact(sources.method("conversations.join"))),
        pytest.param(
            "chat.postMessage", {"text": "x"}, "ok", id="a post", marks=fact(sources.method("chat.postMessage"))
        ),
    ],
)
def test_twice_the_same_is(slack: WebClient, room: str, ts: str, method: str, args: Json, repeats: str) -> None:
    asked = {"channel": room, "timestamp": ts, **args}
    assert outcome(slack, method, asked) == "ok"
    assert outcome(slack, method, asked) == repeats


@pytest.mark.parametrize(
    ("token", "given"),
    [
        pytest.param(seed.BOT_TOKEN, True, id="one that is known"),
        pytest.param("", False, id="not none"),
        pytest.param("xoxb-other", False, id="not any"),
    ],
)
@fact(sources.FILE)
def test_a_files_address_wants_a_token(slack: WebClient, room: str, token: str, given: bool) -> None:
    file = slack.files_upload_v2(channel=room, filename="x.md", content="words")["file"]["id"]
    address = slack.files_info(file=file)["file"]["url_private"]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    said = requests.get(address, headers=headers, timeout=5)
    assert (said.ok, said.text == "words") == (given, given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("is_archived", False, id="is_archived"),
        pytest.param("is_general", False, id="is_general"),
        pytest.param("is_private", False, id="is_private"),
        pytest.param("is_im", False, id="is_im"),
        pytest.param("is_member", True, id="is_member"),
        pytest.param("is_ext_shared", False, id="is_ext_shared"),
        pytest.param("creator", seed.BOT_USER, id="creator"),
        pytest.param("context_team_id", seed.TEAM_ID, id="context_team_id"),
    ],
)
@fact(sources.CONVERSATION)
def test_a_channel_says(slack: WebClient, room: str, name: str, value: Any) -> None:
    shown = slack.conversations_info(channel=room)["channel"]
    assert shown[name] == value
    assert shown["updated"] >= shown["created"] * 1000
    assert "num_members" not in shown


@fact(sources.METADATA)
def test_whoever_reads_a_channel_reads_its_metadata(ada: WebClient, slack: WebClient, room: str, ts: str) -> None:
    slack.conversations_invite(channel=room, users=seed.ADA)
    said = ada.conversations_history(channel=room, include_all_metadata=True)["messages"]
    assert next(one["metadata"] for one in said if one["ts"] == ts) == MARK
