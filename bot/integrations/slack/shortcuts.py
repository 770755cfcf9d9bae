"""A shortcut that was chosen, from Slack's own menu or from a message's: how a topic enters what one of its own means.

What the menus offer stands in the manifest.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.incident.people import Person
from bot.integrations.slack.verbs import Answer, House


@dataclass(frozen=True)
class Picked:
    """Who chose it, where, and on which message (empty for a global shortcut); `address` is the message's permalink.

    `hear` keeps an entry of our own in the inbox (source, key, group, body), for what must ask Slack first.
    """

    person: Person
    channel: str
    message: Mapping[str, Any]
    address: str
    now: datetime
    hear: Callable[[str, str, str, bytes], Awaitable[None]]


Chosen = Callable[[House, Picked], Awaitable[Answer]]
"""Slack must not be asked here: whoever chose it waits."""
SHORTCUTS: dict[str, Chosen] = {}


def shortcut(name: str) -> Callable[[Chosen], Chosen]:
    """Enters a function as what the shortcut of that name means."""

    def enter(chosen: Chosen) -> Chosen:
        if name in SHORTCUTS:
            raise TypeError(f"two shortcuts called {name}")
        SHORTCUTS[name] = chosen
        return chosen

    return enter
