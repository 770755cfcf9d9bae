"""At the end, what nobody marked: looks through the room for milestones and offers them for one click each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.engine.directory import Directory
from bot.engine.effects import Answer, Attempt, Receipt, Ref
from bot.engine.reading import Reading
from bot.incident.milestones import Heard, milestones, still_offered
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Block, Message, button, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.effects import SYSTEM, Button
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.looking import is_marked
from bot.integrations.slack.refs import CHANNEL
from bot.integrations.slack.text import cut, escape, moment, plain
from bot.integrations.slack.timeline_effects import OFFERS, PostOffer, RefreshOffer, SweepRoom
from bot.integrations.slack.words import named

MOST_READ = 1_000
"""Messages, the newest: an incident with more has somebody who writes things down."""
TALK = ("", "thread_broadcast", "file_share")
"""Subtypes of what people say; joins, topics and renames are not."""
SHOWN_WORDS = 250
NONE = "none"
"""In the place of a message's `ts`: none of them."""
HEAD = "*Nobody marked these, and they look like milestones.* Add what belongs on the timeline."


@dataclass(frozen=True)
class Sweep:
    """Keeps the promises about what is offered. Every method raises Unkept where a call brought no result."""

    calls: Calls
    reading: Reading
    directory: Directory
    policy: Policy

    async def keep(self, effect: SweepRoom | PostOffer | RefreshOffer, attempt: Attempt) -> Answer:
        match effect:
            case SweepRoom():
                return await self._look(effect, attempt)
            case PostOffer():
                return await self._post(effect, attempt)
            case RefreshOffer():
                return await self._refresh(effect, attempt)

    async def find(self, effect: PostOffer, attempt: Attempt) -> Receipt | None:
        channel = attempt.refs[CHANNEL]
        ts = await self.calls.marked(channel, attempt.key, attempt.since)
        return _receipt(effect, channel, ts) if ts else None

    async def _look(self, effect: SweepRoom, attempt: Attempt) -> Receipt:
        """What somebody has just marked is on its way to the timeline, and not offered."""
        i, channel, emoji = await self._incident(effect.incident), attempt.refs[CHANNEL], self.policy.marking.emoji
        said = await self._said(channel, i.moments.declared or i.updated_at)
        unmarked = {ts: message for ts, message in said.items() if not is_marked(message, channel, emoji)}
        heard = [Heard(ts, self._words(message)) for ts, message in unmarked.items() if ts not in i.marked]
        return Receipt(data={"messages": [message.ts for message in milestones(heard)]})

    async def _post(self, effect: PostOffer, attempt: Attempt) -> Receipt:
        message = await self._message(effect.incident, attempt)
        if message is None:
            return Receipt()
        channel, ts = await self.calls.post(attempt.refs[CHANNEL], message, attempt.key)
        return _receipt(effect, channel, ts)

    async def _refresh(self, effect: RefreshOffer, attempt: Attempt) -> Receipt:
        """The newest offer as things are now; one that somebody deleted stays deleted."""
        offers = {int(name.removeprefix(OFFERS)): at for name, at in attempt.refs.items() if name.startswith(OFFERS)}
        if not offers:
            return Receipt()
        channel, _, ts = offers[max(offers)].partition("/")
        try:
            await self.calls.update(channel, ts, await self._message(effect.incident, attempt) or self._over())
        except Unkept as unkept:
            if unkept.code != "message_not_found":
                raise
        return Receipt()

    async def _message(self, number: int, attempt: Attempt) -> Message | None:
        """Each message that is still offered, in its author's words of today; None where nothing is left to offer."""
        i = await self._incident(number)
        wanted = still_offered(i)
        if not wanted:
            return None
        said = await self._said(attempt.refs[CHANNEL], datetime.fromtimestamp(min(map(float, wanted)), UTC))
        rows = [self._row(i, ts, said[ts], nth) for nth, ts in enumerate(wanted, start=1) if ts in said]
        nothing = Button(label="None of them", action=actions.MARK, value=f"{number}/{NONE}")
        return Message(plain(HEAD), (section(HEAD), *rows, row([nothing]))) if rows else None

    def _row(self, i: Incident, ts: str, message: Mapping[str, Any], nth: int) -> Block:
        person = self.directory.by_slack(str(message.get("user")))
        at = moment(datetime.fromtimestamp(float(ts), UTC))
        words = cut(escape(self._words(message)), SHOWN_WORDS)
        add = Button(label="Add", action=actions.MARK, value=f"{i.number}/{ts}")
        return section(f"{at} {escape(person.name) if person else 'Somebody'}: {words}", accessory=button(add, nth))

    def _over(self) -> Message:
        said = f"Nothing more is offered. {self.policy.marking.shown} on a message still puts it on the timeline."
        return Message(said, (section(f"_{said}_"),))

    async def _said(self, channel: str, since: datetime) -> dict[str, Mapping[str, Any]]:
        """What people said in the room, by its `ts`, the newest so many."""
        ours = (await self.calls.identity()).user
        found: dict[str, Mapping[str, Any]] = {}
        read = 0
        async for message in self.calls.history(channel, since):
            read += 1
            if _is_talk(message, ours):
                found[str(message["ts"])] = message
            if read >= MOST_READ:
                break
        return found

    def _words(self, message: Mapping[str, Any]) -> str:
        return plain(named(str(message.get("text") or ""), partial(_name_of, self.directory))).strip()

    async def _incident(self, number: int) -> Incident:
        incident = await self.reading.incident(number)
        if incident is None:
            raise LookupError(f"there is no incident {number}")
        return incident


def _is_talk(message: Mapping[str, Any], ours: str) -> bool:
    """Whether a person said it to people: no app, no line of Slack's own, and no command to us."""
    by_app = message.get("bot_id") or message.get("user") == ours
    to_us = f"<@{ours}" in str(message.get("text") or "")
    return bool(message.get("user")) and not by_app and not to_us and str(message.get("subtype") or "") in TALK


def _name_of(directory: Directory, user: str) -> str:
    person = directory.by_slack(user)
    return person.name if person else ""


def _receipt(effect: PostOffer, channel: str, ts: str) -> Receipt:
    return Receipt(refs=(Ref(SYSTEM, "message", f"{channel}/{ts}", effect.ref),))
