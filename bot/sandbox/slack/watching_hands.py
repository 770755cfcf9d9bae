"""Looks at Slack from another process: each method is one of `watching.Watching`."""

from typing import cast

from bot.sandbox.line import Line
from bot.sandbox.slack.records import Json


class WatchingHands:
    """What can be seen, as JSON."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def state(self) -> Json:
        """Everything, by id."""
        return cast(Json, await self._line.act("slack", "state"))

    async def people(self) -> list[Json]:
        return cast(list[Json], await self._line.act("slack", "people"))

    async def channels(self) -> list[Json]:
        """Every channel that is no direct message, archived ones too."""
        return cast(list[Json], await self._line.act("slack", "channels"))

    async def channel(self, name: str) -> Json:
        """One channel with members, messages (with all metadata and earlier versions), pins and bookmarks."""
        return cast(Json, await self._line.act("slack", "channel", name=name))

    async def messages(self, channel: str, thread_ts: str | None = None, with_system: bool = False) -> list[Json]:
        """A channel's messages, oldest first; those of one thread, if named; Slack's own lines only if asked for."""
        return cast(
            list[Json],
            await self._line.act("slack", "messages", channel=channel, thread_ts=thread_ts, with_system=with_system),
        )

    async def ephemerals(self, user: str, channel: str | None = None) -> list[Json]:
        """What only this person was shown, oldest first, in one channel if named."""
        return cast(list[Json], await self._line.act("slack", "ephemerals", user=user, channel=channel))

    async def dm(self, user: str) -> list[Json]:
        """That person's direct messages with the bot, oldest first."""
        return cast(list[Json], await self._line.act("slack", "dm", user=user))

    async def modal(self, user: str) -> Json | None:
        """The modal on top of that person's screen, with the errors on it."""
        return cast(Json | None, await self._line.act("slack", "modal", user=user))

    async def modals(self, user: str) -> list[Json]:
        """That person's open modals, the lowest first."""
        return cast(list[Json], await self._line.act("slack", "modals", user=user))

    async def home(self, user: str, wait: float = 1.0) -> Json | None:
        """Open the app's home tab; what is there within `wait` seconds (None: nothing was ever published)."""
        return cast(Json | None, await self._line.act("slack", "home", user=user, wait=wait))

    async def pings(self, channel: str | None = None) -> list[Json]:
        """Whom messages named, oldest first; `whom` is a user's or group's id, or channel, here, everyone."""
        return cast(list[Json], await self._line.act("slack", "pings", channel=channel))

    async def versions(self, channel: str, ts: str) -> list[Json]:
        """Every content a message ever had, the first one first, the present one last."""
        return cast(list[Json], await self._line.act("slack", "versions", channel=channel, ts=ts))

    async def file(self, file_id: str) -> Json:
        """A file with its content as text."""
        return cast(Json, await self._line.act("slack", "file", file_id=file_id))

    async def deliveries(self, what: str | None = None) -> list[Json]:
        """What was brought to the bot, oldest first, with every attempt and its outcome."""
        return cast(list[Json], await self._line.act("slack", "deliveries", what=what))

    async def wait_for_channel(self, prefix: str, seconds: float = 5.0) -> Json:
        """The first channel whose name starts so, as soon as it is there."""
        return cast(Json, await self._line.act("slack", "wait_for_channel", prefix=prefix, seconds=seconds))

    async def wait_for_message(self, channel: str, contains: str = "", after: str = "", seconds: float = 5.0) -> Json:
        """The first message of the bot in that channel (by text or blocks, newer than `after`), as soon as it is there.

        `channel` may be "@name": the bot's direct messages with that person.
        """
        return cast(
            Json,
            await self._line.act(
                "slack", "wait_for_message", channel=channel, contains=contains, after=after, seconds=seconds
            ),
        )

    async def wait_for_ephemeral(self, user: str, contains: str = "", seconds: float = 5.0) -> Json:
        """The first whisper to that person with these words, as soon as it is there."""
        return cast(
            Json, await self._line.act("slack", "wait_for_ephemeral", user=user, contains=contains, seconds=seconds)
        )

    async def wait_for_modal(self, user: str, contains: str = "", seconds: float = 5.0) -> Json:
        """The modal on top of that person's screen, once it holds these words."""
        return cast(
            Json, await self._line.act("slack", "wait_for_modal", user=user, contains=contains, seconds=seconds)
        )

    async def wait_for_delivery(self, what: str, seconds: float = 5.0) -> Json:
        """The newest delivery of that kind (an event's type, a command, block_actions …), once it was acked."""
        return cast(Json, await self._line.act("slack", "wait_for_delivery", what=what, seconds=seconds))
