"""The fault campaign: Slack and PagerDuty refuse, fail, go away and answer oddly; each row has its promised outcome."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot import log
from bot.sandbox import Rule
from bot.sandbox.faults import CallFault
from tests.campaign import faults_rooms
from tests.campaign.faults_calls import CALLS
from tests.campaign.faults_nights import CHECKS, End, calm_night, parts_of
from tests.campaign.faults_people import DAYS
from tests.campaign.faults_table import ODD, TABLE, Outcome, Refusal
from tests.campaign.faults_weather import HOURS, Weather
from tests.campaign.faults_world import Named, OpenBrisk, Worlds, lived
from tests.stories.deaths import quietly
from tests.stories.plot import differences

KINDS: tuple[CallFault, ...] = ("429", "500", "500_after", "503", "reset", "reset_after", "hang", "malformed")
"""In which ways any call fails."""
LATEST = 2
"""A call of a mixture fails at its first, second or third occurrence."""
MIXED = 6
"""How many calls of a story fail in one mixture."""
ALONE = ("conversations.create", "chat.postMessage")
"""What everything else of a night hangs on: each refusal of these has a night of its own."""
FIRST = ("conversations.info", "files.getUploadURLExternal")
"""Calls without which another that is refused in other nights is never made."""

MOST_LINES, MOST_SHOWN = 8, 400
"""How much is shown of what was wrong in one night."""

Trial = Callable[[], Awaitable[list[str]]]


@dataclass(frozen=True)
class Night:
    """Something to be tried. `alone`: the same, each row for itself, for when it goes wrong with all of them."""

    name: str
    promised: str
    trial: Trial
    alone: tuple["Night", ...] = ()


@dataclass
class Campaign:
    """All nights of one kind of world, and what the undisturbed ones end like."""

    open_world: OpenBrisk
    calm: End
    rooms: End
    """How the short night of what rooms can do ends."""
    story: End
    calls: tuple[Named, ...]
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def nights(self, seed: int, mixtures: int) -> Iterator[Night]:
        yield from self._transport()
        yield from self._refusals()
        for odd in ODD:
            rules = [odd.rule(*call) for call in self.calls]
            yield Night(f"odd: {odd.name}", Outcome.SAME, partial(self._story, rules))
        for weather in (*HOURS, *DAYS, *CALLS):
            yield Night(f"weather: {_called(weather)}", weather.__doc__ or "", partial(weather, self.open_world))
        for number in range(mixtures):
            yield self._mixture(seed, number)

    def _transport(self) -> Iterator[Night]:
        """Each call of the story in turn, in each way."""
        for system, method in self.calls:
            for kind in KINDS:
                rules = [Rule(system, method, kind, retry_after=0.1)]
                yield Night(f"{system} {method} {kind}", Outcome.SAME, partial(self._story, rules))

    def _refusals(self) -> Iterator[Night]:
        """What is parked for different methods goes into one night; everything else has a night of its own."""
        parked = [row for row in TABLE if row.outcome is Outcome.PARKED and row.method not in ALONE]
        for group in _apart(parked):
            methods = dict.fromkeys(row.method for row in group)
            columns = [[row for row in group if row.method == method] for method in methods]
            for rows in zip_longest(*columns):
                yield self._night([row for row in rows if row])
        for row in TABLE:
            if row not in parked:
                yield self._night([row])

    def _night(self, rows: Sequence[Refusal]) -> Night:
        outcome = rows[0].outcome
        calm = self.rooms if parts_of(rows) is faults_rooms.PARTS else self.calm
        right = self.story if outcome is Outcome.SAME else calm
        alone = tuple(self._night([row]) for row in rows) if len(rows) > 1 else ()
        name = " · ".join(str(row) for row in rows)
        return Night(name, outcome, partial(CHECKS[outcome], self.open_world, rows, right), alone)

    def _mixture(self, seed: int, number: int) -> Night:
        chance = random.Random(f"{seed}/{number}")
        rules = [
            Rule(*call, chance.choice(KINDS), after=chance.randint(0, LATEST), retry_after=chance.random())
            for call in chance.sample(self.calls, k=MIXED)
        ]
        told = ", ".join(f"{r.method} {r.kind} after {r.after}" for r in rules)
        return Night(f"mixture {number}: {told}", Outcome.SAME, partial(self._story, rules))

    async def _story(self, rules: Sequence[Rule]) -> list[str]:
        """The whole story with these faults on the way; it must end as it does without."""
        for rule in rules:
            rule.struck = rule.seen = 0
        async with self.open_world() as world:
            end, made = await lived(world, *rules)
        missed = [r for r in rules if not r.struck and made[r.system, r.method] > r.after]
        return [*differences(end, self.story), *(f"{r.method} was never met" for r in missed)]

    async def hold(self, night: Night) -> None:
        """One night; what was wrong is noted. Where several rows share it, each that is wrong alone is named."""
        wrong = await _tried(night.trial)
        if not wrong:
            return
        guilty = {one.name: lines for one in night.alone if (lines := await _tried(one.trial))}
        self.wrong |= guilty or {night.name: [f"promised: {night.promised}", *wrong]}


def _apart(parked: Sequence[Refusal]) -> list[list[Refusal]]:
    """Rows that can be met in one night: each method's where it is called, and not where another is in its way."""
    first = (*FIRST, *faults_rooms.FIRST)
    places = [(row.method in faults_rooms.METHODS, row.method in first) for row in parked]
    return [[row for row, place in zip(parked, places, strict=True) if place == here] for here in sorted({*places})]


async def _tried(trial: Trial) -> list[str]:
    try:
        return await trial()
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def _called(weather: Weather) -> str:
    return getattr(weather, "__name__", "").replace("_", " ")


async def prepared(open_world: OpenBrisk) -> Campaign:
    """The undisturbed nights, lived once."""
    async with open_world() as world:
        story, calls = await lived(world)
    calm, rooms = await calm_night(open_world), await calm_night(open_world, faults_rooms.PARTS)
    return Campaign(open_world, calm, rooms, story, tuple(sorted(calls)))


async def run(seed: int, only: str, mixtures: int, told: Callable[[Campaign, Sequence[Night]], Progress]) -> Campaign:
    """Holds all nights whose name has the words in it."""
    with tempfile.TemporaryDirectory(prefix="muster-faults-") as folder, quietly():
        campaign = await prepared(Worlds(Path(folder)))
        nights = [n for n in campaign.nights(seed, mixtures) if all(w in n.name for w in only.split())]
        with told(campaign, nights) as progress:
            task = progress.add_task("nights", total=len(nights))
            for night in nights:
                before = len(campaign.wrong)
                await campaign.hold(night)
                for name, lines in list(campaign.wrong.items())[before:]:
                    shown = [f"  {line[:MOST_SHOWN]}" for line in lines[:MOST_LINES]]
                    progress.console.print(name, *shown, sep="\n", markup=False)
                progress.advance(task)
    return campaign


def _bar(campaign: Campaign, nights: Sequence[Night]) -> Progress:
    console = Console(highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


@contextmanager
def _quiet() -> Iterator[None]:
    """The bot's own log goes nowhere: what matters is how it ends."""
    with open("/dev/null", "w") as nowhere:
        log.set_up(level="CRITICAL", form="json", stream=nowhere)
        yield


def faults(
    seed: Annotated[int, typer.Option(help="Which mixtures; the same seed tries the same.")] = 7,
    only: Annotated[str, typer.Option(help="Only nights whose name has all these words in it.")] = "",
    mixtures: Annotated[int, typer.Option(help="How many random mixtures of faults.")] = 50,
    rows: Annotated[bool, typer.Option("--rows", help="Only show the table of refusals and outcomes.")] = False,
) -> None:
    """Slack and PagerDuty refuse, fail, go away and answer oddly: each of it must end as the table promises."""
    if rows:
        for row in TABLE:
            typer.echo(f"{row}: {row.outcome}")
        return
    begun = time.monotonic()
    typer.echo(f"seed {seed}")
    with _quiet():
        campaign = asyncio.run(run(seed, only, mixtures, _bar))
    typer.echo(f"{len(campaign.wrong)} wrong, {time.monotonic() - begun:.0f} s, seed {seed}")
    raise typer.Exit(code=1 if campaign.wrong else 0)
