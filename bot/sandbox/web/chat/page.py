"""A channel in a window: its newest messages, and what a thread or a look back adds."""

from collections.abc import Iterator
from functools import partial

from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.web.chat import messages
from bot.sandbox.web.chat.marks import Marks
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.windows import Region

FIRST_SHOWN = 60


class ChatPage:
    """One conversation as one person sees it."""

    template = "chat.html.j2"

    def __init__(self, eyes: Eyes, channel: Channel, marks: Marks, thread: str | None, at: str | None) -> None:
        self.eyes, self.channel, self.marks, self.thread, self.at = eyes, channel, marks, thread, at
        self.title, self.place = channel.name, channel.id
        self._shown = FIRST_SHOWN

    def regions(self) -> Iterator[Region]:
        for message in self._newest():
            key = f"m-{self.channel.id}-{message.ts}"
            face = (message.changed_ts, message.deleted)
            yield Region(key, "messages", face, partial(messages.draw, self.eyes, self.channel, message, key))

    def looked_at(self) -> None:
        self.marks.read(self.eyes.viewer.id, self.channel)

    def earlier(self) -> None:
        self._shown += FIRST_SHOWN

    def _newest(self) -> list[Message]:
        newest: list[Message] = []
        for ts in reversed(self.channel.messages):
            message = self.channel.messages[ts]
            if not message.deleted and not message.is_reply:
                newest.append(message)
            if len(newest) == self._shown:
                break
        return newest[::-1]
