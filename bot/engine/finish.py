"""Finishes a try: its answer, the foreign ids and what follows from them are saved together, or not at all."""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, exists, select, update
from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError

from bot.engine import tables as t
from bot.engine.claim import Claim
from bot.engine.dialects import notify, savepoint
from bot.engine.effects import Answer, Doubtful, GiveUp, InDoubt, Receipt, Ref, Retry
from bot.engine.handle import Decision, Engine
from bot.engine.pace import save_pause
from bot.engine.promises import save_refs
from bot.engine.tables import EffectState
from bot.engine.wakes import DIRECTORY
from bot.incident.model import Command, Refused
from bot.incident.values import MUSTER

log = structlog.get_logger()


_e = t.effect.c
_FENCED = (
    update(t.effect)
    .where(
        _e.id == bindparam("our_id"),
        _e.owner == bindparam("us"),
        _e.epoch == bindparam("our_epoch"),
        _e.state == EffectState.CLAIMED.value,
    )
    .values(
        state=bindparam("then"),
        reason=bindparam("why"),
        not_before=bindparam("again_at"),
        finished_at=bindparam("over_at"),
        bugs=bindparam("our_bugs"),
        doubt_since=bindparam("doubted_at"),
        receipt=bindparam("got"),
        owner="",
        lease_until=None,
    )
    .returning(_e.id)
)


LONGEST = 300.0
"""Seconds that we let the other side make us wait at once: one that means longer will say so again."""


@dataclass(frozen=True)
class Patience:
    """How long and how often we try: seconds doubling from `first` to `most`; `tries` in doubt, or `bugs`, park it.

    `untold`: after so many seconds in vain people are told (`Effect.late`).
    """

    first: float = 1.0
    most: float = 300.0
    tries: int = 40
    bugs: int = 3
    untold: float = 60.0

    def backoff(self, tries: int) -> float:
        """Seconds until the next try, scattered so that not all come back at once."""
        whole = min(self.most, self.first * 2.0 ** min(tries - 1, 30))
        return whole * random.uniform(0.5, 1.0)  # nosec B311 # noqa: S311  (a jitter, no secret)


@dataclass(frozen=True)
class Tried:
    """A claim and what came of it. `looked`: the look was made and the mark not found, so older doubts are settled."""

    claim: Claim
    answer: Answer
    looked: bool = False
    bug: bool = False


@dataclass
class Finished:
    """What finishing led to, for after the commit."""

    tried: Tried
    state: EffectState | None
    """None: it was not ours any more; the answer is thrown away."""
    decisions: list[Decision] = field(default_factory=list)
    refs: tuple[Ref, ...] = ()
    not_before: datetime | None = None
    pause: tuple[str, float] | None = None
    reason: str = ""


@dataclass(frozen=True)
class Finishing:
    """How tries of one process end."""

    engine: Engine
    patience: Patience = field(default_factory=Patience)

    def finish(self, connection: Connection, tried: Tried, now: datetime) -> Finished:
        """Saves one answer in the open transaction. If what follows from it fails, it is parked."""
        try:
            with savepoint(connection):
                return self._finish(connection, tried, now)
        except (OperationalError, InterfaceError, PendingRollbackError):
            raise  # the database's trouble, not this answer's: the whole round is run again
        except Exception as error:  # the outbox's edge: a bug in what follows must not hold up the others
            log.error("outcome_failed", key=tried.claim.attempt.key, error=type(error).__name__)
            reason = f"It was tried, but what follows from it could not be recorded ({type(error).__name__})."
            return self._park_whole(connection, tried, reason, now)

    def _finish(self, connection: Connection, tried: Tried, now: datetime) -> Finished:
        done = self._judge(tried, now)
        if done.state is EffectState.PARKED and _has_stand_in(connection, tried.claim):
            done.state = EffectState.DROPPED
        receipt = tried.answer if isinstance(tried.answer, Receipt) else None
        if not self._fenced_update(connection, tried, done, receipt, now):
            return Finished(tried, None)
        if done.pause:
            save_pause(connection, *done.pause, now)
        effect = tried.claim.effect
        if receipt and receipt.refs and effect.incident is not None:
            save_refs(connection, effect.incident, receipt.refs)
            notify(connection, DIRECTORY)
        late = (now - tried.claim.attempt.since).total_seconds() >= self.patience.untold
        wishes = _outcome(done, told=late)
        done.decisions = [d for wish in wishes if (d := self._decide(connection, wish, now)) is not None]
        return done

    def _decide(self, connection: Connection, command: Command, now: datetime) -> Decision | None:
        try:
            return self.engine.decide(connection, command, MUSTER, now)
        except Refused as no:
            log.info("outcome_refused", command=type(command).__name__, sentence=no.sentence)
            return None

    def _judge(self, tried: Tried, now: datetime) -> Finished:
        """Where the promise stands after this answer."""
        match tried.answer:
            case Receipt() as receipt:
                return Finished(tried, EffectState.KEPT, refs=receipt.refs)
            case GiveUp(reason, final):
                return Finished(tried, EffectState.SKIPPED if final else EffectState.PARKED, reason=reason)
            case Doubtful(reason) if self._in_vain(tried):
                return Finished(tried, EffectState.PARKED, reason=reason)
            case Doubtful(reason, _, after):
                return self._later(tried, reason, after, now)
            case Retry(reason, after, pause):
                done = self._later(tried, reason, after, now)
                done.pause = (pause, _bounded(after or 0.0) or 1.0) if pause else None
                return done

    def _later(self, tried: Tried, reason: str, after: float | None, now: datetime) -> Finished:
        seconds = self.patience.backoff(tried.claim.attempt.tries) if after is None else _bounded(after)
        return Finished(tried, EffectState.WAITING, not_before=now + timedelta(seconds=seconds), reason=reason)

    def _in_vain(self, tried: Tried) -> bool:
        """Whether a doubt is for a person: because nobody else can tell, or because it never ends."""
        claim = tried.claim
        too_many_bugs = tried.bug and claim.bugs + 1 >= self.patience.bugs
        return claim.effect.in_doubt is InDoubt.ASK or too_many_bugs or claim.attempt.tries >= self.patience.tries

    def _fenced_update(
        self, connection: Connection, tried: Tried, done: Finished, receipt: Receipt | None, now: datetime
    ) -> bool:
        """False where the claim is not ours any more: its lease ended and another process has it."""
        claim = tried.claim
        values = {
            "our_id": claim.id,
            "us": claim.owner,
            "our_epoch": claim.epoch,
            "then": str(done.state),
            "why": done.reason,
            "again_at": done.not_before,
            "over_at": None if done.state is EffectState.WAITING else now,
            "our_bugs": claim.bugs + int(tried.bug),
            "doubted_at": _doubt(tried, now),
            "got": json.dumps(_kept(receipt), default=str) if receipt else "",
        }
        return connection.execute(_FENCED, values).first() is not None

    def _park_whole(self, connection: Connection, tried: Tried, reason: str, now: datetime) -> Finished:
        done = Finished(tried, EffectState.PARKED, reason=reason)
        receipt = tried.answer if isinstance(tried.answer, Receipt) else None
        ours = self._fenced_update(connection, tried, done, receipt, now)
        return done if ours else Finished(tried, None)


def _has_stand_in(connection: Connection, claim: Claim) -> bool:
    """Whether a refresh of the same thing is parked already: once retried, that one draws all that is true then."""
    effect = claim.effect
    if not effect.refreshes:
        return False
    parked = (_e.state == EffectState.PARKED.value, _e.lane == effect.lane, _e.kind == effect.kind, _e.id != claim.id)
    return connection.execute(select(exists().where(*parked))).scalar_one()


def _bounded(seconds: float) -> float:
    """A pause that the other side asks for, as far as it makes sense: what is no number is none."""
    return min(max(seconds, 0.0), LONGEST) if seconds == seconds else 0.0


def _outcome(done: Finished, told: bool) -> list[Command]:
    """The commands that the answer gives rise to: what it tells meanwhile, and what is true once it is final.

    `told`: it was tried in vain for so long that people are told, should they wait for it.
    """
    effect, answer = done.tried.claim.effect, done.tried.answer
    wishes = [answer.tell] if isinstance(answer, Retry | Doubtful) else []
    if isinstance(answer, Receipt):
        wishes.append(effect.kept(answer))
    elif done.state is not EffectState.WAITING:
        wishes.append(effect.failed(done.reason))
    elif told:
        wishes.append(effect.late(done.reason))
    return [wish for wish in wishes if wish is not None]


def _doubt(tried: Tried, now: datetime) -> datetime | None:
    """Since when it is uncertain whether a try took effect: from the first that nothing has settled since."""
    if isinstance(tried.answer, Doubtful):
        fresh = tried.looked or not tried.claim.doubtful
        return now if fresh else tried.claim.doubt_since
    settled = tried.looked or isinstance(tried.answer, Receipt)
    return None if settled else tried.claim.doubt_since


def _kept(receipt: Receipt) -> dict[str, Any]:
    refs = [[ref.system, ref.kind, ref.foreign_id, ref.name] for ref in receipt.refs]
    return {"refs": refs, "data": dict(receipt.data)}


def kept_receipt(stored: str) -> Receipt:
    """A receipt as it was saved."""
    known = json.loads(stored)
    return Receipt(tuple(Ref(*ref) for ref in known["refs"]), known["data"])
