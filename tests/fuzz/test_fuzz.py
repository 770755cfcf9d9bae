"""Every parser at the edge keeps its law: a value or the documented refusal, in a moment, with a clean log."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fuzz.found import FOUND
from tests.fuzz.play import Broken, play, stage, tried
from tests.fuzz.stage import Stage
from tests.fuzz.targets import TARGETS, Target

INPUTS = 80
"""For each target, always the same ones; `python -m tests.fuzz` draws others, for as long as one likes."""
BY_NAME = {target.name: target for target in TARGETS}


@pytest.fixture(scope="module")
def on() -> Iterator[Stage]:
    with stage() as opened:
        yield opened


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_nobody_should_send_is_read_or_refused(on: Stage, target: Target) -> None:
    play(on, target, INPUTS)


@pytest.mark.parametrize(("name", "one"), FOUND, ids=[f"{name} {n}" for n, (name, _) in enumerate(FOUND)])
def test_what_was_found_once_stays_mended(on: Stage, name: str, one: Any) -> None:
    tried(on, BY_NAME[name], one)


def test_a_law_that_is_broken_is_noticed(on: Stage, expected_errors: list[str]) -> None:
    """The control: an input that raises, one that only logs an error, and the line to paste."""
    expected_errors.append("said in the log")

    def breaks(_: Stage, one: int) -> None:
        if one == 1:
            raise KeyError("x")
        logging.getLogger("bot").error("said in the log")

    for one in (1, 2):
        with pytest.raises(Broken) as broken:
            tried(on, Target("control", TARGETS[0].inputs, breaks), one)
        assert broken.value.line == f"('control', {one}),"
