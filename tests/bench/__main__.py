"""`python -m tests.bench`: every figure that the README claims, measured here and now, in one table."""

import argparse
import asyncio
import sys
import time
from functools import partial

from rich.console import Console
from rich.status import Status

from tests.bench.acknowledgement import acknowledgement
from tests.bench.fan_out import fan_out
from tests.bench.figures import Bench, Figure, Wish, show
from tests.bench.growth import growth
from tests.bench.intake import intake
from tests.bench.long_timeline import long_timeline
from tests.bench.memory import memory
from tests.bench.start import start
from tests.bench.storm import storm
from tests.bench.strict_limits import strict_limits
from tests.bench.war_room import war_room

ALL: tuple[Bench, ...] = (
    war_room,
    strict_limits,
    storm,
    intake,
    acknowledgement,
    long_timeline,
    start,
    memory,
    fan_out,
    growth,
)
BENCHES = {bench.__name__: bench for bench in ALL}


async def measured(names: list[str], quick: bool) -> list[tuple[str, Figure]]:
    """Every figure of the benches named, in order; what goes on is shown on standard error."""
    found: list[tuple[str, Figure]] = []
    console = Console(stderr=True)
    for name in names:
        begun = time.monotonic()
        with console.status(name) as status:
            async for figure in BENCHES[name](Wish(quick, partial(_show, status, name))):
                found.append((name, figure))
                if not console.is_terminal:
                    console.print(f"{name}: {figure.what}: {figure.value:.4g} {figure.unit} {figure.note}")
        console.print(f"{name}: {time.monotonic() - begun:.0f} s")
    return found


def _show(status: Status, name: str, sentence: str) -> None:
    status.update(f"{name}: {sentence}")


def _words() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    words.add_argument("--only", action="append", choices=list(BENCHES), help="this bench; may be given several times")
    words.add_argument("--quick", action="store_true", help="fewer and smaller: whether it works, not how fast")
    words.add_argument("--json", action="store_true", help="JSON on standard output in place of the table")
    words.add_argument("--list", action="store_true", help="what there is to measure")
    return words.parse_args()


def main() -> None:
    """Measures and prints; ends with 1 when a goal is missed."""
    words = _words()
    if words.list:
        for name, bench in BENCHES.items():
            print(f"{name:12} {(bench.__doc__ or '').strip().splitlines()[0]}")
        return
    found = asyncio.run(measured(words.only or list(BENCHES), words.quick))
    show(found, in_json=words.json)
    sys.exit(any(figure.holds is False for _, figure in found))


if __name__ == "__main__":
    main()
