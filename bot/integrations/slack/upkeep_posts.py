"""Renames, archives and reopens rooms; what is so already is as good as done."""

from dataclasses import dataclass

from bot.engine.effects import Answer, Attempt, GiveUp, Receipt
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.errors import BY_HAND, Unkept
from bot.integrations.slack.refs import CHANNEL
from bot.integrations.slack.upkeep_effects import UNNAMED, ArchiveRoom, RenameRoom, UnarchiveRoom

OUTSIDE = ("not_in_channel", "channel_not_found")
"""What Slack says to an app about a channel, and about a private one, that the app is not in."""


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
                return await self._archive(channel, attempt)
            case UnarchiveRoom():
                return await self._unarchive(channel)

    async def _rename(self, channel: str, name: str) -> Answer:
        try:
            return Receipt(data={"name": await self.calls.rename(channel, name)})
        except Unkept as unkept:
            if unkept.code in UNNAMED:
                return GiveUp(UNNAMED[unkept.code], final=True)
            raise

    async def _archive(self, channel: str, attempt: Attempt) -> Receipt:
        """Slack takes us out of what is archived: no longer in it, a try that was in doubt has worked."""
        try:
            await self.calls.archive(channel)
        except Unkept as unkept:
            if unkept.code not in OUTSIDE or not attempt.repeated:
                raise
        return Receipt(data={"channel": channel})

    async def _unarchive(self, channel: str) -> Answer:
        """Slack takes apps out of what is archived, and then lets only people open it: they are told to.

        Into an open channel we come back by ourselves once it is; into a private one somebody has to let us in. Either
        is heard, and this is promised anew.
        """
        try:
            await self._open(channel)
            await self.calls.join(channel)
        except Unkept as unkept:
            if unkept.code in (*OUTSIDE, "is_archived"):
                return GiveUp(BY_HAND, final=True)
            if unkept.code != "method_not_supported_for_channel_type":
                raise
        return Receipt(data={"channel": channel})

    async def _open(self, channel: str) -> None:
        """That we are not in there does not say whether it is archived: joining tells."""
        try:
            await self.calls.unarchive(channel)
        except Unkept as unkept:
            if unkept.code != "not_in_channel":
                raise
