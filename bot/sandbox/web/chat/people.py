"""People on the pages: their square with initials, and what part each plays here."""

import zlib

from markupsafe import Markup

from bot.sandbox.slack import rooms
from bot.sandbox.slack.records import Person
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el

TINTS = 8


def avatar(person: Person | None, name: str) -> Markup:
    """A square with initials; its tint is the person's own, apps have none. The name beside it says the same."""
    initials = "".join(word[0] for word in name.split()[:2]).upper() or "?"
    # Higher bits: the lowest three are the same for half of the workspace's people.
    tint = (zlib.crc32((person.id if person else name).encode()) >> 3) % TINTS
    look = "robot" if person and person.is_bot else f"tint-{tint}"
    return el("span", initials, cls=f"avatar {look}", aria_hidden="true")


def part(person: Person) -> str:
    """Who somebody is, in a few words: what decides what they may do here."""
    if person.is_bot:
        return "app"
    if person.is_stranger:
        return f"{person.title}, another company" if person.title else "another company"
    if is_guest(person):
        return f"{person.title}, guest" if person.title else "guest"
    return person.title


def is_guest(person: Person) -> bool:
    return person.is_restricted or person.is_ultra_restricted


def standing(person: Person | None) -> str | None:
    """What one should know of whom one talks to: that they are no colleague."""
    if person is None:
        return None
    return "another company" if person.is_stranger else "guest" if is_guest(person) else None


def reachable(eyes: Eyes) -> list[Person]:
    """To whom the viewer may write: themselves first, then everybody by name."""
    people = eyes.workspace.people.values()
    found = [person for person in people if rooms.may_write(eyes.workspace, eyes.viewer, person)]
    return sorted(found, key=lambda person: (person.id != eyes.viewer.id, person.real_name))
