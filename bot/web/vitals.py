"""How the bot is doing, as values: whether work may be given to it, and what is counted."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bot.engine.durations import Durations


class State(StrEnum):
    FINE = "fine"
    DEGRADED = "degraded"
    """Worth knowing, and no reason to give the work to somebody else."""
    DOWN = "down"
    """`/readyz` is red: this process cannot hear or act, and another one, or a restart, may well."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `says` tells what is wrong and what to do."""

    name: str
    state: State = State.FINE
    says: str = ""


@dataclass(frozen=True)
class Sample:
    """One figure for `/metrics`. Labels never name an incident: metrics are read by people who are not in it."""

    name: str
    help: str
    value: float | Durations
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["gauge", "counter", "histogram"] = "gauge"


Look = Callable[[], Awaitable[Sequence[Check]]]
Count = Callable[[], Awaitable[Sequence[Sample]]]


async def _nothing() -> Sequence[Check]:
    return ()


@dataclass(frozen=True)
class Vitals:
    """`checks` looks at everything that `/readyz` goes by, and answers in time whatever hangs."""

    checks: Look = _nothing
    counts: Sequence[Count] = ()

    async def samples(self) -> list[Sample]:
        """One after the other: whatever is being scraped, people's commands go first."""
        return [sample for count in self.counts for sample in await count()]
