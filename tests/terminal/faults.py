"""The list of faults that doctor must find: each is planted where it would be in life, mended when the block ends."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from tests.terminal.ward import Ward

Plant = Callable[[Ward], AbstractAsyncContextManager[None]]
FAULTS: dict[str, tuple[str, Plant]] = {}
"""By name: the sentence that doctor prints (`*` stands for what differs from run to run), and how to plant it."""

UNREACHED = "127.0.0.1:1"
"""Where nobody listens."""


def told(sentence: str) -> Callable[[Callable[[Ward], AsyncIterator[None]]], Plant]:
    """Enters a fault under its name."""

    def listed(plant: Callable[[Ward], AsyncIterator[None]]) -> Plant:
        FAULTS[plant.__name__] = (sentence, asynccontextmanager(plant))
        return FAULTS[plant.__name__][1]

    return listed
