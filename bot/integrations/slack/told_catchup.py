"""Who is brought up to date without having asked: who comes late into the room, and who takes over command."""

from collections.abc import Iterator
from datetime import timedelta

from bot.engine.effects import Promise
from bot.incident.members import MemberJoined
from bot.incident.notes import Redacted
from bot.incident.roles import COMMANDER, RoleTaken
from bot.incident.values import MUSTER, Actor, Status
from bot.integrations.slack.catchup_effects import RedrawCatchUps, SendCatchUp
from bot.integrations.slack.fact import Fact

LATE = timedelta(minutes=5)
"""Who comes within this time of the start needs none: the card says all that there is."""
OVER = (Status.CANCELED, Status.MERGED)


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case MemberJoined() as e if _is_late(fact, e):
            yield from _send(fact, e.person, "joined", f"catchup/{fact.n}/{e.person.id}")
        case RoleTaken(role=role, before=before) as e if role == COMMANDER and before is not None:
            yield from _send(fact, e.person, "command", fact.key("catchup"))
        case Redacted():
            yield _redraw(fact, RedrawCatchUps(incident=fact.n, gone=fact.after.seq))
            if fact.after.merged_into:  # the other one's tell of this one, too
                yield _redraw(fact, RedrawCatchUps(incident=fact.after.merged_into))


def _redraw(fact: Fact, redrawn: RedrawCatchUps) -> Promise:
    return Promise(redrawn, fact.key(f"redraw-catch-ups/{redrawn.incident}"))


def _is_late(fact: Fact, e: MemberJoined) -> bool:
    """A newcomer from here, some time after the start. Who has a duty in it or declared it knows how things stand."""
    i = fact.after
    knows = {i.declared_by.id, *(h.person.id for h in i.holdings)}
    begun = i.moments.declared or i.updated_at
    return not e.external and e.person.id not in knows and i.status not in OVER and e.at - begun > LATE


def _send(fact: Fact, person: Actor, why: str, key: str) -> Iterator[Promise]:
    if person != MUSTER:
        sent = SendCatchUp(incident=fact.n, person=person.id, name=person.name, why=why, seq=fact.after.seq)
        yield Promise(sent, key)
