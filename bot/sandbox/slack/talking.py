"""What people do with messages and channels: talk, mark, join, leave, rename, close."""

import uuid
from base64 import b64decode

from bot.sandbox.control import Impossible
from bot.sandbox.slack import pins, posting, reactions, rooms, seed, typing_text
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, File, Json, Message
from bot.sandbox.slack.shapes import channel_json, shown_message
from bot.sandbox.slack.workspace import Workspace


class Talking:
    """Acts of people that need no app. People and channels are named by id or by name."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def post(self, user: str, channel: str, text: str, thread_ts: str | None = None, raw: bool = False) -> Json:
        """Say something; `@name` and `#channel` become live, unless `raw`, which stores the text as it is."""
        where = self._place(user, channel)
        words = text if raw else typing_text.in_message(self._workspace, text)
        author = self._workspace.person(user).id
        message = posting.post(
            self._workspace, where, author, {"text": words, "client_msg_id": str(uuid.uuid4())}, thread_ts=thread_ts
        )
        return shown_message(self._workspace, message, where)

    def share_file(self, user: str, channel: str, name: str, content: str, text: str = "") -> Json:
        """Share a file in a message, as by dragging it into the window; `content` in Base64."""
        where, author, body = self._place(user, channel), self._workspace.person(user).id, b64decode(content)
        file = File(self._workspace.new_id("F"), name, len(body), author, body, complete=True)
        file.created = int(self._workspace.clock.now())
        self._workspace.files[file.id] = file
        words = {"text": typing_text.in_message(self._workspace, text), "client_msg_id": str(uuid.uuid4())}
        message = posting.post(self._workspace, where, author, words, files=[file.id])
        file.shares[where.id] = message.ts
        return shown_message(self._workspace, message, where)

    def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Talk to the bot: `@muster <text>`."""
        return self.post(user, channel, f"@{self._workspace.people[seed.BOT_USER].name} {text}", thread_ts)

    def tell_bot(self, user: str, text: str) -> Json:
        """A direct message to the bot."""
        person = self._workspace.person(user).id
        return self.post(person, self._workspace.direct(seed.BOT_USER, person).id, text)

    def open_direct(self, user: str, whom: str) -> Json:
        """The direct messages of two people; a guest's only with those with whom they share a channel."""
        person, other = self._workspace.person(user), self._workspace.person(whom)
        if not rooms.may_write(self._workspace, person, other):
            raise Impossible(f"{person.real_name} and {other.real_name} have no channel in common")
        direct = self._workspace.direct(other.id, person.id)
        self._workspace.touch()
        return channel_json(direct, person.id)

    def edit_message(self, user: str, channel: str, ts: str, text: str) -> Json:
        where, message = self._own(user, channel, ts)
        fields = {"text": typing_text.in_message(self._workspace, text)}
        posting.edit(self._workspace, where, message, fields, message.user)
        return shown_message(self._workspace, message, where)

    def delete_message(self, user: str, channel: str, ts: str) -> None:
        where, message = self._own(user, channel, ts)
        posting.delete(self._workspace, where, message)

    def react(self, user: str, channel: str, ts: str, name: str) -> None:
        where, message = self._seen(user, channel, ts)
        by = self._workspace.person(user).id
        if by not in message.reactions.get(name.strip(":"), []):
            reactions.react(self._workspace, where, message, name.strip(":"), by)

    def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        where, message = self._seen(user, channel, ts)
        by, emoji = self._workspace.person(user).id, name.strip(":")
        if by not in message.reactions.get(emoji, []):
            raise Impossible(f"{user} has no :{emoji}: there")
        reactions.unreact(self._workspace, where, message, emoji, by)

    def pin(self, user: str, channel: str, ts: str) -> None:
        where, message = self._seen(user, channel, ts)
        if message.pinned:
            raise Impossible("it is pinned already")
        pins.pin(self._workspace, where, message, self._workspace.person(user).id)

    def unpin(self, user: str, channel: str, ts: str) -> None:
        where, message = self._seen(user, channel, ts)
        if not message.pinned:
            raise Impossible("it is not pinned")
        pins.unpin(self._workspace, where, message, self._workspace.person(user).id)

    def join(self, user: str, channel: str) -> None:
        where, person = self._workspace.channel(channel), self._workspace.person(user)
        if where.is_private or where.is_archived:
            raise Impossible(f"{channel} cannot be joined")
        if person.id not in where.members:
            rooms.join(self._workspace, where, person.id)

    def leave(self, user: str, channel: str) -> None:
        where = self._place(user, channel)
        rooms.leave(self._workspace, where, self._workspace.person(user).id)

    def invite(self, user: str, channel: str, whom: str) -> None:
        where, guest = self._place(user, channel), self._workspace.person(whom)
        if guest.id not in where.members:
            rooms.join(self._workspace, where, guest.id, inviter=self._workspace.person(user).id)

    def kick(self, user: str, channel: str, whom: str) -> None:
        """Remove somebody, who may be the bot."""
        where, out = self._place(user, channel), self._workspace.person(whom)
        rooms.leave(self._workspace, where, out.id)

    def create_channel(self, user: str, name: str, private: bool = False) -> Json:
        try:
            rooms.check_name(name)
        except SlackError as refusal:
            raise Impossible(refusal.code) from None
        if name in self._workspace.names:
            raise Impossible("name_taken")
        creator = self._workspace.person(user).id
        return channel_json(rooms.create(self._workspace, name, creator, private=private), creator)

    def rename(self, user: str, channel: str, name: str) -> None:
        rooms.rename(self._workspace, self._place(user, channel), name, self._workspace.person(user).id)

    def set_topic(self, user: str, channel: str, topic: str) -> None:
        rooms.describe(self._workspace, self._place(user, channel), self._workspace.person(user).id, "topic", topic)

    def archive(self, user: str, channel: str) -> None:
        rooms.archive(self._workspace, self._place(user, channel), self._workspace.person(user).id)

    def unarchive(self, user: str, channel: str) -> None:
        rooms.unarchive(self._workspace, self._workspace.channel(channel), self._workspace.person(user).id)

    def delete_channel(self, user: str, channel: str) -> None:
        rooms.delete(self._workspace, self._workspace.channel(channel), self._workspace.person(user).id)

    def share_channel(self, channel: str, team: str = seed.PARTNER_TEAM_ID) -> None:
        """Share a channel with another company; its people may then be members."""
        rooms.share(self._workspace, self._workspace.channel(channel), team)

    def _place(self, user: str, channel: str) -> Channel:
        where, person = self._workspace.channel(channel), self._workspace.person(user)
        if person.id not in where.members:
            raise Impossible(f"{person.name} is not in #{where.name or where.id}")
        if where.is_archived:
            raise Impossible(f"#{where.name} is archived")
        return where

    def _seen(self, user: str, channel: str, ts: str) -> tuple[Channel, Message]:
        where = self._place(user, channel)
        message = where.messages.get(ts)
        if message is None or message.deleted:
            raise Impossible(f"there is no message {ts} in #{where.name or where.id}")
        return where, message

    def _own(self, user: str, channel: str, ts: str) -> tuple[Channel, Message]:
        where, message = self._seen(user, channel, ts)
        if message.user != self._workspace.person(user).id:
            raise Impossible(f"the message is not {user}'s own")
        return where, message
