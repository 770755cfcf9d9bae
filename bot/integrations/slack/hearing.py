"""How a topic hears what happens in Slack: an ear for each kind of event, what of it is kept, and who reads it.

Heard means kept in the inbox before it is acknowledged; read means looked at afterwards, as often as it takes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.inbox import Heard, Said
from bot.integrations.slack.desk import Desk
from bot.integrations.slack.people import People
from bot.integrations.slack.replies import Replies
from bot.integrations.slack.verbs import House

Happening = Mapping[str, Any]
"""The `event` of a delivery (https://docs.slack.dev/reference/events)."""


@dataclass(frozen=True)
class Ears:
    """What a reader of events may use: it may ask Slack, since nobody waits for its answer."""

    house: House
    client: AsyncWebClient
    people: People
    replies: Replies
    desk: Desk


Read = Callable[[Ears, Happening, Heard], Awaitable[Sequence[Said]]]
"""What an event asks for. Raises `inbox.Later` only while Slack cannot be asked; Refused has nobody to tell here."""
Worth = Callable[[Happening, Callable[[str], bool], Callable[[str], bool]], bool]
"""(event, whether that user is known, whether that channel is a room): whether it can lead to anything. No look-ups."""
Wanted = Callable[[House, Happening], Awaitable[bool]]
"""The same with a look into the projection; asked before the acknowledgement, so never Slack."""


def _always(event: Happening, known: Callable[[str], bool], in_room: Callable[[str], bool]) -> bool:
    return True


async def _in_any_case(house: House, event: Happening) -> bool:
    return True


def _whole(event: Happening) -> Happening:
    return event


@dataclass(frozen=True)
class Ear:
    """One kind of event. `keep`: what of it the inbox keeps. `own`: an entry of ours, which Slack never sends."""

    read: Read
    worth: Worth = _always
    wanted: Wanted = _in_any_case
    keep: Callable[[Happening], Happening] = _whole
    own: bool = False


EARS: dict[str, Ear] = {}


def hears(
    kind: str,
    *,
    worth: Worth = _always,
    wanted: Wanted = _in_any_case,
    keep: Callable[[Happening], Happening] = _whole,
    own: bool = False,
) -> Callable[[Read], Read]:
    """Enters a function as the reader of that kind of event. Slack sends only what the manifest asks for."""

    def enter(read: Read) -> Read:
        if kind in EARS:
            raise TypeError(f"two readers of {kind}")
        EARS[kind] = Ear(read, worth, wanted, keep, own)
        return read

    return enter
