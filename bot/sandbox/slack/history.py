"""The conversations.* methods that read: lists, details, members, messages and threads."""

from collections.abc import Iterable

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.paging import page
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.shapes import channel_json, shown_message

FAMILIES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def list_channels(asking: Asking) -> Json:
    known = asking.workspace.channels.values()
    return _listed(asking, (channel for channel in known if not channel.is_private or asking.user in channel.members))


def users_conversations(asking: Asking) -> Json:
    user = asking.args.text("user") or asking.user
    if user not in asking.workspace.people:
        raise SlackError("user_not_found")
    known = asking.workspace.channels.values()
    both = (channel for channel in known if user in channel.members)
    return _listed(asking, (channel for channel in both if not channel.is_private or asking.user in channel.members))


def info(asking: Asking) -> Json:
    channel = asking.channel()
    return {"channel": channel_json(channel, asking.user, with_count=asking.args.flag("include_num_members"))}


def members(asking: Asking) -> Json:
    shown, cursor = page(asking.args, list(asking.channel().members))
    return {"members": shown, "response_metadata": {"next_cursor": cursor}}


def history(asking: Asking) -> Json:
    channel = asking.joined()
    wanted = _between(asking.args, (message for message in channel.messages.values() if _stands_alone(message)))
    wanted.reverse()
    return _messages(asking, channel, wanted)


def replies(asking: Asking) -> Json:
    channel = asking.joined()
    first = asking.message(channel, "ts", "thread_not_found")
    parent = channel.messages[first.thread_ts] if first.is_reply and first.thread_ts else first
    answers = _between(asking.args, (channel.messages[ts] for ts in parent.replies))
    return _messages(asking, channel, [parent, *answers])


def _listed(asking: Asking, channels: Iterable[Channel]) -> Json:
    types = asking.args.names("types") or ["public_channel"]
    if not set(types) <= set(FAMILIES):
        raise SlackError("invalid_types")
    _check_list_scopes(asking, types)
    kinds = {FAMILIES[kind] for kind in types}
    skip_archived = asking.args.flag("exclude_archived")
    wanted = [
        channel
        for channel in channels
        if channel.kind in kinds and not channel.deleted and not (skip_archived and channel.is_archived)
    ]
    shown, cursor = page(asking.args, wanted)
    listed = [channel_json(channel, asking.user, with_count=True) for channel in shown]
    return {"channels": listed, "response_metadata": {"next_cursor": cursor}}


def _check_list_scopes(asking: Asking, types: list[str]) -> None:
    needed = [f"{FAMILIES[kind]}:read" for kind in types]
    if "*" not in asking.token.scopes and not asking.token.scopes.issuperset(needed):
        raise SlackError("missing_scope", needed=",".join(needed), provided=",".join(sorted(asking.token.scopes)))


def _stands_alone(message: Message) -> bool:
    return not message.deleted and (not message.is_reply or message.subtype == "thread_broadcast")


def _between(args: Arguments, messages: Iterable[Message]) -> list[Message]:
    """Those from `oldest` to `latest`, the two themselves only if `inclusive`."""
    oldest, latest = _moment(args, "oldest", 0.0), _moment(args, "latest", float("inf"))
    inclusive = args.flag("inclusive")
    return [
        message
        for message in messages
        if not message.deleted
        and (oldest < float(message.ts) < latest or (inclusive and float(message.ts) in (oldest, latest)))
    ]


def _moment(args: Arguments, name: str, default: float) -> float:
    given = args.text(name)
    if given in ("", "0", "now"):
        return default
    try:
        return float(given)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _messages(asking: Asking, channel: Channel, wanted: list[Message]) -> Json:
    shown, cursor = page(asking.args, wanted, most=999)
    whole = asking.args.flag("include_all_metadata")
    listed = [shown_message(asking.workspace, message, channel, all_metadata=whole) for message in shown]
    return {
        "messages": listed,
        "has_more": bool(cursor),
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


METHODS = {
    "conversations.list": list_channels,
    "conversations.info": info,
    "conversations.members": members,
    "conversations.history": history,
    "conversations.replies": replies,
    "users.conversations": users_conversations,
}
