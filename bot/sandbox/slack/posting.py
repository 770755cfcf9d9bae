"""Messages come, change and go: the one way for the bot and for people alike."""

from bot.sandbox.slack import pings, seed
from bot.sandbox.slack.numbering import number
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.shapes import message_json, shown_message
from bot.sandbox.slack.workspace import Workspace


def post(
    workspace: Workspace,
    channel: Channel,
    user: str,
    fields: Json,
    *,
    bot_id: str | None = None,
    thread_ts: str | None = None,
    subtype: str | None = None,
    files: list[str] | None = None,
) -> Message:
    """Put a message into a channel, tell its thread, note whom it pings, tell the subscribers."""
    message = Message(workspace.ts(), channel.id, user, fields, subtype, bot_id, thread_ts, files=files or [])
    number(workspace, fields.get("blocks") or [])
    channel.messages[message.ts] = message
    parent = channel.messages.get(thread_ts) if thread_ts else None
    if parent is not None:
        parent.replies.append(message.ts)
    pings.record(workspace, channel, message)
    _announce(workspace, channel, message)
    return message


def whisper(workspace: Workspace, channel: Channel, to: str, fields: Json, thread_ts: str | None = None) -> Message:
    """An ephemeral message: only `to` sees it, and no history keeps it."""
    message = Message(workspace.ts(), channel.id, seed.BOT_USER, fields, None, seed.BOT_ID, thread_ts, ephemeral_to=to)
    number(workspace, fields.get("blocks") or [])
    workspace.ephemerals.append(message)
    pings.record(workspace, channel, message)
    workspace.touch()
    return message


def edit(workspace: Workspace, channel: Channel, message: Message, fields: Json, by: str) -> None:
    """Put new content into a message; what was there is kept in `versions`."""
    before = shown_message(workspace, message, channel, all_metadata=True)
    message.versions.append(message.fields)
    message.fields = fields
    number(workspace, fields.get("blocks") or [])
    message.changed_ts = workspace.ts()
    if not fields.get("blocks"):
        # Slack marks no message as edited whose blocks were updated (the chat.update page says so).
        message.edited = {"user": by, "ts": message.changed_ts}
    pings.record(workspace, channel, message, silent=True)
    if message.ephemeral_to:
        workspace.touch()
        return
    event = _framed(channel, "message_changed", workspace.ts())
    event.update(message=shown_message(workspace, message, channel, all_metadata=True), previous_message=before)
    workspace.emit(message_type(channel), event, channel)


def delete(workspace: Workspace, channel: Channel, message: Message) -> None:
    message.deleted, message.pinned = True, None
    if message.ephemeral_to:
        workspace.touch()
        return
    event = _framed(channel, "message_deleted", workspace.ts())
    event.update(deleted_ts=message.ts, previous_message=message_json(message, all_metadata=True))
    workspace.emit(message_type(channel), event, channel)


def note(workspace: Workspace, channel: Channel, user: str, subtype: str, text: str, **more: object) -> Message:
    """A line that Slack itself writes: somebody joined, the topic was set."""
    return post(workspace, channel, user, {"text": text, **more}, subtype=subtype)


def message_type(channel: Channel) -> str:
    """What an app subscribes to in order to hear this channel's messages."""
    return f"message.{channel.kind}"


def channel_type(channel: Channel) -> str:
    return {"channels": "channel", "groups": "group", "im": "im"}[channel.kind]


def _framed(channel: Channel, subtype: str, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel_type(channel),
        "ts": ts,
        "event_ts": ts,
    }


def _announce(workspace: Workspace, channel: Channel, message: Message) -> None:
    event = shown_message(workspace, message, channel)
    event.update(channel=channel.id, channel_type=channel_type(channel), event_ts=message.ts)
    workspace.emit(message_type(channel), event, channel)
    if f"<@{seed.BOT_USER}" in message.text and message.user != seed.BOT_USER and not channel.is_im:
        mention = {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}
        workspace.emit("app_mention", mention, channel)
