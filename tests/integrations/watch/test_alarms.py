"""When an alarm is raised, told again and cleared; by a clock that the test moves."""

from dataclasses import replace

import pytest

from bot.integrations.watch import CONDITIONS, Glance
from bot.integrations.watch.alarms import Alarms

WELL = Glance(
    page_waits=0.0,
    delivery_waits=0.0,
    parked=0,
    tick_late=0.0,
    writable=True,
    slack_refuses=False,
    slack_open=True,
    pagerduty_refuses=False,
    pagerduty_unheard=False,
    silent=0.0,
)
NAMES = [condition.name for condition in CONDITIONS]
ILL = {
    "page_waits": replace(WELL, page_waits=61.0, pages_waiting=2),
    "delivery_waits": replace(WELL, delivery_waits=121.0, deliveries_waiting=3),
    "parked": replace(WELL, parked=1),
    "unheard": replace(WELL, pagerduty_unheard=True),
    "pagerduty_refuses": replace(WELL, pagerduty_refuses=True),
    "slack_refuses": replace(WELL, slack_refuses=True),
    "slack_lost": replace(WELL, slack_open=False),
    "tick_late": replace(WELL, tick_late=61.0),
    "unwritable": replace(WELL, writable=False),
    "silent": Glance(silent=31.0),
}
ALMOST = [
    replace(WELL, page_waits=60.0, pages_waiting=9),
    replace(WELL, delivery_waits=120.0),
    replace(WELL, tick_late=60.0),
    replace(WELL, silent=30.0),
]
HOLDS = {condition.name: condition.holds for condition in CONDITIONS}


class Watch:
    """Alarms whose every notice arrives, unless the line is down; looked at once a second."""

    def __init__(self) -> None:
        self.alarms = Alarms(CONDITIONS)
        self.now = 1000.0
        self.line_is_up = True

    def lasts(self, glance: Glance, seconds: int) -> list[str]:
        """What was told while it looked so, as `trigger page_waits`."""
        told = []
        for _ in range(seconds):
            for notice in self.alarms.look(glance, self.now):
                if self.line_is_up:
                    self.alarms.told(notice, self.now)
                    told.append(f"{notice.action} {notice.condition.name}")
            self.now += 1
        return told


@pytest.fixture
def watch() -> Watch:
    watch = Watch()
    watch.lasts(WELL, 60)
    return watch


def test_every_condition_has_an_example() -> None:
    assert list(ILL) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_for_its_time_is_told_once_and_cleared_once_it_is_well(watch: Watch, name: str) -> None:
    holds = int(HOLDS[name])
    assert watch.lasts(ILL[name], holds) == []
    assert watch.lasts(ILL[name], 60) == [f"trigger {name}"]
    assert watch.alarms.raised == [name]

    assert watch.lasts(WELL, 30) == []
    assert watch.lasts(WELL, 600) == [f"resolve {name}"]
    assert watch.alarms.raised == []


@pytest.mark.parametrize("name", [name for name in NAMES if HOLDS[name]])
def test_what_is_wrong_for_less_than_its_time_is_nobodys_business(watch: Watch, name: str) -> None:
    for _ in range(10):
        assert watch.lasts(ILL[name], int(HOLDS[name])) == []
        assert watch.lasts(WELL, 1) == []


@pytest.mark.parametrize("glance", ALMOST, ids=str)
def test_on_the_line_is_not_over_it(watch: Watch, glance: Glance) -> None:
    assert watch.lasts(glance, 600) == []


def test_a_quiet_day_alarms_nobody(watch: Watch) -> None:
    assert watch.lasts(WELL, 24 * 3600) == []


def test_what_comes_and_goes_is_one_alarm(watch: Watch) -> None:
    told = []
    for _ in range(20):
        told += watch.lasts(ILL["page_waits"], 5) + watch.lasts(WELL, 25)

    assert told == ["trigger page_waits", "trigger page_waits"]  # the second a reminder, five minutes later


def test_a_condition_is_triggered_once_a_minute_at_most(watch: Watch) -> None:
    told = watch.lasts(ILL["page_waits"], 1) + watch.lasts(WELL, 35) + watch.lasts(ILL["page_waits"], 24)

    assert told == ["trigger page_waits", "resolve page_waits"]
    assert watch.lasts(ILL["page_waits"], 1) == ["trigger page_waits"]


def test_an_alarm_that_somebody_closed_too_early_comes_back(watch: Watch) -> None:
    assert watch.lasts(ILL["unwritable"], 30 + 3600) == ["trigger unwritable"] * 12


def test_what_was_given_up_is_told_again_only_when_there_is_more_of_it(watch: Watch) -> None:
    assert watch.lasts(ILL["parked"], 24 * 3600) == ["trigger parked"]
    assert watch.lasts(replace(WELL, parked=2), 3600) == ["trigger parked"]


def test_a_start_that_finds_all_well_clears_what_an_earlier_life_raised() -> None:
    watch = Watch()
    assert watch.lasts(WELL, 30) == []
    assert sorted(watch.lasts(WELL, 600)) == sorted(f"resolve {name}" for name in NAMES)


def test_a_start_that_finds_it_wrong_still_leaves_that_alarm_alone() -> None:
    watch = Watch()
    told = watch.lasts(ILL["page_waits"], 40)

    assert told[0] == "trigger page_waits"
    assert "resolve page_waits" not in told
    assert len(told) == len(NAMES)


def test_what_nobody_can_say_neither_raises_nor_clears(watch: Watch) -> None:
    watch.lasts(ILL["page_waits"], 5)

    assert watch.lasts(Glance(), 299) == []
    assert watch.alarms.raised == ["page_waits"]
    assert Watch().lasts(Glance(), 3600) == []


def test_while_it_is_silent_nothing_else_is_said_to_be_well(watch: Watch) -> None:
    watch.lasts(ILL["slack_refuses"], 61)

    assert watch.lasts(ILL["silent"], 200) == ["trigger silent"]
    assert set(watch.alarms.raised) == {"slack_refuses", "silent"}


def test_what_did_not_arrive_is_told_until_it_does(watch: Watch) -> None:
    watch.line_is_up = False
    assert watch.lasts(ILL["page_waits"], 600) == []
    watch.line_is_up = True
    assert watch.lasts(ILL["page_waits"], 1) == ["trigger page_waits"]


@pytest.mark.parametrize("name", NAMES)
def test_the_sign_of_life_stops_for_whatever_is_essential(watch: Watch, name: str) -> None:
    assert watch.alarms.well(watch.now)
    watch.lasts(ILL[name], int(HOLDS[name]) + 2)

    assert watch.alarms.well(watch.now) is (name == "parked")


@pytest.mark.parametrize("condition", CONDITIONS, ids=NAMES)
def test_an_alarm_says_what_is_wrong_and_what_to_do(condition: object) -> None:
    found = next(c for c in CONDITIONS if c is condition)
    told = found.told(ILL[found.name])

    assert "Muster" in told
    assert "{" not in told
    assert len(told) < 120
    assert found.do.endswith(".")
