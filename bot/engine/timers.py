"""Time passes: fixed ticks on APScheduler, which holds no state; what falls due is rows, claimed before it is said."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Connection, delete, or_, update

from bot.engine import tables as t
from bot.engine.dialects import is_postgres, lease_time
from bot.engine.handle import Engine
from bot.engine.line import Unavailable, Urgency
from bot.engine.seams import point
from bot.engine.turns import end_turn, list_turns, take_turns
from bot.incident.model import Command, Refused
from bot.incident.nudges import Nudge
from bot.incident.values import MUSTER

log = structlog.get_logger()

NUDGE_LEASE = timedelta(seconds=10)
"""After which another process says it; should the first only have been slow, the nudge's key makes it count once."""
LOOK = 2.0
"""Seconds between two looks at whose turn it is, where several processes share a database."""
TIMERS = "timers"
"""The tick that says what falls due: reminders, and the next rung for a page that nobody answers."""
WATCH = 1.0
"""Seconds between two looks at whether the machine's clock was put back."""


def nudge(incident: int, key: str) -> Command:
    """What a due timer says."""
    return Nudge(incident=incident, key=key)


@dataclass
class _Tick:
    seconds: float
    name: str
    act: Callable[[], Awaitable[object]]
    last: float
    """When it last ended well or badly, by the monotonic clock."""


@dataclass(frozen=True)
class _Due:
    incident: int
    key: str
    due_at: datetime


class Every(BaseTrigger):  # type: ignore[misc]
    """So many seconds after the last time. APScheduler's own interval makes up for each one that was missed: after a
    day's sleep it would count 86,400 of them before anything else could run."""

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + self._interval


class Ticker:
    """Runs what is to be run every so often, and says what falls due. Late ticks are told by `late`.

    `wall`: the machine's clock, which APScheduler goes by, and which may be put back.
    """

    def __init__(
        self,
        engine: Engine,
        nudge: Callable[[int, str], Command] = nudge,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        lease: timedelta = NUDGE_LEASE,
    ) -> None:
        self._engine = engine
        self._nudge = nudge
        self._wall = wall
        self._lease = lease
        self._ticks: list[_Tick] = []
        self._turns: dict[str, _Tick] = {}
        self._acting: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._watch: asyncio.Task[None] | None = None
        self.every(1.0, TIMERS, self.say_what_is_due)

    def every(
        self, seconds: float, name: str, act: Callable[[], Awaitable[object]], *, singleton: bool = False
    ) -> None:
        """Has `act` run every so often, never twice at once; `singleton`: in one process of all."""
        tick = _Tick(seconds, name, act, time.monotonic())
        if singleton and self._engine.database.shared:
            self._turns[name] = tick
            return
        self._ticks.append(tick)
        self._scheduler.add_job(
            self._run,
            Every(seconds),
            [tick],
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    async def start(self) -> None:
        await self._engine.database.write(_free_timers, Urgency.WORK)
        if self._turns:
            periods = {name: tick.seconds for name, tick in self._turns.items()}
            await self._engine.database.write(partial(list_turns, seconds=periods), Urgency.WORK)
            self.every(min(LOOK, *periods.values()), "turns", self._take_turns)
        for tick in self._ticks:
            tick.last = time.monotonic()
        self._scheduler.start()
        self._watch = asyncio.create_task(self._watch_the_wall(), name="wall clock")

    async def _watch_the_wall(self) -> None:
        """APScheduler waits for moments of the machine's clock: put back an hour, it would run nothing for an hour."""
        last = self._wall()
        while True:
            await asyncio.sleep(WATCH)
            now = self._wall()
            if now < last:
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=job.next_run_time - (last - now))
            last = now

    async def stop(self, grace: float = 5.0) -> None:
        """No more ticks; what is running is waited for, then cut short."""
        if self._watch is not None:
            self._watch.cancel()
        self._scheduler.remove_all_jobs()
        if self._acting:
            await asyncio.wait(self._acting, timeout=grace)
        for task in self._acting:
            task.cancel()
        await asyncio.gather(*self._acting, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    def late(self) -> dict[str, float]:
        """By how many seconds each of the ticks is late, by its name; 0 where it is in time."""
        now = time.monotonic()
        return {tick.name: max(0.0, now - tick.last - tick.seconds) for tick in self._ticks}

    async def _run(self, tick: _Tick) -> None:
        """In a task of our own, so that the scheduler's end does not tear it."""
        task = asyncio.create_task(self._act(tick), name=f"tick {tick.name}")
        self._acting.add(task)
        await asyncio.wait([task])
        self._acting.discard(task)

    async def _act(self, tick: _Tick) -> None:
        try:
            await tick.act()
        except Unavailable:
            log.debug("tick_skipped", tick=tick.name)  # the database tells by itself when it goes and when it is back
        except Exception as error:  # the ticker's edge: one bad tick must not end the others
            log.error("tick_failed", tick=tick.name, error=type(error).__name__)
        finally:
            tick.last = time.monotonic()

    async def _take_turns(self) -> None:
        """Begins what is due and done by nobody. The process that fell silent in the middle of it is stood in for."""
        us = self._engine.presence.name
        free = {name: tick.seconds for name, tick in self._turns.items() if tick not in self._ticks}
        if not self._engine.presence.may_claim:
            return
        taken = await self._engine.database.write(partial(take_turns, seconds=free, us=us), Urgency.WORK)
        for tick in map(self._turns.__getitem__, taken):
            tick.last = time.monotonic()
            self._ticks.append(tick)
            task = asyncio.create_task(self._turn(tick, us), name=f"turn {tick.name}")
            self._acting.add(task)
            task.add_done_callback(self._acting.discard)

    async def _turn(self, tick: _Tick, us: str) -> None:
        try:
            await self._act(tick)
            await self._engine.database.write(partial(end_turn, name=tick.name, us=us), Urgency.WORK)
        except Unavailable:
            log.warning("turn_not_ended", tick=tick.name)  # ours until it is due again
        finally:
            self._ticks.remove(tick)

    async def say_what_is_due(self) -> int:
        """Turns every timer that is due into a command; how many there were."""
        now = self._engine.clock()
        if not self._engine.presence.may_claim:
            return 0
        due = await self._engine.database.write(lambda c: _claim_due(c, now, self._lease), Urgency.WORK)
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


def _claim_due(connection: Connection, now: datetime, lease: timedelta) -> list[_Due]:
    timer = t.timer.c
    shared = lease_time(connection, now)
    free = or_(timer.lease_until.is_(None), timer.lease_until < shared)
    claimed = (
        update(t.timer)
        .where(timer.due_at <= now, free)
        .values(lease_until=shared + lease)
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
