"""Keeps the promises: claims what may go, has it performed side by side, and saves answers and next claims together."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.engine import hands
from bot.engine.case import load_incidents
from bot.engine.claim import Claim, Claimed, claim, free_claims, queue
from bot.engine.dialects import is_postgres
from bot.engine.effects import Answer, Attempt, Doubtful, GiveUp, InDoubt, Performer, Retry
from bot.engine.finish import Finished, Finishing, Patience, Tried
from bot.engine.handle import Engine
from bot.engine.line import Unavailable, Urgency
from bot.engine.pace import Pace, load_pauses
from bot.engine.seams import point
from bot.engine.tables import EffectState
from bot.engine.wakes import LAPSED, OUTBOX
from bot.engine.weather import passes

log = structlog.get_logger()

POLL = 1.0
"""Seconds after which the outbox looks around although nobody woke it."""
LEASE_ALONE = 60.0
LEASE_SHARED = 15.0
"""Seconds a claim is ours. Every call must have its answer (or its own time-out) within 80 % of it."""

UNSURE = "It may have been done, and nobody can tell from here. Look, then retry it or drop it."


@dataclass(frozen=True)
class _Round:
    finished: list[Finished]
    claimed: Claimed


class Outbox:
    """The worker. `performers`: by system; promises of other systems are left to processes that have theirs.

    `at_once`: how many tries of one system may be under way. Each system has its own, so that a Slack that hangs never
    delays a page; what nobody waits for (`Priority.REST`) has a fifth of that beside.
    """

    def __init__(
        self,
        engine: Engine,
        performers: Mapping[str, Performer],
        pace: Pace,
        *,
        at_once: int = 40,
        lease: float | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self._engine = engine
        self._performers = performers
        self._pace = pace
        self._at_once = at_once
        self._lease = lease or (LEASE_SHARED if engine.database.shared else LEASE_ALONE)
        self._finishing = Finishing(engine, patience)
        self._bell = asyncio.Event()
        self._quiet = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._busy: Counter[str] = Counter()
        """How many tries of each queue are under way."""
        self._tried: list[Tried] = []
        self._freed_at = 0.0
        self._stopping = False
        self._worker: asyncio.Task[None] | None = None
        self.counted: Callable[[Finished], None] = lambda finished: None
        """Told of each try once its answer is saved."""

    async def start(self) -> None:
        """Frees what dead processes had claimed, and begins."""
        await self._engine.database.write(self._recover, Urgency.WORK)
        self._engine.wakes.on(OUTBOX, self.wake)
        self._engine.wakes.on(LAPSED, self._cut_short)
        self._worker = asyncio.create_task(self._run(), name="outbox")

    async def stop(self, grace: float = 10.0) -> None:
        """Claims nothing more, waits for what is under way, saves its answers. What takes too long stays in doubt."""
        self._stopping = True
        self._engine.wakes.off(OUTBOX, self.wake)
        self._engine.wakes.off(LAPSED, self._cut_short)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        self._cut_short()
        self.wake()
        if self._worker is not None:
            await self._worker

    @property
    def alive(self) -> bool:
        """Whether the worker still goes its rounds: only a bug ends it."""
        return self._worker is not None and not self._worker.done()

    def wake(self) -> None:
        """There may be something to do."""
        self._bell.set()

    async def idle(self) -> None:
        """Returns once nothing is under way and nothing that waits may go now."""
        self._quiet.clear()
        self.wake()
        await self._quiet.wait()

    async def retry(self, effect_id: int, *, alone: bool = False) -> bool:
        """Tries again what was parked, skipped or dropped. False where it is none of these.

        Unless `alone`, what else of its incident is parked for the same reason goes with it.
        """
        done = await self._engine.database.write(partial(hands.retry, self._engine, effect_id, alone=alone))
        if done.decision is not None:
            await self._engine.committed(done.decision)
        self.wake()
        return done.found

    async def drop(self, effect_id: int) -> bool:
        """Gives up for good what waits, was parked or skipped. False where it is under way or over."""
        dropped = await self._engine.database.write(partial(hands.drop, effect_id, self._engine.clock()))
        self.wake()
        return dropped

    def _cut_short(self) -> None:
        """What is under way stays claimed, and in doubt: another process may be at it already."""
        for task in self._running:
            task.cancel()

    def _recover(self, connection: Connection) -> None:
        now = self._engine.clock()
        free_claims(connection, now)
        self._pace.learn(load_pauses(connection, now))

    async def _run(self) -> None:
        while not (self._stopping and not self._tried and not self._running):
            self._bell.clear()
            tried, self._tried = self._tried, []
            try:
                done = await self._engine.database.write(partial(self._round, tried), Urgency.WORK)
            except Exception as error:  # the outbox's edge: neither a bug nor a lost database ends the worker
                if not isinstance(error, Unavailable):  # of that the database tells by itself
                    log.error("round_failed", error=type(error).__name__)
                self._tried = tried + self._tried
                await asyncio.sleep(POLL)
                continue
            await self._after(done)
            if done.claimed.parked:
                self.wake()
            if not done.claimed.claims and not self._running and not self._tried and not self._bell.is_set():
                self._quiet.set()
            await self._rest(min(POLL, done.claimed.next_in or POLL))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return

    def _round(self, tried: Sequence[Tried], connection: Connection) -> _Round:
        """In one transaction: save every answer, then claim what may go now."""
        now = self._engine.clock()
        point("before-finish")
        ordered = sorted(tried, key=lambda one: one.claim.effect.incident or 0)
        if is_postgres(connection):
            load_incidents(connection, {one.claim.effect.incident or 0 for one in ordered})
            self._look_around(connection, now)
        finished = [self._finishing.finish(connection, one, now) for one in ordered]
        us = self._engine.presence
        slots = self._free_slots() if us.may_claim else {}
        return _Round(finished, claim(connection, us.name, slots, self._pace, self._lease, now))

    def _free_slots(self) -> dict[str, int]:
        """The rest goes one by one while something is under way that people wait for: a storm's rooms are usable before
        their bookmarks are set."""
        if self._stopping:
            return {}
        awaited = any(self._busy[system] for system in self._performers)
        slots = dict.fromkeys(self._performers, self._at_once)
        slots |= dict.fromkeys(
            (f"{system}/rest" for system in self._performers), 1 if awaited else max(1, self._at_once // 5)
        )
        return {name: most - self._busy[name] for name, most in slots.items()}

    def _look_around(self, connection: Connection, now: datetime) -> None:
        """Once a second: what other processes left behind, and what they were told to wait."""
        if time.monotonic() - self._freed_at >= POLL:
            self._freed_at = time.monotonic()
            self._recover(connection)

    async def _after(self, done: _Round) -> None:
        """What is to be done once the round is committed."""
        point("after-finish")
        for one in done.claimed.claims:
            self._begin(one)
        for key in done.claimed.parked:
            log.error("parked", key=key, reason="unknown kind")
        for finished in done.finished:
            await self._tell(finished)

    async def _tell(self, done: Finished) -> None:
        claimed = done.tried.claim
        effect = claimed.effect
        said = {
            "key": claimed.attempt.key,
            "lane": effect.lane,
            "incident": effect.incident,
            "tries": claimed.attempt.tries,
        }
        if done.pause:
            self._pace.pause(*done.pause)
        if effect.incident is not None:
            self._engine.directory.learn(effect.incident, done.refs)
        self.counted(done)
        for decision in done.decisions:
            await self._engine.committed(decision)
        self._engine.wakes.wake_at(OUTBOX, [done.not_before], self._engine.clock())
        if done.state is None:
            log.warning("fenced", **said)
        elif done.state is EffectState.KEPT:
            log.info("kept", **said)
        elif done.state is EffectState.WAITING:
            log.info("doubted" if isinstance(done.tried.answer, Doubtful) else "put_off", **said)
        else:
            log.warning("parked", state=done.state.value, **said)

    def _begin(self, claimed: Claim) -> None:
        task = asyncio.create_task(self._keep(claimed), name=f"effect {claimed.attempt.key}")
        self._running.add(task)
        self._busy[queue(claimed.effect)] += 1
        task.add_done_callback(partial(self._ended, queue(claimed.effect)))

    async def _keep(self, claimed: Claim) -> None:
        tried = await self._answer(claimed)
        self._tried.append(tried)  # looked up now: the list is another after each round

    def _ended(self, taken: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._busy[taken] -= 1
        self.wake()

    async def _answer(self, claimed: Claim) -> Tried:
        """One try, and no answer later than the lease allows."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(loop.time() + claimed.answer_by - time.monotonic()):
                return await self._try(claimed)
        except TimeoutError:
            return Tried(claimed, Doubtful("There was no answer in time."))
        except Unavailable as error:  # an adapter reads, too: nothing is wrong with it
            return Tried(claimed, Doubtful(str(error)))
        except Exception as error:  # the outbox's edge: an adapter that raises has a bug
            if passes(error):
                return Tried(claimed, Doubtful(f"This machine is in trouble: {error}."))
            log.error("adapter_failed", key=claimed.attempt.key, kind=claimed.effect.kind, error=type(error).__name__)
            return Tried(claimed, Doubtful(f"Muster has a bug here ({type(error).__name__})."), bug=True)

    async def _try(self, claimed: Claim) -> Tried:
        """Looks first where an earlier try may have taken effect; sends only while enough of the lease is left."""
        effect, looked = claimed.effect, False
        performer = self._performers[effect.system]
        if claimed.doubtful and effect.in_doubt is InDoubt.ASK:
            return Tried(claimed, GiveUp(UNSURE))
        if claimed.doubtful and effect.in_doubt is InDoubt.LOOK:
            point("before-look")
            found = await performer.look(effect, claimed.attempt)
            if found is not None:
                return Tried(claimed, found)
            looked = True
        if time.monotonic() > claimed.send_by or not self._engine.presence.holds(claimed.owner):
            return Tried(claimed, Retry("Muster was held up and did not send it.", after=0.0), looked)
        self._pace.leaves(effect.buckets)
        point("before-call")
        answer: Answer = await performer.perform(effect, _told(claimed.attempt, claimed.doubtful))
        point("after-call")
        return Tried(claimed, answer, looked)


def _told(attempt: Attempt, repeated: bool) -> Attempt:
    return attempt if attempt.repeated == repeated else replace(attempt, repeated=repeated)
