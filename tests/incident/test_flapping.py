"""An alert that fires again and again is worth a question, once, and in nobody's night."""

import pytest

from bot.incident import AssignRole, Declare, Resolve, Snooze
from bot.incident.flapping import FLAPPING
from bot.incident.mirror import What
from bot.incident.nudges import Nudged
from bot.incident.policy import Policy
from tests.incident.night import ADA, POLICY, Night, minute, report, trigger

EVERY = 10
"""Minutes between two times that it fires."""
AT_NIGHT, BY_DAY = 120, 56 * 60
"""The night begins on a Saturday at two; the first working day is two days later."""


def flaps(night: Night, times: int, since: float = 0, every: float = EVERY) -> None:
    """One alert is resolved and reopened, so that it fires so many times."""
    night.hear(trigger(since), at=since)
    for n in range(1, times):
        at = since + n * every
        night.hear(report(What.RESOLVED, at - 1, status="resolved"), at=at - 1)
        night.hear(report(What.REOPENED, at, status="triggered"), at=at)


def asked(night: Night) -> list[str]:
    return [e.line() for e in night.journal if isinstance(e, Nudged) and e.key.startswith(FLAPPING)]


def commanded(start: float = BY_DAY) -> Night:
    night = Night(POLICY)
    night.ask(Declare(title="x", services=(trigger().service,), severity=3), at=start)
    return night


def test_what_fires_three_times_in_half_an_hour_is_put_to_the_commander_once() -> None:
    night = commanded()
    flaps(night, 5, since=BY_DAY)
    night.pass_until(BY_DAY + 300)
    assert asked(night) == ["An alert fires again and again (3 times within 20 min): Checkout errors"]
    (told,) = [e for e in night.journal if isinstance(e, Nudged) and e.key.startswith(FLAPPING)]
    assert told.to == (ADA,)


@pytest.mark.parametrize(("times", "every"), [(2, EVERY), (5, 16)])
def test_twice_or_at_long_intervals_is_nothing(times: int, every: float) -> None:
    night = commanded()
    flaps(night, times, since=BY_DAY, every=every)
    night.pass_until(BY_DAY + 300)
    assert asked(night) == []


def test_a_new_alert_each_time_with_the_same_title_counts_as_well() -> None:
    night = commanded()
    for n in range(3):
        night.hear(trigger(BY_DAY + n, alert=f"PD{n}"), at=BY_DAY + n)
    night.pass_until(BY_DAY + 5)
    assert asked(night) == ["An alert fires again and again (3 times within 2 min): Checkout errors"]


def test_others_that_fire_meanwhile_do_not_count() -> None:
    night = commanded()
    for n in range(4):
        night.hear(trigger(BY_DAY + n, alert=f"PD{n}", title=f"fault {n}"), at=BY_DAY + n)
    night.pass_until(BY_DAY + 30)
    assert asked(night) == []


def test_at_night_it_waits_for_the_morning() -> None:
    night = commanded(AT_NIGHT)
    flaps(night, 3, since=AT_NIGHT)
    night.pass_until(AT_NIGHT + 60)
    assert asked(night) == []


def test_put_off_it_is_asked_again() -> None:
    night = commanded()
    flaps(night, 3, since=BY_DAY)
    night.pass_until(BY_DAY + 30)
    key = next(e.key for e in night.journal if isinstance(e, Nudged) and e.key.startswith(FLAPPING))
    night.ask(Snooze(incident=1, key=key), at=BY_DAY + 40)
    night.pass_until(BY_DAY + 60)
    assert len(asked(night)) == 2


def test_told_in_any_order_it_is_the_same_burst() -> None:
    night, other = commanded(), commanded()
    moments = [BY_DAY, BY_DAY + 10, BY_DAY + 20]
    night.hear(trigger(BY_DAY), at=BY_DAY + 30)
    other.hear(trigger(BY_DAY), at=BY_DAY + 30)
    for at in moments[1:]:
        night.hear(report(What.REOPENED, at, status="triggered"), at=BY_DAY + 30)
    for at in reversed(moments[1:]):
        other.hear(report(What.REOPENED, at, status="triggered"), at=BY_DAY + 30)
    assert [d for d in night.due() if FLAPPING in d.key] == [d for d in other.due() if FLAPPING in d.key] != []
    assert night.incident.alarms[0].fires == tuple(minute(at) for at in moments)


def test_once_asked_it_is_not_asked_again_however_often_it_fires() -> None:
    night = commanded()
    flaps(night, 3, since=BY_DAY)
    night.pass_until(BY_DAY + 25)
    for at in (BY_DAY + 30, BY_DAY + 40, BY_DAY + 50):
        night.hear(report(What.REOPENED, at, status="triggered"), at=at)
        night.pass_until(at + 5)
    assert len(asked(night)) == 1


def test_what_is_over_is_not_asked_about() -> None:
    night = commanded()
    flaps(night, 3, since=BY_DAY)
    night.ask(Resolve(incident=1))
    night.pass_until(BY_DAY + 60)
    assert asked(night) == []


def test_with_nobody_in_charge_the_room_is_asked() -> None:
    night = Night(Policy())
    flaps(night, 3, since=BY_DAY)
    night.pass_until(BY_DAY + 40)
    (told,) = [e for e in night.journal if isinstance(e, Nudged) and e.key.startswith(FLAPPING)]
    assert told.to == ()
    night.ask(AssignRole(incident=1, role="commander", person=ADA))
    assert asked(night) != []
