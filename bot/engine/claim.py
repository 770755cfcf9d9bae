"""Claims promises: in one statement all that may go now, each counted as a try before anything is sent."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, func, select, text, update

from bot.engine import tables as t
from bot.engine.columns import Moment
from bot.engine.dialects import is_postgres, lease_time, lock
from bot.engine.effects import Attempt, Effect, Priority, parse_effect
from bot.engine.pace import Draw, Pace
from bot.engine.presence import gone
from bot.engine.tables import EffectState

CLAIMS = "claims"
"""The row that whoever claims holds, so that two processes never claim two of one lane at once."""

HOLD = timedelta(minutes=2)
"""How long a doubt holds its lane."""

PAGE = 100


@dataclass(frozen=True)
class Claim:
    """A promise that is ours to keep until the lease ends. Times are of this machine's monotonic clock."""

    id: int
    owner: str
    """The name under which this process claimed it."""
    epoch: int
    effect: Effect
    attempt: Attempt
    doubt_since: datetime | None
    """Since when an earlier try may have taken effect."""
    bugs: int
    send_by: float
    """After this nothing may be sent any more: the lease may end before the answer is there."""
    answer_by: float

    @property
    def doubtful(self) -> bool:
        return self.doubt_since is not None


@dataclass
class Claimed:
    """What was claimed, and in how many seconds a rate budget lets the next one go (None: none is waiting for that)."""

    claims: list[Claim] = field(default_factory=list)
    next_in: float | None = None
    parked: list[str] = field(default_factory=list)
    """Keys of promises that this program does not know how to read."""


_CANDIDATES = """
SELECT e.id, e.system || CASE WHEN e.priority >= 4 THEN '/rest' ELSE '' END AS queue, e.buckets FROM effect AS e
WHERE e.state = 'waiting' AND (e.not_before IS NULL OR e.not_before <= :now)
  AND e.system || CASE WHEN e.priority >= 4 THEN '/rest' ELSE '' END IN :queues AND e.buckets NOT IN :blocked
  AND NOT EXISTS (
    SELECT 1 FROM effect AS p
    WHERE p.lane = e.lane AND p.id <> e.id AND p.state IN ('needing', 'waiting', 'claimed')
      AND (p.state = 'claimed' OR (p.id < e.id AND (p.doubt_since IS NULL OR p.doubt_since > :held)))
  )
ORDER BY e.priority, e.id LIMIT :page
"""


def _query(tail: str) -> Any:
    return text(_CANDIDATES + tail).bindparams(
        bindparam("queues", expanding=True),
        bindparam("blocked", expanding=True),
        bindparam("now", type_=Moment()),
        bindparam("held", type_=Moment()),
    )


_SQLITE = _query("")
_POSTGRES = _query("FOR UPDATE OF e SKIP LOCKED")


_e = t.effect.c
_TAKE = (
    update(t.effect)
    .where(_e.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=EffectState.CLAIMED.value,
        tries=_e.tries + 1,
        epoch=_e.epoch + 1,
        owner=bindparam("by"),
        lease_until=bindparam("until"),
        since=func.coalesce(_e.since, bindparam("first", type_=Moment())),
    )
    .returning(
        _e.id, _e.key, _e.kind, _e.incident, _e.priority, _e.body, _e.tries, _e.bugs, _e.since, _e.epoch, _e.doubt_since
    )
)
_REFS = select(t.ref.c.incident, t.ref.c.name, t.ref.c.foreign_id).where(
    t.ref.c.incident.in_(bindparam("incidents", expanding=True))
)


def queue(effect: Effect) -> str:
    """Whose slots it takes: its system's, or those that its system has for what nobody waits for."""
    return f"{effect.system}/rest" if effect.priority is Priority.REST else effect.system


def claim(
    connection: Connection, owner: str, slots: Mapping[str, int], pace: Pace, lease: float, now: datetime
) -> Claimed:
    """At most `slots[queue]` promises of each queue: heads of their lanes, due, within the pace; the urgent first."""
    began = time.monotonic()
    claimed = Claimed()
    free = {name: count for name, count in slots.items() if count > 0}
    if not free:
        return claimed
    lock(connection, CLAIMS)
    chosen = _choose(connection, free, pace, now, claimed)
    if not chosen:
        return claimed
    rows = _take(connection, chosen, owner, lease, now)
    refs = _refs(connection, {row.incident for row in rows if row.incident is not None})
    for row in sorted(rows, key=lambda row: (row.priority, row.id)):
        effect = _parse(row)
        if effect is None:
            _park_unknown(connection, row)
            claimed.parked.append(row.key)
            continue
        attempt = Attempt(row.key, row.tries, row.since, refs.get(row.incident, {}), row.doubt_since is not None)
        ours = Claim(
            id=row.id,
            owner=owner,
            epoch=row.epoch,
            effect=effect,
            attempt=attempt,
            doubt_since=row.doubt_since,
            bugs=row.bugs,
            send_by=began + lease * 0.5,
            answer_by=began + lease * 0.8,
        )
        claimed.claims.append(ours)
    return claimed


def _choose(connection: Connection, free: dict[str, int], pace: Pace, now: datetime, claimed: Claimed) -> list[int]:
    """Ids that may go; `free` is used up. What has no rate budget or slot left is asked for no more."""
    chosen: list[int] = []
    blocked: set[str] = set()
    draw = Draw(connection, pace)
    query = _POSTGRES if is_postgres(connection) else _SQLITE
    page = max(PAGE, *free.values())
    while True:
        open_queues = [name for name, slots in free.items() if slots > 0]
        asked = {
            "queues": open_queues or ["-"],
            "blocked": list(blocked) or ["-"],
            "now": now,
            "held": now - HOLD,
            "page": page,
        }
        rows = [row for row in connection.execute(query, asked) if row.id not in chosen]
        known = len(blocked)
        draw.know(bucket for row in rows for bucket in _buckets(row))
        chosen += _affordable(rows, free, draw, blocked, claimed)
        filled = sum(slots > 0 for slots in free.values()) < len(open_queues)
        if (len(blocked) == known and not filled) or len(rows) + len(chosen) < page:
            draw.save()
            return chosen


def _affordable(
    rows: Sequence[Any], free: dict[str, int], draw: Draw, blocked: set[str], claimed: Claimed
) -> list[int]:
    """Of these rows in their order, the ids of those that find a slot and a rate budget; both are used up."""
    chosen = []
    for row in rows:
        buckets = _buckets(row)
        wait = draw.wait(buckets)
        if wait > 0:
            blocked.add(row.buckets)
            claimed.next_in = min(wait, claimed.next_in or wait)
        elif row.buckets not in blocked and free[row.queue] > 0:
            draw.take(buckets)
            free[row.queue] -= 1
            chosen.append(row.id)
    return chosen


def _buckets(row: Any) -> list[str]:
    return row.buckets.split("\n") if row.buckets else []


def _take(connection: Connection, ids: Sequence[int], owner: str, lease: float, now: datetime) -> Sequence[Any]:
    until = lease_time(connection, now) + timedelta(seconds=lease)
    return connection.execute(_TAKE, {"ids": ids, "by": owner, "until": until, "first": now}).all()


def _refs(connection: Connection, incidents: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    if incidents:
        for row in connection.execute(_REFS, {"incidents": list(incidents)}):
            found.setdefault(row.incident, {})[row.name] = row.foreign_id
    return found


def _parse(row: Any) -> Effect | None:
    try:
        return parse_effect(row.kind, json.loads(row.body))
    except (KeyError, ValidationError):
        return None


def _park_unknown(connection: Connection, row: Any) -> None:
    reason = f"This version of Muster cannot read a promise of kind {row.kind}."
    parked = {"state": EffectState.PARKED.value, "reason": reason, "owner": "", "lease_until": None}
    connection.execute(update(t.effect).where(t.effect.c.id == row.id).values(**parked))


def free_claims(connection: Connection, now: datetime) -> None:
    """Claims of processes that are gone are free again, each of them in doubt.

    On SQLite that is every claim (call it before the first of one's own); on PostgreSQL those whose lease has ended, or
    whose process has said for too long no more that it lives.
    """
    over = t.effect.c.state == EffectState.CLAIMED.value
    if is_postgres(connection):
        over = over & ((t.effect.c.lease_until < lease_time(connection, now)) | gone(t.effect.c.owner))
    freed = {"state": EffectState.WAITING.value, "owner": "", "lease_until": None, "doubt_since": now}
    connection.execute(update(t.effect).where(over).values(**freed))
