"""What falls due when nobody acts."""

import pytest

from bot.incident import (
    AnswerPages,
    AssignRole,
    Declare,
    Edit,
    LeaveRole,
    Nudge,
    Nudged,
    PageRequested,
    Reopen,
    Resolve,
    SetSeverity,
    SetStatus,
    Snooze,
)
from bot.incident.model import Refused
from bot.incident.nudges import AGAIN, CALL, MENTION, UPDATE, next_update
from bot.incident.policy import Policy
from bot.incident.values import MUSTER, Status
from tests.incident.night import ADA, BO, COMMANDERS, POLICY, Night, minute


def headless(severity: int = 2) -> Night:
    """An incident that nobody commands."""
    night = Night()
    night.ask(Declare(title="x", severity=severity, command=False))
    return night


def nudges(night: Night) -> list[tuple[str, float]]:
    return [(e.about, (e.at - minute(0)).total_seconds() / 60) for e in night.journal if isinstance(e, Nudged)]


def test_nobody_in_command_is_mentioned_after_5_minutes_and_paged_for_after_10() -> None:
    night = headless()
    night.pass_until(59)
    assert nudges(night) == [(MENTION, 5), (CALL, 10)]
    pages = [e for e in night.journal if isinstance(e, PageRequested)]
    assert [(p.target, p.at, p.why) for p in pages] == [(COMMANDERS, minute(10), "nobody has taken command")]
    assert "Nobody has taken command yet" in night.lines()
    assert "Still nobody has taken command" in night.lines()


def test_a_minor_incident_may_be_without_commander() -> None:
    night = headless(severity=3)
    night.pass_until(60)
    assert nudges(night) == []


def test_a_drill_nudges_nobody() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, drill=True, command=False))
    assert night.due() == []


def test_command_taken_in_time_says_nothing() -> None:
    night = headless()
    night.ask(AssignRole(incident=1, role="ic", person=ADA), at=4)
    night.pass_until(59)
    assert nudges(night) == []


def test_after_a_commander_left_the_time_runs_from_then() -> None:
    night = headless()
    night.pass_until(6)
    night.ask(AssignRole(incident=1, role="ic", person=ADA))
    night.ask(LeaveRole(incident=1), at=20)
    night.pass_until(31)
    assert nudges(night) == [(MENTION, 5), (MENTION, 25), (CALL, 30)]


def test_leaving_another_role_starts_no_clock() -> None:
    night = headless()
    night.ask(AssignRole(incident=1, role="scribe", person=ADA))
    night.ask(LeaveRole(incident=1), at=3)
    assert min(d.at for d in night.due()) == minute(5)


def test_raised_to_a_major_severity_the_time_runs_from_then() -> None:
    night = headless(severity=3)
    night.ask(SetSeverity(incident=1, to=2), at=40)
    night.pass_until(51)
    assert nudges(night) == [(MENTION, 45), (CALL, 50)]


def test_raised_from_major_to_major_the_time_runs_on() -> None:
    night = headless()
    night.ask(SetSeverity(incident=1, to=1), at=4)
    night.pass_until(6)
    assert nudges(night) == [(MENTION, 5)]


def test_after_reopening_the_time_runs_anew() -> None:
    night = headless()
    night.pass_until(12)
    night.ask(Resolve(incident=1), at=20)
    night.ask(Reopen(incident=1), at=100)
    night.pass_until(106)
    assert nudges(night)[-1] == (MENTION, 105)


def test_who_had_command_has_it_after_reopening() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.ask(Resolve(incident=1), at=1)
    night.ask(Reopen(incident=1), at=2)
    assert {d.key.partition("/")[0] for d in night.due()} == {"update", "idle", "relief"}


def test_without_a_commanders_policy_the_room_is_only_told_again() -> None:
    night = Night(Policy())
    night.ask(Declare(title="x", severity=2, command=False))
    night.pass_until(11)
    assert [e.kind for e in night.journal if e.at >= minute(5)] == ["nudged", "nudged"]


def test_commanders_who_are_being_called_are_not_called_twice() -> None:
    night = headless()
    night.pass_until(10)
    night.ask(Snooze(incident=1, key=next(k for k in night.incident.nudged if k.startswith(CALL)), minutes=1))
    night.pass_until(12)
    assert nudges(night)[-1] == (CALL, 11)
    assert len(night.incident.pages) == 1


@pytest.mark.parametrize(("severity", "every"), [(1, 30), (2, 60)])
def test_an_update_is_due_by_severity(severity: int, every: int) -> None:
    night = Night()
    night.ask(Declare(title="x", severity=severity))
    assert next_update(night.incident, POLICY) == minute(every)
    night.ask(AnswerPages(incident=1))
    night.pass_until(230)
    assert nudges(night) == [(UPDATE, every), (f"{AGAIN}/{UPDATE}", every + 10)]
    due = "A status update is due"
    assert night.lines()[-2:] == [due, f"{due}; nobody has answered for 10 minutes"]


def test_news_put_the_next_update_off() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.ask(Edit(incident=1, summary="it is the cache"), at=50)
    night.pass_until(100)
    assert nudges(night) == []
    night.ask(SetStatus(incident=1, to=Status.IDENTIFIED), at=105)
    assert next_update(night.incident, POLICY) == minute(165)


def test_a_changed_severity_is_news_too() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.ask(SetSeverity(incident=1, to=1), at=50)
    assert next_update(night.incident, POLICY) == minute(80)


def test_no_update_is_due_for_a_minor_incident_or_one_that_is_over() -> None:
    night = headless(severity=3)
    assert next_update(night.incident, POLICY) is None
    night.ask(SetSeverity(incident=1, to=1))
    night.ask(Resolve(incident=1))
    assert next_update(night.incident, POLICY) is None
    assert night.due() == []


def test_a_snoozed_reminder_comes_back() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.pass_until(60)
    (key,) = night.incident.nudged
    snooze = Snooze(incident=1, key=key, minutes=10)
    assert night.ask(snooze)[0].line() == "Ada asked to be reminded later"
    assert night.ask(snooze) == []
    night.pass_until(79)
    assert nudges(night) == [(UPDATE, 60), (UPDATE, 70)]


@pytest.mark.parametrize("minutes", [0, 24 * 60 + 1])
def test_a_reminder_waits_between_a_minute_and_a_day(minutes: int) -> None:
    with pytest.raises(Refused, match="between 1 minute and 24 hours"):
        headless().ask(Snooze(incident=1, key="update", minutes=minutes))


def test_a_nudge_that_is_not_due_says_nothing() -> None:
    night = headless()
    first = min(night.due(), key=lambda d: d.at)
    assert night.ask(Nudge(incident=1, key=first.key), by=MUSTER, at=4.9) == []
    assert night.ask(Nudge(incident=1, key="page/7"), by=MUSTER, at=50) == []
    night.ask(Nudge(incident=1, key=first.key), by=MUSTER, at=5)
    assert night.ask(Nudge(incident=1, key=first.key), by=MUSTER, at=6) == []


def test_every_key_counts_from_its_own_moment() -> None:
    night = headless()
    before = {d.key for d in night.due()}
    night.ask(AssignRole(incident=1, role="ic", person=BO), at=1)
    night.ask(LeaveRole(incident=1), by=BO, at=2)
    assert not before & {d.key for d in night.due() if d.key.startswith("no-commander")}
