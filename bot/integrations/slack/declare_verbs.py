"""The verbs about incidents as such: declare one, see which are open, see one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.engine.handle import Outcome
from bot.incident import Declare
from bot.incident.lifecycle import TITLE_LENGTH
from bot.incident.model import Incident
from bot.incident.paging import PageRequested
from bot.incident.values import Service
from bot.integrations.slack import actions
from bot.integrations.slack.asking import readable, services_chosen, severity_options
from bot.integrations.slack.blocks import Block, Message, button, context, section, sentence
from bot.integrations.slack.calling import whom_it_pages
from bot.integrations.slack.cards import CardState, Trouble, room_card
from bot.integrations.slack.effects import Button
from bot.integrations.slack.looking import text_of
from bot.integrations.slack.modals import Filled, Form, Memo, select, several, text_input, tick
from bot.integrations.slack.panels import open_list
from bot.integrations.slack.shortcuts import Picked, shortcut
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, refill, verb
from bot.integrations.slack.words import unquoted

SIMILAR = 0.5
"""Of the telling words of two titles, the part that they share."""


@verb("declare", "new", "open", "start", usage="[title]", first_hour=True, about_one=False)
async def declare(ask: Ask) -> Answer:
    """Declare an incident: one click is enough, a room opens, and a severity that pages, pages."""
    title = readable(ask, unquoted(ask.words))
    return Open(declare_form(ask.house, title, alike(title, await ask.house.reading.open_incidents(ask.person.actor))))


def declare_form(house: House, title: str = "", likeness: Incident | None = None, *, source: str = "") -> Form:
    """Four fields, the title optional; `source` is the permalink of the message it is declared from."""
    start = _Started(title, house.policy.default_severity, (), command=True)
    extra = {"source": source[:300]} if source else {}
    return _form(house, start, extra | _noticed(likeness) if likeness else extra)


@refill("declare")
async def refilled(house: House, memo: Memo, filled: Filled) -> Form:
    """The form while it is being filled in: it says whom the severity and services chosen so far page."""
    so_far = _Started(
        title=filled.text("title"),
        severity=filled.number("severity") or house.policy.default_severity,
        services=services_chosen(house, filled),
        command="yes" in filled.all_chosen("command"),
    )
    return _form(house, so_far, filled.extra)


@dataclass(frozen=True)
class _Started:
    """A declare form as far as it is filled in."""

    title: str
    severity: int
    services: tuple[Service, ...]
    command: bool


def _form(house: House, so_far: _Started, extra: Mapping[str, str]) -> Form:
    blocks: list[Block] = [_same(extra["alike"], extra["alike_words"])] if "alike" in extra else []
    blocks.append(text_input("title", "What is wrong?", initial=so_far.title, optional=True, most=TITLE_LENGTH))
    blocks.append(select("severity", "Severity", severity_options(house), initial=str(so_far.severity), tells=True))
    known = [(s.id, s.name) for s in house.directory.services()]
    if known:
        chosen = [s.id for s in so_far.services]
        blocks.append(several("services", "Services", known, initial=chosen, tells=True))
    blocks.append(tick("command", "Command", "I take command", ticked=so_far.command))
    severity = house.policy.severity(so_far.severity)
    if severity:
        blocks.append(context(whom_it_pages(house, severity, so_far.services)))
    return Form("declare", "Declare an incident", tuple(blocks), "Declare", None, extra)


def _noticed(i: Incident) -> dict[str, str]:
    """A recent likeness, as the form remembers it while it is being filled in."""
    return {"alike": str(i.number), "alike_words": f"{cut(i.title, 120)} ({i.severity.label}, {i.status})"}


def _same(number: str, told: str) -> Block:
    """A recent likeness, with Join."""
    join = button(Button(label=f"Join INC-{number}", action=actions.JOIN_ROOM, value=number))
    return section(f"*INC-{number}* looks alike: {escape(told)}", accessory=join)


def alike(title: str, open_ones: Iterable[Incident]) -> Incident | None:
    """The open incident whose title shares most telling words with this one, if it shares half of them."""
    wanted = _telling(title)
    scored = [(_shared(wanted, _telling(i.title)), i) for i in open_ones]
    share, best = max(scored, key=lambda s: s[0], default=(0.0, None))
    return best if share >= SIMILAR else None


def _shared(one: set[str], other: set[str]) -> float:
    """The part of the shorter title's telling words that the other has too; 0 where one has none."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _telling(title: str) -> set[str]:
    return {word for word in re.findall(r"\w+", title.casefold()) if len(word) > 3}


@shortcut(actions.DECLARE_SHORTCUT)
@shortcut(actions.DECLARE_FROM_MESSAGE)
async def declare_from(house: House, picked: Picked) -> Answer:
    """The declare form; from a message, with its first line as title and its address as source."""
    await house.admit(picked.person, None)
    if not picked.message:
        return Open(declare_form(house))
    title = text_of(picked.message, house).splitlines()[0]
    return Open(declare_form(house, title, source=picked.address))


@form("declare")
async def declare_sent(ask: Ask, filled: Filled) -> Answer:
    wish = Declare(
        title=filled.text("title"),
        severity=filled.number("severity") or ask.house.policy.default_severity,
        services=services_chosen(ask.house, filled),
        command="yes" in filled.all_chosen("command"),
        source=filled.extra.get("source", ""),
    )
    return Do(wish, tell=declared)


def declared(outcome: Outcome) -> Message | None:
    """What the declarer alone is told: its name, and whom it pages."""
    i = outcome.incident
    if i is None:
        return None
    paged = [e.target.name for e in outcome.events if isinstance(e, PageRequested)]
    calls = f" Paging {escape(', '.join(paged))}." if paged else ""
    told = f"{i.name} is declared at {escape(i.severity.label)}: {escape(i.title)}.{calls} Its room is being opened."
    return sentence(told, [Button(label="Join", action=actions.JOIN_ROOM, value=str(i.number))])


@verb("list", about_one=False)
async def list_open(ask: Ask) -> Answer:
    """See the open incidents, the worst first."""
    if not ask.bare:
        raise Unclear
    return Show(open_list(await ask.house.reading.open_incidents(ask.person.actor)))


@verb("show", "info")
async def show(ask: Ask) -> Answer:
    """See an incident's card."""
    if not ask.bare:
        raise Unclear
    i = ask.about
    steps = {s.step: s.effect for s in await ask.house.reading.setup(i.number)}
    troubles = tuple(Trouble(step, why, steps.get(step)) for step, why in i.failed_steps.items())
    return Show(room_card(CardState(i, ask.house.policy, troubles=troubles)))
