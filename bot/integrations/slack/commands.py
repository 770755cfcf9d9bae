"""What `/incident` understands: the verb, the incident and the words in what was said, or what it offers instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

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
from bot.integrations.slack.limits import VALUE
from bot.integrations.slack.panels import panel
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.verbs import VERBS, Answer, Ask, House, Open, Show, Unclear, Unnamed, Verb, verb
from bot.integrations.slack.words import first_word, nearest, severity_level, take_reference

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
OFFERED = 5
"""Incidents to choose from in one row of buttons."""


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
    except Unclear:
        return _offer(ask) if ask.incident else await _as_title(ask)
    except Unnamed:
        return await _which(ask)


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


def _offer(ask: Ask) -> Answer:
    """In a room nothing acts on a guess: the words as a note, or the verb that was probably meant."""
    i, said = ask.about, ask.said
    as_note = f"{i.name} note {said}"
    if len(as_note) > VALUE:
        return Open(timeline_verbs.note_form(i, readable(ask, said)))
    noted = Button(label="Add as note", action=actions.RUN, value=as_note)
    if ask.verb:
        return Show(sentence(_misunderstood(ask), [*_near(ask), noted]))
    asked = f"“{escape(cut(readable(ask, said), 200))}” is no command. What shall it be?"
    return Show(sentence(asked, [noted, *_near(ask)]))


def _misunderstood(ask: Ask) -> str:
    """That a verb's words were none of its arguments, and how it is typed."""
    words, usage = escape(cut(readable(ask, ask.words), 200)), VERBS[ask.verb].usage
    typed = f"`{ask.house.command} {ask.verb}`"
    if not usage:
        return f"Nothing was done: {typed} is typed alone, without “{words}”."
    return f"Nothing was done: {typed} does not know “{words}”. Type `{ask.house.command} {ask.verb} {escape(usage)}`."


def _near(ask: Ask) -> Iterator[Button]:
    """The form of the verb whose words were unclear, or the verb that the first word is a slip of."""
    number = ask.about.number
    if ask.verb:
        yield Button(label=f"{ask.house.command} {ask.verb}", action=actions.OPEN_FORM, value=f"{number}/{ask.verb}")
        return
    head, rest = first_word(ask.words)
    near = nearest(head, (name for v in VERBS.values() for name in (v.name, *v.aliases, *v.shorthand)))
    if near:
        label = cut(f"{ask.house.command} {near} {readable(ask, rest)}".strip(), 70)
        yield Button(label=label, action=actions.RUN, value=f"INC-{number} {near} {rest}".strip())


async def _which(ask: Ask) -> Answer:
    """The verb is clear, the incident is not: the open ones to choose from, or a new one."""
    open_ones = await ask.house.reading.open_incidents(ask.person.actor)
    if not open_ones and not ask.bare:
        return await _as_title(ask)
    values = {i.number: f"{i.name} {ask.verb} {ask.words}".strip() for i in open_ones[:OFFERED]}
    choices = [
        Button(label=cut(f"{i.name} {i.title}", 70), action=actions.RUN, value=values[i.number])
        for i in open_ones[:OFFERED]
        if len(values[i.number]) <= VALUE
    ]
    title = readable(ask, ask.said) if not ask.bare else ""
    declare = Button(label="Declare an incident", action=actions.DECLARE_FORM, value=title[:VALUE])
    asked = "Which incident?" if choices else "No incident is open." if not open_ones else _say_which(ask)
    return Show(sentence(asked, [*choices, declare]))


def _say_which(ask: Ask) -> str:
    return f"Which incident? Say it first: `{ask.house.command} INC-42 {ask.verb} …`."


@verb("help", usage="[verb]", about_one=False)
async def help_verb(ask: Ask) -> Answer:
    """See what can be typed."""
    known, _ = _verb(ask.words, ask.house.policy)
    if known is not None:
        return Show(sentence(_helped(ask.house, known)))
    if not ask.bare and ask.words.casefold() != "more":
        raise Unclear
    return Show(help_message(ask.house, more=not ask.bare))


def in_order() -> list[Verb]:
    """All verbs topic by topic, however their modules were imported; help itself comes last."""
    place = {topic.__name__: n for n, topic in enumerate(TOPICS)}
    return sorted(VERBS.values(), key=lambda v: place.get(v.run.__module__, len(place)))


def help_message(house: House, *, more: bool) -> Message:
    """The verbs of the first hour with *More*, or the rest of them."""
    shown = [v for v in in_order() if v.first_hour is not more]
    head = "The rest:" if more else "In the first hour. Each works alone, too, and asks for what it needs:"
    told = [f"*{head}*", *(_helped(house, v) for v in shown)]
    blocks = [section("\n".join(told[n : n + HELP_LINES])) for n in range(0, len(told), HELP_LINES)]
    if more:
        return Message("What can be typed", tuple(blocks))
    mark = house.policy.marking.shown
    note = section(f"{mark} on a message puts it on the timeline. In threads, mention me with the verb.")
    rest = row([Button(label="More", action=actions.HELP_MORE, value="more")])
    return Message("What can be typed", (*blocks, note, rest))


def _helped(house: House, v: Verb) -> str:
    also = f" ({', '.join(v.aliases)})" if v.aliases else ""
    usage = f"{house.command} {v.name} {v.usage}".strip()
    return f"`{escape(usage)}`{also}: {v.help}"
