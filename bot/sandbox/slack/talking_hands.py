"""Talks and marks in Slack from another process: each method is one act of `talking.Talking`."""

from base64 import b64encode
from typing import cast

from bot.sandbox.line import Line
from bot.sandbox.slack.records import Json


class TalkingHands:
    """People and channels are named by id or by name."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def post(self, user: str, channel: str, text: str, thread_ts: str | None = None, raw: bool = False) -> Json:
        """Say something; `@name` and `#channel` become live, unless `raw`, which stores the text as it is."""
        return cast(
            Json,
            await self._line.act("slack", "post", user=user, channel=channel, text=text, thread_ts=thread_ts, raw=raw),
        )

    async def share_file(self, user: str, channel: str, name: str, body: bytes, text: str = "") -> Json:
        """Share a file in a message, as by dragging it into the window."""
        content = b64encode(body).decode()
        return cast(
            Json,
            await self._line.act(
                "slack", "share_file", user=user, channel=channel, name=name, content=content, text=text
            ),
        )

    async def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Talk to the bot: `@muster <text>`."""
        return cast(
            Json, await self._line.act("slack", "mention", user=user, channel=channel, text=text, thread_ts=thread_ts)
        )

    async def tell_bot(self, user: str, text: str) -> Json:
        """A direct message to the bot."""
        return cast(Json, await self._line.act("slack", "tell_bot", user=user, text=text))

    async def open_direct(self, user: str, whom: str) -> Json:
        """The direct messages of two people, as by "New message"; `id` is their channel's."""
        return cast(Json, await self._line.act("slack", "open_direct", user=user, whom=whom))

    async def edit_message(self, user: str, channel: str, ts: str, text: str) -> Json:
        return cast(Json, await self._line.act("slack", "edit_message", user=user, channel=channel, ts=ts, text=text))

    async def delete_message(self, user: str, channel: str, ts: str) -> None:
        await self._line.act("slack", "delete_message", user=user, channel=channel, ts=ts)

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        await self._line.act("slack", "react", user=user, channel=channel, ts=ts, name=name)

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        await self._line.act("slack", "unreact", user=user, channel=channel, ts=ts, name=name)

    async def pin(self, user: str, channel: str, ts: str) -> None:
        await self._line.act("slack", "pin", user=user, channel=channel, ts=ts)

    async def unpin(self, user: str, channel: str, ts: str) -> None:
        await self._line.act("slack", "unpin", user=user, channel=channel, ts=ts)

    async def join(self, user: str, channel: str) -> None:
        await self._line.act("slack", "join", user=user, channel=channel)

    async def leave(self, user: str, channel: str) -> None:
        await self._line.act("slack", "leave", user=user, channel=channel)

    async def invite(self, user: str, channel: str, whom: str) -> None:
        await self._line.act("slack", "invite", user=user, channel=channel, whom=whom)

    async def kick(self, user: str, channel: str, whom: str) -> None:
        """Remove somebody, who may be the bot."""
        await self._line.act("slack", "kick", user=user, channel=channel, whom=whom)

    async def create_channel(self, user: str, name: str, private: bool = False) -> Json:
        return cast(Json, await self._line.act("slack", "create_channel", user=user, name=name, private=private))

    async def rename(self, user: str, channel: str, name: str) -> None:
        await self._line.act("slack", "rename", user=user, channel=channel, name=name)

    async def set_topic(self, user: str, channel: str, topic: str) -> None:
        await self._line.act("slack", "set_topic", user=user, channel=channel, topic=topic)

    async def archive(self, user: str, channel: str) -> None:
        await self._line.act("slack", "archive", user=user, channel=channel)

    async def unarchive(self, user: str, channel: str) -> None:
        await self._line.act("slack", "unarchive", user=user, channel=channel)

    async def delete_channel(self, user: str, channel: str) -> None:
        await self._line.act("slack", "delete_channel", user=user, channel=channel)

    async def share_channel(self, channel: str, team: str = "T0PARTNER1") -> None:
        """Share a channel with another company; its people may then be members."""
        await self._line.act("slack", "share_channel", channel=channel, team=team)
