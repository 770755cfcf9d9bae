"""How far each person has read each channel: the pages' own knowledge, not the workspace's."""

from bot.sandbox.slack.records import Channel


class Marks:
    """What somebody had before their eyes is read."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], str] = {}

    def read(self, person: str, channel: Channel) -> None:
        """Up to the newest message."""
        if channel.messages:
            self._read[person, channel.id] = next(reversed(channel.messages))

    def last(self, person: str, channel: Channel) -> str:
        """The `ts` of the newest message that this person has seen there; empty: none."""
        return self._read.get((person, channel.id), "")

    def unread(self, person: str, channel: Channel, most: int = 99) -> int:
        """How many messages of others came since, counted up to `most`."""
        last, count = self.last(person, channel), 0
        for ts in reversed(channel.messages):
            if ts <= last or count >= most:
                break
            count += not channel.messages[ts].deleted and channel.messages[ts].user != person
        return count
