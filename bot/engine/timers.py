"""Time passes: fixed ticks on APScheduler, which holds no state; what falls due is rows, claimed before it is said."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection, delete, or_, update

from bot.engine import tables as t
from bot.engine.dialects import insert_new, is_postgres, lease_time
from bot.engine.handle import Engine
from bot.engine.line import Unavailable, Urgency
from bot.engine.seams import point
from bot.incident.model import Command, Refused
from bot.incident.nudges import Nudge
from bot.incident.values import MUSTER

log = structlog.get_logger()

NUDGE_LEASE = timedelta(seconds=60)
GRACE = 15.0
"""Seconds by which a singleton's lease outlasts two of its ticks."""


def nudge(incident: int, key: str) -> Command:
    """What a due timer says."""
    return Nudge(incident=incident, key=key)


@dataclass
class _Tick:
    seconds: float
    name: str
    act: Callable[[], Awaitable[object]]
    singleton: bool
    last: float
    """When it last ended well or badly, by the monotonic clock."""


@dataclass(frozen=True)
class _Due:
    incident: int
    key: str
    due_at: datetime


class Ticker:
    """Runs what is to be run every so often, and says what falls due. Late ticks are told by `lateness`."""

    def __init__(self, engine: Engine, nudge: Callable[[int, str], Command] = nudge) -> None:
        self._engine = engine
        self._nudge = nudge
        self._owner = f"{os.getpid()}:{uuid4().hex[:8]}"
        self._ticks: list[_Tick] = []
        self._acting: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self.every(1.0, "timers", self.say_what_is_due)

    def every(
        self, seconds: float, name: str, act: Callable[[], Awaitable[object]], *, singleton: bool = False
    ) -> None:
        """Has `act` run every so often, never twice at once; `singleton`: in one process of all."""
        tick = _Tick(seconds, name, act, singleton, time.monotonic())
        self._ticks.append(tick)
        self._scheduler.add_job(
            self._run,
            "interval",
            [tick],
            seconds=seconds,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    async def start(self) -> None:
        await self._engine.database.write(_free_timers, Urgency.WORK)
        for tick in self._ticks:
            tick.last = time.monotonic()
        self._scheduler.start()

    async def stop(self, grace: float = 5.0) -> None:
        """No more ticks; what is running is waited for, then cut short."""
        self._scheduler.remove_all_jobs()
        if self._acting:
            await asyncio.wait(self._acting, timeout=grace)
        for task in self._acting:
            task.cancel()
        await asyncio.gather(*self._acting, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    @property
    def lateness(self) -> float:
        """By how many seconds the latest of the ticks is late; 0 when all are in time."""
        now = time.monotonic()
        return max(0.0, max(now - tick.last - tick.seconds for tick in self._ticks))

    async def _run(self, tick: _Tick) -> None:
        """In a task of our own, so that the scheduler's end does not tear it."""
        task = asyncio.create_task(self._act(tick), name=f"tick {tick.name}")
        self._acting.add(task)
        await asyncio.wait([task])
        self._acting.discard(task)

    async def _act(self, tick: _Tick) -> None:
        try:
            if not tick.singleton or await self._mine(tick):
                await tick.act()
        except Exception as error:  # the ticker's edge: one bad tick must not end the others
            log.error("tick_failed", tick=tick.name, error=type(error).__name__)
        finally:
            tick.last = time.monotonic()

    async def _mine(self, tick: _Tick) -> bool:
        if not self._engine.database.shared:
            return True
        lasts = timedelta(seconds=2 * tick.seconds + GRACE)
        epoch = await self._engine.database.write(
            lambda c: hold_lease(c, tick.name, self._owner, lasts, self._engine.clock()), Urgency.WORK
        )
        return epoch is not None

    async def say_what_is_due(self) -> int:
        """Turns every timer that is due into a command; how many there were."""
        now = self._engine.clock()
        due = await self._engine.database.write(lambda c: _claim_due(c, now), Urgency.WORK)
        for one in due:
            point("before-nudge")
            await self._say(one)
        return len(due)

    async def _say(self, due: _Due) -> None:
        """The key makes it once, whatever happens between here and the next claim."""
        key = f"nudge/{due.incident}/{due.key}/{due.due_at.isoformat()}"
        try:
            outcome = await self._engine.handle(
                self._nudge(due.incident, due.key), MUSTER, key=key, urgency=Urgency.WORK
            )
        except Refused as no:
            log.info("nudge_refused", incident=due.incident, key=due.key, sentence=no.sentence)
        except Unavailable:
            return
        else:
            if outcome.events and not outcome.again:
                return
        await self._engine.database.write(lambda c: _forget(c, due), Urgency.WORK)


def hold_lease(connection: Connection, name: str, owner: str, lasts: timedelta, now: datetime) -> int | None:
    """The lease's epoch while it is ours, taken or renewed; None while another has it."""
    now = lease_time(connection, now)
    row, lease = t.lease, t.lease.c
    connection.execute(insert_new(connection, row).values(name=name))
    free = or_(lease.owner == owner, lease.until.is_(None), lease.until < now)
    epoch = lease.epoch + (lease.owner != owner).cast(row.c.epoch.type)
    held = update(row).where(lease.name == name, free).values(owner=owner, until=now + lasts, epoch=epoch)
    return connection.execute(held.returning(lease.epoch)).scalar_one_or_none()


def _claim_due(connection: Connection, now: datetime) -> list[_Due]:
    timer = t.timer.c
    free = or_(timer.lease_until.is_(None), timer.lease_until < now)
    claimed = (
        update(t.timer)
        .where(timer.due_at <= now, free)
        .values(lease_until=now + NUDGE_LEASE)
        .returning(timer.incident, timer.key, timer.due_at)
    )
    rows = [_Due(row.incident, row.key, row.due_at) for row in connection.execute(claimed)]
    return sorted(rows, key=lambda due: (due.due_at, due.incident, due.key))


def _forget(connection: Connection, due: _Due) -> None:
    """Nothing came of it: the rules do not hold it due any more."""
    timer = t.timer.c
    here = (timer.incident == due.incident, timer.key == due.key, timer.due_at == due.due_at)
    connection.execute(delete(t.timer).where(*here))


def _free_timers(connection: Connection) -> None:
    """On SQLite every claim belongs to a process that is gone."""
    if not is_postgres(connection):
        connection.execute(update(t.timer).values(lease_until=None))
