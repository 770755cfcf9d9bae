"""Renames, archives and reopens rooms; what is so already is as good as done."""

from dataclasses import dataclass

from bot.engine.effects import Answer, Attempt, GiveUp, Receipt
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.errors import BY_HAND, Unkept
from bot.integrations.slack.refs import CHANNEL
from bot.integrations.slack.upkeep_effects import UNNAMED, ArchiveRoom, RenameRoom, UnarchiveRoom


@dataclass(frozen=True)
class Upkeep:
    """Keeps the promises about a room's channel itself. Every method raises Unkept where a call brought no result."""

    calls: Calls

    async def keep(self, effect: RenameRoom | ArchiveRoom | UnarchiveRoom, attempt: Attempt) -> Answer:
        channel = attempt.refs[CHANNEL]
        match effect:
            case RenameRoom():
                return await self._rename(channel, effect.name)
            case ArchiveRoom():
                await self.calls.archive(channel)
                return Receipt(data={"channel": channel})
            case UnarchiveRoom():
                return await self._unarchive(channel)

    async def _rename(self, channel: str, name: str) -> Answer:
        try:
            return Receipt(data={"name": await self.calls.rename(channel, name)})
        except Unkept as unkept:
            if unkept.code in UNNAMED:
                return GiveUp(UNNAMED[unkept.code], final=True)
            raise

    async def _unarchive(self, channel: str) -> Answer:
        """Slack takes apps out of what is archived, and then lets only people open it: they are told to.

        Into an open channel we come back by ourselves; into a private one somebody has to let us in.
        """
        try:
            await self.calls.unarchive(channel)
            await self.calls.join(channel)
        except Unkept as unkept:
            if unkept.code in ("not_in_channel", "channel_not_found"):
                return GiveUp(BY_HAND)
            if unkept.code != "method_not_supported_for_channel_type":
                raise
        return Receipt(data={"channel": channel})
