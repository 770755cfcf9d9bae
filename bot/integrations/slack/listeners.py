"""What Slack delivers, made someone's turn; and what comes of it, made the acknowledgement and what follows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_bolt.response import BoltResponse

from bot.engine.handle import Engine
from bot.engine.line import Unavailable
from bot.incident.model import Refused
from bot.incident.people import Person
from bot.integrations.slack import actions, events
from bot.integrations.slack.blocks import Block, Message, section, sentence
from bot.integrations.slack.blocks import words as plain_words
from bot.integrations.slack.called import renamed
from bot.integrations.slack.clicks import Clicks
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.desk import Desk, Reaction, Turn, yes_to
from bot.integrations.slack.homes import Homes
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.modals import Filled, Form, Memo, View, remembered, view
from bot.integrations.slack.people import People
from bot.integrations.slack.presses import OLD, Click
from bot.integrations.slack.replies import Replies, body_of
from bot.integrations.slack.role_verbs import sure_form
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.shortcuts import SHORTCUTS, Picked
from bot.integrations.slack.text import escape
from bot.integrations.slack.verbs import FORMS, REFILLS, Answer, Ask, House, Later

log = structlog.get_logger(__name__)

ANSWERED_ONCE = (
    *(actions.TAKE_OVER, actions.USE_NOW, actions.LINK_ME, actions.RUN),
    *(actions.SNOOZE, actions.ANSWER_PROMPT),
)
"""Buttons under a question for one person; answered, the question goes."""
DONE = "Done."
TOO_LATE = "Slack did not open the form in time. Please try once more."
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """How the person can still be reached once the delivery is acknowledged.

    `form`: the open form whose button was pressed; `home`: it was pressed in the home tab.
    """

    user: str
    trigger: str = ""
    url: str = ""
    channel: str = ""
    form: str = ""
    home: bool = False


class Listeners:
    """One method for each kind of delivery. They look in caches, handle, acknowledge; what needs Slack comes after."""

    def __init__(
        self,
        engine: Engine,
        house: House,
        desk: Desk,
        clicks: Clicks,
        replies: Replies,
        people: People,
        homes: Homes,
        kept: Kept,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._house = house
        self._desk = desk
        self._clicks = clicks
        self._replies = replies
        self._people = people
        self._homes = homes
        self._kept = kept
        self._clock = clock

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """`/incident …`: words go back in the acknowledgement, to the asker alone."""
        channel, trigger = _at(body, "channel_id"), _at(body, "trigger_id")
        turn = Turn(_at(body, "user_id"), _at(body, "team_id"), f"command/{trigger}", channel)

        async def work(person: Person) -> Answer:
            return await answer(self._house, Spoken(_at(body, "text"), person, channel, self._clock()))

        reaction = await self._desk.serve(turn, work)
        self._follow(reaction, Way(turn.user, trigger, _at(body, "response_url"), channel))
        if reaction.message:
            await ack(response_type="ephemeral", **renamed(body_of(reaction.message), self._house.command))
        else:
            await ack()

    async def action(self, ack: AsyncAck, body: Body) -> None:
        """A button or a menu, in a message, a form or the home tab."""
        pressed: Body = next(iter(body.get("actions") or []), {})
        name = _at(pressed, "action_id")
        if name.startswith("in/"):
            self._refill(body, name.removeprefix("in/"))
            await ack()
            return
        memo = remembered(body.get("view") or {}) or Memo(verb="")
        channel = _at(body, "channel", "id") or memo.channel
        trigger, url = _at(body, "trigger_id"), _at(body, "response_url")
        key = f"action/{trigger}/{_at(pressed, 'action_ts')}"
        turn = Turn(_at(body, "user", "id"), _team(body), key, channel, click=True)

        async def work(person: Person) -> Answer:
            return await self._clicks.answer(Click(name, _value(pressed), person, channel, self._clock()))

        reaction = await self._desk.serve(turn, work)
        if url and not reaction.refused and _asks_once(body, name):
            self._kept.let_go(self._replies.take_back(url))
        shown = _at(body, "view", "type")
        form = _at(body, "view", "id") if shown == "modal" else ""
        self._finish(reaction, Way(turn.user, trigger, url or memo.reply, channel, form, shown == "home"))
        await ack()

    async def submission(self, ack: AsyncAck, body: Body) -> None:
        """A form that was sent: what is refused is said beside its field."""
        sent: Body = body.get("view") or {}
        memo = remembered(sent)
        if memo is None:
            await ack()
            return
        key = f"view/{_at(sent, 'id')}/{memo.nonce}"
        turn = Turn(_at(body, "user", "id"), _team(body), key, memo.channel)

        async def work(person: Person) -> Answer:
            return await self._submitted(person, memo, Filled.of(sent, memo.extra))

        reaction = await self._desk.serve(turn, work)
        again = _form_again(sent, memo, reaction)
        if again:
            await ack(**renamed(again, self._house.command))
            return
        self._finish(reaction, Way(turn.user, "", memo.reply, memo.channel))
        await ack()

    async def _submitted(self, person: Person, memo: Memo, filled: Filled) -> Answer:
        meant = FORMS.get(memo.verb)
        if meant is None:
            raise Refused(OLD)
        incident = await seen(self._house, person, memo.incident, memo.channel, memo.verb)
        return await meant(Ask(self._house, person, memo.verb, "", "", self._clock(), memo.channel, incident), filled)

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """A shortcut, of Slack's own menu or of a message's."""
        name, trigger, channel = _at(body, "callback_id"), _at(body, "trigger_id"), _at(body, "channel", "id")
        turn = Turn(_at(body, "user", "id"), _team(body), f"shortcut/{trigger}", channel, click=True)

        async def work(person: Person) -> Answer:
            if name not in SHORTCUTS:
                raise Refused(OLD)
            message: Body = body.get("message") or {}
            address = self._address(channel, message) if message else ""
            picked = Picked(person, channel, message, address, self._clock(), self._engine.hear)
            return await SHORTCUTS[name](self._house, picked)

        reaction = await self._desk.serve(turn, work)
        self._finish(reaction, Way(turn.user, trigger, _at(body, "response_url"), channel))
        await ack()

    def _address(self, channel: str, message: Body) -> str:
        """A message's permalink, made and not asked for: no call to Slack before the acknowledgement."""
        ours = self._people.known_workspace
        return ours.permalink(channel, _at(message, "ts"), _at(message, "thread_ts")) if ours else ""

    async def event(self, ack: AsyncAck, body: Body) -> BoltResponse | None:
        """Kept before it is acknowledged; where it cannot be kept, Slack sends it again."""
        if events.worth_keeping(body, self._people.known, self.in_room, self._house.policy.marking.emoji):
            try:
                if await events.is_wanted(body, self._house):
                    group = events.group_of(body["event"])
                    await self._engine.hear("slack", _at(body, "event_id"), group, events.kept_body(body))
            except Unavailable:
                log.warning("unavailable", key=_at(body, "event_id"))
                return BoltResponse(status=503, body="")
        await ack()
        return None

    def in_room(self, channel: str) -> bool:
        """Whether that channel is an incident's."""
        return self._house.directory.incident_of_channel(channel) is not None

    def _refill(self, body: Body, pressed: str) -> None:
        """Something was chosen in an open form, or a button pressed in it: it is shown anew, after that."""
        sent: Body = body.get("view") or {}
        memo = remembered(sent)
        if memo and memo.verb in REFILLS:
            self._kept.let_go(self._show_anew(_at(sent, "id"), memo, Filled.of(sent, memo.extra, pressed)))

    async def _show_anew(self, view_id: str, memo: Memo, filled: Filled) -> None:
        try:
            form = await REFILLS[memo.verb](self._house, memo, filled)
        except (Refused, Unavailable) as error:
            log.info("form left as it is", verb=memo.verb, reason=str(error) or type(error).__name__)
            return
        await self._replies.update(view_id, view(form, channel=memo.channel, reply=memo.reply, nonce=memo.nonce))

    def _finish(self, reaction: Reaction, way: Way) -> None:
        """Everything after an acknowledgement that can carry no words. What was done from the home tab shows there.

        What a form's button did is told in its place; a refusal beside it, so that nothing is lost of what was typed.
        """
        self._follow(reaction, way)
        message = reaction.message
        if way.home and reaction.done and reaction.person:
            self._homes.acted(reaction.person)
        elif way.form and reaction.done:
            self._kept.let_go(self._tell(way, message or sentence(DONE)))
        elif message:
            self._kept.let_go(self._tell(replace(way, form=""), message))

    def _follow(self, reaction: Reaction, way: Way) -> None:
        if reaction.form:
            shown = view(reaction.form, channel=way.channel, reply=way.url)
            self._kept.let_go(self._open(way, shown))
        if reaction.later:
            self._kept.let_go(self._do_later(way, reaction.later))

    async def _open(self, way: Way, shown: View) -> None:
        if not await self._replies.open(way.trigger, shown):
            await self._tell(way, sentence(TOO_LATE))

    async def _do_later(self, way: Way, later: Later) -> None:
        message = await later.run()
        if message:
            await self._tell(way, message)

    async def _tell(self, way: Way, message: Message) -> None:
        """In place of the form whose button was pressed, while it is open; else where the person acted."""
        if way.form and await self._replies.update(way.form, view(Form("", "Muster", message.blocks))):
            return
        await self._replies.tell(way.user, message, url=way.url, channel=way.channel)


def _form_again(sent: Body, memo: Memo, reaction: Reaction) -> dict[str, Any] | None:
    """The acknowledgement that keeps the form open: a question, a further form, or what was refused."""
    if reaction.asked and reaction.refused and reaction.person:
        form = sure_form(reaction.asked, reaction.refused.sentence, yes_to(reaction.asked, reaction.person))
        return {"response_action": "update", "view": view(form, channel=memo.channel, reply=memo.reply)}
    if reaction.form:
        return {"response_action": "update", "view": view(reaction.form, channel=memo.channel, reply=memo.reply)}
    return _beside(sent, reaction.refused) if reaction.refused else None


def _beside(sent: Body, refused: Refused) -> dict[str, Any]:
    """A refusal beside its field, or beside the first one; in a form without fields, in its place."""
    fields = [str(block.get("block_id")) for block in sent.get("blocks") or [] if block.get("type") == "input"]
    if fields:
        field = refused.field if refused.field in fields else fields[0]
        return {"response_action": "errors", "errors": {field: refused.sentence}}
    blocks: list[Block] = [section(escape(refused.sentence))]
    title = (sent.get("title") or {}).get("text") or "Muster"
    shown: View = {"type": "modal", "title": plain_words(title), "close": plain_words("Close"), "blocks": blocks}
    return {"response_action": "update", "view": shown}


def _asks_once(body: Body, name: str) -> bool:
    """Whether the button stands under a question to one person: an ephemeral line, or a direct message."""
    private = bool((body.get("container") or {}).get("is_ephemeral")) or _at(body, "channel", "name") == "directmessage"
    return private and actions.action_of(name) in ANSWERED_ONCE


def _value(pressed: Body) -> str:
    """What a button carries, or what was chosen from a menu."""
    return _at(pressed, "value") or _at(pressed, "selected_option", "value")


def _team(body: Body) -> str:
    """The workspace of whoever acted, which in a shared channel may be another than ours."""
    return _at(body, "user", "team_id") or _at(body, "team", "id")


def _at(body: Body, *path: str) -> str:
    """A word of the payload; empty where it is not there."""
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""
