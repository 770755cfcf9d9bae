"""The campaign of several: bots on one database are killed and stopped with work in hand; none is lost or doubled."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.bench.figures import Figure, quantile, table
from tests.campaign.kill import theatre
from tests.campaign.scene import Theatre
from tests.campaign.takeovers import LIMIT, opened, stop_and_go, take_over
from tests.campaign.together import storm, wakes

WAKES = 200
ROOMS, NOTES = 2, 20


def replicas(
    deaths: Annotated[int, typer.Option(help="Bots killed with an effect, a delivery, a turn in hand.")] = 6,
    stops: Annotated[float, typer.Option(help="Seconds of stopping bots and letting them go again.")] = 120.0,
    seed: Annotated[int | None, typer.Option(help="Repeats the stops; drawn where none is given.")] = None,
) -> None:
    """Several real bots on one database: take-overs, stops, wake-ups and Slack's limits, as one table."""
    drawn = random.randrange(10**6) if seed is None else seed
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"seed {drawn}")
    folder = Path(tempfile.mkdtemp(prefix="muster-replicas-"))
    found = asyncio.run(_all(folder, deaths, stops, random.Random(drawn), console))
    console.print(table([("replicas", figure) for figure in found]))
    if any(figure.holds is False for figure in found):
        console.print(f"Logs are in {folder}.")
        raise typer.Exit(code=1)
    shutil.rmtree(folder)


async def _all(folder: Path, deaths: int, stops: float, chance: random.Random, console: Console) -> list[Figure]:
    found = []
    async with theatre(folder) as place:
        for part in (_wakes(place), _deaths(place, deaths), _stops(place, stops, chance), _storms(place)):
            async for figure in part:
                console.print(f"  {figure.what}: {figure.value:.4g} {figure.unit} {figure.note}")
                found.append(figure)
    return found


async def _wakes(place: Theatre) -> AsyncIterator[Figure]:
    url = await asyncio.to_thread(place.cluster().fresh)
    taken = await wakes(url, WAKES)
    median = quantile(taken, 0.5)
    yield Figure(f"{WAKES} wakes, 99 %", quantile(taken, 0.99), "ms", most=50, note=f"median {median:.1f}")


async def _deaths(place: Theatre, deaths: int) -> AsyncIterator[Figure]:
    async with place.scene("replicas", "deaths") as scene:
        room = await opened(scene)
        taken = [await take_over(room, number) for number in range(deaths)]
        room.rows.dispose()
    for what in taken[0] if taken else ():
        seconds = [one[what] for one in taken]
        yield Figure(f"{what} in hand, taken over", max(seconds), "s", most=LIMIT, note=f"worst of {deaths} deaths")


async def _stops(place: Theatre, seconds: float, chance: random.Random) -> AsyncIterator[Figure]:
    async with place.scene("replicas", "stops") as scene:
        room = await opened(scene)
        done = await stop_and_go(room, chance, seconds)
        room.rows.dispose()
        note = f"{done.stops} stops"
        yield Figure(
            f"{done.notes} notes lost or doubled", len(done.wrong), most=0, note="; ".join([note, *done.wrong])
        )


async def _storms(place: Theatre) -> AsyncIterator[Figure]:
    one, three = await storm(place, 1, ROOMS, NOTES), await storm(place, 3, ROOMS, NOTES)
    for bots, done in ((1, one), (3, three)):
        share = 100 * done.refused.total() / max(1, done.calls)
        note = f"of {done.calls} calls {dict(done.refused) or 0}"
        yield Figure(f"{bots} under strict limits: 429s", share, "%", most=2, note=note)
        yield Figure(f"{bots} under strict limits: lost or doubled", done.missing, most=0, note=f"{done.seconds:.1f} s")
    yield Figure("three to one, until all is said", three.seconds / one.seconds, "x", most=1.15)
