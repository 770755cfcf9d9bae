"""The verbs about incidents as such: declare one, see which are open, see one."""

from collections.abc import Mapping
from dataclasses import replace

from bot.engine.handle import Outcome
from bot.incident import Declare
from bot.incident.model import Incident
from bot.incident.paging import PageRequested
from bot.incident.runs import matching
from bot.integrations.slack import actions, cards
from bot.integrations.slack.asking import readable, sure_moment
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.cards import CardState, Trouble, room_card
from bot.integrations.slack.declare_form import GOES_ON, OVER, Declaring, declare_form, drawn
from bot.integrations.slack.effects import Button
from bot.integrations.slack.likeness import is_strong, likeness, noticed
from bot.integrations.slack.looking import text_of
from bot.integrations.slack.modals import Filled, Form, Memo
from bot.integrations.slack.panels import open_list
from bot.integrations.slack.shortcuts import Picked, shortcut
from bot.integrations.slack.text import escape
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, refill, verb
from bot.integrations.slack.words import unquoted


@verb("declare", "new", "open", "start", usage="[title]", first_hour=True, about_one=False)
async def declare(ask: Ask) -> Answer:
    """Declare an incident: a room opens. One click is enough; a severity that pages, pages."""
    return await declare_as(ask, readable(ask, unquoted(ask.words)))


async def declare_as(ask: Ask, title: str) -> Answer:
    """The form with this title, and with what looks like it."""
    return Open(declare_form(ask.house, title, await likeness(ask.house, ask.person.actor, title, ask.now)))


@refill("declare")
async def refilled(house: House, memo: Memo, filled: Filled) -> Form:
    """The form while it is being filled in: whom the choice so far pages, and the moments of what is over already."""
    so_far = Declaring.of(house, filled)
    if filled.pressed in (OVER, GOES_ON):
        so_far = replace(so_far, over=filled.pressed == OVER)
    kept = {name: value for name, value in filled.extra.items() if name != OVER}
    return drawn(house, so_far, kept | ({OVER: "yes"} if so_far.over else {}))


@shortcut(actions.DECLARE_SHORTCUT)
@shortcut(actions.DECLARE_FROM_MESSAGE)
async def declare_from(house: House, picked: Picked) -> Answer:
    """The declare form; from a message, with its first line as title and its address as source."""
    await house.admit(picked.person, None)
    if not picked.message:
        return Open(declare_form(house))
    title = text_of(picked.message, house).splitlines()[0]
    found = await likeness(house, picked.person.actor, title, picked.now)
    return Open(declare_form(house, title, found, source=picked.address))


@form("declare")
async def declare_sent(ask: Ask, filled: Filled) -> Answer:
    so_far = Declaring.of(ask.house, filled)
    if known := await _asked_about(ask, so_far, filled.extra):
        return Open(drawn(ask.house, so_far, {**filled.extra, **noticed(known)}))
    wish = Declare(
        title=so_far.title,
        severity=so_far.severity,
        services=so_far.services,
        private=so_far.private,
        command=so_far.command,
        source=filled.extra.get("source", ""),
        began=sure_moment(ask, filled.text("began"), "began") if so_far.over else None,
        ended=sure_moment(ask, filled.text("ended"), "ended") if so_far.over else None,
    )
    return Do(wish, tell=declared)


async def _asked_about(ask: Ask, so_far: Declaring, extra: Mapping[str, str]) -> Incident | None:
    """What is nearly sure the same, unless the form has shown it: it is asked about once, a second click declares."""
    if so_far.over or "alike" in extra:
        return None
    known = await likeness(ask.house, ask.person.actor, so_far.title, ask.now)
    return known if known and is_strong(so_far.title, so_far.services, known) else None


def declared(outcome: Outcome) -> Message | None:
    """What the declarer alone is told: its name, and whom it pages."""
    i = outcome.incident
    if i is None:
        return None
    if not i.is_open:
        told = f"{i.name} is on record as resolved: {escape(i.title)}. Nobody is called; its room is being opened."
        return sentence(told, [cards.form(i, "Timeline", "timeline")])
    paged = [e.target.name for e in outcome.events if isinstance(e, PageRequested)]
    calls = "It pages nobody." if i.drill else f"Paging {escape(', '.join(paged))}." if paged else ""
    room = f"Its {'private ' if i.private else ''}room is being opened."
    told = " ".join(
        filter(None, [f"{i.name} is declared at {escape(i.severity.label)}: {escape(i.title)}.", calls, room])
    )
    return sentence(told, [Button(label="Join", action=actions.JOIN_ROOM, value=str(i.number))])


@verb("list", about_one=False)
async def list_open(ask: Ask) -> Answer:
    """See the open incidents, the worst first."""
    if not ask.bare:
        raise Unclear
    return Show(open_list(await ask.house.reading.open_incidents(ask.person.actor)))


@verb("show", "info", usage="[INC-42]")
async def show(ask: Ask) -> Answer:
    """See an incident's card."""
    if not ask.bare:
        raise Unclear
    i, house = ask.about, ask.house
    steps = {s.step: s.effect for s in await house.reading.setup(i.number)}
    troubles = tuple(Trouble(step, why, steps.get(step)) for step, why in i.failed_steps.items())
    return Show(room_card(CardState(i, house.policy, troubles=troubles, runbooks=matching(i, house.runbooks))))
