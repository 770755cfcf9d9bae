"""What Slack is promised about the timeline: its export, what is offered for it, and words taken back out of files."""

from bot.engine.effects import InDoubt, Priority, Receipt
from bot.incident.exports import Format
from bot.incident.milestones import OfferMessages
from bot.incident.model import Command
from bot.integrations.slack.effects import RoomEffect, SlackEffect

EXPORTS = "slack.export."
"""How the refs of exported files begin (kind `file`): `slack.export.<seq>`."""
OFFERS = "slack.offer."
"""How the refs of what was offered begin (kind `message`): `slack.offer.<seq>`."""


class SendExport(SlackEffect, kind="send_export"):
    """The timeline as a file, to whoever asked for it, in private; rendered when sent.

    It stands in the lane of files, so that none is sent any more once those with redacted words were deleted.
    """

    in_doubt = InDoubt.LOOK
    method = "files.completeUploadExternal"
    queue = "draft"
    awaited = True
    incident: int
    person: str
    name: str
    format: Format
    seq: int

    @property
    def place(self) -> str:
        return self.person

    @property
    def step(self) -> str:
        return f"tell {self.name} the timeline as a file"


class WithdrawExports(SlackEffect, kind="withdraw_exports"):
    """Every exported file deleted, because there were words in it that were redacted."""

    in_doubt = InDoubt.REPEAT
    method = "files.delete"
    queue = "draft"
    called = "delete the exports that hold redacted words"
    incident: int


class BlankTells(SlackEffect, kind="blank_tells"):
    """The words of direct messages taken out, because the entry behind them was redacted."""

    in_doubt = InDoubt.REPEAT
    priority = Priority.SENTENCE
    method = "chat.update"
    queue = "tell"
    called = "take the redacted words out of direct messages"
    incident: int
    entry: int


class UnnameRoom(RoomEffect, kind="unname_room"):
    """A room whose name held redacted words, under a name that says nothing."""

    stays = True
    in_doubt = InDoubt.REPEAT
    method = "conversations.rename"
    queue = "room"
    called = "take the redacted words out of the room's name"

    @property
    def plain_name(self) -> str:
        return f"inc-{self.incident}" if self.room == 1 else f"inc-{self.incident}-{self.room}"


class SweepRoom(RoomEffect, kind="sweep_room"):
    """A look through the room for milestones that nobody marked; what it finds is offered."""

    in_doubt = InDoubt.REPEAT
    method = "conversations.history"
    queue = "draft"
    called = "look through the room for milestones that nobody marked"

    def kept(self, receipt: Receipt) -> Command:
        return OfferMessages(incident=self.incident, messages=tuple(receipt.data["messages"]), step=self.step)


class PostOffer(RoomEffect, kind="post_offer"):
    """The messages that are offered for the timeline, each with *Add*; `seq`: the fact that offers them."""

    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE
    method = "chat.postMessage"
    queue = "draft"
    called = "post what may belong on the timeline"
    seq: int

    @property
    def ref(self) -> str:
        return f"{OFFERS}{self.seq}"

    @property
    def place(self) -> str:
        return self._whose


class RefreshOffer(RoomEffect, kind="refresh_offer"):
    """What is still offered, as things are now."""

    in_doubt = InDoubt.REPEAT
    refreshes = True
    method = "chat.update"
    queue = "draft"
    called = "bring what is offered for the timeline up to date"
