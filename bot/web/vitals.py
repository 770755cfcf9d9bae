"""How the bot is doing, as values: what must be fine before work is given to it, and what is counted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

PATIENCE = 2.0
"""Seconds that one look may take before it counts as not fine."""


@dataclass(frozen=True)
class Check:
    """One thing that must be fine for `/readyz` to be green; `says` tells what is wrong and what to do."""

    name: str
    fine: bool
    says: str = ""


@dataclass(frozen=True)
class Sample:
    """One figure for `/metrics`. Labels never name an incident: metrics are read by people who are not in it."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["gauge", "counter"] = "gauge"


Look = Callable[[], Awaitable[Check]]
Count = Callable[[], Awaitable[Sequence[Sample]]]


@dataclass(frozen=True)
class Vitals:
    """Where to look, by name; looks run side by side."""

    looks: Mapping[str, Look] = field(default_factory=dict)
    counts: Sequence[Count] = ()

    async def checks(self) -> list[Check]:
        return list(await asyncio.gather(*(_in_time(name, look) for name, look in self.looks.items())))

    async def samples(self) -> list[Sample]:
        found = await asyncio.gather(*(count() for count in self.counts))
        return [sample for samples in found for sample in samples]


async def _in_time(name: str, look: Look) -> Check:
    try:
        async with asyncio.timeout(PATIENCE):
            return await look()
    except TimeoutError:
        return Check(name, fine=False, says=f"no answer within {PATIENCE:g} s")
