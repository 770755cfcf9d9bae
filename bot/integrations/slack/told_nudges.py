"""What Slack says when something falls due: whom it concerns is asked, in private or in the room."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.model import Incident
from bot.incident.nudges import AGAIN, CALL, MENTION, UPDATE, Nudged, asked_before
from bot.incident.watching import ARCHIVE, GONE, IDLE, RELIEF, SHUT
from bot.integrations.slack import prompts, sentences
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.text import mention
from bot.integrations.slack.upkeep_effects import ArchiveRoom

QUESTIONS = {
    GONE: "Take command, so that somebody decides.",
    SHUT: "Slack lets no app open it: unarchive it there, then type `/invite @Muster` in it.",
    IDLE: "Is it still on?",
    RELIEF: "Is it time to hand over?",
}
"""What is asked, by the first part of the key, beyond what the timeline says."""

STOPS = (".", "!", "?", "…")
"""What people's words may end with already."""


def told(fact: Fact) -> Iterator[Promise]:
    """Those named are asked in private, the room where nobody is; what is done by itself is done."""
    e = fact.event
    if not isinstance(e, Nudged):
        return
    if e.about == ARCHIVE:
        yield Promise(ArchiveRoom(incident=fact.n), fact.key("archive"))
        return
    text = _text(fact, e)
    buttons = prompts.buttons(fact.after, fact.policy, e.key)
    about = "that an update is due" if e.about == UPDATE else "what fell due"
    for person in e.to:
        yield from fact.tell(person, about, text, *buttons)
    if not e.to:
        called = _called(fact.after, e)
        wake = fact.after.services if _wakes(e) and not called else ()
        yield from fact.say(f"{called} {text}".lstrip(), *buttons, wake=tuple(s.id for s in wake if s.id))


def _text(fact: Fact, e: Nudged) -> str:
    if not e.text:
        return sentences.nudged(e, fact.after, fact.policy)
    question = QUESTIONS.get(asked_before(fact.after, e.key).partition("/")[0], "")
    told = sentences.plainly(e)
    stop = "" if told.endswith(STOPS) else "."
    return f"{fact.after.name}: {told}{stop} {question}".rstrip()


def _wakes(e: Nudged) -> bool:
    """Whether the on-call are mentioned in the room: nobody is in command, or nobody answered."""
    return e.about in (MENTION, CALL, GONE) or e.about.startswith(f"{AGAIN}/")


def _called(i: Incident, e: Nudged) -> str:
    """Everybody in the room who has a role, mentioned where nobody answered or the commander is gone."""
    if e.about != GONE and not e.about.startswith(f"{AGAIN}/"):
        return ""
    there = {held.person.id: held.person for held in i.holdings if held.person.id not in i.left}
    return " ".join(mention(person) for person in there.values())
