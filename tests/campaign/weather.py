"""The machine misbehaves: each row of the table is a weather, what must come of it, and how that is seen."""

import asyncio
import os
import random
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot import log
from tests.campaign import weather_clock as clock
from tests.campaign import weather_postgres as postgres
from tests.campaign import weather_process as process
from tests.campaign import weather_sqlite as sqlite
from tests.campaign.weather_ground import POSTGRESQL, ROOMY, SQLITE, Ground, NotHere, Weather, asked_under, story_under

LIMIT = 120.0
"""Seconds that a row may take."""
SAME = "the story ends as in fair weather: nothing lost, nothing twice"
TOLD = "people read a sentence within 3 s, PagerDuty is told 503; afterwards both go through, once"
UNNOTICED = "people and PagerDuty are answered in time as ever, once"


NEXT = {
    True: "the next level is called at once, that much time has passed; and no further one",
    False: "the next level is called in its time, a ninth later at most, once",
}
"""By whether the clock jumps ahead."""
STOPPED = "nothing is sent late or twice; /readyz is green within 5 s"
WHY = "muster serve ends and says why in a sentence"
STARTS = (
    ("the file stays locked", process.locked, "Another program holds it locked."),
    ("the file is damaged", process.damaged, "restore a backup"),
    ("the database is a newer program's", process.newer, "newer Muster"),
    ("the disk is read-only", process.read_only, "may not write to it"),
    ("the disk is full", process.full, "full"),
)
"""What is wrong, and words of the sentence."""
CHANGES = {
    "begins": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "ends": datetime(2027, 10, 31, 1, tzinfo=UTC),
}
"""When the clocks of Europe change."""


@dataclass(frozen=True)
class Row:
    """`check` raises AssertionError where the outcome does not hold, NotHere where this machine has no such weather."""

    weather: str
    outcome: str
    check: Callable[[Ground], Awaitable[None]]


async def _story(ground: Ground, weather: Weather, seconds: float) -> None:
    with sqlite.failing_disks(ground.rng):
        async with ground.world(SQLITE) as world:
            await story_under(ground, world, weather, seconds)


async def _asked(ground: Ground, weather: Weather, refused: bool = True) -> None:
    with sqlite.failing_disks(ground.rng):
        async with ground.world(SQLITE) as world:
            await asked_under(world, weather, refused=refused)


async def _story_on_a_small_disk(ground: Ground, weather: Weather, seconds: float) -> None:
    with ground.small_disk() as disk:
        async with ground.world(SQLITE, url=ground.sqlite(disk)) as world:
            await story_under(ground, world, weather, seconds)


async def _asked_on_a_small_disk(ground: Ground, weather: Weather) -> None:
    with ground.small_disk() as disk:
        async with ground.world(SQLITE, url=ground.sqlite(disk)) as world:
            await asked_under(world, weather, refused=True)


async def _story_on_postgres(ground: Ground, weather: Weather, seconds: float) -> None:
    await ground.right(POSTGRESQL)
    async with ground.world(POSTGRESQL) as world:
        await story_under(ground, world, weather, seconds)


async def _asked_on_postgres(ground: Ground, weather: Weather, hangs: bool = False) -> None:
    async with ground.world(POSTGRESQL) as world:
        await asked_under(world, weather, refused=True, hangs=hangs)


async def _server_down(ground: Ground) -> None:
    await _story_on_postgres(ground, postgres.Server(ground.cluster).down, 2)


async def _server_frozen(ground: Ground) -> None:
    await _story_on_postgres(ground, postgres.Server(ground.cluster).frozen, 5)


async def _asked_while_frozen(ground: Ground) -> None:
    await _asked_on_postgres(ground, postgres.Server(ground.cluster).frozen, hangs=True)


async def _server_full(ground: Ground) -> None:
    with ground.small_disk(ROOMY) as disk:
        url = postgres.on_a_small_disk(ground.cluster, disk)
        async with ground.world(POSTGRESQL, url=url) as world:
            await story_under(ground, world, partial(postgres.full, disk=disk), 3)


def _on_postgres(name: str, weather: Weather, seconds: float, hangs: bool = False) -> tuple[Row, Row]:
    story = partial(_story_on_postgres, weather=weather, seconds=seconds)
    asked = partial(_asked_on_postgres, weather=weather, hangs=hangs)
    return Row(f"PostgreSQL {name}, for {seconds:g} s of the story", SAME, story), Row(
        f"PostgreSQL {name}", TOLD, asked
    )


def _both(name: str, weather: Weather, seconds: float) -> tuple[Row, Row]:
    return (
        Row(f"{name}, for {seconds:g} s of the story", SAME, partial(_story, weather=weather, seconds=seconds)),
        Row(name, TOLD, partial(_asked, weather=weather)),
    )


TABLE: tuple[Row, ...] = (
    Row(
        "locked by another program for 1 s of the story",
        SAME,
        partial(_story, weather=sqlite.locked, seconds=1),
    ),
    *_both("locked by another program", sqlite.locked, 10),
    Row("disk full for 3 s of the story", SAME, partial(_story_on_a_small_disk, weather=sqlite.full, seconds=3)),
    Row("disk full", TOLD, partial(_asked_on_a_small_disk, weather=sqlite.full)),
    *_both("read-only database", sqlite.read_only, 3),
    Row(
        "every third operation an I/O error, for 3 s of the story",
        SAME,
        partial(_story, weather=sqlite.hail, seconds=3),
    ),
    *_both("every operation an I/O error", sqlite.dead_disk, 3),
    *_both("database file moved away and back", sqlite.moved, 3),
    *_both("its -wal file moved away and back", sqlite.without_log, 3),
    Row("lock file deleted in the story", SAME, partial(_story, weather=sqlite.without_lock, seconds=1)),
    Row("commits of 500 ms, for 5 s of the story", SAME, partial(_story, weather=sqlite.slow, seconds=5)),
    Row("commits of 500 ms", UNNOTICED, partial(_asked, weather=sqlite.slow, refused=False)),
    *_on_postgres("away", postgres.away, 3),
    *_on_postgres("a standby that takes no writes", postgres.standby, 3),
    _on_postgres("with a statement_timeout of 1 ms", postgres.impatient, 3)[0],
    *_on_postgres("with its tables locked by somebody", postgres.blocked, 4, hangs=True),
    Row(
        "PostgreSQL's connections cut ten times a second, for 3 s of the story",
        SAME,
        partial(_story_on_postgres, weather=postgres.cut_again_and_again, seconds=3),
    ),
    Row("PostgreSQL shut down at once and started again, 2 s of the story", SAME, _server_down),
    Row("PostgreSQL frozen, for 5 s of the story", SAME, _server_frozen),
    Row("PostgreSQL frozen", TOLD, _asked_while_frozen),
    Row("PostgreSQL's disk full, for 3 s of the story", SAME, _server_full),
    *(
        Row(
            f"the clock jumps by {hours:+g} h while a page waits",
            NEXT[hours > 0],
            partial(clock.ladder_after, hours=hours),
        )
        for hours in (-1, -25, 1, 25)
    ),
    Row(
        "the clock jumps there and back again", "what comes meanwhile comes once; the ticks go on", clock.there_and_back
    ),
    *(
        Row(f"daylight saving {name}", "what lasted 20 min is said to", partial(clock.daylight_saving, change=change))
        for name, change in CHANGES.items()
    ),
    Row("the process is stopped for 35 s in the middle of opening a room", STOPPED, process.stopped_and_continued),
    Row("the process has no descriptors left", "it hears again by itself, within seconds", process.out_of_descriptors),
    Row("locked for 1.5 s of the start", "the bot starts", process.starts_once_the_lock_is_gone),
    *(
        Row(f"at the start: {name}", WHY, partial(process.says_why_it_cannot_start, spoil=spoil, words=words))
        for name, spoil, words in STARTS
    ),
)


async def run(seed: int, only: str) -> list[str]:
    """Plays the rows that have all these words; what did not hold, a line each."""
    wrong = []
    for row in TABLE:
        if not all(word in row.weather for word in only.split()):
            continue
        ground, began = Ground(random.Random(f"{seed}/{row.weather}")), time.monotonic()
        try:
            async with asyncio.timeout(LIMIT):
                await row.check(ground)
            verdict = "holds"
        except NotHere as reason:
            verdict = f"not tried: {reason}"
        except Exception as error:  # whatever it is, the row does not hold, and the others have their turn
            where = traceback.extract_tb(error.__traceback__)[-1]
            verdict = f"DOES NOT HOLD: {type(error).__name__} {error} ({where.name}, line {where.lineno})"
            wrong.append(row.weather)
        finally:
            ground.close()
        print(f"{row.weather}: {row.outcome}\n    {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
    return wrong


def weather(
    seed: Annotated[int, typer.Option(help="Draws when it comes down; the same seed does it again.")] = 7,
    only: Annotated[str, typer.Option(help="Only rows with these words.")] = "",
    log_file: Annotated[Path, typer.Option("--log", help="Where the bot's own lines go.")] = Path(os.devnull),
) -> None:
    """The machine misbehaves: disks, databases, clocks, memory. Each outcome is stated, and checked."""
    print(f"weather with seed {seed}", flush=True)
    with log_file.open("w") as lines:
        log.set_up(level="INFO", form="json", stream=lines)
        wrong = asyncio.run(run(seed, only))
    print(f"{len(wrong)} rows do not hold" if wrong else "every row holds")
    raise typer.Exit(code=1 if wrong else 0)


if __name__ == "__main__":
    typer.run(weather)
