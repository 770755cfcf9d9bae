"""The conversations.* methods that change a channel: create, invite, describe, rename, archive, join, leave."""

import asyncio

from bot.sandbox.slack import rooms
from bot.sandbox.slack.asking import Asking, Handler
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json
from bot.sandbox.slack.shapes import channel_json

MOST_INVITED = 100


async def create(asking: Asking) -> Json:
    name = asking.args.text("name")
    rooms.check_name(name)
    workspace = asking.workspace
    if name in workspace.names:
        raise SlackError("name_taken")
    if workspace.settings.race_creates:
        # Slack is no mutex: two creates under way at once can both find the name free.
        await asyncio.sleep(workspace.settings.race_creates)
    channel = rooms.create(workspace, name, asking.user, private=asking.args.flag("is_private"))
    return {"channel": channel_json(channel, asking.user)}


def invite(asking: Asking) -> Json:
    channel = _open_for_members(asking)
    users = asking.args.names("users")
    if not users:
        raise SlackError("no_user")
    if len(users) > MOST_INVITED:
        raise SlackError("too_many_users")
    problems = {
        user: problem
        for user in users
        if (problem := rooms.invite_problem(asking.workspace, channel, asking.user, user))
    }
    good = [user for user in dict.fromkeys(users) if user not in problems]
    errors = [{"user": user, "ok": False, "error": problem} for user, problem in problems.items()]
    if problems and not (good and asking.args.flag("force")):
        raise SlackError(next(iter(problems.values())), errors=errors)
    for user in good:
        rooms.join(asking.workspace, channel, user, inviter=asking.user)
    shown: Json = {"channel": channel_json(channel, asking.user)}
    return shown | ({"errors": errors} if errors else {})


def kick(asking: Asking) -> Json:
    channel = _not_direct(asking.joined())
    user = asking.args.text("user")
    if user == asking.user:
        raise SlackError("cant_kick_self")
    if channel.is_general:
        raise SlackError("cant_kick_from_general")
    if user not in asking.workspace.people:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("not_in_channel")
    rooms.leave(asking.workspace, channel, user)
    return {"errors": {}}


def set_topic(asking: Asking) -> Json:
    return _describe(asking, "topic")


def set_purpose(asking: Asking) -> Json:
    return _describe(asking, "purpose")


def rename(asking: Asking) -> Json:
    channel = _open_for_members(asking)
    name = asking.args.text("name")
    rooms.check_name(name)
    taken = asking.workspace.names.get(name)
    if taken not in (None, channel.id):
        raise SlackError("name_taken")
    if asking.token.kind == "bot" and channel.creator != asking.user:
        raise SlackError("not_authorized")
    if name != channel.name:
        rooms.rename(asking.workspace, channel, name, asking.user)
    return {"channel": channel_json(channel, asking.user)}


def archive(asking: Asking) -> Json:
    channel = _not_direct(asking.channel())
    if channel.is_archived:
        raise SlackError("already_archived")
    asking.joined()
    if channel.is_general:
        raise SlackError("cant_archive_general")
    rooms.archive(asking.workspace, channel, asking.user)
    return {}


def unarchive(asking: Asking) -> Json:
    """For members only, which no app is once it is archived (github.com/slack-go/slack/issues/1066)."""
    channel = _not_direct(asking.joined())
    if not channel.is_archived:
        raise SlackError("not_archived")
    rooms.unarchive(asking.workspace, channel, asking.user)
    return {}


def join(asking: Asking) -> Json:
    channel = _not_direct(asking.channel())
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    shown: Json = {"channel": channel_json(channel, asking.user)}
    if asking.user in channel.members:
        return shown | {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    rooms.join(asking.workspace, channel, asking.user)
    return {"channel": channel_json(channel, asking.user)}


def leave(asking: Asking) -> Json:
    channel = _not_direct(asking.channel())
    if asking.user not in channel.members:
        return {"not_in_channel": True}
    if channel.is_general:
        raise SlackError("cant_leave_general")
    if channel.is_archived:
        raise SlackError("is_archived")
    rooms.leave(asking.workspace, channel, asking.user)
    return {}


def open_direct(asking: Asking) -> Json:
    users = asking.args.names("users")
    if not users and not asking.args.text("channel"):
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("too_many_users")
    if not users:
        channel = asking.channel()
    elif users[0] not in asking.workspace.people:
        raise SlackError("user_not_found")
    else:
        channel = asking.workspace.direct(asking.user, users[0])
    whole = asking.args.flag("return_im")
    return {"channel": channel_json(channel, asking.user) if whole else {"id": channel.id}}


def _describe(asking: Asking, what: str) -> Json:
    channel = _open_for_members(asking)
    words = asking.args.text(what)
    if len(words) > rooms.TOPIC_LENGTH:
        raise SlackError("too_long")
    rooms.describe(asking.workspace, channel, asking.user, what, words)
    return {"channel": channel_json(channel, asking.user)}


def _open_for_members(asking: Asking) -> Channel:
    """The channel, if it is none of the refusals that all changes to a channel share."""
    channel = _not_direct(asking.channel())
    if channel.is_archived:
        raise SlackError("is_archived")
    return asking.joined()


def _not_direct(channel: Channel) -> Channel:
    if channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    return channel


METHODS: dict[str, Handler] = {
    "conversations.create": create,
    "conversations.invite": invite,
    "conversations.kick": kick,
    "conversations.setTopic": set_topic,
    "conversations.setPurpose": set_purpose,
    "conversations.rename": rename,
    "conversations.archive": archive,
    "conversations.unarchive": unarchive,
    "conversations.join": join,
    "conversations.leave": leave,
    "conversations.open": open_direct,
}
