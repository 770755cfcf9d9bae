"""Deaths of the bot in the middle of the plot: at a seam, once, and for good."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.engine.seams import hooked
from tests.stories.plot import Plot
from tests.stories.world import World


class Killed(BaseException):
    """The process is gone. No handler of the program may catch it, as none survives SIGKILL."""


class Death:
    """Comes at the n-th seam that is passed (0: never). Whatever that life still tries is cut short at its next seam."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._loop = asyncio.get_running_loop()
        self._guard = threading.Lock()
        self.passed: list[str] = []
        self.place = ""
        self.came = asyncio.Event()
        self.over = False
        """The dead life is cleared away; the next one passes unharmed."""

    def __call__(self, name: str) -> None:
        with self._guard:
            if self.over:
                return
            self.passed.append(name)
            if len(self.passed) < self._at or not self._at:
                return
            self.place = self.place or name
        self._loop.call_soon_threadsafe(self.came.set)
        raise Killed(name)


async def play(world: World, death: Death) -> None:
    """The plot to its end and until all is at rest, whether or not the bot dies on the way."""
    with hooked(death):
        story = world.people(Plot(world).play())
        await _unless(death, story)
        await _live_on(world, death)
        await story
        rest = world.people(world.settled())
        await _unless(death, rest)
        if await _live_on(world, death):
            rest.cancel()
            await world.settled()
        else:
            await rest


async def _unless(death: Death, people: asyncio.Task[None]) -> None:
    """Returns when people are through, or when the bot dies for the first time."""
    came = asyncio.ensure_future(death.came.wait())
    waited = {people} if death.over else {people, came}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    came.cancel()


async def _live_on(world: World, death: Death) -> bool:
    """If the bot died it is cleared away and started again; whether it did."""
    if death.over or not death.came.is_set():
        return False
    await world.kill()
    death.over = True
    await world.start()
    return True


@contextmanager
def quietly() -> Iterator[None]:
    """What a dying process would take with it is not reported: threads and tasks that ended by its death."""
    loop, server = asyncio.get_running_loop(), logging.getLogger("uvicorn.error")
    threads, tasks = threading.excepthook, loop.get_exception_handler()
    threading.excepthook = _unless_killed(threads)
    loop.set_exception_handler(_unless_killed_task(tasks))
    server.addFilter(_unless_killed_request)
    try:
        yield
    finally:
        gc.collect()  # what died with its life is remarked on when it is collected
        threading.excepthook = threads
        loop.set_exception_handler(tasks)
        server.removeFilter(_unless_killed_request)


def _unless_killed(before: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def hook(unhandled: Any) -> None:
        if not issubclass(unhandled.exc_type, Killed):
            before(unhandled)

    return hook


def _unless_killed_task(before: Callable[..., Any] | None) -> Callable[..., Any]:
    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), Killed):
            (before or asyncio.AbstractEventLoop.default_exception_handler)(loop, context)

    return handler


def _unless_killed_request(record: logging.LogRecord) -> bool:
    kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
    return kind is None or not issubclass(kind, Killed | asyncio.CancelledError)
