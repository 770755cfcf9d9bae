"""Who is asked when nobody acts: the commander is gone, the room is shut, nothing happens, somebody is worn out."""

import pytest

from bot.incident import (
    AddNote,
    AnswerPrompt,
    AssignRole,
    Cancel,
    Declare,
    HandOver,
    LeaveRole,
    Nudge,
    Nudged,
    RecordArchived,
    RecordMember,
    RecordRoom,
    Reopen,
    Resolve,
    Snooze,
    Snoozed,
)
from bot.incident.habits import Rooms, Watching
from bot.incident.policy import Policy
from bot.incident.values import MUSTER, Actor
from bot.incident.watching import ARCHIVE, ARCHIVE_SOON, GONE, IDLE, RELIEF, SHUT
from tests.incident.night import ADA, BO, POLICY, Night, minute, trigger

HOUR = 60.0
DAY = 24 * HOUR


def met(severity: int = 1, policy: Policy = POLICY) -> Night:
    """Ada has command, and there is a room."""
    night = Night(policy)
    night.ask(Declare(title="x", severity=severity))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    return night


def with_deputy(severity: int = 1) -> Night:
    night = met(severity)
    night.ask(AssignRole(incident=1, role="deputy", person=BO))
    return night


def leave(night: Night, person: Actor, at: float) -> None:
    night.pass_until(at)
    night.ask(RecordMember(incident=1, channel="C1", person=person, here=False), by=person, at=at)


def come(night: Night, person: Actor, at: float) -> None:
    night.pass_until(at)
    night.ask(RecordMember(incident=1, channel="C1", person=person, here=True), by=person, at=at)


def archive(night: Night, at: float, by: Actor = BO) -> None:
    night.pass_until(at)
    night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=by, at=at)


def asked(night: Night, topic: str) -> list[tuple[float, tuple[str, ...]]]:
    """In which minute who was asked about it."""
    told = [e for e in night.journal if isinstance(e, Nudged) and e.about == topic]
    return [((e.at - minute(0)).total_seconds() / 60, tuple(person.name for person in e.to)) for e in told]


def test_the_deputy_is_asked_two_minutes_after_the_commander_left() -> None:
    night = with_deputy()
    leave(night, ADA, at=20)
    night.pass_until(29)
    assert asked(night, GONE) == [(22, ("Bo",))]
    assert "Ada has command and left the room" in night.lines()


def test_without_a_deputy_in_the_room_the_room_is_asked() -> None:
    alone = met()
    leave(alone, ADA, at=20)
    alone.pass_until(40)
    assert asked(alone, GONE) == [(22, ())]
    both_gone = with_deputy()
    leave(both_gone, BO, at=10)
    leave(both_gone, ADA, at=20)
    both_gone.pass_until(40)
    assert asked(both_gone, GONE) == [(22, ())]


def test_a_commander_who_comes_back_in_time_is_not_missed_and_who_leaves_again_is_missed_anew() -> None:
    night = with_deputy()
    leave(night, ADA, at=20)
    come(night, ADA, at=21)
    night.pass_until(30)
    assert asked(night, GONE) == []
    leave(night, ADA, at=30)
    come(night, ADA, at=35)
    leave(night, ADA, at=40)
    night.pass_until(45)
    assert [at for at, _ in asked(night, GONE)] == [32, 42]


def test_only_a_heard_departure_counts_and_somebody_else_s_is_nobody_s_concern() -> None:
    night = with_deputy()
    leave(night, BO, at=20)
    night.pass_until(29)
    assert asked(night, GONE) == []


def test_whoever_is_given_command_from_outside_has_the_time_to_come_in() -> None:
    night = with_deputy()
    leave(night, BO, at=20)
    night.ask(HandOver(incident=1, person=BO), at=29)
    night.pass_until(30)
    assert asked(night, GONE) == []
    night.pass_until(38)
    assert asked(night, GONE) == [(31, ())]


def test_at_a_major_severity_what_nobody_answers_is_put_to_the_room_once() -> None:
    night = with_deputy()
    leave(night, ADA, at=5)
    night.pass_until(25)
    assert asked(night, GONE) == [(7, ("Bo",))]
    assert asked(night, f"again/{GONE}") == [(17, ())]
    assert "Ada has command and left the room; nobody has answered for 10 minutes" in night.lines()


@pytest.mark.parametrize("severity", [3, 4])
def test_at_a_minor_severity_it_stays_between_two(severity: int) -> None:
    night = with_deputy(severity)
    night.policy = POLICY.model_copy(update={"hours": POLICY.hours.model_copy(update={"begin": 0, "days": ("sat",)})})
    leave(night, ADA, at=5)
    night.pass_until(60)
    assert asked(night, GONE) == [(7, ("Bo",))]
    assert asked(night, f"again/{GONE}") == []


def test_at_a_minor_severity_even_what_cannot_wait_is_not_put_to_the_room() -> None:
    night = with_deputy(3)
    archive(night, at=5)
    night.pass_until(60)
    assert asked(night, SHUT) == [(5, ("Ada",))]
    assert asked(night, f"again/{SHUT}") == []


def test_what_is_calm_is_never_put_to_the_room() -> None:
    night = met(1, POLICY.model_copy(update={"hours": POLICY.hours.model_copy(update={"begin": 0, "days": ("sat",)})}))
    night.pass_until(5 * HOUR)
    assert asked(night, IDLE) == [(4 * HOUR, ("Ada",))]
    assert asked(night, f"again/{IDLE}") == []


def answer(night: Night, key: str) -> None:
    night.ask(AnswerPrompt(incident=1, key=key), by=BO)


def put_off(night: Night, key: str) -> None:
    night.ask(Snooze(incident=1, key=key, minutes=30), by=BO)


def take(night: Night, key: str) -> None:
    night.ask(AssignRole(incident=1, role="ic", person=BO, sure=True), by=BO)


@pytest.mark.parametrize("reply", [answer, put_off, take])
def test_what_was_answered_put_off_or_done_is_not_put_to_the_room(reply: object) -> None:
    night = with_deputy()
    leave(night, ADA, at=5)
    night.pass_until(10)
    (key,) = (k for k in night.incident.asked if k.startswith(GONE))
    assert callable(reply)
    reply(night, key)
    night.pass_until(25)
    assert asked(night, f"again/{GONE}") == []


def test_who_puts_it_off_can_choose_another_time_while_it_waits() -> None:
    night = with_deputy()
    leave(night, ADA, at=5)
    night.pass_until(10)
    (key,) = (k for k in night.incident.asked if k.startswith(GONE))
    night.ask(Snooze(incident=1, key=key), by=BO)
    assert night.ask(Snooze(incident=1, key=key), by=BO) == []
    night.ask(Snooze(incident=1, key=key, minutes=60), by=BO)
    night.pass_until(80)
    assert [at for at, _ in asked(night, GONE)] == [7, 70]


def test_what_was_put_off_and_asked_anew_is_put_to_the_room_anew() -> None:
    night = with_deputy()
    leave(night, ADA, at=5)
    night.pass_until(18)
    (key,) = (k for k in night.incident.asked if k.startswith(GONE))
    night.ask(Snooze(incident=1, key=key, minutes=2), by=BO)
    night.pass_until(31)
    assert [at for at, _ in asked(night, GONE)] == [7, 20]
    assert [at for at, _ in asked(night, f"again/{GONE}")] == [17, 30]


def test_who_answers_for_an_incident_is_told_that_its_room_was_archived() -> None:
    night = met()
    archive(night, at=5)
    night.pass_until(6)
    assert asked(night, SHUT) == [(5, ("Ada",))]
    assert "The room was archived while the incident is open" in night.lines()


def test_where_nobody_is_in_charge_everybody_with_a_duty_and_the_declarer_are() -> None:
    night = with_deputy()
    night.ask(AssignRole(incident=1, role="scribe", person=BO))
    leave(night, ADA, at=5)
    leave(night, BO, at=5)
    archive(night, at=6)
    night.pass_until(7)
    assert asked(night, SHUT) == [(6, ("Ada", "Bo"))]
    of_an_alert = Night()
    of_an_alert.hear(trigger())
    of_an_alert.ask(RecordRoom(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    archive(of_an_alert, at=1)
    of_an_alert.pass_until(2)
    assert asked(of_an_alert, SHUT) == [(1, ())]


def test_in_an_archived_room_nobody_reads_it_so_everybody_else_with_a_duty_is_asked() -> None:
    night = with_deputy()
    archive(night, at=5)
    night.pass_until(16)
    assert asked(night, SHUT) == [(5, ("Ada",))]
    assert asked(night, f"again/{SHUT}") == [(15, ("Bo",))]
    alone = met()
    archive(alone, at=5)
    alone.pass_until(25)
    assert asked(alone, f"again/{SHUT}") == [], "there is nobody else"


def test_a_room_that_was_opened_again_or_belongs_to_what_is_over_is_nobody_s_concern() -> None:
    night = met()
    night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=BO)
    night.ask(RecordArchived(incident=1, channel="C1", archived=False), by=BO)
    night.pass_until(5)
    assert asked(night, SHUT) == []
    night.ask(Resolve(incident=1))
    archive(night, at=6)
    night.pass_until(20)
    assert asked(night, SHUT) == []


def test_after_hours_without_news_it_is_asked_calmly_whether_it_is_still_on() -> None:
    night = met(4, Policy(hours=POLICY.hours.model_copy(update={"begin": 0, "end": 24, "days": ("sat", "sun")})))
    night.ask(AddNote(incident=1, text="looking"), at=30)
    night.pass_until(30 + 4 * HOUR)
    assert asked(night, IDLE) == [(30 + 4 * HOUR, ("Ada",))]
    assert "Nothing has happened for 4 hours" in night.lines()
    night.pass_until(20 * HOUR)
    assert len(asked(night, IDLE)) == 1


def test_somebody_asleep_is_not_asked_whether_it_is_still_on() -> None:
    night = met(4)
    night.pass_until(10 * HOUR)
    assert asked(night, IDLE) == []
    assert [e.by for e in night.journal if isinstance(e, Snoozed)] != []
    night.pass_until(3 * DAY)
    assert asked(night, IDLE) == [(55 * HOUR, ("Ada",))]


def test_whoever_says_that_it_is_still_on_is_asked_again_some_hours_later() -> None:
    night = met(4, Policy(hours=POLICY.hours.model_copy(update={"begin": 0, "end": 24, "days": ("sat", "sun")})))
    night.pass_until(5 * HOUR)
    (key,) = (k for k in night.incident.asked if k.startswith(IDLE))
    night.ask(AnswerPrompt(incident=1, key=key))
    assert night.ask(AnswerPrompt(incident=1, key=key)) == []
    night.pass_until(10 * HOUR)
    assert [at for at, _ in asked(night, IDLE)] == [4 * HOUR, 9 * HOUR]


def test_reminders_and_comings_and_goings_are_no_news() -> None:
    night = with_deputy()
    come(night, BO, at=HOUR)
    leave(night, ADA, at=2 * HOUR)
    night.pass_until(3 * HOUR)
    assert night.incident.news_at == minute(0)


def test_a_commander_is_asked_to_hand_over_after_hours_of_it_once_each_time() -> None:
    night = with_deputy()
    night.pass_until(4 * HOUR + 1)
    assert asked(night, RELIEF) == [(4 * HOUR, ("Ada",))]
    assert "Ada has had command for 4 hours" in night.lines()
    night.ask(HandOver(incident=1, person=BO), at=5 * HOUR)
    night.pass_until(9 * HOUR + 1)
    assert asked(night, RELIEF) == [(4 * HOUR, ("Ada",)), (9 * HOUR, ("Bo",))]


def test_who_laid_command_down_or_left_is_not_asked_to_hand_over() -> None:
    night = met()
    night.ask(LeaveRole(incident=1))
    night.pass_until(5 * HOUR)
    assert asked(night, RELIEF) == []
    gone = with_deputy()
    leave(gone, ADA, at=30)
    gone.pass_until(5 * HOUR)
    assert asked(gone, RELIEF) == []


def test_the_times_are_the_company_s() -> None:
    watching = Watching(gone=0, idle_hours=1, relief_hours=1, answer_within=3)
    night = met(1, POLICY.model_copy(update={"watching": watching}))
    night.ask(AssignRole(incident=1, role="deputy", person=BO))
    leave(night, ADA, at=5)
    night.pass_until(9)
    assert asked(night, GONE) == [(5, ("Bo",))]
    assert asked(night, f"again/{GONE}") == [(8, ())]
    night.ask(AssignRole(incident=1, role="ic", person=BO, sure=True), by=BO)
    night.pass_until(80)
    assert asked(night, RELIEF) == [(69, ("Bo",))]
    assert "Bo has had command for an hour" in night.lines()


def test_some_days_after_the_end_and_the_last_word_the_room_is_archived() -> None:
    night = met()
    night.ask(Resolve(incident=1), at=10)
    night.ask(AddNote(incident=1, text="the disk was replaced"), at=2 * DAY)
    night.pass_until(9 * DAY - 1)
    assert asked(night, ARCHIVE) == []
    night.pass_until(9 * DAY)
    assert asked(night, ARCHIVE) == [(9 * DAY, ())]
    assert night.lines()[-1] == "Nothing new for 7 days after the end: the room is archived"


def test_a_room_that_was_opened_again_by_hand_stays_open_until_the_incident_ends_anew() -> None:
    night = met()
    night.ask(Cancel(incident=1), at=0)
    night.pass_until(7 * DAY)
    night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=MUSTER)
    night.ask(RecordArchived(incident=1, channel="C1", archived=False), by=BO)
    night.ask(AddNote(incident=1, text="one more thing"))
    night.pass_until(30 * DAY)
    assert len(asked(night, ARCHIVE)) == 1
    night.ask(Reopen(incident=1))
    night.ask(Resolve(incident=1))
    night.pass_until(38 * DAY)
    assert len(asked(night, ARCHIVE)) == 2


def rehearsed(policy: Policy = POLICY) -> Night:
    """A drill with a room, which is over."""
    night = Night(policy)
    night.ask(Declare(title="x", drill=True, command=True))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    night.ask(Resolve(incident=1))
    return night


def test_a_drills_room_is_told_and_an_hour_later_archived() -> None:
    night = rehearsed()
    night.pass_until(2 * HOUR)
    night.ask(AddNote(incident=1, text="we never found the runbook"))
    night.pass_until(20 * HOUR)
    assert asked(night, ARCHIVE_SOON) == [(5 * HOUR, ())]
    assert asked(night, ARCHIVE) == [(6 * HOUR, ())]
    assert night.lines()[-1] == "Nothing new for 4 hours after the drill: the room is archived"


def test_a_drills_room_stays_where_the_company_wants_it_and_nothing_is_asked_while_it_goes_on() -> None:
    stays = rehearsed(POLICY.model_copy(update={"rooms": Rooms(drills_after=0)}))
    stays.pass_until(30 * DAY)
    assert asked(stays, ARCHIVE) == []
    going_on = Night()
    going_on.ask(Declare(title="x", drill=True))
    going_on.ask(RecordRoom(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    going_on.pass_until(30 * DAY)
    assert not [s for s in going_on.lines() if "archived" in s or "commander" in s]


def test_no_room_is_archived_where_the_company_wants_none_to_be_nor_one_that_is_not_there() -> None:
    never = met(4, POLICY.model_copy(update={"rooms": Rooms(archive_after=0)}))
    never.ask(Resolve(incident=1))
    never.pass_until(30 * DAY)
    assert asked(never, ARCHIVE) == []
    roomless = Night()
    roomless.ask(Declare(title="x"))
    roomless.ask(Resolve(incident=1))
    roomless.pass_until(30 * DAY)
    assert asked(roomless, ARCHIVE) == []
    shut = met(4)
    shut.ask(Resolve(incident=1))
    archive(shut, at=5)
    shut.pass_until(30 * DAY)
    assert asked(shut, ARCHIVE) == []


def test_a_drill_asks_nobody_anything() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, drill=True))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    leave(night, ADA, at=5)
    night.pass_until(DAY)
    assert not [e for e in night.journal if isinstance(e, Nudged)]
    assert night.ask(Nudge(incident=1, key=f"{GONE}/x"), by=MUSTER) == []
