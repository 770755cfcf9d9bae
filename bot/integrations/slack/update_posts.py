"""Brings the messages about an edited status update up to date: in the room and with those who follow."""

from dataclasses import dataclass, replace

from bot.documents.wording import Wording
from bot.engine.effects import Answer, Attempt, Receipt, Retry
from bot.engine.reading import Reading
from bot.engine.tables import LIVE
from bot.incident.model import Incident
from bot.incident.privacy import may_see
from bot.incident.updates import UpdateEdited, UpdatePosted
from bot.incident.values import Actor
from bot.integrations.slack import cards, update_words
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.lanes import SYSTEM
from bot.integrations.slack.refs import say_ref, seen_from, tells
from bot.integrations.slack.update_effects import EditSaid

ON_ITS_WAY = "the update itself is still on its way"


@dataclass(frozen=True)
class Edits:
    """Keeps the promises about edited updates. Every method raises Unkept where a call brought no result."""

    calls: Calls
    reading: Reading
    wording: Wording

    async def keep(self, effect: EditSaid, attempt: Attempt) -> Answer:
        """What still says it in its old words is waited for: it has a lane of its own. Where it was said is read after
        that, for the attempt knows only what had been said when it was claimed."""
        i = await self.reading.incident(effect.incident)
        found = update_words.latest(await self.reading.events(effect.incident), effect.entry)
        if i is None or found is None or _is_gone(*found):
            return Receipt()
        if await self._is_on_its_way(effect):
            return Retry(ON_ITS_WAY, after=1.0)
        posted, edit = found
        refs = seen_from(await self.reading.refs(effect.incident), effect.room)
        room = sentence(update_words.in_room(self.wording, *found), update_words.room_buttons(i, posted.update))
        for name, said in {**attempt.refs, **refs}.items():
            if name == say_ref(effect.entry):
                await self._edited(said, room)
            elif name.startswith(tells(effect.entry)) and may_see(i, _reader(name)):
                await self._edited(said, _private(i, update_words.in_private(self.wording, i, posted, edit)))
        return Receipt()

    async def _is_on_its_way(self, effect: EditSaid) -> bool:
        """Whether the update itself is yet to be said somewhere."""
        about = f"/{effect.incident}/{effect.entry}"
        live = await self.reading.setup(effect.incident)
        return any(s.kind in ("say", "tell") and s.key.endswith(about) and s.state in LIVE for s in live)

    async def _edited(self, said: str, message: Message) -> None:
        """One that somebody has deleted stays deleted."""
        channel, _, ts = said.partition("/")
        try:
            await self.calls.update(channel, ts, message)
        except Unkept as unkept:
            if unkept.code != "message_not_found":
                raise


def _reader(ref: str) -> Actor:
    """Whose direct message it is: `slack.tell.<entry>.<Slack id>`."""
    return Actor(id=f"{SYSTEM}:{ref.rpartition('.')[2]}", name="")


def _private(i: Incident, text: str) -> Message:
    return replace(sentence(text, [cards.unfollow(i)]), notice=cards.notice(i))


def _is_gone(posted: UpdatePosted, edit: UpdateEdited | None) -> bool:
    """Whether its words were redacted: then they are taken out elsewhere."""
    said = edit or posted
    return said == said.redacted()
