"""How Slack says no: each method's own codes, which must be among those that its page lists."""

from collections.abc import Callable

import pytest
from slack_sdk import WebClient

from bot.sandbox import Sandbox
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Person
from tests.sandbox import sources
from tests.sandbox.conformance.conftest import PAGES, Json, outcome

NOWHERE = {"channel": "C0NOWHERE"}
NO_CHANNEL = "channel_not_found"
WRONG_KIND = "method_not_supported_for_channel_type"
BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [BLOCK]}

# `$name` stands for what the fixture `place` made.
REFUSALS: list[tuple[str, Json, str]] = [
    ("api.test", {"error": "my_error"}, "my_error"),
    ("conversations.create", {"name": "put-away"}, "name_taken"),
    ("conversations.create", {"name": "secret"}, "name_taken"),
    ("conversations.archive", {"channel": "$general"}, "cant_archive_general"),
    ("conversations.archive", {"channel": "$archived"}, "already_archived"),
    ("conversations.archive", {"channel": "$ops"}, "not_in_channel"),
    ("conversations.archive", {"channel": "$dm"}, WRONG_KIND),
    ("conversations.archive", NOWHERE, NO_CHANNEL),
    ("conversations.unarchive", {"channel": "$room"}, "not_archived"),
    ("conversations.unarchive", {"channel": "$dm"}, WRONG_KIND),
    ("conversations.unarchive", NOWHERE, NO_CHANNEL),
    ("conversations.rename", {"channel": "$room", "name": "x" * 81}, "invalid_name_maxlength"),
    ("conversations.rename", {"channel": "$room", "name": "Upper"}, "invalid_name_specials"),
    ("conversations.rename", {"channel": "$room", "name": "---"}, "invalid_name_punctuation"),
    ("conversations.rename", {"channel": "$room", "name": "general"}, "name_taken"),
    ("conversations.rename", {"channel": "$incidents", "name": "mine-now"}, "not_authorized"),
    ("conversations.rename", {"channel": "$ops", "name": "mine-now"}, "not_in_channel"),
    ("conversations.rename", {"channel": "$archived", "name": "mine-now"}, "is_archived"),
    ("conversations.setTopic", {"channel": "$ops", "topic": "x"}, "not_in_channel"),
    ("conversations.setTopic", {"channel": "$archived", "topic": "x"}, "is_archived"),
    ("conversations.setPurpose", {"channel": "$ops", "purpose": "x"}, "not_in_channel"),
    ("conversations.setPurpose", {"channel": "$archived", "purpose": "x"}, "is_archived"),
    ("conversations.join", {"channel": "$archived"}, "is_archived"),
    ("conversations.join", {"channel": "$secret"}, NO_CHANNEL),
    ("conversations.join", {"channel": "$dm"}, WRONG_KIND),
    ("conversations.leave", {"channel": "$general"}, "cant_leave_general"),
    ("conversations.leave", {"channel": "$dm"}, WRONG_KIND),
    ("conversations.kick", {"channel": "$room", "user": "$bot"}, "cant_kick_self"),
    ("conversations.kick", {"channel": "$general", "user": "$ada"}, "cant_kick_from_general"),
    ("conversations.kick", {"channel": "$room", "user": "U0NOBODY"}, "user_not_found"),
    ("conversations.kick", {"channel": "$room", "user": "$bo"}, "not_in_channel"),
    ("conversations.invite", {"channel": "$room"}, "no_user"),
    ("conversations.invite", {"channel": "$room", "users": "U0NOBODY"}, "user_not_found"),
    ("conversations.invite", {"channel": "$room", "users": "$bot"}, "cant_invite_self"),
    ("conversations.invite", {"channel": "$room", "users": "$ada"}, "already_in_channel"),
    ("conversations.invite", {"channel": "$room", "users": "$xenia"}, "no_external_invite_permission"),
    ("conversations.invite", {"channel": "$room", "users": "$solo"}, "ura_max_channels"),
    ("conversations.invite", {"channel": "$archived", "users": "$bo"}, "is_archived"),
    ("conversations.invite", {"channel": "$ops", "users": "$gus"}, "not_in_channel"),
    ("conversations.invite", {"channel": "$dm", "users": "$bo"}, WRONG_KIND),
    ("conversations.info", {"channel": "$secret"}, NO_CHANNEL),
    ("conversations.members", {"channel": "$room", "limit": 0}, "invalid_limit"),
    ("conversations.members", {"channel": "$room", "cursor": "nonsense"}, "invalid_cursor"),
    ("conversations.members", {"channel": "$secret"}, NO_CHANNEL),
    ("conversations.list", {"types": "public_channel,nonsense"}, "invalid_types"),
    ("conversations.list", {"limit": 1001}, "invalid_limit"),
    ("conversations.list", {"cursor": "nonsense"}, "invalid_cursor"),
    ("users.conversations", {"types": "nonsense"}, "invalid_types"),
    ("conversations.history", {"channel": "$ops"}, "not_in_channel"),
    ("conversations.history", {"channel": "$secret"}, NO_CHANNEL),
    ("conversations.history", {"channel": "$room", "oldest": "x"}, "invalid_ts_oldest"),
    ("conversations.history", {"channel": "$room", "latest": "x"}, "invalid_ts_latest"),
    ("conversations.history", {"channel": "$room", "cursor": "nonsense"}, "invalid_cursor"),
    ("conversations.replies", {"channel": "$room", "ts": "1.1"}, "thread_not_found"),
    ("conversations.open", {}, "users_list_not_supplied"),
    ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    ("users.list", {"cursor": "nonsense"}, "invalid_cursor"),
    ("users.lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
    ("usergroups.users.list", {"usergroup": "S0NOBODY"}, "no_such_subteam"),
    ("bots.info", {"bot": "B0NOBODY"}, "bot_not_found"),
    ("chat.postMessage", {**NOWHERE, "text": "x"}, NO_CHANNEL),
    ("chat.postMessage", {"channel": "$secret", "text": "x"}, NO_CHANNEL),
    ("chat.postMessage", {"channel": "$ops", "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "$archived", "text": "x"}, "is_archived"),
    ("chat.postEphemeral", {"channel": "$room", "user": "$bo", "text": "x"}, "user_not_in_channel"),
    ("chat.postEphemeral", {"channel": "$archived", "user": "$ada", "text": "x"}, "is_archived"),
    ("chat.postEphemeral", {"channel": "$room", "user": "$ada"}, "no_text"),
    ("chat.postEphemeral", {"channel": "$ops", "user": "$ada", "text": "x"}, "not_in_channel"),
    ("chat.update", {"channel": "$room", "ts": "1.1", "text": "x"}, "message_not_found"),
    ("chat.update", {"channel": "$room", "ts": "$adas", "text": "x"}, "cant_update_message"),
    ("chat.update", {"channel": "$room", "ts": "$joined", "text": "x"}, "cant_update_message"),
    ("chat.update", {"channel": "$archived", "ts": "$old", "text": "x"}, "is_inactive"),
    ("chat.update", {"channel": "$ada", "ts": "$ts", "text": "x"}, NO_CHANNEL),
    ("chat.update", {"channel": "$room", "ts": "$ts", "text": "x", "markdown_text": "x"}, "markdown_text_conflict"),
    ("chat.update", {"channel": "$room", "ts": "$ts", "blocks": [{"type": "blink"}]}, "invalid_blocks"),
    ("chat.update", {"channel": "$room", "ts": "$ts", "blocks": "{"}, "invalid_blocks_format"),
    ("chat.update", {"channel": "$room", "ts": "$ts", "text": "x", "attachments": "{"}, "invalid_attachments"),
    ("chat.delete", {"channel": "$room", "ts": "1.1"}, "message_not_found"),
    ("chat.delete", {"channel": "$room", "ts": "$adas"}, "cant_delete_message"),
    ("chat.getPermalink", {"channel": "$room", "message_ts": "1.1"}, "message_not_found"),
    ("chat.getPermalink", {**NOWHERE, "message_ts": "1.1"}, NO_CHANNEL),
    ("pins.add", {"channel": "$room", "timestamp": "$pinned"}, "already_pinned"),
    ("pins.add", {"channel": "$room", "timestamp": "1.1"}, "message_not_found"),
    ("pins.add", {"channel": "$room", "timestamp": "$joined"}, "not_pinnable"),
    ("pins.add", {"channel": "$ops", "timestamp": "1.1"}, "not_in_channel"),
    ("pins.remove", {"channel": "$room", "timestamp": "$ts"}, "no_pin"),
    ("pins.remove", {"channel": "$room", "timestamp": "1.1"}, "message_not_found"),
    ("pins.list", NOWHERE, NO_CHANNEL),
    ("reactions.add", {"channel": "$room", "timestamp": "$pinned", "name": "eyes"}, "already_reacted"),
    ("reactions.add", {"channel": "$room", "timestamp": "$ts", "name": "no emoji"}, "invalid_name"),
    ("reactions.add", {"channel": "$room", "timestamp": "1.1", "name": "eyes"}, "message_not_found"),
    ("reactions.remove", {"channel": "$room", "timestamp": "$ts", "name": "eyes"}, "no_reaction"),
    ("reactions.get", {"channel": "$room", "timestamp": "1.1"}, "message_not_found"),
    ("bookmarks.add", {"channel_id": "$room", "title": "x", "type": "link", "link": "ftp://x"}, "invalid_link"),
    ("bookmarks.add", {"channel_id": "$room", "title": "x", "type": "x", "link": "https://x"}, "invalid_bookmark_type"),
    ("bookmarks.add", {"channel_id": "C0", "title": "x", "type": "link", "link": "https://x"}, NO_CHANNEL),
    ("bookmarks.edit", {"channel_id": "$room", "bookmark_id": "Bk0"}, "not_found"),
    ("bookmarks.edit", {"channel_id": "$room", "bookmark_id": "$bookmark", "link": "x"}, "invalid_link"),
    ("bookmarks.remove", {"channel_id": "$room", "bookmark_id": "Bk0"}, "not_found"),
    ("bookmarks.list", {"channel_id": "C0"}, NO_CHANNEL),
    ("views.open", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
    ("views.push", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
    ("views.update", {"view_id": "V0", "view": MODAL}, "not_found"),
    ("views.publish", {"user_id": "$ada", "view": {**MODAL, "type": "home"}, "hash": "1.x"}, "hash_conflict"),
    ("files.info", {"file": "F0"}, "file_not_found"),
    ("files.info", {"file": "$gone"}, "file_deleted"),
    ("files.info", {"file": "$unsent"}, "file_not_found"),
    ("files.delete", {"file": "F0"}, "file_not_found"),
    ("files.delete", {"file": "$gone"}, "file_deleted"),
    ("files.delete", {"file": "$adas_file"}, "cant_delete_file"),
    ("files.completeUploadExternal", {"files": [{"id": "F0"}]}, "file_not_found"),
]


@pytest.fixture(scope="module")
def place(sandbox: Sandbox, slack: WebClient, ada: WebClient, new_room: Callable[[], str]) -> Json:
    """A room with one of each, and the ids of everything that a refusal is about."""
    workspace, room = sandbox.slack, new_room()
    workspace.people["U0SOLO"] = Person("U0SOLO", "solo", "Solo Guest", "", seed.TEAM_ID, is_ultra_restricted=True)
    slack.conversations_join(channel=seed.GENERAL)
    slack.conversations_invite(channel=room, users=seed.ADA)
    archived = str(slack.conversations_create(name="put-away")["channel"]["id"])
    old = slack.chat_postMessage(channel=archived, text="x")["ts"]
    slack.conversations_archive(channel=archived)
    pinned = slack.chat_postMessage(channel=room, text="pinned")["ts"]
    slack.pins_add(channel=room, timestamp=pinned)
    slack.reactions_add(channel=room, timestamp=pinned, name="eyes")
    slack.views_publish(user_id=seed.ADA, view={"type": "home", "blocks": [BLOCK]})
    mark = slack.bookmarks_add(channel_id=room, title="x", type="link", link="https://example.com")
    gone = slack.files_upload_v2(content="x", filename="x.md")["file"]["id"]
    slack.files_delete(file=gone)
    return {
        **{"room": room, "archived": archived, "old": old, "pinned": pinned, "gone": gone},
        **{"general": seed.GENERAL, "incidents": seed.INCIDENTS, "ops": seed.OPS, "bot": seed.BOT_USER},
        **{"ada": seed.ADA, "bo": seed.BO, "gus": seed.GUS, "xenia": seed.XENIA, "solo": "U0SOLO"},
        "secret": ada.conversations_create(name="secret", is_private=True)["channel"]["id"],
        "dm": slack.conversations_open(users=seed.ADA)["channel"]["id"],
        "ts": slack.chat_postMessage(channel=room, text="x")["ts"],
        "adas": ada.chat_postMessage(channel=room, text="x")["ts"],
        "joined": next(ts for ts, line in workspace.channels[room].messages.items() if line.subtype == "channel_join"),
        "bookmark": mark["bookmark"]["id"],
        "unsent": slack.files_getUploadURLExternal(filename="x.md", length=3)["file_id"],
        "adas_file": ada.files_upload_v2(content="x", filename="x.md")["file"]["id"],
    }


def filled(args: Json, place: Json) -> Json:
    return {
        name: place[value[1:]] if isinstance(value, str) and value.startswith("$") else value
        for name, value in args.items()
    }


def _row(method: str, args: Json, error: str) -> object:
    about = " ".join(f"{name}={str(value)[:20]}" for name, value in args.items() if name not in ("view", "blocks"))
    return pytest.param(
        method, args, error, id=f"{error} by {method} {about}".strip(), marks=pytest.mark.fact(sources.method(method))
    )


@pytest.mark.parametrize(("method", "args", "error"), [_row(*row) for row in REFUSALS])
def test_refused_as(slack: WebClient, place: Json, method: str, args: Json, error: str) -> None:
    assert outcome(slack, method, filled(args, place)) == error
    assert error in PAGES[method].errors or method == "api.test"
