"""Who is to be woken when something is committed: here at once, in other processes by the database's call."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

INBOX = "inbox"
OUTBOX = "outbox"
DIRECTORY = "directory"
LAPSED = "lapsed"
"""Rings in a process that the others may take for dead from now on."""
REPLACED = "replaced"
"""Rings in a process of an older program when one of a newer program works on its database."""

SOON = 2.0
"""Seconds; whatever is due later is found by a poll."""


class Wakes:
    """Workers hang up a bell under a name; whoever has something for them rings it. On one event loop."""

    def __init__(self) -> None:
        self._bells: dict[str, list[Callable[[], None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self) -> None:
        """Calls from other threads will ring on the running loop."""
        self._loop = asyncio.get_running_loop()

    def detach(self) -> None:
        """Calls from other threads ring no more: whoever they are for is going, and its database with it."""
        self._loop = None

    def on(self, name: str, bell: Callable[[], None]) -> None:
        self._bells.setdefault(name, []).append(bell)

    def off(self, name: str, bell: Callable[[], None]) -> None:
        self._bells[name].remove(bell)

    def wake(self, name: str) -> None:
        for bell in self._bells.get(name, ()):
            bell()

    def wake_at(self, name: str, moments: Sequence[datetime | None], now: datetime) -> None:
        """Rings again at those of the moments that come sooner than the workers' own poll."""
        for moment in moments:
            seconds = (moment - now).total_seconds() if moment else SOON
            if seconds < SOON:
                asyncio.get_running_loop().call_later(max(0.0, seconds), self.wake, name)

    def called(self, name: str) -> None:
        """Another process rang (in the listening thread)."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring, name)

    def _ring(self, name: str) -> None:
        if self._loop is not None:  # since it was called we may have been detached
            self.wake(name)
