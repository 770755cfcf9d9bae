"""Tasks that someone holds on to: nothing that was begun is collected unfinished, and what failed is told."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Kept:
    """The tasks in hand."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def task(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begins it, and holds on to it until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def let_go(self, work: Coroutine[Any, Any, object]) -> None:
        """The same for what nobody waits for: its failure goes to the log."""
        self.task(work).add_done_callback(told)

    async def finish(self, seconds: float) -> None:
        """Waits so long for what is in hand, then ends it."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def told(task: asyncio.Task[Any]) -> None:
    """Puts the failure of a task into the log; what ends the whole process is none."""
    if not task.cancelled() and isinstance(error := task.exception(), Exception):
        log.error("failed", exc_info=error)
