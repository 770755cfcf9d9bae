"""Whom a message would notify, and by which words: so that a test can say that nobody else was pinged."""

import re
from collections.abc import Iterator

from bot.sandbox.slack.records import Channel, Json, Message, Ping
from bot.sandbox.slack.workspace import Workspace

# https://docs.slack.dev/messaging/formatting-message-text: the live tokens, and the bare words that a text object
# without `verbatim: true` turns into them.
TOKEN = re.compile(r"<(?:!(channel|here|everyone)|!subteam\^([A-Z0-9]+)|@([A-Z0-9]+))(?:\|[^>]*)?>")
BARE = re.compile(r"(?<![\w<!])@(channel|here|everyone)\b")


def record(workspace: Workspace, channel: Channel, message: Message, *, silent: bool = False) -> None:
    """Note everybody whom this message names. An edit names them but notifies nobody (`silent`)."""
    for whom in dict.fromkeys(named(message.fields)):
        notified = () if silent else _notified(workspace, channel, message, whom)
        workspace.pings.append(Ping(channel.id, message.ts, message.user, whom, notified, message.text))


def named(fields: Json) -> Iterator[str]:
    """`channel`, `here`, `everyone`, ids of groups and people, in the order in which the message names them."""
    text = fields.get("text") or ""
    linked = bool(fields.get("link_names")) or fields.get("parse") == "full"
    yield from _in_text(text, bare=linked)
    yield from _in_blocks(fields.get("blocks") or [])
    for attachment in fields.get("attachments") or []:
        yield from _in_attachment(attachment)


def _in_attachment(attachment: Json) -> Iterator[str]:
    for part in ("pretext", "text", "fallback"):
        yield from _in_text(attachment.get(part) or "", bare=False)
    yield from _in_blocks(attachment.get("blocks") or [])


def _in_text(text: str, *, bare: bool) -> Iterator[str]:
    for broadcast, group, user in TOKEN.findall(text):
        yield broadcast or group or user
    if bare:
        yield from BARE.findall(text)


def _in_blocks(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _in_blocks(item)
    elif isinstance(node, dict):
        yield from _in_object(node)
        for child in node.values():
            if isinstance(child, dict | list):
                yield from _in_blocks(child)


def _in_object(node: Json) -> Iterator[str]:
    match node.get("type"):
        case "mrkdwn":
            yield from _in_text(str(node.get("text", "")), bare=not node.get("verbatim"))
        case "markdown":
            yield from _in_text(str(node.get("text", "")), bare=False)
        case "user" if "user_id" in node:
            yield node["user_id"]
        case "usergroup" if "usergroup_id" in node:
            yield node["usergroup_id"]
        case "broadcast" if "range" in node:
            yield node["range"]


def _notified(workspace: Workspace, channel: Channel, message: Message, whom: str) -> tuple[str, ...]:
    if message.ephemeral_to:
        return ()
    group = workspace.groups.get(whom)
    wanted = group.users if group else [whom] if whom in workspace.people else list(channel.members)
    return tuple(user for user in wanted if user in channel.members and user != message.user)
