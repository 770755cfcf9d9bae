"""What is promised of a status update that was edited: its words put right wherever they were said."""

from bot.engine.effects import InDoubt, Priority
from bot.integrations.slack.lanes import RoomEffect


class EditSaid(RoomEffect, kind="edit_said"):
    """The messages about the update posted as `entry`, as it reads now: in the room, and with those who follow.

    Not in the lane of sentences: it waits for direct messages, and nothing that is to be said waits for it.
    """

    in_doubt = InDoubt.REPEAT
    priority = Priority.SENTENCE
    method = "chat.update"
    queue = "tell"
    entry: int

    @property
    def step(self) -> str:
        return f"post the edit of entry {self.entry}"
