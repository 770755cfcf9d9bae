"""A pressed button: who pressed which, what its value names, and how a topic enters the meaning of a button of its own.

Most buttons need none: `actions.RUN` says a verb as if it had been typed, `actions.OPEN_FORM` says it bare.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.incident.mirror import Alert
from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.verbs import Answer, Ask, House

OLD = "That button is of an older version, or what it was for is gone. `/incident help` shows what can be typed."


@dataclass(frozen=True)
class Click:
    """A button that was pressed, or an option that was chosen from a menu."""

    action: str
    value: str
    person: Person
    channel: str
    now: datetime


@dataclass(frozen=True)
class Hands:
    """What a button's meaning may use.

    `retry` tries a parked promise again; `hear` keeps an entry of our own in the inbox (source, key, group, body), for
    what must ask Slack first.
    """

    house: House
    client: AsyncWebClient
    retry: Callable[[int], Awaitable[bool]]
    hear: Callable[[str, str, str, bytes], Awaitable[None]]


Pressed = Callable[[Click, Hands], Awaitable[Answer]]
PRESSES: dict[str, Pressed] = {}


def press(action: str) -> Callable[[Pressed], Pressed]:
    """Enters a function as what the button of that name means."""

    def enter(pressed: Pressed) -> Pressed:
        if action in PRESSES:
            raise TypeError(f"two meanings of the button {action}")
        PRESSES[action] = pressed
        return pressed

    return enter


async def about(hands: Hands, click: Click) -> tuple[Incident, str]:
    """The incident that the value begins with (`42/rest`), if the person may see it and act on it, and the rest.

    Raises Refused.
    """
    number, rest = numbered(click.value)
    incident = await seen(hands.house, click.person, number, click.channel)
    if incident is None:
        raise Refused(OLD)
    return incident, rest


async def alert_shown(hands: Hands, click: Click, source: str, alert: str) -> Alert | None:
    """An alert that a value names, None where none is known.

    Raises Refused, in words that name nothing, where it belongs to an incident that the person may not see.
    """
    found = await hands.house.reading.alert(source, alert)
    if found and found.incident and await hands.house.reading.incident(found.incident, click.person.actor) is None:
        raise Refused(OLD)
    return found


async def asked(hands: Hands, click: Click, number: int | None, verb: str = "") -> Ask:
    """The same as if the verb had been typed, alone, about that incident. Raises Refused."""
    incident = await seen(hands.house, click.person, number, click.channel, verb)
    return Ask(hands.house, click.person, verb, "", verb, click.now, click.channel, incident)


def numbered(value: str) -> tuple[int, str]:
    """`42/rest` as a number and the rest. Raises Refused."""
    number, _, rest = value.partition("/")
    return number_of(number), rest


def number_of(value: str) -> int:
    """A number in a button's value. Raises Refused for anything else."""
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise Refused(OLD)
    return int(value)


def pair(value: str) -> tuple[str, str]:
    """`source/id`. Raises Refused."""
    source, _, rest = value.partition("/")
    if not source or not rest:
        raise Refused(OLD)
    return source, rest
