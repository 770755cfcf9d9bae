"""What is offered where words were no command, or told no incident: nothing acts on a guess."""

from collections.abc import Iterator, Sequence

from bot.incident.model import Incident
from bot.incident.values import Status
from bot.integrations.slack import actions
from bot.integrations.slack.asking import readable
from bot.integrations.slack.blocks import sentence
from bot.integrations.slack.declare_verbs import declare_as
from bot.integrations.slack.effects import Button
from bot.integrations.slack.limits import VALUE
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.timeline_verbs import note_form
from bot.integrations.slack.verbs import VERBS, Answer, Ask, Open, Show
from bot.integrations.slack.words import first_word, nearest, take_reference

OFFERED = 5
"""Incidents to choose from in one row of buttons."""
LATEST = 20
"""As many are looked through for those that are over."""
QUOTED = 200


def offer(ask: Ask, why: str) -> Answer:
    """In a room: the verb that was probably meant, or the words as a note. `why`: what the verb itself says of them."""
    i, said = ask.about, ask.said
    as_note = f"{i.name} note {said}"
    if len(as_note) > VALUE:
        return Open(note_form(i, readable(ask, said)))
    noted = Button(label="Add as note", action=actions.RUN, value=as_note)
    told = escape(why) or (_misunderstood(ask) if ask.verb else _no_command(ask))
    return Show(sentence(f"Nothing was done: {told}", [*_instead(ask), noted]))


def known_word(said: str) -> str | None:
    """The verb, by whichever of its names, that a word is a slip of."""
    return nearest(said, (name for v in VERBS.values() for name in (v.name, *v.aliases, *v.shorthand)))


def _no_command(ask: Ask) -> str:
    command, head = ask.house.command, first_word(ask.words)[0]
    if near := known_word(head):
        return f"“{_quoted(ask, head)}” is no command. Did you mean `{command} {near}`?"
    return f"“{_quoted(ask, ask.said)}” is no command. Keep it as a note? `{command} help` shows what can be typed."


def _misunderstood(ask: Ask) -> str:
    """That a verb's words were none of its arguments, and how it is typed."""
    words, usage, typed = (
        _quoted(ask, ask.words),
        VERBS[ask.verb].usage_in(ask.house.policy),
        f"{ask.house.command} {ask.verb}",
    )
    if words.isascii() and words.isdecimal() and (not usage or "INC-" in usage):
        return f"`{typed}` does not know “{words}”. An incident is named INC-{words}."
    if not usage:
        return f"`{typed}` is typed alone, without “{words}”."
    people = " People are named with @." if "@user" in usage and "<@" not in ask.words else ""
    return f"`{typed}` does not know “{words}”. Type `{typed} {escape(usage)}`.{people}"


def _quoted(ask: Ask, words: str) -> str:
    return escape(cut(readable(ask, words), QUOTED))


def _instead(ask: Ask) -> Iterator[Button]:
    """The form of the verb whose words were unclear, or the verb that the first word is a slip of."""
    number = ask.about.number
    if ask.verb:
        yield Button(label=f"{ask.house.command} {ask.verb}", action=actions.OPEN_FORM, value=f"{number}/{ask.verb}")
        return
    head, rest = first_word(ask.words)
    if near := known_word(head):
        label = cut(f"{ask.house.command} {near} {readable(ask, rest)}".strip(), 70)
        yield Button(label=label, action=actions.RUN, value=f"INC-{number} {near} {rest}".strip())


async def which(ask: Ask) -> Answer:
    """The verb is clear, the incident is not: those it may be about to choose from, or a new one.

    One named last in free text may be only spoken of (`note looks like INC-2`): it is asked about, first of all.
    """
    known = await _choices(ask)
    if not known and ask.words and not VERBS[ask.verb].over:
        return await declare_as(ask, readable(ask, ask.said))
    spoken_of, rest = take_reference(ask.words)
    named = next((i for i in known if i.number == spoken_of), None)
    shown = sorted(known, key=lambda i: i is not named)[:OFFERED]
    values = {i.number: f"{i.name} {ask.verb} {rest if i is named else ask.words}".strip() for i in shown}
    buttons = [
        Button(label=cut(f"{i.name} {i.title}", 70), action=actions.RUN, value=values[i.number], primary=i is named)
        for i in shown
        if len(values[i.number]) <= VALUE
    ]
    title = readable(ask, ask.said) if not ask.bare else ""
    declare = Button(label="Declare an incident", action=actions.DECLARE_FORM, value=title[:VALUE])
    asked = f"Is it about {named.name}?" if named and buttons else _asked(ask, known, len(buttons))
    return Show(sentence(asked, [*buttons, declare]))


async def _choices(ask: Ask) -> list[Incident]:
    """The open ones; for a verb about what is over, the latest that are."""
    viewer = ask.person.actor
    if not VERBS[ask.verb].over:
        return await ask.house.reading.open_incidents(viewer)
    recent = await ask.house.reading.recent(viewer, LATEST)
    return [i for i in recent if not i.is_open and i.status is not Status.MERGED]


def _asked(ask: Ask, known: Sequence[Incident], shown: int) -> str:
    if not known:
        return "No incident is over." if VERBS[ask.verb].over else "No incident is open."
    typed = f"`{ask.house.command} INC-42 {ask.verb}{' …' if ask.words else ''}`"
    if not shown:
        return f"Which incident? Say it first: {typed}."
    return f"Which incident? Any other: {typed}." if shown < len(known) else "Which incident?"
