"""What Slack says when a role changes hands: the room hears who has it, and who takes it is told the duties."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.model import Incident
from bot.incident.nudges import next_update
from bot.incident.policy import Policy
from bot.incident.roles import COMMANDER, RoleLeft, RoleTaken
from bot.integrations.slack import cards, sentences
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.text import moment


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case RoleTaken() as e:
            yield from _taken(fact, e)
        case RoleLeft() as e:
            yield from fact.news(sentences.role_left(e), *_take(fact.after, fact.policy, e.role))


def _what_is_open(fact: Fact) -> str:
    """What comes with command: the tasks that are open, and when people are promised the next word."""
    open_ones = sum(task.is_open and not task.followup for task in fact.after.tasks)
    due = next_update(fact.after, fact.policy)
    tasks = f" Open: {open_ones} {'task' if open_ones == 1 else 'tasks'}." if open_ones else ""
    return f"{tasks} Next update {moment(due)}." if due else tasks


def _take(i: Incident, policy: Policy, role: str) -> list[Button]:
    """The button that takes this role, while nobody has it and one person may."""
    return [b for b in cards.take_buttons(i, policy) if b.value == f"{i.number}/{role}"]


def _taken(fact: Fact, e: RoleTaken) -> Iterator[Promise]:
    commands = e.role == COMMANDER and e.before is not None
    yield from fact.news(f"{sentences.role_taken(e)}{_what_is_open(fact) if commands else ''}")
    if e.before and e.before.id in fact.after.left and e.before != e.by:
        yield from fact.tell(e.before, f"who is {e.label} now", f"{fact.after.name}: {sentences.role_taken(e)}")
    if e.person != fact.after.declared_by:
        yield from fact.invite(e.person.id, [e.person])
    duties = sentences.duties(e, fact.after, fact.policy)
    about = f"the duties of {e.label}"
    yield from fact.tell(e.person, about, duties, key=f"duties/{fact.n}/{e.role}/{e.person.id}")
