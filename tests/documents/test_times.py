"""Times are told right: the zone printed, days counted."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.documents.times import took, when

NIGHT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_zone_is_printed_and_follows_the_clocks_of_the_day() -> None:
    assert when(NIGHT) == "2026-10-25 00:30 UTC"
    assert when(NIGHT, "Europe/Berlin") == "2026-10-25 02:30 CEST"
    assert when(NIGHT + timedelta(hours=1), "Europe/Berlin") == "2026-10-25 02:30 CET"


def test_a_zone_without_a_name_is_told_by_its_distance() -> None:
    assert when(NIGHT, "America/Sao_Paulo") == "2026-10-24 21:30 UTC-03"


def test_seconds_are_told_where_asked_for() -> None:
    assert when(NIGHT + timedelta(seconds=7), seconds=True) == "2026-10-25 00:30:07 UTC"


def test_an_unknown_moment_is_called_so() -> None:
    assert when(None) == took(None) == "not known"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(), "0 s"),
        (timedelta(milliseconds=900), "0 s"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=12, seconds=30), "12 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=5, seconds=59), "3 h 5 min"),
        (timedelta(days=1, minutes=59), "1 day"),
        (timedelta(days=2, hours=4, minutes=50), "2 days 4 h"),
    ],
)
def test_durations_are_told_in_their_two_largest_units(span: timedelta, said: str) -> None:
    assert took(span) == said
