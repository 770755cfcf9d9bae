"""Handles what was heard: head first within a group, groups side by side; parks what it cannot handle."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, delete, or_, update

from bot.engine import tables as t
from bot.engine.dialects import is_postgres, lease_time, savepoint
from bot.engine.handle import SAID, Decision, Engine
from bot.engine.heads import heads
from bot.engine.line import Unavailable, Urgency
from bot.engine.seams import point
from bot.engine.tables import InboxState
from bot.engine.wakes import INBOX
from bot.engine.weather import passes
from bot.incident.model import Command, Refused
from bot.incident.values import Actor

log = structlog.get_logger()

POLL = 1.0
LEASE = timedelta(seconds=60)
TRIES = 3
DEATHS = 10
"""How often the process may die with a delivery in hand until the delivery is held to be the cause, and parked."""
LOOK_AGAIN = 2.0
"""Seconds until a delivery is read again whose reader could not look outside."""


@dataclass(frozen=True)
class Heard:
    """A delivery as it came."""

    source: str
    key: str
    group: str
    body: bytes
    heard_at: datetime


@dataclass(frozen=True)
class Said:
    """What a delivery asks for, and who."""

    command: Command
    by: Actor


class Later(Exception):
    """A reader could not look outside just now, which is nobody's mistake: the delivery is read again until it can."""


Reader = Callable[[Heard], Awaitable[Sequence[Said]]]
"""An integration's way from a raw delivery to commands. It may look outside; nothing to do is an empty answer; raising
has it tried again, and parked in the end; Later has it wait, for as long as it takes."""


@dataclass(frozen=True)
class _Taken:
    id: int
    tries: int
    owner: str
    heard: Heard


class Inbox:
    """The worker. `readers`: by source; deliveries of other sources are left to processes that have theirs."""

    def __init__(
        self,
        engine: Engine,
        readers: Mapping[str, Reader],
        *,
        side_by_side: int = 16,
        tries: int = TRIES,
        backoff: float = 1.0,
        look_again: float = LOOK_AGAIN,
        time_limit: float = 20.0,
        lease: timedelta = LEASE,
    ) -> None:
        self._engine = engine
        self._readers = readers
        self._side_by_side = side_by_side
        self._tries = tries
        self._backoff = backoff
        self._look_again = look_again
        self._time_limit = time_limit
        self._lease = lease
        self._bell = asyncio.Event()
        self._quiet = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._alone = False
        """Whether what is under way was in hand at several deaths of the process: nothing else is taken meanwhile."""
        self._stopping = False
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Frees what dead processes were at, and begins."""
        await self._engine.database.write(self._recover, Urgency.WORK)
        self._engine.wakes.on(INBOX, self.wake)
        self._worker = asyncio.create_task(self._run(), name="inbox")

    async def stop(self) -> None:
        """Takes nothing more and waits for what is under way."""
        self._stopping = True
        self._engine.wakes.off(INBOX, self.wake)
        self.wake()
        if self._worker is not None:
            await self._worker
        if self._running:
            await asyncio.wait(self._running)

    @property
    def alive(self) -> bool:
        """Whether the worker still goes its rounds: only a bug ends it."""
        return self._worker is not None and not self._worker.done()

    def wake(self) -> None:
        """There may be something to do."""
        self._bell.set()

    async def idle(self) -> None:
        """Returns once nothing is under way and nothing that waits may be handled now."""
        self._quiet.clear()
        self.wake()
        await self._quiet.wait()

    async def replay(self, inbox_id: int) -> bool:
        """Handles a delivery again, whether it was parked or done. False where there is none."""
        i = t.inbox.c
        again = await self._replay(i.id == inbox_id, i.source != SAID, i.state != InboxState.WAITING.value)
        return again > 0

    async def replay_parked(self) -> int:
        """Handles everything parked again; how many there were."""
        return await self._replay(t.inbox.c.state == InboxState.PARKED.value)

    async def drop(self, inbox_id: int) -> bool:
        """Gives a parked delivery up, as one that is nothing to us. False where there is none."""
        i, now = t.inbox.c, self._engine.clock()
        over = {"state": InboxState.DONE.value, "handled_at": now, "reason": "dropped by hand"}
        dropped = update(t.inbox).where(i.id == inbox_id, i.state == InboxState.PARKED.value).values(**over)
        done = await self._engine.database.write(lambda c: c.execute(dropped.returning(i.id)).first())
        return done is not None

    async def _replay(self, *where: Any) -> int:
        fresh = {"state": InboxState.WAITING.value, "tries": 0, "owner": "", "not_before": None, "reason": ""}
        again = update(t.inbox).where(*where).values(**fresh).returning(t.inbox.c.id)
        ids = await self._engine.database.write(lambda c: c.execute(again).all())
        self.wake()
        return len(ids)

    async def prune(self, older_than: timedelta = timedelta(days=7)) -> int:
        """Forgets what was handled so long ago that no sender will repeat it (PagerDuty repeats for 48 hours)."""
        before, i = self._engine.clock() - older_than, t.inbox.c
        handled = (i.state == InboxState.DONE.value, i.handled_at < before)
        old = delete(t.inbox).where(i.heard_at < before, *handled)  # heard before handled: by that there is an index
        gone = await self._engine.database.write(lambda c: c.execute(old.returning(t.inbox.c.id)).all(), Urgency.WORK)
        return len(gone)

    def _recover(self, connection: Connection) -> None:
        """On SQLite every claim belongs to a process that is gone; on PostgreSQL leases end by themselves."""
        if not is_postgres(connection):
            taken = (t.IS_UNHANDLED, t.inbox.c.owner != "")
            connection.execute(update(t.inbox).where(*taken).values(owner="", lease_until=None))

    async def _run(self) -> None:
        while not self._stopping:
            self._bell.clear()
            try:
                taken = await self._engine.database.write(self._take, Urgency.WORK)
            except Exception as error:  # the inbox's edge: neither a bug nor a lost database ends the worker
                if not isinstance(error, Unavailable):  # of that the database tells by itself
                    log.error("round_failed", error=_where(error))
                await asyncio.sleep(POLL)
                continue
            if taken:
                self._alone = any(one.tries > self._tries for one in taken)
            for one in taken:
                self._begin(one)
            if not taken and not self._running and not self._bell.is_set():
                self._quiet.set()
            await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL):
                await self._bell.wait()
        except TimeoutError:
            return

    def _begin(self, taken: _Taken) -> None:
        task = asyncio.create_task(self._handle(taken), name=f"inbox {taken.id}")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake()

    def _take(self, connection: Connection) -> list[_Taken]:
        """Claims heads of groups; the try is counted before it is made, so that what kills us is parked in the end.

        What was in hand at several deaths is taken alone and last: whichever of them kills us takes no other along.
        """
        free = self._side_by_side - len(self._running)
        us = self._engine.presence
        if free <= 0 or not self._readers or not us.may_claim or (self._alone and self._running):
            return []
        now = lease_time(connection, self._engine.clock())
        ids = heads(connection, self._readers, now, free, below=self._tries)
        if not ids and not self._running:
            ids = heads(connection, self._readers, now, 1, least=self._tries)
        i = t.inbox.c
        taken = (
            update(t.inbox)
            .where(i.id.in_(ids))
            .values(owner=us.name, lease_until=now + self._lease, tries=i.tries + 1)
            .returning(i.id, i.tries, i.source, i.key, i.grp, i.body, i.heard_at, i.owner)
        )
        rows = connection.execute(taken).all() if ids else []
        return [_Taken(r.id, r.tries, r.owner, Heard(r.source, r.key, r.grp, bytes(r.body), r.heard_at)) for r in rows]

    async def _handle(self, taken: _Taken) -> None:
        try:
            if taken.tries > DEATHS:
                await self._put_off(taken, f"Muster died {taken.tries - 1} times while handling it.", park=True)
                return
            point("before-read")
            async with asyncio.timeout(self._time_limit):
                said = await self._readers[taken.heard.source](taken.heard)
            point("after-read")
            decisions = await self._engine.database.write(partial(self._decide, taken, said), Urgency.WORK)
            for decision in decisions:
                await self._engine.committed(decision)
        except Unavailable:
            await asyncio.sleep(POLL)
            await self._put_off(taken, "The database could not be reached.", after=0.0)
        except Later as error:
            log.warning("put_off", source=taken.heard.source, key=taken.heard.key, reason=str(error))
            await self._put_off(taken, str(error), after=self._look_again)
        except Exception as error:  # the inbox's edge: what we cannot handle is parked, with its reason
            reason = _where(error)
            if passes(error):
                await self._put_off(taken, reason, after=self._look_again)
                return
            log.error("handling_failed", source=taken.heard.source, key=taken.heard.key, error=reason)
            await self._put_off(taken, reason, park=taken.tries >= self._tries)

    def _decide(self, taken: _Taken, said: Sequence[Said], connection: Connection) -> list[Decision]:
        """In one transaction: the delivery is done, and everything it asks for is decided."""
        now, i = self._engine.clock(), t.inbox.c
        mine = (i.id == taken.id, i.owner == taken.owner, i.state == InboxState.WAITING.value)
        done = {"state": InboxState.DONE.value, "owner": "", "lease_until": None, "handled_at": now, "reason": ""}
        if connection.execute(update(t.inbox).where(*mine).values(**done).returning(i.id)).first() is None:
            return []
        decisions = []
        for one in said:
            try:
                with savepoint(connection):
                    decisions.append(self._engine.answer(connection, one.command, one.by, now, inbox=taken.id))
            except Refused as no:
                log.info("refused", source=taken.heard.source, key=taken.heard.key, sentence=no.sentence)
        return decisions

    async def _put_off(self, taken: _Taken, reason: str, *, park: bool = False, after: float | None = None) -> None:
        """Frees the delivery: for a later try, or parked and its group goes on. Waits for a database that is away.

        `after` so many seconds: this try says nothing about the delivery and is not counted.
        """
        seconds = self._backoff * 4 ** (taken.tries - 1) if after is None else after
        state = InboxState.PARKED if park else InboxState.WAITING
        values: dict[str, Any] = {"state": state.value, "owner": "", "lease_until": None, "reason": reason}
        if after is not None:
            values["tries"] = taken.tries - 1
        wait, now = timedelta(seconds=seconds), self._engine.clock()
        while not await self._freed(lambda c: self._free(c, taken, values, lease_time(c, now) + wait)):
            if self._stopping:
                log.warning("put_off_failed", key=taken.heard.key)  # its lease ends, or the next process frees it
                return
            await asyncio.sleep(POLL)
        if park:
            log.warning("parked", source=taken.heard.source, key=taken.heard.key, reason=reason)
        else:
            self._engine.wakes.wake_at(INBOX, [now + wait], now)

    async def _freed(self, free: Callable[[Connection], None]) -> bool:
        try:
            await self._engine.database.write(free, Urgency.WORK)
        except Unavailable:
            return False
        return True

    def _free(self, connection: Connection, taken: _Taken, values: Mapping[str, Any], not_before: datetime) -> None:
        i = t.inbox.c
        mine = (i.id == taken.id, or_(i.owner == taken.owner, i.owner == ""), i.state == InboxState.WAITING.value)
        connection.execute(update(t.inbox).where(*mine).values(**values, not_before=not_before))


def _where(error: Exception) -> str:
    """The kind of an error and the last place in our own code; never its message, which may hold the payload."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename and "lib/python" not in frame.filename]
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"
