"""How fast we may go: a token bucket per rate budget, and pauses; several processes draw on the same ones together."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, bindparam, case, cast, delete, extract, func, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import Insert

from bot.engine import tables as t
from bot.engine.dialects import insert, is_postgres, lease_time

FULL_AGAIN = timedelta(hours=1)
"""After which a budget that nobody used is full, whatever its rate, and its row is cleared away."""


@dataclass(frozen=True)
class Rate:
    """So many a minute, and so many at once after a rest."""

    per_minute: float
    burst: int


@dataclass
class _Tokens:
    left: float
    at: float


class Pace:
    """Says when a try may go. `rate_of`: a bucket's rate, None where nothing limits it.

    A process that has its database for itself counts in memory. On a shared one the counts are in the database: whoever
    claims, holding the one lock for it, catches up with what the others used, and saves what it took. A pause (a 429's
    Retry-After) is saved everywhere and holds for every process.
    """

    def __init__(
        self, rate_of: Callable[[str], Rate | None] = lambda bucket: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate_of = rate_of
        self._clock = clock
        self._tokens: dict[str, _Tokens] = {}
        self._paused: dict[str, float] = {}

    def wait(self, buckets: Iterable[str]) -> float:
        """Seconds until each of the buckets has a token and none is paused; 0 when a try may go now."""
        return max((self._wait(bucket) for bucket in buckets), default=0.0)

    def take(self, buckets: Iterable[str]) -> None:
        """One try goes."""
        for bucket in buckets:
            if (rate := self._rate_of(bucket)) is not None:
                self._filled(bucket, rate).left -= 1

    def leaves(self, buckets: Iterable[str]) -> None:
        """A try that was allowed goes out only now: from a budget of one, the next one's time runs from here.

        What was held up between its claim and its call would else have the next one at its heels, and refused.
        """
        for bucket in buckets:
            rate = self._rate_of(bucket)
            if rate is not None and rate.burst == 1:
                tokens = self._filled(bucket, rate)
                tokens.left = min(tokens.left, 0.0)

    def pause(self, bucket: str, seconds: float) -> None:
        """Nobody uses the bucket for so long; a longer pause that holds already stays."""
        until = self._clock() + seconds
        self._paused[bucket] = max(until, self._paused.get(bucket, until))

    def learn(self, pauses: Mapping[str, float]) -> None:
        """How many seconds other processes (or an earlier life of this one) were told to wait."""
        for bucket, seconds in pauses.items():
            self.pause(bucket, seconds)

    def catch_up(self, connection: Connection, buckets: Collection[str]) -> None:
        """What all processes together have left of these buckets; what was in memory about them is forgotten."""
        if not buckets or not is_postgres(connection):
            return
        now = self._clock()
        for bucket in buckets:
            self._tokens.pop(bucket, None)
        for row in connection.execute(_LEFT, {"buckets": list(buckets)}):
            if row.paused > 0:
                self.pause(row.bucket, row.paused)
            if row.tokens is not None:
                self._tokens[row.bucket] = _Tokens(row.tokens, now - row.age)

    def save(self, connection: Connection, buckets: Iterable[str]) -> None:
        """What is left of these buckets, for the other processes."""
        rows = [{"bucket": b, "tokens": self._tokens[b].left} for b in sorted(set(buckets)) if b in self._tokens]
        if rows and is_postgres(connection):
            connection.execute(_COUNT, rows)

    def _wait(self, bucket: str) -> float:
        paused = max(0.0, self._paused.get(bucket, 0.0) - self._clock())
        if not paused:
            self._paused.pop(bucket, None)
        rate = self._rate_of(bucket)
        if rate is None:
            return paused
        missing = 1 - self._filled(bucket, rate).left
        return max(paused, missing * 60 / rate.per_minute, 0.0)

    def _filled(self, bucket: str, rate: Rate) -> _Tokens:
        now = self._clock()
        tokens = self._tokens.setdefault(bucket, _Tokens(rate.burst, now))
        tokens.left = min(float(rate.burst), tokens.left + (now - tokens.at) * rate.per_minute / 60)
        tokens.at = now
        return tokens


class Draw:
    """What one claim takes of the budgets, in its transaction."""

    def __init__(self, connection: Connection, pace: Pace) -> None:
        self._connection = connection
        self._pace = pace
        self._known: set[str] = set()
        self._used: set[str] = set()

    def know(self, buckets: Iterable[str]) -> None:
        """Makes sure that what the other processes took of these is counted."""
        fresh = set(buckets) - self._known
        self._pace.catch_up(self._connection, fresh)
        self._known |= fresh

    def wait(self, buckets: Iterable[str]) -> float:
        return self._pace.wait(buckets)

    def take(self, buckets: Collection[str]) -> None:
        self._pace.take(buckets)
        self._used.update(buckets)

    def save(self) -> None:
        """For the other processes, once this transaction is committed."""
        self._pace.save(self._connection, self._used)


def _seconds(interval: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(extract("epoch", interval), Float)


_p = t.pace.c
_LEFT = select(
    _p.bucket,
    _seconds(_p.until - func.clock_timestamp()).label("paused"),
    _p.tokens,
    _seconds(func.clock_timestamp() - _p.counted_at).label("age"),
).where(_p.bucket.in_(bindparam("buckets", expanding=True)))


def _counted() -> Insert:
    now = func.clock_timestamp()
    new = postgresql.insert(t.pace).values(
        bucket=bindparam("bucket"), until=now, tokens=bindparam("tokens"), counted_at=now
    )
    return new.on_conflict_do_update(
        index_elements=[_p.bucket], set_={"tokens": new.excluded.tokens, "counted_at": now}
    )


_COUNT = _counted()


@cache
def _pause(on_postgres: bool) -> Insert:
    """Leaves a longer pause as it is."""
    new = insert(on_postgres, t.pace)
    longer = case((new.excluded.until > _p.until, new.excluded.until), else_=_p.until)
    return new.on_conflict_do_update(index_elements=[_p.bucket], set_={"until": longer})


def save_pause(connection: Connection, bucket: str, seconds: float, now: datetime) -> None:
    until = lease_time(connection, now) + timedelta(seconds=seconds)
    connection.execute(_pause(is_postgres(connection)), {"bucket": bucket, "until": until})


def load_pauses(connection: Connection, now: datetime) -> dict[str, float]:
    """How many seconds the pauses still hold; what is neither paused nor counted any more is cleared away."""
    now = lease_time(connection, now)
    rested = or_(_p.counted_at.is_(None), _p.counted_at < now - FULL_AGAIN)
    connection.execute(delete(t.pace).where(_p.until <= now, rested))
    pauses = connection.execute(select(_p.bucket, _p.until).where(_p.until > now)).all()
    return {bucket: (until - now).total_seconds() for bucket, until in pauses}
