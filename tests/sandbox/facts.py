"""Gathers the facts to which tests hold the sandbox: `python -m tests.sandbox.facts` prints them with their sources.

A fact is a test marked `@pytest.mark.fact(source)`, or a row of its table marked so: the test's name and the row's
values say what is so, the mark says who says it.
"""

import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
ROW = type(pytest.param())
LONGEST = 60
"""Characters of one value in a sentence."""


@dataclass(frozen=True)
class Fact:
    """One thing that the real Slack or PagerDuty does; `test` is where the sandbox is held to it."""

    system: str
    sentence: str
    source: str
    test: str


def facts() -> list[Fact]:
    """All of them, by module and in the order in which they are tested."""
    paths = [*sorted(HERE.glob("test_*.py")), *sorted(HERE.glob("conformance/test_*.py"))]
    names = [".".join(("tests.sandbox", *path.relative_to(HERE).with_suffix("").parts)) for path in paths]
    return [fact for name in names for fact in _of_module(importlib.import_module(name))]


def _of_module(module: ModuleType) -> Iterator[Fact]:
    for name, function in vars(module).items():
        if isinstance(function, FunctionType) and name.startswith("test_"):
            yield from _of_test(module.__name__, name, getattr(function, "pytestmark", []))


def _of_test(module: str, name: str, marks: list[Any]) -> Iterator[Fact]:
    whole = next((mark.args[0] for mark in marks if mark.name == "fact"), None)
    tables = [mark for mark in marks if mark.name == "parametrize"]
    for detail, source in _rows(tables[0], whole) if tables else [("", whole)]:
        if source is not None:
            words = name.removeprefix("test_").replace("_", " ")
            yield Fact(_system(module), f"{words}{detail}", source, f"{module}.{name}")


def _rows(table: Any, whole: str | None) -> Iterator[tuple[str, str | None]]:
    names = table.kwargs.get("ids") or [None] * len(table.args[1])
    for row, name in zip(table.args[1], names, strict=True):
        own = row if isinstance(row, ROW) else pytest.param(row, id=name)
        marked = [mark.args[0] for mark in own.marks if mark.name == "fact"]
        yield f": {own.id or _values(row)}", marked[0] if marked else whole


def _values(row: Any) -> str:
    values = row.values if isinstance(row, ROW) else row
    listed = values if isinstance(values, tuple | list) else [values]
    return ", ".join(value if isinstance(value, str) else repr(value)[:LONGEST] for value in listed)


def _system(module: str) -> str:
    return "PagerDuty" if "pagerduty" in module else "Slack"


def main() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = facts()
    for system in ("Slack", "PagerDuty"):
        mine = [fact for fact in known if fact.system == system]
        print(f"\n{system}: {len(mine)} facts\n")
        for fact in mine:
            print(f"- {fact.sentence}\n  {fact.source}")


if __name__ == "__main__":
    main()
