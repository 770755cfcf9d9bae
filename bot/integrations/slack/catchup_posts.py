"""Sends catch-ups and takes redacted words back out of them: rendered when sent, for who may see it then."""

from dataclasses import dataclass

from bot.documents.wording import Wording
from bot.engine.effects import Answer, Attempt, GiveUp, Receipt, Ref, Retry
from bot.engine.reading import Reading
from bot.incident.catchup import catchup
from bot.incident.policy import Policy
from bot.incident.values import Actor
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.catchup import catchup_message, lead, withdrawn
from bot.integrations.slack.catchup_effects import CATCH_UPS, RedrawCatchUps, SendCatchUp
from bot.integrations.slack.contacts import Contacts
from bot.integrations.slack.effects import SYSTEM
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.posts import UNTOLD
from bot.integrations.slack.redacting import SENDING


@dataclass(frozen=True)
class CatchUps:
    """Keeps the promises about catch-ups. Every method raises Unkept where a call brought no result."""

    calls: Calls
    contacts: Contacts
    reading: Reading
    policy: Policy
    wording: Wording

    async def keep(self, effect: SendCatchUp | RedrawCatchUps, attempt: Attempt) -> Answer:
        if isinstance(effect, SendCatchUp):
            return await self._send(effect, attempt)
        return await self._redraw(effect, attempt)

    async def _send(self, effect: SendCatchUp, attempt: Attempt) -> Answer:
        """Nothing for who may not see the incident any more: they were taken out of it in the meantime."""
        reader = Actor(id=effect.person, name=effect.name)
        message = await self._message(effect.incident, reader, effect.why)
        if message is None:
            return Receipt()
        user = await self.contacts.slack_id(reader)
        if not user:
            return GiveUp(f"{effect.name} has no Slack account that is known", final=True)
        try:
            return _receipt(effect, user, *await self.calls.post(user, message, attempt.key))
        except Unkept as unkept:
            if unkept.code not in UNTOLD:
                raise
            return GiveUp(f"Slack lets nobody write to {effect.name}", final=True)

    async def find(self, effect: SendCatchUp, attempt: Attempt) -> Receipt | None:
        user = await self.contacts.slack_id(Actor(id=effect.person, name=effect.name))
        if not user:
            return None
        direct = await self.calls.direct(user)
        ts = await self.calls.marked(direct, attempt.key, attempt.since)
        return _receipt(effect, user, direct, ts) if ts else None

    async def _redraw(self, effect: RedrawCatchUps, attempt: Attempt) -> Answer:
        """Each that was sent, as it reads now. One that its reader deleted stays deleted.

        One that was claimed, or may have been sent, was drawn before: it is waited for, and known only after that.
        """
        if await self._is_sending(effect.incident):
            return Retry("a catch-up is just being sent", after=1.0)
        for ref, sent in {**attempt.refs, **await self.reading.refs(effect.incident)}.items():
            if ref.startswith(CATCH_UPS) and _is_older(ref, effect.gone):
                reader = Actor(id=f"{SYSTEM}:{ref.rpartition('.')[2]}", name="")
                message = await self._message(effect.incident, reader)
                await self._update(sent, message or withdrawn(f"INC-{effect.incident}"))
        return Receipt()

    async def _is_sending(self, number: int) -> bool:
        live = await self.reading.setup(number)
        return any(s.kind == SendCatchUp.kind and s.tries and s.state in SENDING for s in live)

    async def _message(self, number: int, reader: Actor, why: str = "") -> Message | None:
        i = await self.reading.incident(number, reader)
        if i is None:
            return None
        known = catchup(i, await self.reading.history(number, reader), self.policy)
        return catchup_message(known, self.policy, lead(known, self.policy, self.wording, why) if why else "")

    async def _update(self, sent: str, message: Message) -> None:
        channel, _, ts = sent.partition("/")
        try:
            await self.calls.update(channel, ts, message)
        except Unkept as unkept:
            if unkept.code != "message_not_found":
                raise


def _is_older(ref: str, gone: int) -> bool:
    """Whether a catch-up may have been drawn before that fact."""
    return not gone or int(ref.removeprefix(CATCH_UPS).partition(".")[0]) < gone


def _receipt(effect: SendCatchUp, user: str, channel: str, ts: str) -> Receipt:
    known = Ref(SYSTEM, "message", f"{channel}/{ts}", f"{CATCH_UPS}{effect.seq}.{user}")
    return Receipt(refs=(known,), data={"channel": channel, "ts": ts})
