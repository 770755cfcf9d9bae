"""Token buckets and pauses, on a clock that is moved by hand."""

import pytest

from bot.engine.finish import Patience
from bot.engine.pace import Pace, Rate


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_a_burst_goes_at_once_and_then_one_by_one(seconds: Seconds) -> None:
    pace = Pace(lambda bucket: Rate(per_minute=60, burst=3), seconds)
    for _ in range(3):
        assert pace.wait(["a"]) == 0
        pace.take(["a"])
    assert pace.wait(["a"]) == pytest.approx(1.0)
    seconds.now += 1
    assert pace.wait(["a"]) == 0
    seconds.now += 3600
    for _ in range(3):
        pace.take(["a"])
    assert pace.wait(["a"]) > 0


def test_the_scarcest_of_its_buckets_decides(seconds: Seconds) -> None:
    pace = Pace(lambda bucket: Rate(60, 1) if bucket == "scarce" else Rate(6000, 100), seconds)
    pace.take(["plenty", "scarce"])
    assert pace.wait(["plenty"]) == 0
    assert pace.wait(["plenty", "scarce"]) == pytest.approx(1.0)


def test_in_a_minute_no_more_goes_than_the_rate_and_the_burst(seconds: Seconds) -> None:
    pace, gone = Pace(lambda bucket: Rate(20, 5), seconds), 0
    for _ in range(6000):
        if pace.wait(["a"]) == 0:
            pace.take(["a"])
            gone += 1
        seconds.now += 0.01
    assert 24 <= gone <= 25


def test_what_leaves_late_pushes_the_next_one_back_where_one_goes_at_a_time(seconds: Seconds) -> None:
    pace = Pace(lambda bucket: Rate(60, 1) if bucket == "room" else Rate(60, 5), seconds)
    pace.take(["room", "all"])
    seconds.now += 0.4
    pace.leaves(["room", "all"])
    assert pace.wait(["room"]) == pytest.approx(1.0)
    assert pace.wait(["all"]) == 0
    seconds.now += 1
    assert pace.wait(["room"]) == 0


def test_a_pause_stops_a_bucket_for_so_long_even_without_a_rate(seconds: Seconds) -> None:
    pace = Pace(lambda bucket: None, seconds)
    pace.pause("a", 30)
    pace.pause("a", 5)
    assert pace.wait(["a"]) == pytest.approx(30)
    assert pace.wait(["b"]) == 0
    seconds.now += 30
    assert pace.wait(["a"]) == 0


def test_backoff_doubles_is_scattered_and_ends_at_its_most() -> None:
    patience = Patience(first=1, most=60)
    for tries, whole in [(1, 1), (2, 2), (5, 16), (7, 60), (1000, 60)]:
        waits = [patience.backoff(tries) for _ in range(50)]
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(set(waits)) > 10
