"""What Slack is promised of runbooks: one message for each that is followed, edited in place as it goes on."""

from bot.engine.effects import InDoubt, Priority
from bot.integrations.slack.effects import RoomEffect


class RunEffect(RoomEffect):
    """What is about one runbook that was opened, `run` its number within the incident; each has a lane of its own."""

    stays = True  # in a room that was left only a line that says so is drawn
    method = "chat.postMessage"
    queue = "runbook"
    run: int

    @property
    def lane(self) -> str:
        return f"slack/runbook/{self._whose}/{self.run}"

    @property
    def ref(self) -> str:
        """What its message is known by: `slack.runbook.1`, in a later room `slack.runbook.1.r2`."""
        return f"slack.runbook.{self.run}" + (f".r{self.room}" if self.room > 1 else "")


class PostRunbook(RunEffect, kind="post_runbook"):
    """Its steps in the room, rendered when posted."""

    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE

    @property
    def place(self) -> str:
        return self._whose

    @property
    def step(self) -> str:
        return f"post runbook {self.run}"


class RefreshRunbook(RunEffect, kind="refresh_runbook"):
    """Its steps as things are now. One that somebody deleted stays deleted."""

    in_doubt = InDoubt.REPEAT
    priority = Priority.SENTENCE
    refreshes = True
    method = "chat.update"

    @property
    def need(self) -> str:
        return self.ref

    @property
    def step(self) -> str:
        return f"bring runbook {self.run} up to date"
