"""A figure says by itself whether its goal is met, and the table shows it."""

import io
import json

import pytest
from rich.console import Console

from tests.bench.__main__ import BENCHES
from tests.bench.figures import Figure, as_json, quantile, table


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("x", 2.0, most=2.0), True),
        (Figure("x", 2.1, most=2.0), False),
        (Figure("x", 0.6, least=0.6), True),
        (Figure("x", 0.59, least=0.6), False),
        (Figure("x", 7.0), None),
    ],
)
def test_a_goal_is_met_up_to_the_goal_itself(figure: Figure, holds: bool | None) -> None:
    assert figure.holds is holds
    assert json.loads(as_json([("bench", figure)]))[0]["holds"] is holds


def test_a_quantile_is_one_of_the_numbers_and_never_kinder_than_asked() -> None:
    assert quantile(range(1, 101), 0.95) == 96
    assert quantile([5.0], 0.99) == 5.0
    assert quantile([], 0.5) == 0.0


def test_the_table_names_each_bench_once_and_marks_what_is_missed() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table([("intake", Figure("rate", 0.5, least=0.6)), ("intake", Figure("lost", 0, most=0))]))
    shown = console.export_text()
    assert shown.count("intake") == 1
    assert [line.count("✗") for line in shown.splitlines() if "rate" in line] == [1]
    assert [line.count("✓") for line in shown.splitlines() if "lost" in line] == [1]


def test_every_bench_says_in_a_sentence_what_it_measures() -> None:
    assert all((bench.__doc__ or "").strip().endswith(".") for bench in BENCHES.values())
