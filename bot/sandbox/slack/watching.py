"""What can be seen: channels, messages, whispers, modals, pings, deliveries; for asserts and for the demo's screen."""

from dataclasses import asdict
from typing import Any

from bot.sandbox.control import Impossible
from bot.sandbox.slack import payloads, seed
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.screens import Screens, ephemeral_json, full_view
from bot.sandbox.slack.shapes import channel_json, file_json, group_json, shown_message, user_json
from bot.sandbox.slack.workspace import Workspace


class Watching:
    """Reads; nothing here changes anything but `home`, which opens the tab."""

    def __init__(self, workspace: Workspace, courier: Courier, screens: Screens) -> None:
        self._workspace, self._courier, self._screens = workspace, courier, screens

    def state(self) -> Json:
        """Everything, by id."""
        channels = self._workspace.channels.values()
        return {
            "people": {person.id: user_json(person) for person in self._workspace.people.values()},
            "groups": {group.id: group_json(group, with_users=True) for group in self._workspace.groups.values()},
            "channels": {channel.id: self._channel(channel) for channel in channels},
            "ephemerals": [ephemeral_json(message) for message in self._workspace.ephemerals],
            "modals": {user: self.modals(user) for user in self._workspace.modals},
            "pings": self.pings(),
        }

    def people(self) -> list[Json]:
        return [user_json(person) for person in self._workspace.people.values()]

    def channels(self) -> list[Json]:
        """Every channel that is no direct message, archived ones too."""
        known = self._workspace.channels.values()
        return [channel_json(channel, seed.BOT_USER, with_count=True) for channel in known if not channel.is_im]

    def channel(self, name: str) -> Json:
        """One channel with members, messages (with all metadata and earlier versions), pins and bookmarks."""
        return self._channel(self._workspace.channel(name))

    def messages(self, channel: str, thread_ts: str | None = None, with_system: bool = False) -> list[Json]:
        """A channel's messages, oldest first; those of one thread, if named; Slack's own lines only if asked for."""
        where = self._workspace.channel(channel)
        return [
            self._message(where, message)
            for message in where.messages.values()
            if not message.deleted
            and (with_system or message.subtype in (None, "thread_broadcast"))
            and thread_ts in (None, message.thread_ts, message.ts)
        ]

    def ephemerals(self, user: str, channel: str | None = None) -> list[Json]:
        """What only this person was shown, oldest first, in one channel if named."""
        person = self._workspace.person(user)
        where = self._workspace.channel(channel).id if channel else None
        return [
            ephemeral_json(message)
            for message in self._workspace.ephemerals
            if message.ephemeral_to == person.id and not message.deleted and where in (None, message.channel)
        ]

    def dm(self, user: str) -> list[Json]:
        """That person's direct messages with the bot, oldest first."""
        person = self._workspace.person(user)
        direct = self._workspace.direct(seed.BOT_USER, person.id)
        return [self._message(direct, message) for message in direct.messages.values() if not message.deleted]

    def modal(self, user: str) -> Json | None:
        """The modal on top of that person's screen, with the errors on it."""
        view = self._workspace.modal(self._workspace.person(user).id)
        return full_view(view) if view else None

    def modals(self, user: str) -> list[Json]:
        """That person's open modals, the lowest first."""
        stack = self._workspace.modals.get(self._workspace.person(user).id, [])
        return [full_view(self._workspace.views[view_id]) for view_id in stack]

    async def home(self, user: str, wait: float = 1.0) -> Json | None:
        """Open the app's home tab; what is there within `wait` seconds (None: nothing was ever published)."""
        person = self._workspace.person(user)
        before = self._workspace.views.get(self._workspace.homes.get(person.id, ""))
        was = before.hash if before else ""
        self._workspace.emit("app_home_opened", payloads.app_home_opened(self._workspace, person, before))

        def published() -> bool:
            view = self._workspace.views.get(self._workspace.homes.get(person.id, ""))
            return view is not None and view.hash != was

        if "app_home_opened" in self._workspace.settings.events:
            await self._screens.wait(published, wait)
        view = self._workspace.views.get(self._workspace.homes.get(person.id, ""))
        return full_view(view) if view else None

    def pings(self, channel: str | None = None) -> list[Json]:
        """Whom messages named, oldest first; `whom` is a user's or group's id, or channel, here, everyone."""
        where = self._workspace.channel(channel).id if channel else None
        return [asdict(ping) for ping in self._workspace.pings if where in (None, ping.channel)]

    def versions(self, channel: str, ts: str) -> list[Json]:
        """Every content a message ever had, the first one first, the present one last."""
        message = self._workspace.channel(channel).messages.get(ts)
        if message is None:
            raise Impossible(f"there is no message {ts}")
        return [*message.versions, message.fields]

    def file(self, file_id: str) -> Json:
        """A file with its content as text."""
        file = self._workspace.files.get(file_id)
        if file is None:
            raise Impossible(f"there is no file {file_id}")
        return file_json(self._workspace, file) | {"content": file.content.decode(errors="replace")}

    def deliveries(self, what: str | None = None) -> list[Json]:
        """What was brought to the bot, oldest first, with every attempt and its outcome."""
        made = self._courier.deliveries.values()
        return [delivery.to_json() for delivery in made if what in (None, delivery.what)]

    async def wait_for_channel(self, prefix: str, seconds: float = 5.0) -> Json:
        """The first channel whose name starts so, as soon as it is there."""

        def found() -> Channel | None:
            known = self._workspace.channels.values()
            return next((channel for channel in known if channel.name.startswith(prefix) and not channel.deleted), None)

        if not await self._screens.wait(lambda: found() is not None, seconds):
            raise Impossible(f"no channel {prefix}… came within {seconds} s")
        channel = found()
        assert channel is not None
        return self._channel(channel)

    async def wait_for_message(self, channel: str, contains: str = "", after: str = "", seconds: float = 5.0) -> Json:
        """The first message of the bot in that channel (by text or blocks, newer than `after`), as soon as it is there.

        `channel` may be "@name": the bot's direct messages with that person.
        """

        def found() -> Json | None:
            for message in self._place(channel).messages.values():
                fits = message.bot_id and not message.deleted and message.ts > after
                if fits and contains in str(message.fields):
                    return self._message(self._place(channel), message)
            return None

        return await self._awaited(found, f"a message with {contains!r} in {channel}", seconds)

    async def wait_for_ephemeral(self, user: str, contains: str = "", seconds: float = 5.0) -> Json:
        """The first whisper to that person with these words, as soon as it is there."""

        def found() -> Json | None:
            fitting = (whisper for whisper in self.ephemerals(user) if contains in str(whisper))
            return next(fitting, None)

        return await self._awaited(found, f"a whisper to {user} with {contains!r}", seconds)

    async def wait_for_modal(self, user: str, contains: str = "", seconds: float = 5.0) -> Json:
        """The modal on top of that person's screen, once it holds these words."""

        def found() -> Json | None:
            view = self.modal(user)
            return view if view and contains in str(view) else None

        return await self._awaited(found, f"a modal for {user} with {contains!r}", seconds)

    async def wait_for_delivery(self, what: str, seconds: float = 5.0) -> Json:
        """The newest delivery of that kind (an event's type, a command, block_actions …), once it was acked."""

        def found() -> Json | None:
            made = [delivery for delivery in self._courier.deliveries.values() if delivery.what == what]
            return made[-1].to_json() if made and made[-1].acked else None

        return await self._awaited(found, f"an acked delivery of {what}", seconds)

    async def _awaited(self, found: Any, what: str, seconds: float) -> Json:
        if not await self._screens.wait(lambda: found() is not None, seconds):
            raise Impossible(f"no sign of {what} within {seconds} s")
        result: Json = found()
        return result

    def _place(self, channel: str) -> Channel:
        if channel.startswith("@"):
            return self._workspace.direct(seed.BOT_USER, self._workspace.person(channel).id)
        return self._workspace.channel(channel)

    def _channel(self, channel: Channel) -> Json:
        messages = channel.messages.values()
        return {
            **channel_json(channel, seed.BOT_USER, with_count=True),
            "members": list(channel.members),
            "messages": [self._message(channel, message) for message in messages if not message.deleted],
            "deleted_messages": [self._message(channel, message) for message in messages if message.deleted],
            "pins": [message.ts for message in channel.pins],
            "bookmarks": [asdict(bookmark) for bookmark in channel.bookmarks.values()],
        }

    def _message(self, channel: Channel, message: Message) -> Json:
        shown = shown_message(self._workspace, message, channel, all_metadata=True)
        return shown | ({"versions": list(message.versions)} if message.versions else {})
