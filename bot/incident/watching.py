"""What is asked when nobody acts: is the commander gone, the room shut, nothing happening, somebody worn out.

Each rule looks at the state alone and brings its words along; `nudges` keeps the clock.
"""

from collections.abc import Iterator
from datetime import datetime

from bot.incident.dues import Due, asked_of, later, stamp_of
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.roles import COMMANDER
from bot.incident.values import MUSTER, Actor

GONE = "commander-gone"
SHUT = "room-archived"
IDLE = "idle"
RELIEF = "relief"
ARCHIVE = "archive"
ARCHIVE_SOON = "archive-soon"
"""The first parts of the keys."""
HOUR = 60


def commander_gone(i: Incident, policy: Policy) -> Iterator[Due]:
    """The commander left the room: the deputy is asked to stand in, the room where there is none."""
    held = i.holding(COMMANDER)
    if held is None or held.person.id not in i.left:
        return
    since = max(held.since, i.left_at.get(held.person.id, held.since))
    text = f"{held.person.name} has command and left the room"
    yield from later(
        i,
        f"{GONE}/{stamp_of(since)}",
        since,
        policy.watching.gone,
        to=asked_of(i),
        text=text,
        urgent=_is_major(i, policy),
    )


def room_shut(i: Incident, policy: Policy) -> Iterator[Due]:
    """The room was archived while the incident is open: whoever answers for it is asked, since the room hears nothing.

    At once, since somebody is at work who did it. It may have been meant: what was done by hand stays as it is.
    """
    if i.room is None or i.room.archived is None:
        return
    to = asked_of(i) or concerned(i)
    text = "The room was archived while the incident is open"
    key = f"{SHUT}/{stamp_of(i.room.archived)}"
    yield from later(i, key, i.room.archived, 0, to=to, text=text)


def idle(i: Incident, policy: Policy) -> Iterator[Due]:
    """Nothing has happened for hours: it may be over, and nobody said so."""
    since = i.news_at or i.updated_at
    hours = policy.watching.idle_hours
    text = f"Nothing has happened for {_hours(hours)}"
    yield from later(i, f"{IDLE}/{stamp_of(since)}", since, hours * HOUR, to=asked_of(i), text=text, urgent=False)


def relief(i: Incident, policy: Policy) -> Iterator[Due]:
    """Somebody has had command for hours: they are asked to hand over before they are worn out."""
    held = i.holding(COMMANDER)
    if held is None or held.person.id in i.left:
        return
    hours = policy.watching.relief_hours
    text = f"{held.person.name} has had command for {_hours(hours)}"
    key = f"{RELIEF}/{stamp_of(held.since)}"
    yield from later(i, key, held.since, hours * HOUR, to=(held.person,), text=text, urgent=_is_major(i, policy))


def tidied_up(i: Incident, policy: Policy) -> Iterator[Due]:
    """Some days after the end and the last news the room is archived, once: opened again by hand it stays open."""
    days = policy.rooms.archive_after
    if not days or i.room is None or i.room.archived:
        return
    ended, quiet_since = _end(i)
    text = f"Nothing new for {days} day{'s' * (days > 1)} after the end: the room is archived"
    yield from later(i, f"{ARCHIVE}/{stamp_of(ended)}", quiet_since, days * 24 * HOUR, text=text)


def drill_tidied_up(i: Incident, policy: Policy) -> Iterator[Due]:
    """The same of a drill, some hours after it: nobody reads there again. An hour before, the room is told."""
    hours = policy.rooms.drills_after
    if not hours or i.room is None or i.room.archived:
        return
    ended, quiet_since = _end(i)
    archived = f"{ARCHIVE}/{stamp_of(ended)}"
    if archived not in i.nudged:
        soon = "The drill is over: this room is archived in an hour. What it taught belongs into the postmortem"
        yield from later(i, f"{ARCHIVE_SOON}/{stamp_of(quiet_since)}", quiet_since, (hours - 1) * HOUR, text=soon)
    text = f"Nothing new for {_hours(hours)} after the drill: the room is archived"
    yield from later(i, archived, quiet_since, hours * HOUR, text=text)


def _end(i: Incident) -> tuple[datetime, datetime]:
    """When it ended, and since when nothing has happened any more."""
    ended = i.moments.resolved or i.updated_at
    return ended, max(ended, i.news_at or ended)


def concerned(i: Incident) -> tuple[Actor, ...]:
    """Everybody who has a duty here, and who declared it."""
    people = {person.id: person for person in (*(held.person for held in i.holdings), i.declared_by)}
    return tuple(person for person in people.values() if person != MUSTER)


def _is_major(i: Incident, policy: Policy) -> bool:
    return policy.implied_by(i.severity).major


def _hours(hours: int) -> str:
    return "an hour" if hours == 1 else f"{hours} hours"
