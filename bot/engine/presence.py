"""Says that this process lives: the others leave alone what it claimed, and take it over when it says so no more."""

import asyncio
import math
import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog
from sqlalchemy import ColumnElement, Connection, Interval, bindparam, delete, exists, func, insert, text, update
from sqlalchemy.exc import SQLAlchemyError

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.line import Unavailable
from bot.engine.schema import head
from bot.engine.wakes import LAPSED, REPLACED, Wakes

log = structlog.get_logger()

PREFIX = "process/"
FORGOTTEN = timedelta(hours=1)
"""After which the row of a process that is gone is cleared away."""


@dataclass(frozen=True)
class Life:
    """How a process lives on a shared database, in seconds."""

    lasts: float = 12.0
    """The others believe its word for so long, by the database's clock; then what it claimed is theirs."""
    beat: float = 3.0
    """Between two words; after one that failed, a third of it."""
    spare: float = 6.0
    """Must be left for whatever is sent: its answer is to be there before somebody else looks for it."""


_l = t.lease.c
_LEFT = func.clock_timestamp() + bindparam("lasts", type_=Interval)
_STILL = (
    update(t.lease)
    .where(_l.name == bindparam("row"), _l.until > func.clock_timestamp())
    .values(until=_LEFT)
    .returning(_l.name)
)
_LONG_GONE = delete(t.lease).where(_l.name.startswith(PREFIX), _l.until < func.clock_timestamp() - FORGOTTEN)
_BORN = insert(t.lease).values(until=_LEFT)
_SHAPE = text("""
SELECT version_num, EXISTS (
  SELECT 1 FROM lease WHERE name LIKE 'process/%' AND owner = version_num AND until > clock_timestamp()
) AS lived_in FROM alembic_version
""")
"""The database's shape, and whether a process lives that expects it (each row has its process' shape as its owner)."""

GONE = "NOT EXISTS (SELECT 1 FROM lease WHERE name = 'process/' || {owner} AND until > clock_timestamp())"
"""The same as `gone`, for a statement that is written out."""


def gone(owner: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the process of that name lives no more, asked of PostgreSQL: what it had claimed is free."""
    life = t.lease.alias().c  # so that it can be asked about the table's own rows too
    return ~exists().where(life.name == PREFIX + owner, life.until > func.clock_timestamp())


class Presence:
    """This process' name and life on a shared database; on SQLite, where it is alone, it needs no word.

    A process that could not say in time that it lives (it was held up, the database was away) is dead to the others.
    It sends nothing from a while (`Life.spare`) before that moment on, cuts short at it what is under way (`LAPSED`
    rings), and comes back under another name: nothing that it claimed before can be mistaken for its own.
    """

    def __init__(self, database: Database, wakes: Wakes, life: Life) -> None:
        self._database = database
        self._life = life
        self._wakes = wakes
        self._replaced = False
        self._name = _new_name()
        self._sure_until = -math.inf if database.shared else math.inf
        self._shape = head() if database.shared else ""
        self._end: asyncio.TimerHandle | None = None
        self._beating: asyncio.Task[None] | None = None
        self.superseded = False
        """A newer program has given the database another shape: this one may neither decide nor send any more."""

    @property
    def name(self) -> str:
        """Under which this process claims."""
        return self._name

    @property
    def may_claim(self) -> bool:
        return not self.superseded and self.holds(self._name)

    def holds(self, name: str) -> bool:
        """Whether what was claimed under this name is ours for long enough that it may be sent."""
        return name == self._name and time.monotonic() < self._sure_until - self._life.spare

    async def start(self) -> None:
        """Says it for the first time, and from then on. Raises Unavailable."""
        if self._database.shared:
            await self._say()
            self._beating = asyncio.create_task(self._beat(), name="presence")

    async def stop(self) -> None:
        """What this process still holds is free at once."""
        if self._beating is None or self._end is None:
            return
        self._beating.cancel()
        await asyncio.gather(self._beating, return_exceptions=True)
        self._end.cancel()
        self._sure_until = -math.inf
        try:
            await self._database.write(lambda c: c.execute(delete(t.lease).where(_l.name == PREFIX + self._name)))
        except (Unavailable, SQLAlchemyError) as error:
            log.warning("presence_left", error=type(error).__name__)

    async def _beat(self) -> None:
        pause = self._life.beat
        while True:
            await asyncio.sleep(pause)
            try:
                await self._say()
                pause = self._life.beat
            except (Unavailable, SQLAlchemyError) as error:
                log.warning("presence_not_said", error=type(error).__name__)
                pause = self._life.beat / 3

    async def _say(self) -> None:
        """Counts from before the write: by our clock it ends sooner than by the database's, never later."""
        began = time.monotonic()
        self._name, shape, lived_in = await self._database.write(self._write)
        self._step_back(shape != self._shape, lived_in)
        self._sure_until = began + self._life.lasts
        if self._end is not None:
            self._end.cancel()
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(self._sure_until - time.monotonic(), self._wakes.wake, LAPSED)

    def _step_back(self, superseded: bool, lived_in: bool) -> None:
        """`REPLACED` rings once when a process of the newer program is there to hear what we hear."""
        if superseded and not self.superseded:
            log.error("superseded", told="The database was migrated by another Muster; this process steps back.")
        if superseded and lived_in and not self._replaced:
            self._wakes.wake(REPLACED)
        self.superseded, self._replaced = superseded, superseded and lived_in

    def _write(self, connection: Connection) -> tuple[str, str, bool]:
        """Our name, another one if our life had ended; the database's shape, and whether one of that shape lives."""
        name, lasts = self._name, timedelta(seconds=self._life.lasts)
        if connection.execute(_STILL, {"row": PREFIX + name, "lasts": lasts}).first() is None:
            name = _new_name()
            connection.execute(_LONG_GONE)
            connection.execute(_BORN, {"name": PREFIX + name, "owner": self._shape, "lasts": lasts})
        row = connection.execute(_SHAPE).one()
        return name, row.version_num, row.lived_in


def _new_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
