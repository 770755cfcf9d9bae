"""What `/incident` understands: the verb, the incident and the words in what was said, or what it offers instead."""

from dataclasses import dataclass
from datetime import datetime

from bot.incident.model import Refused
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.integrations.slack import (
    actions,
    alert_verbs,
    catchup_verbs,
    declare_verbs,
    drill_verbs,
    lifecycle_verbs,
    merge_verbs,
    paging_verbs,
    privacy_verbs,
    role_verbs,
    room_verbs,
    runbook_verbs,
    task_verbs,
    timeline_verbs,
    update_verbs,
    upkeep_verbs,
)
from bot.integrations.slack.asking import readable
from bot.integrations.slack.blocks import Message, section, sentence
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.declare_form import declare_form
from bot.integrations.slack.effects import Button
from bot.integrations.slack.offers import known_word, offer, which
from bot.integrations.slack.panels import panel
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.verbs import VERBS, Answer, Ask, House, Open, Show, Unclear, Unnamed, Verb, verb
from bot.integrations.slack.words import first_word, severity_level, take_reference

TOPICS = (
    declare_verbs,
    lifecycle_verbs,
    role_verbs,
    paging_verbs,
    alert_verbs,
    update_verbs,
    room_verbs,
    task_verbs,
    runbook_verbs,
    timeline_verbs,
    catchup_verbs,
    drill_verbs,
    merge_verbs,
    privacy_verbs,
    upkeep_verbs,
)
"""The modules whose verbs are known, in the order of the help; importing one enters its verbs."""
HELP_LINES = 12
"""Verbs in one block: a block holds 3,000 characters."""


@dataclass(frozen=True)
class Parsed:
    """What was said, taken apart. `number`: the incident named; `verb` is None where the first word is none.

    `said`: all of it but an incident's name at its head.
    """

    verb: Verb | None
    words: str
    said: str
    number: int | None = None


@dataclass(frozen=True)
class Spoken:
    """Something typed by someone somewhere: after `/incident`, after a mention, or brought back by a button."""

    text: str
    person: Person
    channel: str
    now: datetime


async def answer(house: House, spoken: Spoken) -> Answer:
    """What comes of it. Raises Refused."""
    room = house.directory.incident_of_channel(spoken.channel)
    parsed = parse(spoken.text, house.policy, in_room=room is not None)
    number = parsed.number if parsed.number is not None else room
    ask = Ask(
        house=house,
        person=spoken.person,
        verb=parsed.verb.name if parsed.verb else "",
        words=parsed.words,
        said=parsed.said,
        now=spoken.now,
        channel=spoken.channel,
        incident=await seen(house, spoken.person, number, spoken.channel, parsed.verb.name if parsed.verb else ""),
    )
    return await run(ask, parsed.verb)


async def run(ask: Ask, known: Verb | None) -> Answer:
    """What a verb makes of it; where it is no verb, or its words are none of its arguments, what is offered instead."""
    if not ask.said:
        return _panel_or_declare(ask)
    try:
        if known is None:
            raise Unclear
        return await known.run(ask)
    except Unclear as unclear:
        return offer(ask, str(unclear)) if ask.incident else await _as_title(ask)
    except Unnamed:
        return await which(ask)


def parse(text: str, policy: Policy, *, in_room: bool) -> Parsed:
    """The incident named before or after the verb, or last; the verb; the words.

    Free text may speak of other incidents ("note same cause as INC-41"): in a room only a name before the verb counts,
    elsewhere also one right behind it.
    """
    said = text.strip()
    number, rest = _leading(said)
    if number is not None and not rest:
        return Parsed(VERBS["show"], "", said, number)
    head, words = first_word(rest)
    known, argument = _verb(head, policy)
    if known is None:
        return Parsed(None, rest, rest, number)
    words = f"{argument} {words}".strip()
    if number is None and known.about_one and not (in_room and known.free):
        number, words = _leading(words) if known.free else take_reference(words)
    return Parsed(known, words, rest, number)


def _leading(said: str) -> tuple[int | None, str]:
    """An incident's name at the very beginning, and what follows it."""
    head, rest = first_word(said)
    number, left = take_reference(head)
    return (number, rest) if number is not None and not left else (None, said)


def _verb(word: str, policy: Policy) -> tuple[Verb | None, str]:
    """The verb that a word means, and the argument that it already holds: `sev1` and `P1` are `sev 1`."""
    wanted = word.casefold()
    for known in VERBS.values():
        if wanted == known.name or wanted in known.aliases:
            return known, ""
        if wanted in known.shorthand:
            return known, known.shorthand[wanted]
    if not wanted.isdecimal() and severity_level(word, policy) is not None:
        return VERBS["sev"], word
    return None, ""


def _panel_or_declare(ask: Ask) -> Answer:
    if ask.incident is not None:
        return Show(panel(ask.incident, ask.house.policy))
    return Open(declare_form(ask.house))


async def _as_title(ask: Ask) -> Answer:
    """Outside a room, whatever is no command is what an incident is about."""
    return await declare_verbs.declare_as(ask, readable(ask, ask.said))


@verb("help", usage="[verb]", about_one=False)
async def help_verb(ask: Ask) -> Answer:
    """See what can be typed."""
    known, _ = _verb(ask.words, ask.house.policy)
    if known is not None:
        return Show(sentence(_helped(ask.house, known)))
    if not ask.bare and ask.words.casefold() != "more":
        raise _unknown(ask)
    return Show(help_message(ask.house, more=not ask.bare))


def _unknown(ask: Ask) -> Unclear | Refused:
    """Of a word that is none, the one it is a slip of; several are perhaps what an incident is about."""
    if len(ask.words.split()) > 1:
        return Unclear()
    near = known_word(ask.words)
    meant = f" Did you mean `{ask.house.command} help {near}`?" if near else ""
    said = f"There is no command “{cut(readable(ask, ask.words), 80)}”."
    return Refused(f"{said}{meant} `{ask.house.command} help more` lists them all.")


def in_order() -> list[Verb]:
    """All verbs topic by topic, however their modules were imported; help itself comes last."""
    place = {topic.__name__: n for n, topic in enumerate(TOPICS)}
    return sorted(VERBS.values(), key=lambda v: place.get(v.run.__module__, len(place)))


def help_message(house: House, *, more: bool) -> Message:
    """The verbs of the first hour with *More*, or the rest of them."""
    shown = [v for v in in_order() if v.first_hour is not more]
    head = f"*After `{house.command}`, {'the rest' if more else 'in the first hour'}:*"
    told = [head, *(_in_short(v, house.policy) for v in shown)]
    blocks = [section("\n".join(told[n : n + HELP_LINES])) for n in range(0, len(told), HELP_LINES)]
    if more:
        return Message("What can be typed", tuple(blocks))
    mark = house.policy.marking.shown
    note = section(
        "Alone, each asks for what it needs. `help sev` tells more of it.\n"
        f"Outside a room, name the incident first: `{house.command} INC-42 sev 1`.\n"
        f"{mark} on a message puts it on the timeline. In threads, mention me with the verb."
    )
    rest = row([Button(label="More", action=actions.HELP_MORE, value="more")])
    return Message("What can be typed", (*blocks, note, rest))


def _in_short(v: Verb, policy: Policy) -> str:
    """One line or two on a phone: its first sentence, without its other names."""
    return f"`{escape(f'{v.name} {v.usage_in(policy)}'.strip())}` {v.help.partition('. ')[0].removesuffix('.')}"


def _helped(house: House, v: Verb) -> str:
    """All that there is to know of it."""
    also = f" ({', '.join(v.aliases)})" if v.aliases else ""
    usage = f"{house.command} {v.name} {v.usage_in(house.policy)}".strip()
    return f"`{escape(usage)}`{also}: {v.help}"
