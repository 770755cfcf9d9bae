"""pins.*: what is pinned in a channel."""

from bot.sandbox.slack import rooms
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.shapes import permalink, shown_message
from bot.sandbox.slack.workspace import Workspace

MOST_PINS = 100


def add(asking: Asking) -> Json:
    channel, message = _marked(asking)
    if message.pinned:
        raise SlackError("already_pinned")
    if len(channel.pins) >= MOST_PINS:
        raise SlackError("too_many_pins")
    if message.subtype in rooms.SYSTEM_LINES:
        raise SlackError("not_pinnable")
    pin(asking.workspace, channel, message, asking.user)
    return {}


def remove(asking: Asking) -> Json:
    channel, message = _marked(asking)
    if not message.pinned:
        raise SlackError("no_pin")
    unpin(asking.workspace, channel, message, asking.user)
    return {}


def list_pins(asking: Asking) -> Json:
    channel = asking.joined()
    return {"items": [_item(asking.workspace, channel, message) for message in channel.pins]}


def pin(workspace: Workspace, channel: Channel, message: Message, by: str) -> None:
    message.pinned = {"user": by, "at": workspace.clock.now()}
    event = _event("pin_added", workspace, channel, message, by)
    workspace.emit("pin_added", event, channel)


def unpin(workspace: Workspace, channel: Channel, message: Message, by: str) -> None:
    event = _event("pin_removed", workspace, channel, message, by)
    message.pinned = None
    workspace.emit("pin_removed", event | {"has_pins": bool(channel.pins)}, channel)


def _marked(asking: Asking) -> tuple[Channel, Message]:
    channel = asking.joined()
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel, asking.message(channel, "timestamp")


def _item(workspace: Workspace, channel: Channel, message: Message) -> Json:
    pinned = message.pinned or {}
    return {
        "type": "message",
        "created": int(pinned["at"]),
        "created_by": pinned["user"],
        "channel": channel.id,
        "message": {
            **shown_message(workspace, message, channel),
            "permalink": permalink(channel.id, message.ts, message.thread_ts),
        },
    }


def _event(event_type: str, workspace: Workspace, channel: Channel, message: Message, by: str) -> Json:
    return {
        "type": event_type,
        "user": by,
        "channel_id": channel.id,
        "item": _item(workspace, channel, message),
        "item_user": message.user,
        "pin_count": len(channel.pins),
        "pinned_info": {"channel": channel.id, "pinned_by": by, "pinned_ts": int(workspace.clock.now())},
        "event_ts": workspace.ts(),
    }


METHODS = {"pins.add": add, "pins.remove": remove, "pins.list": list_pins}
