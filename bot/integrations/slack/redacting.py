"""Takes redacted words out of our own messages and out of the names of rooms: what Slack shows says them no more."""

from dataclasses import dataclass

from bot.engine.effects import Answer, Attempt, GiveUp, Receipt, Retry
from bot.engine.reading import Reading
from bot.engine.tables import EffectState
from bot.incident.model import Event
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.effects import BlankMessage, Tell
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.refs import CHANNEL, say_ref, tells
from bot.integrations.slack.timeline_effects import BlankTells, UnnameRoom
from bot.integrations.slack.upkeep_effects import UNNAMED

BLANKED = Message("A redacted entry of the timeline", sentence("_This entry was redacted._").blocks)
SENDING = (EffectState.CLAIMED, EffectState.WAITING)


@dataclass(frozen=True)
class Redacting:
    """Keeps the promises about redacted words. Every method raises Unkept where a call brought no result."""

    calls: Calls
    reading: Reading

    async def keep(self, effect: BlankMessage | BlankTells | UnnameRoom, attempt: Attempt) -> Answer:
        match effect:
            case BlankMessage():
                return await self._blank_sentences(effect, attempt)
            case BlankTells():
                return await self._blank_tells(effect, attempt)
            case UnnameRoom():
                return await self._unname(effect, attempt)

    async def _blank_sentences(self, effect: BlankMessage, attempt: Attempt) -> Receipt:
        for seq in await self._gone(effect):
            if posted := attempt.refs.get(say_ref(seq)):
                await self._blanked(posted)
        return Receipt()

    async def _blank_tells(self, effect: BlankTells, attempt: Attempt) -> Answer:
        """Waits for one that was claimed, or may have been sent: each person's messages have a lane of their own.

        Where they are is read after that: the attempt knows only what had been sent when it was claimed.
        """
        live = await self.reading.setup(effect.incident)
        if any(s.kind == Tell.kind and s.tries and s.state in SENDING for s in live):
            return Retry("a direct message is just being sent", after=1.0)
        names = tuple(tells(seq) for seq in await self._gone(effect))
        refs = {**attempt.refs, **await self.reading.refs(effect.incident)}
        for posted in [posted for name, posted in refs.items() if name.startswith(names)]:
            await self._blanked(posted)
        return Receipt()

    async def _gone(self, effect: BlankMessage | BlankTells) -> list[int]:
        """The entry, and others whose facts said the same and lost their words with it.

        Words that were put anew stand where the first ones were said.
        """
        gone = [s for s in await self.reading.events(effect.incident) if is_redacted(s.event)]
        said = [s.event.amends or s.seq for s in gone]
        return list(dict.fromkeys((effect.entry, *said)))

    async def _blanked(self, posted: str) -> None:
        """One that somebody has deleted says nothing any more."""
        channel, _, ts = posted.partition("/")
        try:
            await self.calls.update(channel, ts, BLANKED)
        except Unkept as unkept:
            if unkept.code != "message_not_found":
                raise

    async def _unname(self, effect: UnnameRoom, attempt: Attempt) -> Answer:
        try:
            await self.calls.rename(attempt.refs[CHANNEL], effect.plain_name)
        except Unkept as unkept:
            if unkept.code in UNNAMED:
                return GiveUp(f"{UNNAMED[unkept.code]}, with the redacted words in it")
            raise
        return Receipt()


def is_redacted(event: Event) -> bool:
    """Whether a fact once held words and holds them no more."""
    return bool(event.words) and event == event.redacted()
