"""The kill campaign: the real program gets SIGKILL in the middle of a story, again and again, and every story must end
as it does when nobody dies."""

import asyncio
import random
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.engine.db import Database
from bot.engine.handle import utc_now
from bot.engine.outbox import UNSURE
from bot.engine.reading import Reading
from bot.sandbox import Impossible
from bot.terminal.books import judged, read_books
from tests.campaign.killers import EVERY, MODES, AtMoments, AtSeams, Killer, Mode, Tally
from tests.campaign.lives import Replica, Stillborn, cradle
from tests.campaign.scene import SETTINGS, Scene, Setting, Theatre
from tests.engine.conftest import Cluster
from tests.stories.long_night import LongNight
from tests.stories.plot import Plot, differences, end_of

PATIENCE = 300.0
"""Seconds that people wait for each thing: what a dead replica had in hand is free after a quarter of a minute, and it
may die with it again."""
REST = 90.0
"""Seconds after the story until everything promised must be kept."""
LOOK = 0.03
WORDS = 300
"""Characters of a sentence about what is wrong; the whole is kept beside the logs."""
WORST = 3
"""So many stories that went wrong are enough."""


class On(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    REPLICAS = "replicas"
    ALL = "all"


class Played(StrEnum):
    MAIN = "main"
    NIGHT = "night"
    BOTH = "both"


PLOTS: Mapping[Played, type[Plot]] = {Played.MAIN: Plot, Played.NIGHT: LongNight}


class How(StrEnum):
    MOMENTS = "moments"
    SEAMS = "seams"
    ALL = "all"


@dataclass(frozen=True)
class Wrong:
    """A story whose end is not right."""

    story: str
    kept: Path
    sentences: list[str]


@dataclass(frozen=True)
class Peace:
    """How the story ends when nobody dies, and the kinds of seams that are passed on the way."""

    end: dict[str, object]
    seams: frozenset[str]


@dataclass
class Campaign:
    """Stories in one setting, of one mode, until enough lives were ended."""

    theatre: Theatre
    setting: Setting
    mode: Mode
    seed: int
    peace: Mapping[Played, Peace]
    """Of the plots that may be played."""
    tally: Tally
    wrong: list[Wrong] = field(default_factory=list)

    async def run(self, side_by_side: int, only: int | None = None) -> None:
        """Plays them; one alone where its number is told."""
        if only is not None:
            await self.story(only)
            return
        numbers = count()
        await asyncio.gather(*(self._row(numbers) for _ in range(side_by_side)))

    async def _row(self, numbers: Iterator[int]) -> None:
        while not self.tally.enough and len(self.wrong) < WORST:
            await self.story(next(numbers))

    def plot(self, number: int) -> Played:
        """Which of them this story has."""
        return random.Random(f"{self.seed}/{number}").choice(sorted(self.peace))

    async def story(self, number: int) -> None:
        name = f"{self.mode}-{number}"
        try:
            async with self.theatre.scene(self.setting, name) as scene:
                wrong = await self._lived(scene, number)
                if wrong:
                    scene.keep(wrong)
        except Stillborn as error:
            wrong = [str(error)]
        folder = self.theatre.folder_of(self.setting, name)
        if wrong:
            told = f"{self.setting}, {self.mode}, story {number} ({self.plot(number)})"
            self.wrong.append(Wrong(told, folder, wrong))
        else:
            shutil.rmtree(folder)
        self.tally.stories += 1
        self.tally.told()

    async def _lived(self, scene: Scene, number: int) -> list[str]:
        """What was wrong in the end."""
        killer, plot = self._killer(scene, number), self.plot(number)
        try:
            await killer.arm()
            await _until_people_are_through(scene, killer, PLOTS[plot])
            await _last_death(scene, killer.victim)
        except (Impossible, Stillborn) as error:
            return [str(error)]
        return await disagreement(scene, self.peace[plot])

    def _killer(self, scene: Scene, number: int) -> Killer:
        chance = random.Random(f"{self.seed}/{self.setting}/{self.mode}/{number}")
        victim = chance.choice(scene.replicas)
        if self.mode == "moments":
            return AtMoments(victim, chance, self.tally)
        turns = [*range(1, EVERY + 1)]
        random.Random(self.seed).shuffle(turns)
        return AtSeams(victim, chance, self.tally, turns[number % EVERY])


async def _until_people_are_through(scene: Scene, killer: Killer, plot: type[Plot]) -> None:
    people = asyncio.create_task(plot(scene, PATIENCE, LOOK).play())
    killing = asyncio.create_task(killer.run())
    try:
        await asyncio.wait({people, killing}, return_when=asyncio.FIRST_COMPLETED)
        if killing.done():
            killing.result()
        await people
    finally:
        for task in (people, killing):
            task.cancel()
        await asyncio.gather(people, killing, return_exceptions=True)


async def _last_death(scene: Scene, victim: Replica) -> None:
    """Whatever the victim still had in hand is for the other replica, or else for its next life.

    It stands again only then: what PagerDuty could not bring it meanwhile comes late. Raises Stillborn.
    """
    if victim.life is not None:
        await victim.life.kill()
    if len(scene.replicas) > 1 and not await _at_last(scene.is_done):
        raise Stillborn(f"what {victim.name} had in hand was never taken over")
    await victim.stand()


async def _at_last(holds: Callable[[], Awaitable[bool]]) -> bool:
    """Whether it comes true in the time there is."""
    end = time.monotonic() + REST
    while not await holds():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.3)
    return True


async def disagreement(scene: Scene, peace: Peace) -> list[str]:
    """What is still wrong when everything had time to come to rest."""
    end = time.monotonic() + REST
    while True:
        wrong = await wrongs(scene, peace) if await scene.at_rest() else ["it did not come to rest"]
        if not wrong or time.monotonic() > end:
            return wrong
        await asyncio.sleep(0.3)


async def wrongs(scene: Scene, peace: Peace) -> list[str]:
    """What the books do not agree about, and how the end differs from that of a story without a death.

    What was parked because only people can tell whether it was done is right so: they were asked, and looked.
    """
    _, found = judged(await read_books(scene.hands, scene.database_url))
    disagreed = [sentence for sentence in found if UNSURE not in sentence]
    return [*disagreed, *differences(await how_it_ended(scene), peace.end), *scene.left_over()]


async def how_it_ended(scene: Scene) -> dict[str, object]:
    """The end of the story in a form that is the same whenever it ended the same way."""
    database = await asyncio.to_thread(Database.open, scene.database_url, read_only=True)
    try:
        return await end_of(scene, Reading(database, utc_now))
    finally:
        await asyncio.to_thread(database.close)


async def in_peace(theatre: Theatre, setting: Setting = "sqlite", plot: Played = Played.MAIN) -> Peace:
    """Raises Impossible."""
    async with theatre.scene(setting, f"in-peace-{plot}", walks=True) as scene:
        await lived_in_peace(scene, PLOTS[plot])
        seams = frozenset(kind for replica in scene.replicas for kind in replica.places())
        return Peace(await how_it_ended(scene), seams)


async def lived_in_peace(scene: Scene, plot: type[Plot] = Plot) -> None:
    """The story, and until all is at rest. Raises Impossible."""
    await plot(scene, PATIENCE, LOOK).play()
    if not await _at_last(scene.at_rest):
        raise Impossible("a story without a death did not come to rest")


@asynccontextmanager
async def theatre(folder: Path, *, hurried: bool = False) -> AsyncIterator[Theatre]:
    """A stage for stories, with a PostgreSQL server of its own if any of them needs one; see `Birth` for `hurried`."""
    servers: list[Cluster] = []
    one_by_one = threading.Lock()

    def cluster() -> Cluster:
        with one_by_one:
            if not servers:
                servers.append(Cluster())
            return servers[0]

    try:
        async with cradle() as born:
            yield Theatre(folder, born, cluster, hurried)
    finally:
        for server in servers:
            await asyncio.to_thread(server.stop)


def kill(
    runs: Annotated[int, typer.Option(help="Kills in each setting and mode.")] = 500,
    seed: Annotated[int | None, typer.Option(help="Repeats a run; drawn where none is given.")] = None,
    on: Annotated[On, typer.Option(help="One process on either database, or one of two replicas dying.")] = On.ALL,
    mode: Annotated[How, typer.Option(help="At random moments, or at every named commit and call.")] = How.ALL,
    plot: Annotated[Played, typer.Option(help="The main job, the long night, or either, by the seed.")] = Played.BOTH,
    side_by_side: Annotated[int, typer.Option(help="Stories at once: they mostly wait.")] = 4,
    story: Annotated[int | None, typer.Option(help="Only this one of each, to look at it again.")] = None,
) -> None:
    """SIGKILL the real bot in the middle of stories, and compare the books of both sides."""
    drawn = random.randrange(10**6) if seed is None else seed
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"seed {drawn}")
    plan = [(one, way) for one in SETTINGS if on in (one, On.ALL) for way in MODES if mode in (way, How.ALL)]
    folder = Path(tempfile.mkdtemp(prefix="muster-kills-"))
    begun = time.monotonic()
    plots = [one for one in PLOTS if plot in (one, Played.BOTH)]
    done = asyncio.run(_campaigns(plan, plots, runs, drawn, side_by_side, story, folder, console))
    _tell(done, drawn, time.monotonic() - begun, console)
    if any(one.wrong for one in done):
        raise typer.Exit(code=1)
    shutil.rmtree(folder)


async def _campaigns(
    plan: list[tuple[Setting, Mode]],
    plots: list[Played],
    runs: int,
    seed: int,
    side_by_side: int,
    story: int | None,
    folder: Path,
    console: Console,
) -> list[Campaign]:
    done = []
    async with theatre(folder) as place:
        peace = {plot: await in_peace(place, plot=plot) for plot in plots}
        for setting, mode in plan:
            with _progress(f"{setting}, {mode}", runs, console) as tally:
                begun = time.monotonic()
                campaign = Campaign(place, setting, mode, seed, peace, tally)
                await campaign.run(side_by_side, story)
            console.print(_line(campaign, time.monotonic() - begun))
            done.append(campaign)
    return done


@contextmanager
def _progress(title: str, runs: int, console: Console) -> Iterator[Tally]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("kills"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as shown:
        bar = shown.add_task(title, total=runs)
        tally = Tally(runs)
        tally.told = lambda: shown.update(bar, completed=min(runs, tally.kills))
        yield tally


def _line(done: Campaign, seconds: float) -> str:
    said = f"{done.setting}, {done.mode}: {done.tally.kills} kills in {done.tally.stories} stories, {seconds:.0f} s"
    if done.tally.seams:
        passed = frozenset[str]().union(*(peace.seams for peace in done.peace.values()))
        missed = ", ".join(sorted(passed - set(done.tally.seams)))
        said += f", at {len(done.tally.seams)} kinds of seams{f' (missed: {missed})' if missed else ''}"
    return f"{said}: {f'{len(done.wrong)} stories ended wrong' if done.wrong else 'nothing lost, doubled or stuck'}"


def _tell(done: list[Campaign], seed: int, seconds: float, console: Console) -> None:
    for wrong in (wrong for one in done for wrong in one.wrong):
        console.print(f"{wrong.story}; its logs and database are in {wrong.kept}:")
        for sentence in wrong.sentences:
            console.print(f"  {' '.join(sentence.split())[:WORDS]}", markup=False)
    kills, stories = sum(one.tally.kills for one in done), sum(one.tally.stories for one in done)
    verdict = "the books do not agree" if any(one.wrong for one in done) else "all books agree"
    console.print(f"{kills} kills in {stories} stories, seed {seed}, {seconds:.0f} s: {verdict}")
