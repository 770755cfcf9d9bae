"""One target played against the stage, for so many inputs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import FlakyFailure

from tests.fuzz.stage import Stage
from tests.fuzz.targets import Target

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


class Broken(AssertionError):
    """An input that broke the law."""

    def __init__(self, target: str, given: Any, error: BaseException) -> None:
        super().__init__(f"{target}: {type(error).__name__}: {error}")
        self.target, self.given = target, given

    @property
    def line(self) -> str:
        """What is pasted into the corpus (`FOUND`)."""
        return f"({self.target!r}, {self.given!r}),"


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Stage(Path(folder))
        opened.run(opened.open())
        try:
            yield opened
        finally:
            opened.end()


def tried(on: Stage, target: Target, one: Any) -> None:
    """Raises Broken where the law does not hold for this input."""
    try:
        with on.watched():
            target.law(on, one)
    except Exception as error:
        raise Broken(target.name, one, error) from error


def play(on: Stage, target: Target, examples: int, at_random: int | None = None) -> None:
    """So many inputs: always the same ones, unless there is a number `at_random`. Raises Broken."""
    limits = settings(
        max_examples=examples,
        derandomize=at_random is None,
        deadline=None,
        database=None,
        suppress_health_check=QUIET,
        print_blob=False,
        report_multiple_bugs=False,
    )

    @limits
    @given(target.inputs)
    def holds(one: Any) -> None:
        tried(on, target, one)

    try:
        (holds if at_random is None else seed(at_random)(holds))()
    except FlakyFailure as once:
        raise next(error for error in once.exceptions if isinstance(error, Broken)) from None
