"""Takes pages out of the bars of an incident's rooms, when the link was redacted."""

from dataclasses import dataclass

from bot.engine.effects import Attempt, Receipt
from bot.incident.notes import fingerprint
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.link_effects import RemoveBookmark
from bot.integrations.slack.refs import channels


@dataclass(frozen=True)
class Bars:
    """Keeps the promises about redacted links. Raises Unkept where a call brought no result."""

    calls: Calls

    async def keep(self, effect: RemoveBookmark, attempt: Attempt) -> Receipt:
        for channel in channels(attempt.refs):
            for bookmark, link in (await self.calls.bookmarks(channel)).items():
                if fingerprint(link) == effect.mark:
                    await self.calls.unbookmark(channel, bookmark)
        return Receipt()
