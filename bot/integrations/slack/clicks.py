"""What each button means: its name and value become a wish, a form, a view, or something done at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.incident import (
    AnswerPages,
    AssignRole,
    CorrectEntry,
    DeclareFromAlert,
    DismissAlert,
    HideEntry,
    JoinAlert,
    PageNextLevel,
    SetStatus,
    Snooze,
)
from bot.incident.model import Refused
from bot.incident.people import Person
from bot.incident.values import Status
from bot.integrations.slack import actions, declare_verbs
from bot.integrations.slack.asking import actor_chosen
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.commands import Spoken, answer, help_message, run, seen
from bot.integrations.slack.errors import code_of
from bot.integrations.slack.panels import panel
from bot.integrations.slack.people import UNREACHABLE
from bot.integrations.slack.text import channel, escape
from bot.integrations.slack.timeline_verbs import correct_form, redact_form
from bot.integrations.slack.verbs import VERBS, Answer, Ask, Do, House, Later, Open, Show

OLD = "That button is of an older version, or what it was for is gone. `/incident help` shows what can be typed."


@dataclass(frozen=True)
class Click:
    """A button that was pressed, or an option that was chosen from a menu."""

    action: str
    value: str
    person: Person
    channel: str
    now: datetime


class Clicks:
    """The buttons. `retry` tries a parked promise again."""

    def __init__(self, house: House, client: AsyncWebClient, retry: Callable[[int], Awaitable[bool]]) -> None:
        self._house = house
        self._client = client
        self._retry = retry
        self._means: Mapping[str, Callable[[Click], Awaitable[Answer]]] = {
            actions.TAKE_ROLE: self._take_role,
            actions.TAKE_OVER: self._take_over,
            actions.JOIN_ROOM: self._join_room,
            actions.SET_STATUS: self._set_status,
            actions.RESOLVE_FORM: self._resolve,
            actions.PANEL: self._panel,
            actions.OPEN_FORM: self._open_form,
            actions.RETRY_STEP: self._retry_step,
            actions.PAGE_NEXT: self._page_next,
            actions.SNOOZE: self._snooze,
            actions.ACK_PAGE: self._ack_page,
            actions.DECLARE_ALERT: self._declare_alert,
            actions.JOIN_ALERT: self._join_alert,
            actions.DISMISS_ALERT: self._dismiss_alert,
            actions.DECLARE_FORM: self._declare_form,
            actions.RUN: self._run,
            actions.USE_NOW: self._use_now,
            actions.LINK_ME: self._link_me,
            actions.HELP_MORE: self._help_more,
            actions.ENTRY: self._entry,
        }

    async def answer(self, click: Click) -> Answer:
        """What it means. Raises Refused, also for a button that is known no more."""
        meant = self._means.get(actions.action_of(click.action))
        if meant is None:
            raise Refused(OLD)
        return await meant(click)

    async def _take_role(self, click: Click) -> Answer:
        i, role = await self._about(click)
        return Do(AssignRole(incident=i, role=role, person=click.person.actor))

    async def _take_over(self, click: Click) -> Answer:
        i, rest = await self._about(click)
        role, _, user = rest.partition("/")
        person = click.person.actor if not user else actor_chosen(await self._ask(click, i), user, "person")
        return Do(AssignRole(incident=i, role=role, person=person, sure=True))

    async def _join_room(self, click: Click) -> Answer:
        number, _ = _numbered(click.value)
        i = await seen(self._house, click.person, number, click.channel)
        room = i.room if i else None
        if room is None:
            raise Refused(f"The room of INC-{number} is still being opened. Try again in a moment.")
        return Later(lambda: self._invite(click.person.slack, room.channel, room.name))

    async def _invite(self, user: str, room: str, name: str) -> Message:
        """Invites someone who asked for it; whoever is in there already is told where."""
        where = channel(room, name)
        try:
            await self._client.conversations_invite(channel=room, users=user)
        except SlackApiError as error:
            if (code := code_of(error)) != "already_in_channel":
                return sentence(f"Slack did not let you in: {escape(code or 'it failed')}. Try {where}.")
        except UNREACHABLE:
            return sentence(f"Slack does not answer just now. Try {where}, or this button again.")
        return sentence(f"You are in {where}.")

    async def _set_status(self, click: Click) -> Answer:
        i, status = await self._about(click)
        if status not in set(Status):
            raise Refused(OLD)
        return Do(SetStatus(incident=i, to=Status(status)))

    async def _resolve(self, click: Click) -> Answer:
        i, _ = await self._about(click)
        return await VERBS["resolve"].run(await self._ask(click, i, "resolve"))

    async def _panel(self, click: Click) -> Answer:
        i, _ = await self._about(click)
        return Show(panel((await self._ask(click, i)).about, self._house.policy))

    async def _open_form(self, click: Click) -> Answer:
        number, verb = _numbered(click.value)
        known = VERBS.get(verb)
        if known is None:
            raise Refused(OLD)
        return await run(await self._ask(click, number or None, verb), known)

    async def _retry_step(self, click: Click) -> Answer:
        i, effect = await self._about(click)
        steps = {s.effect for s in await self._house.reading.setup(i)}
        if not effect.isdecimal() or int(effect) not in steps:
            raise Refused("That step is done, or was given up for good.")
        return Later(lambda: self._again(int(effect)))

    async def _again(self, effect: int) -> Message | None:
        """Tries once more; how it went is on the card."""
        if await self._retry(effect):
            return None
        return sentence("That step is not waiting for a retry any more.")

    async def _page_next(self, click: Click) -> Answer:
        i, page = await self._about(click)
        return Do(PageNextLevel(incident=i, page=_number(page)))

    async def _snooze(self, click: Click) -> Answer:
        i, key = await self._about(click)
        return Do(Snooze(incident=i, key=key), tell=lambda _: sentence("You are reminded again in 15 minutes."))

    async def _ack_page(self, click: Click) -> Answer:
        i, _ = await self._about(click)
        return Do(AnswerPages(incident=i))

    async def _declare_alert(self, click: Click) -> Answer:
        await self._house.admit(click.person, None)
        source, alert = _pair(click.value)
        return Do(DeclareFromAlert(source=source, alert=alert), tell=declare_verbs.declared)

    async def _join_alert(self, click: Click) -> Answer:
        i, rest = await self._about(click)
        source, alert = _pair(rest)
        return Do(JoinAlert(incident=i, source=source, alert=alert))

    async def _dismiss_alert(self, click: Click) -> Answer:
        await self._house.admit(click.person, None)
        source, alert = _pair(click.value)
        return Do(DismissAlert(source=source, alert=alert), tell=lambda _: None)

    async def _declare_form(self, click: Click) -> Answer:
        await self._house.admit(click.person, None)
        return Open(declare_verbs.declare_form(self._house, click.value))

    async def _run(self, click: Click) -> Answer:
        return await answer(self._house, Spoken(click.value, click.person, click.channel, click.now))

    async def _use_now(self, click: Click) -> Answer:
        i, entry = await self._about(click)
        written = next((s for s in await self._house.reading.events(i) if s.seq == _number(entry)), None)
        if written is None:
            raise Refused(OLD)
        wish = CorrectEntry(incident=i, entry=written.seq, happened=written.recorded)
        return Do(wish, tell=lambda _: sentence("It stands at the time of writing now."))

    async def _link_me(self, click: Click) -> Answer:
        other = self._house.directory.by_pagerduty(click.value)
        if click.value == "-":
            return Show(sentence("Noted: you are not in PagerDuty."))
        if other is None or (other.slack and other.slack != click.person.slack):
            raise Refused("That PagerDuty user is somebody else here, or is gone. Ask an administrator to look.")
        return Later(lambda: self._link(click.person, click.value, other.name))

    async def _link(self, person: Person, pagerduty: str, name: str) -> Message:
        await self._house.directory.link(person.slack, pagerduty)
        return sentence(f"Thank you: in PagerDuty you are {escape(name)}.")

    async def _help_more(self, click: Click) -> Answer:
        return Show(help_message(self._house, more=True))

    async def _entry(self, click: Click) -> Answer:
        act, _, rest = click.value.partition("/")
        number, entry = _numbered(rest)
        ask, seq = await self._ask(click, number), _number(entry)
        match act:
            case "correct":
                return Open(await correct_form(ask, seq))
            case "redact":
                return Open(await redact_form(ask, seq))
            case "hide":
                return Do(HideEntry(incident=ask.about.number, entry=seq), tell=lambda _: sentence("It is hidden."))
        raise Refused(OLD)

    async def _about(self, click: Click) -> tuple[int, str]:
        """The incident that the value begins with, if the person may see it and act on it, and the rest."""
        number, rest = _numbered(click.value)
        await seen(self._house, click.person, number, click.channel)
        return number, rest

    async def _ask(self, click: Click, number: int | None, verb: str = "") -> Ask:
        """The same as if the verb had been typed, alone, about that incident."""
        incident = await seen(self._house, click.person, number, click.channel)
        return Ask(self._house, click.person, verb, "", verb, click.now, click.channel, incident)


def _numbered(value: str) -> tuple[int, str]:
    """`42/rest` as a number and the rest. Raises Refused."""
    number, _, rest = value.partition("/")
    return _number(number), rest


def _number(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise Refused(OLD)
    return int(value)


def _pair(value: str) -> tuple[str, str]:
    """`source/id`. Raises Refused."""
    source, _, rest = value.partition("/")
    if not source or not rest:
        raise Refused(OLD)
    return source, rest
