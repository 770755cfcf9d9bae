"""The line before the writer: people first, then what comes in from outside, then our own work."""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection

Row = tuple[Any, ...]
"""One inbox row as the driver takes it."""

FLOOD = 500.0
"""Rows a second from which on our own work steps back, so that senders keep getting their answer in time."""
MEMORY = 0.1
"""Seconds over which that rate is measured."""
SHARE = 0.05
"""What our own work may take of the writer's time during a flood."""
SLOT = 0.010
"""Seconds of work that may be saved up during a flood, and that one shared transaction lasts."""


class Urgency(IntEnum):
    """Who goes first."""

    PERSON = 0
    """Someone waits for the answer."""
    INTAKE = 1
    """A sender waits for its 2xx."""
    WORK = 2
    """Inbox handling and outbox bookkeeping."""


class Unavailable(Exception):
    """The database cannot be written to (or reached) just now; nothing was saved, and trying again later is right."""


@dataclass(eq=False, slots=True)
class Job:
    """Work for the writer and the future that someone waits on. It may be run more than once, but is saved once."""

    work: Callable[[Connection], Any]
    urgency: Urgency
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


@dataclass(eq=False, slots=True)
class Rows:
    """Inbox rows that go in as one statement, and who waits for each."""

    rows: list[Row] = field(default_factory=list)
    futures: list[asyncio.Future[Any]] = field(default_factory=list)
    errors: dict[int, BaseException] = field(default_factory=dict)
    """By place in `rows`."""


class Line:
    """Who waits to be written. Filled from event loops, emptied by writer threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ready = threading.Condition()
        self._people: deque[Job] = deque()
        self._work: deque[Job] = deque()
        self._rows: deque[tuple[Row, asyncio.Future[Any]]] = deque()
        self._pressure = 0.0
        self._measured = self._credited = clock()
        self._credit = SLOT
        self._closed = False

    def put(self, job: Job) -> None:
        with self._ready:
            self._refuse_if_closed()
            queue = self._people if job.urgency is Urgency.PERSON else self._work
            queue.append(job)
            self._ready.notify_all()  # not just one: the thread that is kept free for people may be it

    def put_row(self, row: Row, future: asyncio.Future[Any]) -> None:
        with self._ready:
            self._refuse_if_closed()
            self._rows.append((row, future))
            self._ready.notify()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unavailable("Muster is shutting down.")

    def close(self) -> None:
        """Nothing more is taken in; what waits is still served."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def take(self, *, wait: bool, work: bool = True, most: int = 500) -> Job | Rows | None:
        """The next to serve. None: nobody waits now (`wait=False`), or the line is closed and empty."""
        with self._ready:
            while True:
                while self._people:
                    job = self._people.popleft()
                    if not job.future.done():  # else whoever waited was told that it took too long
                        return job
                if self._rows:
                    return self._take_rows(most)
                if work and self._work and self._may_work():
                    return self._work.popleft()
                if not wait or (self._closed and not (work and self._work)):
                    return None
                self._ready.wait(SLOT if work and self._work else None)

    @property
    def flooded(self) -> bool:
        """Whether more than `FLOOD` comes in, as it was when rows were last taken."""
        return self._pressure >= FLOOD * MEMORY

    def _take_rows(self, most: int) -> Rows:
        taken = Rows()
        while self._rows and len(taken.rows) < most:
            row, future = self._rows.popleft()
            taken.rows.append(row)
            taken.futures.append(future)
        self._pressure = self._decayed() + len(taken.rows)
        return taken

    def _decayed(self) -> float:
        now = self._clock()
        faded = self._pressure * math.exp((self._measured - now) / MEMORY)
        self._measured = now
        return faded

    def _may_work(self) -> bool:
        self._pressure = self._decayed()
        if self._closed or self._pressure < FLOOD * MEMORY:
            return True
        now = self._clock()
        self._credit = min(SLOT, self._credit + (now - self._credited) * SHARE)
        self._credited = now
        return self._credit > 0

    def worked(self, seconds: float) -> None:
        """Our own work took this long of the writer's time."""
        with self._ready:
            self._credit = max(-SLOT, self._credit - seconds)

    def drain(self) -> list[Job | Rows]:
        """Everyone who waits, when nobody can be served."""
        with self._ready:
            waiting: list[Job | Rows] = [*self._people, *self._work]
            self._people.clear()
            self._work.clear()
            if self._rows:
                waiting.append(self._take_rows(len(self._rows)))
            return waiting


def settle(done: Iterable[Job | Rows]) -> None:
    """Answers everyone who waited, with one wake-up for each event loop."""
    answers: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any, BaseException | None]]] = {}
    for item in done:
        if isinstance(item, Job):
            answers.setdefault(item.future.get_loop(), []).append((item.future, item.result, item.error))
            continue
        for place, future in enumerate(item.futures):
            answers.setdefault(future.get_loop(), []).append((future, None, item.errors.get(place)))
    for loop, mine in answers.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(answers: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, error in answers:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
