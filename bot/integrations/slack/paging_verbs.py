"""The verbs that call people: page someone, answer a page, see who is on call."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.incident import AnswerPages, PageOut
from bot.incident.model import Incident, Refused
from bot.incident.people import KnownService
from bot.incident.values import Target
from bot.integrations.slack.alert_worth import answered_pages, unrated
from bot.integrations.slack.asking import readable
from bot.integrations.slack.blocks import Block, section
from bot.integrations.slack.calling import DOWN, on_call_message, person_target, target_and_why, targets
from bot.integrations.slack.cards import page_state
from bot.integrations.slack.desk import SO_ALREADY
from bot.integrations.slack.modals import Filled, Form, select, text_input
from bot.integrations.slack.modals import user as someone
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.text import cut, moment
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, verb
from bot.integrations.slack.words import nearest, take_reference, unquoted

SHOWN = 300
"""Characters of the services' names."""

ALONE = "Whoever is chosen here is paged instead of the above."
STAYS_HERE = "Of a private incident PagerDuty and lock screens get only the number. This stays in the room."


@verb("page", "escalate", usage="<service|policy|@user> [why]", first_hour=True, free=True)
async def page(ask: Ask) -> Answer:
    """Call people through PagerDuty. A service's on-call, an escalation policy, or one person."""
    if ask.bare:
        return Open(_page_form(ask.house, ask.open_one))
    ask = await _with_incident(ask)
    named = target_and_why(ask)
    if named is None:
        raise Unclear(_nobody_called(ask) if ask.incident else "")
    target, why = named
    return _paged(ask, target, readable(ask, why))


async def _with_incident(ask: Ask) -> Ask:
    """Outside a room, a target, an incident's name and nothing else (`page Search INC-1`) mean one thing only."""
    number, words = take_reference(ask.words)
    alone = replace(ask, words=words)
    if ask.incident or number is None or not (named := target_and_why(alone)) or named[1]:
        return ask
    return replace(alone, incident=await seen(ask.house, ask.person, number, ask.channel))


def _nobody_called(ask: Ask) -> str:
    said, near = cut(readable(ask, ask.words), 80), _near(ask.words, (t.name for t in targets(ask.house).values()))
    meant = f" Did you mean “{near}”?" if near else ""
    return f"“{said}” names no service, policy or @user that PagerDuty knows.{meant}"


def _paged(ask: Ask, target: Target, why: str) -> Do:
    """Nobody is called twice at the same time: who asks again is told how the first call stands."""

    def already(i: Incident) -> str:
        first = next((p for p in reversed(i.pages) if p.target == target), None)
        return f"Paged already, at {moment(first.requested_at)}. {page_state(first)}." if first else SO_ALREADY

    return Do(PageOut(incident=ask.about.number, target=target, why=why), already=already)


def _page_form(house: House, i: Incident) -> Form:
    known = [(_key(t), f"{t.name} ({t.kind})") for t in targets(house).values()]
    mine = next((f"service/{s.id}" for s in i.services), "")
    blocks: list[Block] = [] if house.pagerduty_up() else [section(DOWN)]
    if known:
        blocks.append(select("target", "Whom to page", sorted(known, key=_by_label), initial=mine, optional=True))
    blocks.append(someone("person", "Or one person", optional=True, hint=ALONE))
    blocks.append(_why(i))
    return Form("page", f"Page about {i.name}", tuple(blocks), "Page", i.number)


def _why(i: Incident) -> Block:
    """The title as a beginning; in a private incident nothing is put into anybody's mouth."""
    if i.private:
        return text_input("why", "Why", optional=True, most=500, hint=STAYS_HERE)
    return text_input("why", "Why", initial=i.title, optional=True, most=500)


def _key(target: Target) -> str:
    return f"{target.kind}/{target.id}"


def _by_label(option: tuple[str, str]) -> str:
    return option[1].casefold()


@form("page")
async def page_sent(ask: Ask, filled: Filled) -> Answer:
    """The person, where one is chosen: the service was chosen beforehand and is not what they came for."""
    user, chosen = filled.chosen("person"), filled.chosen("target")
    known = next((t for t in targets(ask.house).values() if _key(t) == chosen), None)
    target = person_target(ask.house, user, "") if user else known
    if target is None:
        raise Refused("Choose whom to page.", field="target")
    return _paged(ask, target, filled.text("why"))


@verb("ack")
async def ack(ask: Ask) -> Answer:
    """Say that you have it. Every page that waits is answered, here and in PagerDuty."""
    if not ask.bare:
        raise Unclear
    return await i_have_it(ask.house, ask.about)


async def i_have_it(house: House, i: Incident) -> Do:
    """The pages are answered; whoever did it is asked once what the latest alert was worth."""
    alert = await unrated(house.reading, i)
    tell = None if alert is None else lambda _: answered_pages(alert)
    return Do(AnswerPages(incident=i.number), tell=tell, already=_none_waits)


def _none_waits(i: Incident) -> str:
    return f"No page of {i.name} waits for an answer."


@verb("oncall", usage="[service]", first_hour=True)
async def oncall(ask: Ask) -> Answer:
    """See who is on call. When PagerDuty is down, with the numbers as last heard."""
    return Show(on_call_message(ask.house, _asked_for(ask)))


def _asked_for(ask: Ask) -> list[KnownService]:
    """The services named; alone, those of the incident, else all. Raises Refused for a name that is none's.

    No sentence about an incident begins with `oncall`: outside a room, too, this is no title.
    """
    known = sorted(ask.house.directory.services(), key=lambda s: s.name.casefold())
    if not ask.bare:
        wanted = unquoted(ask.words).casefold()
        found = [s for s in known if s.name.casefold() == wanted]
        if not found:
            raise Refused(_no_service(ask, [s.name for s in known]))
        return found
    mine = {s.id for s in ask.incident.services} if ask.incident else set()
    return [s for s in known if s.id in mine] or known


def _no_service(ask: Ask, known: Sequence[str]) -> str:
    """That there is none of that name, and the nearest one, or those there are."""
    near = _near(ask.words, known)
    others = f"Did you mean “{near}”?" if near else f"Services: {cut(', '.join(known), SHOWN)}."
    return f"There is no service “{cut(readable(ask, ask.words), 80)}”. {others}"


def _near(said: str, known: Iterable[str]) -> str:
    """The name that was probably meant; empty where none is near."""
    names = {name.casefold(): name for name in known}
    return names.get(nearest(said, names) or "", "")
