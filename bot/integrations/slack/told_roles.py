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


def _who_has_it(fact: Fact, e: RoleTaken) -> str:
    """Who has the role now. With command come the open tasks, and when people are promised the next word."""
    if e.before is None:
        return sentences.role_taken(e)
    if e.role != COMMANDER:
        return sentences.handover(e, e.before, fact.after, fact.wording)
    open_ones = sum(task.is_open and not task.followup for task in fact.after.tasks)
    tasks = f"{open_ones} {'task' if open_ones == 1 else 'tasks'}" if open_ones else ""
    due = next_update(fact.after, fact.policy)
    return sentences.handover(e, e.before, fact.after, fact.wording, tasks=tasks, due=moment(due) if due else "")


def _take(i: Incident, policy: Policy, role: str) -> list[Button]:
    """The button that takes this role, while nobody has it and one person may."""
    return [b for b in cards.take_buttons(i, policy) if b.value == f"{i.number}/{role}"]


def _taken(fact: Fact, e: RoleTaken) -> Iterator[Promise]:
    yield from fact.news(_who_has_it(fact, e))
    if e.before and e.before.id in fact.after.left and e.before != e.by:
        taken = sentences.handover(e, e.before, fact.after, fact.wording)
        yield from fact.tell(e.before, f"who is {e.label} now", f"{fact.after.name}: {taken}")
    if e.person != fact.after.declared_by:
        yield from fact.invite(e.person.id, [e.person], called=False)
    duties = sentences.duties(e, fact.after, fact.policy, fact.wording)
    about = f"the duties of {e.label}"
    yield from fact.tell(e.person, about, duties, key=f"duties/{fact.n}/{e.role}/{e.person.id}")
