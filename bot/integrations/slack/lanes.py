"""What all promises to Slack share: a method, a lane, an outcome that the set-up report shows, and which room it is."""

from typing import ClassVar

from bot.engine.effects import Effect, Receipt
from bot.incident.model import Command
from bot.incident.rooms import ReportStep
from bot.incident.values import Value
from bot.integrations.slack.refs import CARD, CHANNEL, card_ref, channel_ref

SYSTEM = "slack"


class Button(Value):
    """A button under a sentence: what it says, and the action and value it brings back. `yes`: asked before it acts."""

    label: str
    action: str
    value: str
    primary: bool = False
    yes: str = ""


class SlackEffect(Effect):
    """What all promises to Slack share: one method of Slack, a lane, and an outcome that the set-up report shows."""

    system = SYSTEM
    method: ClassVar[str]
    """The method that it costs a call of."""
    queue: ClassVar[str]
    """Its lane among those of its incident."""
    called: ClassVar[str]
    """What a person calls it."""
    needs: ClassVar[str | None] = None
    """The ref without which it cannot be tried."""
    awaited: ClassVar[bool] = False
    """Whether people wait for it, and must know when it is late."""

    @property
    def lane(self) -> str:
        return f"slack/{self.incident}/{self.queue}"

    @property
    def need(self) -> str | None:
        return self.needs

    @property
    def place(self) -> str:
        """Where it posts, for the one message a second that each place bears; nothing for what posts none."""
        return ""

    @property
    def buckets(self) -> tuple[str, ...]:
        return (f"slack/{self.method}", *([f"slack/post/{self.place}"] if self.place else []))

    @property
    def step(self) -> str:
        return self.called

    def kept(self, receipt: Receipt) -> Command | None:
        if self.incident is None:
            return None
        return ReportStep(incident=self.incident, step=self.step)

    def failed(self, reason: str) -> Command | None:
        if self.incident is None:
            return None
        return ReportStep(incident=self.incident, step=self.step, reason=reason)

    def late(self, reason: str) -> Command | None:
        if self.incident is None or not self.awaited:
            return None
        return ReportStep(incident=self.incident, step=self.step, reason=reason, goes_on=True)


class RoomEffect(SlackEffect):
    """What can only be done once the room is there.

    `room`: which of the incident's rooms, the first is 1. Where none is named, the announcer puts in the one of today.
    """

    needs = CHANNEL
    stays: ClassVar[bool] = False
    """Whether it is still done once the incident has moved on: only what tells nothing new of it may be."""
    everywhere: ClassVar[bool] = False
    """Whether it reaches messages in all rooms, and direct ones from before the incident moved."""
    incident: int
    room: int = 1

    @property
    def lane(self) -> str:
        return f"slack/{self._whose}/{self.queue}"

    @property
    def need(self) -> str | None:
        return {CHANNEL: channel_ref(self.room), CARD: card_ref(self.room)}.get(self.needs or "", self.needs)

    @property
    def _whose(self) -> str:
        """The incident's room: one waits for no other, and each bears a message a second."""
        return str(self.incident) if self.room == 1 else f"{self.incident}/{self.room}"
