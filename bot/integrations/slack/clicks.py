"""What each button means: its name and value become a wish, a form, a view, or something done at once."""

from collections.abc import Awaitable, Callable, Mapping

from slack_sdk.errors import SlackApiError

from bot.incident import (
    AssignRole,
    CorrectEntry,
    DeclareFromAlert,
    DismissAlert,
    HideEntry,
    JoinAlert,
    PageNextLevel,
    SetStatus,
)
from bot.incident.model import Refused
from bot.incident.notes import Noted
from bot.incident.people import Person
from bot.incident.values import Amendment, Status
from bot.integrations.slack import actions, declare_verbs
from bot.integrations.slack.asking import actor_chosen
from bot.integrations.slack.asking import run as said_by
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.commands import Spoken, answer, help_message, run
from bot.integrations.slack.errors import code_of
from bot.integrations.slack.paging_verbs import i_have_it
from bot.integrations.slack.panels import panel
from bot.integrations.slack.people import UNREACHABLE
from bot.integrations.slack.presses import (
    OLD,
    PRESSES,
    Click,
    Hands,
    about,
    alert_shown,
    asked,
    number_of,
    numbered,
    pair,
)
from bot.integrations.slack.text import channel, escape
from bot.integrations.slack.timeline_verbs import correct_form, redact_form
from bot.integrations.slack.verbs import VERBS, Answer, Do, Later, Open, Show


class Clicks:
    """The buttons that belong to no topic of their own, and the door to those that do."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._house = hands.house
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
        name = actions.action_of(click.action)
        if name in self._means:
            return await self._means[name](click)
        if name in PRESSES:
            return await PRESSES[name](click, self._hands)
        raise Refused(OLD)

    async def _take_role(self, click: Click) -> Answer:
        i, role = await about(self._hands, click)
        return Do(AssignRole(incident=i.number, role=role, person=click.person.actor))

    async def _take_over(self, click: Click) -> Answer:
        i, rest = await about(self._hands, click)
        role, _, user = rest.partition("/")
        person = click.person.actor
        if user:
            person = actor_chosen(await asked(self._hands, click, i.number), user, "person")
        return Do(AssignRole(incident=i.number, role=role, person=person, sure=True))

    async def _join_room(self, click: Click) -> Answer:
        i, _ = await about(self._hands, click)
        room = i.room
        if room is None:
            raise Refused(f"The room of {i.name} is still being opened. Try again in a moment.")
        return Later(lambda: self._invite(click.person.slack, room.channel, room.name))

    async def _invite(self, user: str, room: str, name: str) -> Message:
        """Invites someone who asked for it; whoever is in there already is told where."""
        where = channel(room, name)
        try:
            await self._hands.client.conversations_invite(channel=room, users=user)
        except SlackApiError as error:
            if (code := code_of(error)) != "already_in_channel":
                return sentence(f"Slack did not let you in: {escape(code or 'it failed')}. Try {where}.")
        except UNREACHABLE:
            return sentence(f"Slack does not answer just now. Try {where}, or this button again.")
        return sentence(f"You are in {where}.")

    async def _set_status(self, click: Click) -> Answer:
        i, status = await about(self._hands, click)
        if status not in set(Status):
            raise Refused(OLD)
        return Do(SetStatus(incident=i.number, to=Status(status)))

    async def _resolve(self, click: Click) -> Answer:
        i, _ = await about(self._hands, click)
        return await VERBS["resolve"].run(await asked(self._hands, click, i.number, "resolve"))

    async def _panel(self, click: Click) -> Answer:
        i, _ = await about(self._hands, click)
        return Show(panel(i, self._house.policy))

    async def _open_form(self, click: Click) -> Answer:
        number, verb = numbered(click.value)
        known = VERBS.get(verb)
        if known is None:
            raise Refused(OLD)
        return await run(await asked(self._hands, click, number or None, verb), known)

    async def _retry_step(self, click: Click) -> Answer:
        i, effect = await about(self._hands, click)
        steps = {s.effect for s in await self._house.reading.setup(i.number)}
        if not effect.isdecimal() or int(effect) not in steps:
            raise Refused("That step is done, or was given up for good.")
        return Later(lambda: self._again(int(effect)))

    async def _again(self, effect: int) -> Message | None:
        """Tries once more; how it went is on the card."""
        if await self._hands.retry(effect):
            return None
        return sentence("That step is not waiting for a retry any more.")

    async def _page_next(self, click: Click) -> Answer:
        i, page = await about(self._hands, click)
        return Do(PageNextLevel(incident=i.number, page=number_of(page)))

    async def _ack_page(self, click: Click) -> Answer:
        i, _ = await about(self._hands, click)
        return await i_have_it(self._house, i)

    async def _declare_alert(self, click: Click) -> Answer:
        await self._house.admit(click.person, None)
        source, alert = pair(click.value)
        await alert_shown(self._hands, click, source, alert)
        return Do(DeclareFromAlert(source=source, alert=alert), tell=declare_verbs.declared)

    async def _join_alert(self, click: Click) -> Answer:
        i, rest = await about(self._hands, click)
        source, alert = pair(rest)
        await alert_shown(self._hands, click, source, alert)
        return Do(JoinAlert(incident=i.number, source=source, alert=alert))

    async def _dismiss_alert(self, click: Click) -> Answer:
        await self._house.admit(click.person, None)
        source, alert = pair(click.value)
        await alert_shown(self._hands, click, source, alert)
        return Do(DismissAlert(source=source, alert=alert), tell=lambda _: None)

    async def _declare_form(self, click: Click) -> Answer:
        return await declare_verbs.declare_as(await asked(self._hands, click, None), click.value)

    async def _run(self, click: Click) -> Answer:
        return await answer(self._house, Spoken(click.value, click.person, click.channel, click.now))

    async def _use_now(self, click: Click) -> Answer:
        """What was read as its time is a part of its words again, unless those were put right meanwhile."""
        i, entry = await about(self._hands, click)
        written = next((s for s in await self._house.reading.events(i.number) if s.seq == number_of(entry)), None)
        if written is None or not isinstance(written.event, Noted):
            raise Refused(OLD)
        amended = i.amended.get(written.seq, Amendment())
        text = written.event.said if written.event.typed and not amended.words else None
        wish = CorrectEntry(incident=i.number, entry=written.seq, text=text, happened=written.recorded)
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
        number, entry = numbered(rest)
        ask, seq = await asked(self._hands, click, number), number_of(entry)
        match act:
            case "correct":
                return Open(await correct_form(ask, seq))
            case "redact":
                return Open(await redact_form(ask, seq))
            case "hide":
                back = said_by("Put it back", number, f"timeline show {seq}")
                wish = HideEntry(incident=ask.about.number, entry=seq)
                return Do(wish, tell=lambda _: sentence("It is hidden.", [back]))
        raise Refused(OLD)
