"""`python -m tests.fuzz --minutes 10`: every target in turn with inputs never tried before, until time is up."""

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence

from bot import log
from tests.fuzz.play import Broken, play, stage
from tests.fuzz.stage import Stage
from tests.fuzz.targets import TARGETS, Target

SLICE = 250
"""Inputs of one target before the next one's turn."""


def main() -> int:
    """0 when every law held, 1 where one was broken; 2 for a name that is no target's."""
    asked = _asked()
    chosen = [target for target in TARGETS if not asked.only or target.name in asked.only]
    if not chosen:
        print("The targets are: " + ", ".join(target.name for target in TARGETS))
        return 2
    log.set_up(level="ERROR", form="json", stream=open(os.devnull, "w"))  # noqa: SIM115  (the process is short)
    with stage() as on:
        found, tried = _campaign(on, chosen, asked.seed, time.monotonic() + 60 * asked.minutes)
    for line in found:
        print(line)
    print(f"{tried:,} inputs, {len(found)} found; --seed {asked.seed} repeats it")
    return 1 if found else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats a run")
    parser.add_argument("--only", action="append", metavar="TARGET", help="may be given several times")
    return parser.parse_args()


def _campaign(on: Stage, targets: Sequence[Target], seed: int, until: float) -> tuple[list[str], int]:
    """The lines to paste into `tests/fuzz/found.py`, and how many inputs; a target that broke is not asked again."""
    found: list[str] = []
    left, tried = list(targets), 0
    while left and time.monotonic() < until:
        for target in list(left):
            try:
                play(on, target, SLICE, seed + tried)
            except Broken as broken:
                found.append(broken.line)
                left.remove(target)
                _say(f"BROKEN {broken}\n")
            tried += SLICE
            _say(f"{tried:,} inputs, {len(found)} found, {max(0, until - time.monotonic()):.0f} s left: {target.name}")
            if time.monotonic() >= until:
                break
    _say("")
    return found, tried


def _say(line: str) -> None:
    """One line that is written over and over on a terminal, and only what matters elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line[:500]}", end="", file=sys.stderr, flush=True)
    elif line.startswith("BROKEN"):
        print(line[:2000], end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
