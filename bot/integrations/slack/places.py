"""The shared channels that the settings name, by id or by name, and where they really are."""

from bot.engine.effects import GiveUp
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.text import CHANNEL_ID


class Shared:
    """Turns the configured names of the announcement and triage channels into ids; asked once."""

    def __init__(self, calls: Calls, announcements: str, triage: str) -> None:
        self._calls = calls
        self._announcements = announcements
        self._triage = triage
        self._ids: dict[str, str] = {}

    async def announcements(self) -> str:
        return await self._id(self._announcements)

    async def triage(self) -> str:
        return await self._id(self._triage or self._announcements)

    async def _id(self, configured: str) -> str:
        name = configured.strip().lstrip("#")
        if CHANNEL_ID.fullmatch(name):
            return name
        if name not in self._ids:
            self._ids |= {c.name: c.id async for c in self._calls.public_channels()}
        if name not in self._ids:
            raise Unkept(
                GiveUp(f"there is no public channel #{name}; put its name or id into the settings, then Retry")
            )
        return self._ids[name]
