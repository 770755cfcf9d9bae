"""How far each person has read each channel: the pages' own knowledge, not the workspace's."""

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.sandbox.slack.records import Channel, Message, Ping
from bot.sandbox.slack.rooms import SYSTEM_LINES

COUNTED = 99
"""How far unread messages are counted."""


class Marks:
    """What somebody had before their eyes is read. Whoever never looked has read what was there at the start."""

    def __init__(self, begun: str) -> None:
        """`begun` is the `ts` before which nothing counts as unread."""
        self._begun = begun
        self._read: dict[tuple[str, str], str] = {}

    def read(self, person: str, channel: Channel) -> None:
        """Up to the newest message."""
        if channel.messages:
            self._read[person, channel.id] = next(reversed(channel.messages))

    def last(self, person: str, channel: Channel) -> str:
        """The `ts` up to which this person has read."""
        return self._read.get((person, channel.id), self._begun)

    def unread(self, person: str, channel: Channel) -> int:
        """How many messages of others came since, counted up to `COUNTED`; what Slack itself writes does not count."""
        count = 0
        for _ in self._fresh(person, channel):
            count += 1
            if count == COUNTED:
                break
        return count

    def calls(self, person: str, pings: Iterable[Ping]) -> Counter[str]:
        """By channel, how many of `pings`, newest first, called this person since; those in threads count, too."""
        found: Counter[str] = Counter()
        for ping in pings:
            # An edit names people without notifying any, under the `ts` of what may be an old message.
            if ping.notified and ping.ts <= self._begun:
                break
            if person in ping.notified and ping.ts > self._read.get((person, ping.channel), self._begun):
                found[ping.channel] += 1
        return found

    def first_unread(self, person: str, channel: Channel) -> str | None:
        """The `ts` of the oldest message that `unread` counts."""
        oldest = None
        for message in self._fresh(person, channel):
            oldest = message.ts
        return oldest

    def _fresh(self, person: str, channel: Channel) -> Iterator[Message]:
        """Newest first."""
        last = self.last(person, channel)
        for ts in reversed(channel.messages):
            if ts <= last:
                return
            message = channel.messages[ts]
            is_said = message.subtype not in SYSTEM_LINES and not message.deleted
            if is_said and message.user != person and (not message.is_reply or message.subtype == "thread_broadcast"):
                yield message
