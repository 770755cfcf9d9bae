"""What Slack says when something falls due: whom it concerns is asked, in private or in the room."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.nudges import CALL, MENTION, UPDATE, Nudged
from bot.integrations.slack import prompts, sentences
from bot.integrations.slack.fact import Fact


def told(fact: Fact) -> Iterator[Promise]:
    """Those named are asked in private, the room where nobody is; nobody in command mentions the on-call there."""
    e = fact.event
    if not isinstance(e, Nudged):
        return
    text = _text(fact, e)
    buttons = prompts.buttons(fact.after, fact.policy, e.key)
    about = "that an update is due" if e.about == UPDATE else "what fell due"
    for person in e.to:
        yield from fact.tell(person, about, text, *buttons)
    if not e.to:
        wanted = fact.after.services if e.about in (MENTION, CALL) else ()
        yield from fact.say(text, *buttons, wake=tuple(s.id for s in wanted if s.id))


def _text(fact: Fact, e: Nudged) -> str:
    told = f"{fact.after.name}: {sentences.plainly(e)}."
    return told if e.text else sentences.nudged(e, fact.after, fact.policy)
