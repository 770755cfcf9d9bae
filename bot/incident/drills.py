"""Nights to rehearse: what a drill pretends has happened."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """A night told in advance. `name` is the word that calls it."""

    name: str
    title: str
    summary: str


SCENARIOS = (
    Scenario(
        "deploy",
        "One request in five fails since the last deploy",
        "Errors began five minutes after a deploy. Find out what changed, decide whether to roll back, and say so.",
    ),
    Scenario(
        "disk",
        "The main database's disk is full",
        "Writes fail, reads still work. Find room without losing data, and tell customers what they notice.",
    ),
    Scenario(
        "certificate",
        "The certificate of the public site has expired",
        "Every browser warns its reader. Find who can renew it, and what else that certificate was used for.",
    ),
    Scenario(
        "vendor",
        "The payment provider answers every third call with a time-out",
        "It is not ours to mend. Limit the harm, find somebody at the provider, and keep customers informed.",
    ),
)


def scenario(name: str) -> Scenario | None:
    """The scenario of that name; None where there is none."""
    return next((known for known in SCENARIOS if known.name == name.strip().casefold()), None)


def drill_title(title: str) -> str:
    """The title with the word in front that keeps anybody from taking it for real, in lists and in the room's name."""
    bare = title.strip()
    return bare if bare.casefold().startswith("drill") else f"Drill: {bare or 'an incident'}"
