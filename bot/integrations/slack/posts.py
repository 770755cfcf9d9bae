"""Posts messages and brings them up to date: cards, announcements, sentences, direct messages, triage cards."""

from dataclasses import dataclass, replace

from bot.documents.wording import Wording
from bot.engine.effects import Answer, Attempt, GiveUp, Receipt, Ref
from bot.engine.reading import Reading
from bot.engine.tables import EffectState
from bot.incident.mirror import Alert
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.privacy import is_for_all
from bot.incident.runs import matching
from bot.incident.steps import Runbook
from bot.incident.values import MUSTER, Actor
from bot.integrations.slack import cards, moved
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.contacts import Contacts
from bot.integrations.slack.effects import (
    SYSTEM,
    PostAnnouncement,
    PostCard,
    PostTriage,
    RefreshAnnouncement,
    RefreshCard,
    RefreshTriage,
    RoomEffect,
    Say,
    Tell,
    triage_key,
)
from bot.integrations.slack.errors import CONTENT, Unkept
from bot.integrations.slack.places import Shared
from bot.integrations.slack.refs import ANNOUNCEMENT, CHANNEL, card_of, card_ref, next_card, say_ref
from bot.integrations.slack.text import escape, plain

UNTOLD = frozenset({"channel_not_found", "user_not_found", "user_disabled"})
"""What Slack says of direct messages that cannot be."""
RETRIABLE = (EffectState.PARKED, EffectState.SKIPPED)


@dataclass(frozen=True)
class Posts:
    """Keeps the promises about messages. Every method raises Unkept where a call brought no result."""

    calls: Calls
    contacts: Contacts
    reading: Reading
    policy: Policy
    shared: Shared
    bridge: str
    runbooks: tuple[Runbook, ...]
    wording: Wording

    async def card(self, effect: PostCard, attempt: Attempt) -> Receipt:
        return await self._to(attempt.refs[CHANNEL], await self._card(effect), attempt, card_ref(effect.room))

    async def refresh_card(self, effect: RefreshCard, attempt: Attempt) -> Receipt:
        """One that somebody deleted is posted anew, unless an earlier try did that already, or its room is left."""
        message = await self._card(effect)
        if await self._refreshed(card_of(attempt.refs), message) or await self._is_left(effect):
            return Receipt()
        channel, ref = attempt.refs[CHANNEL], next_card(attempt.refs)
        return await self._find(channel, attempt, ref) or await self._to(channel, message, attempt, ref)

    async def announcement(self, effect: PostAnnouncement, attempt: Attempt) -> Receipt:
        """Nothing of one that went private before it was announced."""
        incident = await self._incident(effect.incident)
        if not is_for_all(incident):
            return Receipt()
        channel = await self.shared.announcements()
        return await self._to(channel, await self._announcement(incident), attempt, ANNOUNCEMENT, joins=True)

    async def refresh_announcement(self, effect: RefreshAnnouncement, attempt: Attempt) -> Receipt:
        """One that somebody deleted stays deleted."""
        message = await self._announcement(await self._incident(effect.incident))
        await self._refreshed(attempt.refs[ANNOUNCEMENT], message)
        return Receipt()

    async def say(self, effect: Say, attempt: Attempt) -> Receipt:
        """The sentence as promised, with the names that only now are needed."""
        woken = self.contacts.mentions(effect.wake)
        text = f"{woken} {effect.text}" if woken else effect.text
        if effect.call:
            text = f"{text}\n{self.contacts.to_call(effect.call, numbers=False)}"
        message = sentence(text, effect.buttons)
        return await self._to(attempt.refs[CHANNEL], message, attempt, say_ref(effect.seq))

    async def tell(self, effect: Tell, attempt: Attempt) -> Answer:
        user = await self.contacts.slack_id(Actor(id=effect.person, name=effect.name))
        if not user:
            return GiveUp(f"{effect.name} has no Slack account that is known", final=True)
        numbers = f"\n{self.contacts.to_call(effect.call, numbers=True)}" if effect.call else ""
        message = replace(sentence(f"{effect.text}{numbers}", effect.buttons), notice=effect.notice)
        try:
            return await self._to(user, message, attempt, effect.ref)
        except Unkept as unkept:
            if unkept.code not in UNTOLD:
                raise
            closed = f"Slack lets nobody write to {effect.name}: the account is deactivated, or closed to apps"
            return GiveUp(closed, final=True)

    async def find_tell(self, effect: Tell, attempt: Attempt) -> Receipt | None:
        user = await self.contacts.slack_id(Actor(id=effect.person, name=effect.name))
        return await self._find(await self.calls.direct(user), attempt, effect.ref) if user else None

    async def triage(self, effect: PostTriage, attempt: Attempt) -> Receipt:
        alert = await self.reading.alert(effect.source, effect.alert)
        if alert is None or not alert.wants_triage(self.policy):
            return Receipt()
        return await self._to(await self.shared.triage(), await self._triage(alert), attempt, "", joins=True)

    async def refresh_triage(self, effect: RefreshTriage, attempt: Attempt) -> Receipt:
        """Finds the card by its mark, since an alert without an incident has no refs, and updates it."""
        alert = await self.reading.alert(effect.source, effect.alert)
        if alert is None or not alert.reports or not alert.wants_triage(self.policy):
            return Receipt()
        channel = await self.shared.triage()
        ts = await self.calls.marked(channel, triage_key(alert.source, alert.id), alert.reports[0].at)
        if ts is not None:
            await self._refreshed(f"{channel}/{ts}", await self._triage(alert))
        return Receipt()

    async def find_in_room(self, attempt: Attempt, ref: str) -> Receipt | None:
        return await self._find(attempt.refs[CHANNEL], attempt, ref)

    async def find_announcement(self, attempt: Attempt) -> Receipt | None:
        return await self._find(await self.shared.announcements(), attempt, ANNOUNCEMENT)

    async def find_triage(self, attempt: Attempt) -> Receipt | None:
        return await self._find(await self.shared.triage(), attempt, "")

    async def _to(self, channel: str, message: Message, attempt: Attempt, ref: str, *, joins: bool = False) -> Receipt:
        """One post. What is refused for its shape is said in plain words; a shared channel is joined where need be."""
        try:
            posted = await self.calls.post(channel, message, attempt.key)
        except Unkept as unkept:
            if joins and unkept.code == "not_in_channel":
                await self.calls.join(channel)
            elif unkept.code in CONTENT:
                message = Message(escape(plain(message.text)))
            else:
                raise
            posted = await self.calls.post(channel, message, attempt.key)
        return _receipt(posted, ref)

    async def _refreshed(self, where: str, message: Message) -> bool:
        """Puts new content into a message of ours. False where somebody has deleted it."""
        channel, _, ts = where.partition("/")
        try:
            await self.calls.update(channel, ts, message)
        except Unkept as unkept:
            if unkept.code != "message_not_found":
                raise
            return False
        return True

    async def _find(self, channel: str, attempt: Attempt, ref: str) -> Receipt | None:
        ts = await self.calls.marked(channel, attempt.key, attempt.since)
        return _receipt((channel, ts), ref) if ts else None

    async def _is_left(self, effect: RoomEffect) -> bool:
        return moved.is_left(await self._incident(effect.incident), effect.room)

    async def _card(self, effect: RoomEffect) -> Message:
        number = effect.incident
        i = await self._incident(number)
        if moved.is_left(i, effect.room):
            return moved.left_card(i)
        if target := await self._target(i):
            return moved.merged_card(i, target)
        given_up = await self.reading.setup(number) if i.failed_steps else []
        steps = {s.step: s.effect for s in given_up if s.state in RETRIABLE}
        troubles = tuple(cards.Trouble(step, why, steps.get(step)) for step, why in i.failed_steps.items())
        bridge = (await self.reading.bridge(number) if i.alerts else "") or self.bridge
        return cards.room_card(cards.CardState(i, self.policy, bridge, troubles, matching(i, self.runbooks)))

    async def _announcement(self, i: Incident) -> Message:
        """What everybody may know: of a private incident only that it is one."""
        if not is_for_all(i):
            return moved.private_announcement(i)
        target = await self._target(i)
        return moved.merged_announcement(i, target) if target else announcement(i, self.policy, self.wording)

    async def _target(self, i: Incident) -> Incident | None:
        """The incident that it was merged into."""
        return await self.reading.incident(i.merged_into) if i.merged_into else None

    async def _incident(self, number: int) -> Incident:
        incident = await self.reading.incident(number)
        if incident is None:
            raise LookupError(f"there is no incident {number}")
        return incident

    async def _triage(self, alert: Alert) -> Message:
        """Only what everybody may see: no private incident is offered or named."""
        joined = await self.reading.incident(alert.incident) if alert.incident else None
        public = [i for i in await self.reading.open_incidents(MUSTER) if is_for_all(i) and not i.drill]
        service = alert.service.id if alert.service else ""
        near = sorted(public, key=lambda i: not any(s.id == service for s in i.services))
        return cards.triage_card(alert, near, joined if joined and is_for_all(joined) else None)


def _receipt(posted: tuple[str, str], ref: str) -> Receipt:
    channel, ts = posted
    refs = (Ref(SYSTEM, "message", f"{channel}/{ts}", ref),) if ref else ()
    return Receipt(refs=refs, data={"channel": channel, "ts": ts})
