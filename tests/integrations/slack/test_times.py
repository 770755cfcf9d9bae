"""Moments and spans that people type are understood as they meant them, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.integrations.slack.times import leading_time, moment, span, zone_of

NOW = datetime(2026, 11, 21, 14, 6, tzinfo=UTC)
"""15:06 in Berlin, 19:36 in Kolkata."""


@pytest.mark.parametrize(
    ("typed", "at", "shown", "rest"),
    [
        ("14:05 rolled back", "2026-11-21T13:05", "14:05 CET", "rolled back"),
        ("9:30pm deploy", "2026-11-20T20:30", "yesterday 21:30 CET", "deploy"),
        ("12:10am pages began", "2026-11-20T23:10", "00:10 CET", "pages began"),
        ("23:10 deploy", "2026-11-20T22:10", "yesterday 23:10 CET", "deploy"),
        ("yesterday 23:10 deploy", "2026-11-20T22:10", "yesterday 23:10 CET", "deploy"),
        ("yesterday at 14:05 x", "2026-11-20T13:05", "yesterday 14:05 CET", "x"),
        ("today 13:00 x", "2026-11-21T12:00", "13:00 CET", "x"),
        ("14:05 CET, deploy", "2026-11-21T13:05", "14:05 CET", "deploy"),
        ("08:05 EST deploy", "2026-11-21T13:05", "08:05 EST", "deploy"),
        ("14:05Z x", "2026-11-21T14:05", "14:05 UTC", "x"),
        ("14:05 DB down", "2026-11-21T13:05", "14:05 CET", "DB down"),
        ("14:05: queue full", "2026-11-21T13:05", "14:05 CET", "queue full"),
        ("2026-11-20 10:00 x", "2026-11-20T09:00", "yesterday 10:00 CET", "x"),
        ("2026-11-19T10:00:00Z x", "2026-11-19T10:00", "2026-11-19 10:00 UTC", "x"),
        ("2026-11-20T10:00:00+05:30 x", "2026-11-20T04:30", "yesterday 10:00 UTC+05:30", "x"),
        ("30m ago it began", "2026-11-21T13:36", "14:36 CET", "it began"),
        ("1h30m ago, it began", "2026-11-21T12:36", "13:36 CET", "it began"),
    ],
)
def test_a_leading_time_is_the_nearest_past_one_in_the_persons_zone(typed: str, at: str, shown: str, rest: str) -> None:
    understood = leading_time(typed, "Europe/Berlin", NOW)
    assert understood is not None
    assert understood.at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert (understood.shown, understood.rest) == (shown, rest)


@pytest.mark.parametrize(
    "typed",
    [
        "rolled back 14:05",
        "25:00 x",
        "14:75 x",
        "14:055 x",
        "13:00pm x",
        "1405 x",
        "14.05 x",
        "3m x",
        "",
        "2026-02-31 10:00 x",
    ],
)
def test_words_that_begin_with_no_time_are_words(typed: str) -> None:
    assert leading_time(typed, "Europe/Berlin", NOW) is None


def test_an_abbreviation_that_means_several_zones_counts_where_it_is_the_persons_own() -> None:
    at_home = leading_time("19:30 IST x", "Asia/Kolkata", NOW)
    elsewhere = leading_time("14:05 IST x", "Europe/Berlin", NOW)
    assert at_home is not None
    assert (at_home.at, at_home.rest) == (datetime(2026, 11, 21, 14, 0, tzinfo=UTC), "x")
    assert elsewhere is not None
    assert elsewhere.rest == "IST x"


def test_a_clock_that_runs_a_minute_ahead_means_now_and_not_yesterday() -> None:
    understood = leading_time("15:07 x", "Europe/Berlin", NOW)
    assert understood is not None
    assert understood.at == NOW


def test_of_the_hour_that_comes_twice_in_autumn_the_nearest_past_one_is_meant() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    after = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    first = leading_time("02:30 x", "Europe/Berlin", between)
    second = leading_time("02:30 x", "Europe/Berlin", after)
    assert first is not None
    assert second is not None
    assert first.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second.at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_moment_is_a_time_and_nothing_else() -> None:
    assert moment(" 14:05 ", "Europe/Berlin", NOW) == datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
    assert moment("14:05 or so", "Europe/Berlin", NOW) is None
    assert moment("soon", "Europe/Berlin", NOW) is None


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert zone_of("Mars/Olympus") is UTC
    assert zone_of("../etc/passwd") is UTC
    understood = leading_time("14:05 x", "Mars/Olympus", NOW)
    assert understood is not None
    assert understood.at == datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


def test_spans_are_days_hours_and_minutes() -> None:
    assert span("30m") == timedelta(minutes=30)
    assert span("2h") == timedelta(hours=2)
    assert span("1d2h5min") == timedelta(days=1, hours=2, minutes=5)
    assert span("soon") is None
    assert span("5") is None
    assert span("") is None
