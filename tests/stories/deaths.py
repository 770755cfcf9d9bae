"""Deaths of the bot in the middle of the plot: at a seam, once, and for good."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from bot.engine.seams import hooked
from tests.stories.plot import Plot
from tests.stories.world import Killed, World

SURVIVORS = tuple(
    map(logging.getLogger, ("uvicorn.error", "apscheduler.executors.default", "bot.integrations.slack.kept"))
)
"""Who would report, in this process, what was cut short."""


class Death:
    """Comes at the n-th seam that is passed, and again after every so many more (0: never); `only` at seams so called.

    Whatever a dead life still tries is cut short at its next seam, in whichever thread, so that nothing more is done.
    """

    def __init__(self, at: int, every: int = 0, only: str = "") -> None:
        self._next, self._every, self._only = at, every, only
        self._loop = asyncio.get_running_loop()
        self._guard = threading.Lock()
        self._state: Literal["alive", "dead", "waking"] = "alive"
        self.passed = 0
        self.places: list[str] = []
        """The seams at which it came."""
        self.came = asyncio.Event()

    def __call__(self, name: str) -> None:
        with self._guard:
            if self._state == "waking":
                return
            if self._state == "alive":
                self.passed += name.startswith(self._only)
                if self.passed != self._next or not name.startswith(self._only):
                    return
                self._state, self._next = "dead", self._next + self._every
                self.places.append(name)
                self._loop.call_soon_threadsafe(self.came.set)
        raise Killed(name)

    async def undo(self, world: World) -> None:
        """The dead bot is cleared away and started again. Its start counts no seams: a bot must stand to be killed."""
        await world.kill()
        self._state = "waking"
        await world.start()
        self._state = "alive"
        self.came.clear()


async def play(world: World, death: Death, plot: type[Plot] = Plot) -> None:
    """The plot to its end and until all is at rest, however often the bot dies on the way."""
    with hooked(death):
        story = world.people(plot(world).play())
        while not await _through(story, death):
            await death.undo(world)
        rest = world.people(world.settled())
        while not await _through(rest, death):
            rest.cancel()
            await death.undo(world)
            rest = world.people(world.settled())


async def _through(people: asyncio.Task[None], death: Death) -> bool:
    """Waits until people are through (True; what went wrong for them is raised) or the bot dies (False)."""
    came = asyncio.ensure_future(death.came.wait())
    await asyncio.wait({people, came}, return_when=asyncio.FIRST_COMPLETED)
    came.cancel()
    if death.came.is_set():
        return False
    await people
    return True


@contextmanager
def quietly() -> Iterator[None]:
    """What a dying process would take with it is not reported: threads and requests that ended by its death."""
    threads = threading.excepthook
    threading.excepthook = _unless_killed(threads)
    for logger in SURVIVORS:
        logger.addFilter(_unless_cut_short)
    try:
        yield
    finally:
        gc.collect()  # what the dead left open is remarked on here, and in no later test
        threading.excepthook = threads
        for logger in SURVIVORS:
            logger.removeFilter(_unless_cut_short)


def _unless_killed(before: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def hook(unhandled: Any) -> None:
        if not issubclass(unhandled.exc_type, Killed):
            before(unhandled)

    return hook


def _unless_cut_short(record: logging.LogRecord) -> bool:
    told = record.msg.get("exc_info") if isinstance(record.msg, dict) else None
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else told
    return not isinstance(error, Killed | asyncio.CancelledError)
