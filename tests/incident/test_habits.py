"""When a company works: what is not urgent waits for the morning of whoever is asked."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.incident.habits import Hours

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "opens"),
    [
        (FRIDAY_NOON, "UTC", None),
        (utc(2026, 11, 20, 9), "UTC", None),
        (utc(2026, 11, 20, 8, 59), "UTC", utc(2026, 11, 20, 9)),
        (utc(2026, 11, 20, 17), "UTC", utc(2026, 11, 23, 9)),
        (utc(2026, 11, 22, 12), "UTC", utc(2026, 11, 23, 9)),
        (FRIDAY_NOON, "America/Los_Angeles", utc(2026, 11, 20, 17)),
        (FRIDAY_NOON, "Asia/Tokyo", utc(2026, 11, 23, 0)),
        (FRIDAY_NOON, "Nowhere/Atlantis", None),
    ],
)
def test_work_begins_at_nine_where_the_person_lives(now: datetime, zone: str, opens: datetime | None) -> None:
    assert Hours().next_open(now, zone) == opens


def test_work_begins_by_the_clock_on_the_wall_after_the_clocks_changed() -> None:
    before_the_change = utc(2026, 3, 28, 12)
    assert Hours(days=("sun",)).next_open(before_the_change, "Europe/Berlin") == utc(2026, 3, 29, 7)


def test_one_day_a_week_comes_round_again() -> None:
    assert Hours(days=("fri",)).next_open(utc(2026, 11, 20, 18), "UTC") == utc(2026, 11, 27, 9)


def test_a_day_may_end_at_midnight() -> None:
    hours = Hours(begin=0, end=24)
    assert hours.next_open(utc(2026, 11, 20, 23, 59), "UTC") is None
    assert hours.next_open(utc(2026, 11, 21, 0), "UTC") == utc(2026, 11, 23, 0)


@pytest.mark.parametrize("wrong", [{"begin": 17, "end": 9}, {"begin": 9, "end": 9}, {"days": ()}, {"days": ("m",)}])
def test_hours_that_never_come_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate(wrong)
