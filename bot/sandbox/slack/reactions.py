"""reactions.*: emoji on messages."""

import re

from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.shapes import permalink, shown_message
from bot.sandbox.slack.workspace import Workspace

EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def add(asking: Asking) -> Json:
    channel, message, name = _marked(asking)
    if asking.user in message.reactions.get(name, []):
        raise SlackError("already_reacted")
    react(asking.workspace, channel, message, name, asking.user)
    return {}


def remove(asking: Asking) -> Json:
    channel, message, name = _marked(asking)
    if asking.user not in message.reactions.get(name, []):
        raise SlackError("no_reaction")
    unreact(asking.workspace, channel, message, name, asking.user)
    return {}


def get(asking: Asking) -> Json:
    channel = asking.joined()
    message = asking.message(channel, "timestamp")
    shown = shown_message(asking.workspace, message, channel)
    shown["permalink"] = permalink(channel.id, message.ts, message.thread_ts)
    return {"type": "message", "channel": channel.id, "message": shown}


def react(workspace: Workspace, channel: Channel, message: Message, name: str, by: str) -> None:
    message.reactions.setdefault(name, []).append(by)
    workspace.emit("reaction_added", _event("reaction_added", workspace, message, name, by), channel)


def unreact(workspace: Workspace, channel: Channel, message: Message, name: str, by: str) -> None:
    message.reactions[name].remove(by)
    if not message.reactions[name]:
        del message.reactions[name]
    workspace.emit("reaction_removed", _event("reaction_removed", workspace, message, name, by), channel)


def _marked(asking: Asking) -> tuple[Channel, Message, str]:
    channel = asking.joined()
    if channel.is_archived:
        raise SlackError("is_archived")
    name = asking.args.text("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return channel, asking.message(channel, "timestamp"), name


def _event(event_type: str, workspace: Workspace, message: Message, name: str, by: str) -> Json:
    return {
        "type": event_type,
        "user": by,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.user,
        "event_ts": workspace.ts(),
    }


METHODS = {"reactions.add": add, "reactions.remove": remove, "reactions.get": get}
