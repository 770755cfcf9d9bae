"""What Slack says when something falls due: whom it concerns is asked, in private or in the room."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.nudges import Nudged
from bot.integrations.slack import prompts, sentences
from bot.integrations.slack.fact import Fact


def told(fact: Fact) -> Iterator[Promise]:
    """An overdue update: the commander, in private. Nobody in command: the room, with the on-call mentioned."""
    e = fact.event
    if not isinstance(e, Nudged):
        return
    after = fact.after
    text = sentences.nudged(e, after, fact.policy)
    buttons = prompts.buttons(after, fact.policy, e.key)
    if not sentences.concerns_update(e):
        yield from fact.say(text, *buttons, wake=tuple(s.id for s in after.services if s.id))
    elif after.commander:
        yield from fact.tell(after.commander, "that an update is due", text, *buttons)
    else:
        yield from fact.say(text, *buttons)
