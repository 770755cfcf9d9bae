"""What becomes of a room's channel in Slack when it is renamed, archived or opened again; who from outside came in."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.dues import asked_of
from bot.incident.lifecycle import Reopened
from bot.incident.members import MemberJoined
from bot.incident.upkeep import NameRefused, RoomRenamed, RoomUnarchived, UnarchiveAsked
from bot.incident.values import MUSTER
from bot.integrations.slack import sentences
from bot.integrations.slack.asking import run
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.text import name
from bot.integrations.slack.upkeep_effects import RenameRoom, UnarchiveRoom


def told(fact: Fact) -> Iterator[Promise]:
    """Slack itself posts a line about each in the room; nothing is said twice. What was done by hand is left alone."""
    match fact.event:
        case RoomRenamed() as e if e.by != MUSTER:
            yield Promise(RenameRoom(incident=fact.n, name=e.name, was=e.was), fact.key("rename"))
        case NameRefused(final=True) as e:
            yield from fact.say(f"{sentences.plainly(e)}. `/incident rename` takes another one.")
        case UnarchiveAsked() | Reopened() if fact.after.room and fact.after.room.archived:
            yield _opened(fact)
        case RoomUnarchived() as e if e.by != MUSTER:
            yield _opened(fact)
        case MemberJoined(external=True) as e:
            yield from _outsider(fact, e)


def _opened(fact: Fact) -> Promise:
    """Also where somebody did it by hand: Slack took us out of the archived room, and we come back."""
    return Promise(UnarchiveRoom(incident=fact.n), fact.key("unarchive"))


def _outsider(fact: Fact, e: MemberJoined) -> Iterator[Promise]:
    """The room is warned; of a private incident who answers for it, too, with the way to what can be taken away."""
    reads = "They can read what is said here; they cannot act on the incident."
    yield from fact.say(f"*{name(e.person)}* of another company came into this room. {reads}")
    if fact.after.private:
        told = (
            f"{fact.after.name} is private, and *{name(e.person)}* of another company came into its room. "
            "What they must not see can be redacted on the timeline."
        )
        for person in asked_of(fact.after):
            yield from fact.tell(person, "who came into its room", told, run("Timeline", fact.n, "timeline"))
