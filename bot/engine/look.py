"""A look at something that may hang: one at a time, whoever asks, and nobody waits longer than they want to."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Look(Generic[T]):
    """What `take` found holds for `fresh` seconds. A database that hangs takes one reader of it, and not all."""

    def __init__(self, take: Callable[[], Coroutine[Any, Any, T]], fresh: float) -> None:
        self._take, self._fresh = take, fresh
        self._taken_at = 0.0
        self._task: asyncio.Task[T] | None = None

    async def found(self, patience: float) -> T | None:
        """None where it takes longer than `patience` seconds; raises what taking it raises."""
        if self._task is None or (self._task.done() and time.monotonic() - self._taken_at > self._fresh):
            self._taken_at = time.monotonic()
            self._task = asyncio.create_task(self._take(), name="look")
        done, _ = await asyncio.wait([self._task], timeout=patience)
        return self._task.result() if done else None

    async def stop(self) -> None:
        """No more looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
