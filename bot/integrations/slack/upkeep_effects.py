"""What Slack is promised about a room's channel itself: its name, that it is archived, that it is open again."""

from bot.engine.effects import InDoubt, Receipt
from bot.incident.model import Command
from bot.incident.upkeep import RecordArchived, ReportRename
from bot.integrations.slack.effects import RoomEffect

UNNAMED = {
    "name_taken": "another channel has that name, maybe an archived one",
    "not_authorized": "Slack lets only who made the channel rename it",
}
"""Refusals that no further try changes."""


class RenameRoom(RoomEffect, kind="rename_room"):
    """The room's channel under another name. `was`: what it was called, for taking it back should Slack refuse."""

    in_doubt = InDoubt.REPEAT
    method = "conversations.rename"
    queue = "room"
    called = "rename the room"
    name: str
    was: str = ""

    def kept(self, receipt: Receipt) -> Command:
        return ReportRename(incident=self.incident, name=str(receipt.data["name"]), step=self.step)

    def failed(self, reason: str) -> Command:
        return ReportRename(
            incident=self.incident,
            name=self.name,
            was=self.was,
            step=self.step,
            reason=reason,
            final=reason in UNNAMED.values(),
        )

    def redacted(self) -> "RenameRoom":
        return self.model_copy(update={"name": f"inc-{self.incident}", "was": ""})


class ArchiveRoom(RoomEffect, kind="archive_room"):
    """The room closed for writing, after the last sentence in it: it stands in the lane of sentences."""

    stays = True
    in_doubt = InDoubt.REPEAT
    method = "conversations.archive"
    queue = "say"
    called = "archive the room"

    def kept(self, receipt: Receipt) -> Command:
        return RecordArchived(
            incident=self.incident, channel=str(receipt.data["channel"]), archived=True, step=self.step
        )


class UnarchiveRoom(RoomEffect, kind="unarchive_room"):
    """The room open for writing, with us in it; before what is to be said there."""

    stays = True
    in_doubt = InDoubt.REPEAT
    method = "conversations.unarchive"
    queue = "say"
    called = "open the archived room again"

    def kept(self, receipt: Receipt) -> Command:
        return RecordArchived(
            incident=self.incident, channel=str(receipt.data["channel"]), archived=False, step=self.step
        )
