"""How fast we may go: a token bucket per rate budget here, and pauses that all processes keep."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from bot.engine import tables as t
from bot.engine.dialects import upsert


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

    Buckets are this process's own; a pause (a 429's Retry-After) is saved and holds for every process.
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

    def pause(self, bucket: str, seconds: float) -> None:
        """Nobody uses the bucket for so long; a longer pause that holds already stays."""
        until = self._clock() + seconds
        self._paused[bucket] = max(until, self._paused.get(bucket, until))

    def learn(self, pauses: Mapping[str, datetime], now: datetime) -> None:
        """What other processes (or an earlier life of this one) were told to wait."""
        for bucket, until in pauses.items():
            self.pause(bucket, (until - now).total_seconds())

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


def save_pause(connection: Connection, bucket: str, seconds: float, now: datetime) -> None:
    row = {"bucket": bucket, "until": now + timedelta(seconds=seconds)}
    connection.execute(upsert(connection, t.pace), row)


def load_pauses(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The pauses that still hold; those that are over are cleared away."""
    pauses = dict(connection.execute(select(t.pace.c.bucket, t.pace.c.until)).all())
    over = [bucket for bucket, until in pauses.items() if until <= now]
    if over:
        connection.execute(delete(t.pace).where(t.pace.c.bucket.in_(over)))
    return {bucket: until for bucket, until in pauses.items() if until > now}
