"""Channels are made, named, joined, left and closed: the one way for the bot and for people alike."""

import re

from bot.sandbox.slack import posting, seed
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Person
from bot.sandbox.slack.workspace import Workspace

NAME_LENGTH = 80
TOPIC_LENGTH = 250
SYSTEM_LINES = frozenset(
    f"channel_{what}" for what in ("join", "leave", "name", "topic", "purpose", "archive", "unarchive")
)


def check_name(name: str) -> None:
    """Raise the refusal that conversations.create and rename give for a name that is not legal."""
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LENGTH:
        raise SlackError("invalid_name_maxlength")
    if re.fullmatch(r"[^A-Za-z0-9]+", name) and re.fullmatch(r"[-_.,;:!?'\"]+", name):
        raise SlackError("invalid_name_punctuation")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise SlackError("invalid_name_specials")


def create(workspace: Workspace, name: str, by: str, *, private: bool = False) -> Channel:
    channel = Channel(workspace.new_id("C"), name, by, int(workspace.clock.now()), is_private=private)
    channel.members[by] = None
    workspace.channels[channel.id] = channel
    workspace.names[name] = channel.id
    posting.note(workspace, channel, by, "channel_join", f"<@{by}> has joined the channel")
    described = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created, "creator": by}
    if not private:
        workspace.emit("channel_created", {"type": "channel_created", "channel": described}, channel)
    _tell_joined(workspace, channel, by, None)
    return channel


def join(workspace: Workspace, channel: Channel, user: str, inviter: str | None = None) -> None:
    channel.members[user] = None
    more = {"inviter": inviter} if inviter else {}
    posting.note(workspace, channel, user, "channel_join", f"<@{user}> has joined the channel", **more)
    _tell_joined(workspace, channel, user, inviter)


def leave(workspace: Workspace, channel: Channel, user: str) -> None:
    channel.members.pop(user, None)
    posting.note(workspace, channel, user, "channel_leave", f"<@{user}> has left the channel")
    event = _membership("member_left_channel", workspace, channel, user)
    workspace.emit("member_left_channel", event, channel)


def rename(workspace: Workspace, channel: Channel, name: str, by: str) -> None:
    old = channel.name
    workspace.names.pop(old, None)
    workspace.names[name] = channel.id
    channel.name = name
    channel.previous_names.insert(0, old)
    words = f'<@{by}> has renamed the channel from "{old}" to "{name}"'
    posting.note(workspace, channel, by, "channel_name", words, old_name=old, name=name)
    described: Json = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    described |= {"is_channel": not channel.is_private, "is_mpim": False}
    _tell(workspace, channel, "rename", {"channel": described})


def archive(workspace: Workspace, channel: Channel, by: str) -> None:
    """Keeps the name taken (Slack Help, "Archive or delete a channel"), and takes apps out, of which no event tells.

    Slack documents the latter nowhere; others met it (github.com/slack-go/slack/issues/1066, elastic/connectors/1972).
    """
    channel.is_archived = True
    posting.note(workspace, channel, by, "channel_archive", f"<@{by}> archived the channel")
    _tell(workspace, channel, "archive", {"channel": channel.id, "user": by, "is_moved": 0})
    for app in [user for user in channel.members if workspace.people[user].is_bot]:
        del channel.members[app]


def unarchive(workspace: Workspace, channel: Channel, by: str) -> None:
    channel.is_archived = False
    posting.note(workspace, channel, by, "channel_unarchive", f"<@{by}> un-archived the channel")
    _tell(workspace, channel, "unarchive", {"channel": channel.id, "user": by})


def delete(workspace: Workspace, channel: Channel, by: str) -> None:
    """Gone for good: its name is free again."""
    channel.deleted = True
    workspace.names.pop(channel.name, None)
    _tell(workspace, channel, "deleted", {"channel": channel.id, "actor_id": by})


def share(workspace: Workspace, channel: Channel, team: str) -> None:
    """Share with another company (Slack Connect)."""
    channel.is_ext_shared = True
    event = {"type": "channel_shared", "connected_team_id": team, "channel": channel.id, "event_ts": workspace.ts()}
    workspace.emit("channel_shared", event, channel)


def describe(workspace: Workspace, channel: Channel, by: str, what: str, words: str) -> None:
    """Set the topic or the purpose (`what`); Slack posts a line about it."""
    value = {"value": words, "creator": by, "last_set": int(workspace.clock.now())}
    setattr(channel, what, value)
    said = f"<@{by}> set the channel {'topic' if what == 'topic' else 'description'}: {words}"
    posting.note(workspace, channel, by, f"channel_{what}", said, **{what: words})


def is_limited(person: Person) -> bool:
    """Guests and people of another company: they see what they were let into, and change nothing about it."""
    return person.is_restricted or person.is_ultra_restricted or person.is_stranger


def may_write(workspace: Workspace, one: Person, other: Person) -> bool:
    """Whether one may open direct messages with the other: guests and people of another company must share a channel.

    https://slack.com/help/articles/202518103-Understand-guest-roles-in-Slack
    """
    if other.deleted:
        return False
    if not (is_limited(one) or is_limited(other)):
        return True
    return any({one.id, other.id} <= channel.members.keys() for channel in workspace.channels.values())


def invite_problem(workspace: Workspace, channel: Channel, by: str, user: str) -> str | None:
    """Why this person cannot be invited, in Slack's word for it; None if they can."""
    person: Person | None = workspace.people.get(user)
    if person is None or person.deleted:
        return "user_not_found"
    if user == by:
        return "cant_invite_self"
    if user in channel.members:
        return "already_in_channel"
    if person.is_stranger and not channel.is_ext_shared:
        return "no_external_invite_permission"
    if person.is_ultra_restricted:
        return "ura_max_channels"
    if person.is_restricted and not workspace.settings.guests_invitable:
        return "user_is_restricted"
    return None


def _tell_joined(workspace: Workspace, channel: Channel, user: str, inviter: str | None) -> None:
    event = _membership("member_joined_channel", workspace, channel, user)
    workspace.emit("member_joined_channel", event | ({"inviter": inviter} if inviter else {}), channel)


def _membership(event_type: str, workspace: Workspace, channel: Channel, user: str) -> Json:
    return {
        "type": event_type,
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": seed.TEAM_ID,
        "event_ts": workspace.ts(),
    }


def _tell(workspace: Workspace, channel: Channel, what: str, event: Json) -> None:
    event_type = f"{'group' if channel.is_private else 'channel'}_{what}"
    workspace.emit(event_type, {"type": event_type, **event, "event_ts": workspace.ts()}, channel)
