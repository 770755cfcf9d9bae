"""The blanks in a call's texts, such as `{incident}` and `{secret:OPS}`: which there are, and what fills them in."""

import re
from collections.abc import Callable, Iterator, Mapping

BLANK = re.compile(r"\{(?P<name>[A-Za-z_]\w*(?::\w+)?)\}")
KNOWN = frozenset({"incident", "title", "severity", "service", "person"})
HIDDEN = "secret:"


def blanks_in(text: str) -> Iterator[str]:
    """The names of all blanks but secrets', also of those that nothing is known for."""
    return (found["name"] for found in BLANK.finditer(text) if not found["name"].startswith(HIDDEN))


def secrets_in(text: str) -> Iterator[str]:
    """The names of the secrets that a text asks for, in small letters."""
    found = (blank["name"] for blank in BLANK.finditer(text))
    return (name.removeprefix(HIDDEN).casefold() for name in found if name.startswith(HIDDEN))


def fill(text: str, said: Mapping[str, str], secrets: Mapping[str, str], written: Callable[[str], str]) -> str:
    """The text with its blanks filled in; what nothing is known for stays, since JSON is full of braces.

    `secrets`: by their names in small letters. `written`: how a value is spelled where the text goes, so that no words
    of people end a string, a header or a path. Raises KeyError with the name of a secret that is not set.
    """

    def filled(blank: re.Match[str]) -> str:
        name = blank["name"]
        if name.startswith(HIDDEN):
            return written(secrets[name.removeprefix(HIDDEN).casefold()])
        return written(said[name]) if name in said else blank[0]

    return BLANK.sub(filled, text)
