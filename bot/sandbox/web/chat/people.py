"""People on the pages: their square with initials, and what part each plays here."""

import zlib

from markupsafe import Markup

from bot.sandbox.slack.records import Person
from bot.sandbox.web.markup import el

TINTS = 8


def avatar(person: Person | None, name: str) -> Markup:
    """A square with initials; its tint is the person's own. The name beside it says the same."""
    initials = "".join(word[0] for word in name.split()[:2]).upper() or "?"
    tint = zlib.crc32((person.id if person else name).encode()) % TINTS
    return el("span", initials, cls=f"avatar tint-{tint}", aria_hidden="true")


def part(person: Person) -> str:
    """Who somebody is, in a few words: what decides what they may do here."""
    if person.is_stranger:
        return "another company"
    if person.is_restricted or person.is_ultra_restricted:
        return f"guest, {person.title}" if person.title else "guest"
    return person.title
