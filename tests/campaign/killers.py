"""Two ways to die: at random moments, and at every named commit and call in its turn."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.campaign.lives import Replica, Stillborn

Mode = Literal["moments", "seams"]
MODES: tuple[Mode, ...] = ("moments", "seams")
LIFE = (0.02, 1.2)
"""How long a bot lives after it is ready, in seconds: between these, at random; longer where starts take longer than
`BRISK`, or on a busy machine no life would get anything done."""
BRISK = 0.5
"""Seconds in which a bot is ready on a quiet machine."""
EARLY = 0.2
"""Which part of the deaths comes while the bot starts."""
START = 0.4
"""Seconds of a start in which those come."""
START_SEAMS = 30
"""Seams of a start at which those come."""
EVERY = 40
"""A life dies at every so many seams; the first one of a story earlier, at each of them in its turn."""
MOST = 30
"""Deaths in one story; then it may end in peace."""


@dataclass
class Tally:
    """What was done so far in one setting: `wanted` kills are enough."""

    wanted: int
    kills: int = 0
    stories: int = 0
    seams: Counter[str] = field(default_factory=Counter)
    """Deaths by kind of seam."""
    told: Callable[[], None] = lambda: None

    @property
    def enough(self) -> bool:
        return self.kills >= self.wanted

    def kill(self) -> None:
        self.kills += 1
        self.told()


class Killer(Protocol):
    """Whoever ends lives of one bot while people live a story, until it is cancelled or has had enough."""

    victim: Replica

    async def arm(self) -> None:
        """What must be before the story begins."""

    async def run(self) -> None: ...


@dataclass
class AtMoments:
    """SIGKILL from outside."""

    victim: Replica
    chance: random.Random
    tally: Tally

    async def arm(self) -> None:
        return

    async def run(self) -> None:
        for _ in range(MOST):
            if self.tally.enough:
                return
            await self._wait()
            assert self.victim.life is not None
            await self.victim.life.kill()
            self.tally.kill()
            await self.victim.begin()

    async def _wait(self) -> None:
        if self.chance.random() < EARLY:
            await asyncio.sleep(self.chance.uniform(0, START))
            return
        begun = time.monotonic()
        if not await self.victim.ready():
            raise Stillborn(f"{self.victim.name} ended by itself")
        await asyncio.sleep(self.chance.uniform(*LIFE) * max(1.0, (time.monotonic() - begun) / BRISK))


@dataclass
class AtSeams:
    """SIGKILL by its own hand at the `first` seam of the story, then at every so many more.

    Where it comes to a kind of seam at which nobody has died yet, it dies there first.
    """

    victim: Replica
    chance: random.Random
    tally: Tally
    first: int

    async def arm(self) -> None:
        assert self.victim.life is not None
        await self.victim.life.kill()
        await self._live(self.first)

    async def run(self) -> None:
        while True:
            assert self.victim.life is not None
            await self.victim.life.ended.wait()
            self.tally.seams[self.victim.died_at()] += 1
            self.tally.kill()
            if self.tally.enough or len(self.victim.deaths) == MOST:
                break
            await self._next()
        await self.victim.begin()

    async def _next(self) -> None:
        if self.chance.random() < EARLY:
            await self.victim.begin(self.chance.randint(1, START_SEAMS), counts=True, known=self.tally.seams)
        else:
            await self._live(EVERY)

    async def _live(self, seam: int) -> None:
        await self.victim.begin(seam, known=self.tally.seams)
        if await self.victim.ready():
            self.victim.count()
