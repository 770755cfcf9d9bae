"""What a benchmark finds: figures with their goals, as rows of one table or as JSON."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One number. `most` or `least` is the goal; without either it is told for its own sake."""

    what: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def goal(self) -> str:
        if self.most is not None:
            return f"≤ {self.most:g}"
        return "" if self.least is None else f"≥ {self.least:g}"


@dataclass(frozen=True)
class Wish:
    """How to measure. `quick`: fewer and smaller, to see that it works; `say` shows what is going on."""

    quick: bool = False
    say: Callable[[str], None] = lambda sentence: None

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full


Bench = Callable[[Wish], AsyncIterator[Figure]]
"""A benchmark gives its figures one by one, each as soon as it is known."""


def quantile(numbers: Iterable[float], q: float) -> float:
    """The smallest number that at least the share `q` of them do not exceed; 0 of nothing."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


def table(found: Sequence[tuple[str, Figure]]) -> Table:
    """One row per figure, each bench named once."""
    shown = Table("bench", "what", "found", "goal", "", "how", title="Muster's figures", title_justify="left")
    shown.columns[2].justify = shown.columns[3].justify = "right"
    before = ""
    for bench, figure in found:
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}[figure.holds]
        number = f"{figure.value:,.{_places(figure.value)}f} {figure.unit}".strip()
        shown.add_row(bench if bench != before else "", figure.what, number, figure.goal, mark, figure.note)
        before = bench
    return shown


def _places(value: float) -> int:
    """Three figures that count; none behind the point of what is a count."""
    if value == int(value):
        return 0
    return 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0


def as_json(found: Sequence[tuple[str, Figure]]) -> str:
    return json.dumps([{"bench": bench, **asdict(f), "holds": f.holds} for bench, f in found], indent=2)


def show(found: Sequence[tuple[str, Figure]], *, in_json: bool) -> None:
    """Prints all of it on standard output."""
    if in_json:
        print(as_json(found))
    else:
        Console(width=None).print(table(found))
