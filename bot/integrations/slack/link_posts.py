"""Takes pages out of the bars of an incident's rooms, or their titles back, when the words were redacted."""

from dataclasses import dataclass

from bot.engine.effects import Attempt, Receipt
from bot.engine.reading import Reading
from bot.incident.notes import fingerprint
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.effects import AddBookmark
from bot.integrations.slack.link_effects import RemoveBookmark, RetitleBookmarks
from bot.integrations.slack.refs import channel_ref, channels
from bot.integrations.slack.rooms import TITLE
from bot.integrations.slack.text import cut


@dataclass(frozen=True)
class Bars:
    """Keeps the promises about redacted links. Raises Unkept where a call brought no result."""

    calls: Calls
    reading: Reading

    async def keep(self, effect: RemoveBookmark | RetitleBookmarks, attempt: Attempt) -> Receipt:
        if isinstance(effect, RetitleBookmarks):
            return await self._retitle(effect, attempt)
        for channel in channels(attempt.refs):
            for bookmark, link in (await self.calls.bookmarks(channel)).items():
                if fingerprint(link) == effect.mark:
                    await self.calls.unbookmark(channel, bookmark)
        return Receipt()

    async def _retitle(self, effect: RetitleBookmarks, attempt: Attempt) -> Receipt:
        """Those that we put there: what people add or rename by hand has another address, or a title of theirs.

        Each room by what was promised for it: what a page is called in a private one is not for the one before.
        """
        promised = await self.reading.promised(effect.incident, AddBookmark)
        wanted = {(attempt.refs.get(channel_ref(p.room)), p.link): cut(p.title, TITLE) for p in promised}
        for channel in channels(attempt.refs):
            for bookmark, link, title in await self.calls.bar(channel):
                if title != (plain := wanted.get((channel, link), title)):
                    await self.calls.retitle(channel, bookmark, plain)
        return Receipt()
