"""What stands behind the curtain of a demo: the bot's process and its promises, the tour, the stories that play."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Life(StrEnum):
    """Whether the bot is there."""

    STARTING = "starting"
    RUNNING = "running"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Row:
    """A promise that is not kept yet: `what` is to happen `where`; `next_at` in epoch seconds."""

    what: str
    where: str
    state: str
    tries: int
    reason: str
    next_at: float | None


@dataclass(frozen=True, slots=True)
class Promises:
    """What the bot owes the outside: counts, and the rows behind them (the newest twenty)."""

    pending: int
    retried: int
    parked: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step of the tour; `place` is a path below `/as/{person}`, `undo` says what undoing it does."""

    key: str
    title: str
    words: str
    place: str
    done: bool
    undo: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A story that can be played."""

    key: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Playing:
    """The story that plays: beat `beat` of `of`, done by `who` at `place`."""

    scenario: str
    caption: str
    who: str
    place: str
    beat: int
    of: int
    paused: bool


class Backstage(Protocol):
    """Given to the sandbox by whoever started a bot beside it; read on the sandbox's loop, so nothing blocks."""

    name: str

    def life(self) -> Life: ...
    def promises(self) -> Promises: ...
    def tour(self) -> Sequence[TourStep]: ...
    def scenarios(self) -> Sequence[Offer]: ...
    def playing(self) -> Playing | None: ...
    async def kill(self) -> None: ...
    async def start(self) -> None: ...
    async def undo(self, step: str) -> None: ...
    async def play(self, scenario: str) -> None: ...
    async def pause(self) -> None: ...
    async def go_on(self) -> None: ...
    async def stop(self) -> None: ...
