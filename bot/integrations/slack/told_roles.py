"""What Slack says when a role changes hands: the room hears who has it, and who takes it is told the duties."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.roles import RoleLeft, RoleTaken
from bot.integrations.slack import cards, sentences
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case RoleTaken() as e:
            yield from _taken(fact, e)
        case RoleLeft() as e:
            yield from fact.news(sentences.role_left(e), *_take(fact.after, fact.policy, e.role))


def _take(i: Incident, policy: Policy, role: str) -> list[Button]:
    """The button that takes this role, while nobody has it and one person may."""
    return [b for b in cards.take_buttons(i, policy) if b.value == f"{i.number}/{role}"]


def _taken(fact: Fact, e: RoleTaken) -> Iterator[Promise]:
    yield from fact.news(sentences.role_taken(e))
    if e.person != fact.after.declared_by:
        yield from fact.invite(e.person.id, [e.person])
    duties = sentences.duties(e, fact.after, fact.policy)
    about = f"the duties of {e.label}"
    yield from fact.tell(e.person, about, duties, key=f"duties/{fact.n}/{e.role}/{e.person.id}")
