"""How far each person has read each channel: the pages' own knowledge, not the workspace's."""

from bot.sandbox.slack.records import Channel
from bot.sandbox.slack.rooms import SYSTEM_LINES

MOST = 99


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
        """How many messages of others came since, counted up to `MOST`; what Slack itself writes does not count."""
        last, count = self.last(person, channel), 0
        for ts in reversed(channel.messages):
            if ts <= last or count >= MOST:
                break
            message = channel.messages[ts]
            count += (
                not message.deleted
                and not message.is_reply
                and message.user != person
                and message.subtype not in SYSTEM_LINES
            )
        return count
