"""The clock that the engine goes by: the machine's, but it never goes back."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.handle import utc_now

log = structlog.get_logger()

PACE = 0.9
"""How fast time passes while we are ahead of the machine's clock: an hour's lead is gone within ten."""
WORTH_TELLING = timedelta(seconds=60)
FURTHEST = timedelta(hours=26)
"""What was written down further ahead than that was written by a clock so wrong that nobody should follow it."""


class SteadyClock:
    """Shows what the machine's clock shows, until that is put back.

    Everything that waits, waits for a moment: the next try of a page, the next rung of its ladder, a lease. Were time
    to go back an hour, each would come an hour late. So we go on from where we were, a tenth slower than real time,
    until the machine's clock has caught up: a wait lasts a ninth longer at most. A clock that is put forward is
    followed at once: after a suspended machine wakes up, that much time has passed.
    """

    def __init__(self, wall: Callable[[], datetime] = utc_now, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._last, self._at = wall(), monotonic()
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """In UTC. From any thread."""
        with self._guard:
            at, wall = self._monotonic(), self._wall()
            passed = timedelta(seconds=(at - self._at) * PACE)
            now = max(wall, self._last + passed)
            back = now - wall - self._ahead
            self._last, self._at, self._ahead = now, at, now - wall
        if back > WORTH_TELLING:
            log.warning("clock_put_back", seconds=round(back.total_seconds()))
        return now

    def follow(self, written: datetime | None) -> None:
        """Goes on from the newest moment that an earlier life wrote down, should the clock have been put back since."""
        if written is not None and timedelta() < written - self() < FURTHEST:
            with self._guard:
                self._last = written


async def steady_clock(database: Database) -> SteadyClock:
    """The clock of a process that works on this database."""
    clock = SteadyClock()
    clock.follow(await database.read(last_written))
    return clock


def last_written(connection: Connection) -> datetime | None:
    """The newest moment on record, near enough: that of the last delivery, command or promise."""
    heard = select(t.inbox.c.heard_at).order_by(t.inbox.c.id.desc()).limit(1)
    promised = select(t.effect.c.promised_at).order_by(t.effect.c.id.desc()).limit(1)
    found = [moment for query in (heard, promised) if (moment := connection.execute(query).scalar()) is not None]
    return max(found, default=None)
