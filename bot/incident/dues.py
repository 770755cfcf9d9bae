"""What falls due when nobody acts: under which key, when, who is asked and in which words."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from bot.incident.model import Incident
from bot.incident.roles import in_charge
from bot.incident.values import Actor, Value


class Due(Value):
    """Something that falls due, and the prompt that it becomes.

    `key` is unique within the incident and changes when what it waits for happens anew, and never otherwise:
    `<topic>/<subject>/<the moment it counts from>`. `to`: who is asked in private, nobody for the room. `text`: what
    the timeline says, in our words; `quote`: the words of people that it is about, apart, since redaction takes them
    away. What is not `urgent` waits until those who are asked are at work.
    """

    key: str
    at: AwareDatetime
    to: tuple[Actor, ...] = ()
    text: str = ""
    quote: str = ""
    urgent: bool = True


def later(
    i: Incident,
    key: str,
    since: datetime,
    minutes: int,
    *,
    to: tuple[Actor, ...] = (),
    text: str = "",
    quote: str = "",
    urgent: bool = True,
) -> Iterator[Due]:
    """Due so many minutes after something, or when a reminder was put off to; once under its key."""
    if key not in i.nudged:
        at = since + timedelta(minutes=minutes)
        yield Due(key=key, at=max(at, i.snoozed.get(key, at)), to=to, text=text, quote=quote, urgent=urgent)


def asked_of(i: Incident) -> tuple[Actor, ...]:
    """Whom a prompt to the commander goes to: who is in charge, and the room while nobody is."""
    person = in_charge(i)
    return (person,) if person else ()


def stamp_of(at: datetime) -> str:
    """A moment as the last part of a key."""
    return f"{at:%Y%m%dT%H%M%S}"


def about_of(key: str) -> str:
    """What a key is about: all of it but the moment that it counts from."""
    return key.rpartition("/")[0]
