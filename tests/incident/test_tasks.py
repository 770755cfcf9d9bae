"""Tasks and follow-ups: given, taken on, put off, handed on, declined, done, kept for afterwards, and chased."""

from datetime import datetime, timedelta

import pytest

from bot.incident import (
    Cancel,
    Declare,
    GiveTask,
    HandOver,
    HandTask,
    KeepTasks,
    LeaveRole,
    Nudged,
    PutOffTask,
    Reopen,
    Resolve,
    SettleTasks,
    Snoozed,
)
from bot.incident.assignments import LONGEST, TASK_LENGTH
from bot.incident.chasing import A_WEEK
from bot.incident.duties import Task, TaskState
from bot.incident.model import Refused
from bot.incident.tasks import left_over
from bot.incident.values import MUSTER, Actor, Status
from tests.incident.night import ADA, BO, CY, START, Night, minute

MONDAY_A_WEEK_ON = (9 * 24 + 7) * 60
"""In minutes of the night: the first morning at work a week after that Saturday."""


def night(*, severity: int = 4) -> Night:
    """A night in which Ada commands and no update is owed."""
    made = Night()
    made.ask(Declare(title="Checkout errors", severity=severity))
    return made


def given(text: str = "restart the workers", to: Actor = BO, minutes: int | None = 15, **more: object) -> Night:
    """Ada gave somebody a task."""
    made = night()
    made.ask(GiveTask.model_validate({"incident": 1, "text": text, "to": to, "minutes": minutes, **more}))
    return made


def only(night: Night) -> Task:
    (task,) = night.incident.tasks
    return task


def asked(night: Night) -> list[tuple[float, str, tuple[str, ...]]]:
    """At which minute it was asked about which task, and who."""
    told = [e for e in night.journal if isinstance(e, Nudged) and e.key.startswith(("task", "followup"))]
    return [((e.at - START).total_seconds() / 60, e.about, tuple(person.name for person in e.to)) for e in told]


def test_a_task_is_with_somebody_until_a_time_and_waits_to_be_taken_on() -> None:
    there = given()
    assert (only(there).to, only(there).due, only(there).state) == (BO, minute(15), TaskState.GIVEN)
    assert there.lines()[-1] == "Ada gave Bo task 1, by 02:15 UTC: restart the workers"


def test_who_takes_a_task_themselves_is_on_it_at_once() -> None:
    there = given(to=ADA, minutes=None)
    assert (only(there).state, only(there).due) == (TaskState.ACCEPTED, None)
    assert there.lines()[-1] == "Ada took on task 1: restart the workers"


def test_the_same_task_given_twice_within_a_minute_is_one_and_another_persons_is_another() -> None:
    there = given()
    same = GiveTask(incident=1, text=" restart the workers ", to=BO, minutes=15)
    assert there.ask(same, at=0.9) == []
    assert there.ask(same.model_copy(update={"to": CY})) != []
    assert there.ask(same, by=CY) != []
    assert there.ask(same, at=1.1) != []
    assert [t.number for t in there.incident.tasks] == [1, 2, 3, 4]


def test_a_double_click_has_one_key_and_other_words_another() -> None:
    wish = GiveTask(incident=1, text="restart", to=BO)
    assert wish.natural_key(ADA, START) == wish.natural_key(ADA, minute(0.5))
    others = [
        wish.model_copy(update={"text": "stop"}),
        wish.model_copy(update={"to": CY}),
        wish.model_copy(update={"followup": True}),
    ]
    assert len({w.natural_key(ADA, START) for w in (wish, *others)}) == 4


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"text": "  "}, "text", "A task needs words: `/incident task restart the workers @bo`."),
        ({"text": "x" * (TASK_LENGTH + 1)}, "text", "A task holds 500 characters; this one has 501."),
        ({"text": "", "followup": True}, "text", "A follow-up needs words"),
        ({"minutes": 0}, "time", "between 1 minute and 7 days"),
        ({"minutes": LONGEST // timedelta(minutes=1) + 1}, "time", "between 1 minute and 7 days"),
        ({"due": minute(-1)}, "due", "That is in the past. Name a time ahead."),
    ],
)
def test_what_is_no_task_is_refused_beside_its_field(more: dict[str, object], field: str, said: str) -> None:
    there = night()
    with pytest.raises(Refused, match=said.replace("(", r"\(")) as refused:
        there.ask(GiveTask.model_validate({"incident": 1, "text": "x", "to": BO, **more}))
    assert refused.value.field == field


def test_who_was_asked_says_that_they_are_on_it_once() -> None:
    there = given()
    assert len(there.ask(HandTask(incident=1, task=1, to=BO), by=BO)) == 1
    assert there.ask(HandTask(incident=1, task=1, to=BO), by=BO) == []
    assert only(there).state is TaskState.ACCEPTED
    assert there.lines()[-1] == "Bo is on task 1: restart the workers"


def test_somebody_else_takes_it_from_them_or_hands_it_on_with_the_time_that_is_left() -> None:
    there = given()
    there.ask(HandTask(incident=1, task=1, to=CY), by=CY, at=2)
    assert (only(there).to, only(there).state, only(there).due) == (CY, TaskState.ACCEPTED, minute(15))
    assert there.lines()[-1].startswith("Cy took on task 1, which Bo had")
    there.ask(HandTask(incident=1, task=1, to=BO, minutes=30), by=ADA, at=3)
    assert (only(there).to, only(there).state, only(there).due) == (BO, TaskState.GIVEN, minute(33))
    assert there.lines()[-1] == "Ada handed task 1 from Cy to Bo: restart the workers"
    assert there.ask(HandTask(incident=1, task=1, to=BO), by=ADA) == []


def test_a_task_whose_time_is_up_gets_as_much_again_with_its_next_owner() -> None:
    there = given()
    there.ask(HandTask(incident=1, task=1, to=CY), by=ADA, at=20)
    assert only(there).due == minute(35)


def test_who_cannot_do_it_says_so_and_only_they_can() -> None:
    there = given()
    decline = SettleTasks(incident=1, tasks=(1,), state=TaskState.DECLINED)
    with pytest.raises(Refused, match=r"Task 1 is with Bo, and only they .* `/incident INC-1 task drop 1`"):
        there.ask(decline, by=ADA)
    there.ask(decline, by=BO)
    assert there.ask(decline, by=BO) == []
    assert there.lines()[-1] == "Bo cannot do task 1: restart the workers"
    assert not only(there).is_open
    assert left_over(there.incident) == [only(there)]
    there.ask(HandTask(incident=1, task=1, to=BO), by=BO)
    assert (only(there).state, only(there).settled_at) == (TaskState.ACCEPTED, None)


def test_done_is_said_once_by_whoever_knows_it_and_can_be_taken_back() -> None:
    there = given()
    done = SettleTasks(incident=1, tasks=(1,), state=TaskState.DONE)
    there.ask(done, by=BO, at=4)
    assert (only(there).state, only(there).settled_at) == (TaskState.DONE, minute(4))
    assert there.lines()[-1] == "Bo did task 1: restart the workers"
    assert there.ask(done, by=ADA) == []
    with pytest.raises(Refused, match=r"Task 1 is done\. `/incident INC-1 task reopen 1` brings it back\."):
        there.ask(HandTask(incident=1, task=1, to=CY))
    with pytest.raises(Refused, match=r"Task 1 is done\."):
        there.ask(SettleTasks(incident=1, tasks=(1,), state=TaskState.DECLINED), by=BO)
    again = SettleTasks(incident=1, tasks=(1,), state=TaskState.GIVEN)
    there.ask(again)
    assert (only(there).state, only(there).settled_at) == (TaskState.GIVEN, None)
    assert there.ask(again) == []
    there.ask(done, by=ADA)
    assert there.lines()[-1] == "Ada ticked off task 1: restart the workers"


def test_several_are_settled_at_once_and_told_by_their_numbers() -> None:
    there = given()
    for text in ("look at the queue", "call the bank"):
        there.ask(GiveTask(incident=1, text=text, to=BO))
    there.ask(SettleTasks(incident=1, tasks=(3, 1, 3), state=TaskState.DROPPED))
    assert [t.state for t in there.incident.tasks] == [TaskState.DROPPED, TaskState.GIVEN, TaskState.DROPPED]
    assert there.lines()[-1] == "Ada dropped tasks 3 and 1"
    there.ask(SettleTasks(incident=1, state=TaskState.DONE))
    assert [t.state for t in there.incident.tasks] == [TaskState.DROPPED, TaskState.DONE, TaskState.DROPPED]


def test_more_time_counts_from_now_and_once() -> None:
    there = given()
    later = PutOffTask(incident=1, task=1, minutes=15)
    there.ask(later, at=14)
    assert only(there).due == minute(29)
    assert there.ask(later, at=14.5) == []
    there.ask(later, at=15)
    assert only(there).due == minute(30)
    with pytest.raises(Refused, match="how much longer") as refused:
        there.ask(PutOffTask(incident=1, task=1))
    assert refused.value.field == "time"


def test_a_task_that_there_is_not_is_refused() -> None:
    there = night()
    for wish in (
        HandTask(incident=1, task=7, to=BO),
        PutOffTask(incident=1, task=7, minutes=5),
        SettleTasks(incident=1, tasks=(7,), state=TaskState.DONE),
        KeepTasks(incident=1, tasks=(7,)),
    ):
        with pytest.raises(Refused, match=r"INC-1 has no task 7\. `/incident INC-1 tasks` shows what there is\."):
            there.ask(wish)


def test_once_it_is_over_no_task_is_given_and_what_is_left_is_done_or_kept() -> None:
    there = given()
    there.ask(GiveTask(incident=1, text="look at the queue", to=ADA))
    there.ask(Resolve(incident=1), at=5)
    with pytest.raises(Refused, match=r"INC-1 is resolved\. `/incident INC-1 followup` keeps"):
        there.ask(GiveTask(incident=1, text="x", to=BO))
    for wish in (HandTask(incident=1, task=1, to=CY), PutOffTask(incident=1, task=1, minutes=15)):
        with pytest.raises(Refused, match=r"INC-1 is resolved\. `/incident INC-1 tasks keep`"):
            there.ask(wish)
    there.ask(SettleTasks(incident=1, tasks=(2,), state=TaskState.DONE))
    there.ask(KeepTasks(incident=1))
    assert there.ask(KeepTasks(incident=1)) == []
    kept = there.incident.tasks[0]
    assert (kept.followup, kept.due, kept.is_open) == (True, minute(MONDAY_A_WEEK_ON), True)
    assert there.incident.tasks[1].followup is False
    assert there.lines()[-1] == "Ada kept task 1 as a follow-up, by 2026-11-30 09:00 UTC"
    there.ask(HandTask(incident=1, task=1, to=CY))
    there.ask(SettleTasks(incident=1, tasks=(1,), state=TaskState.DONE), by=CY)
    assert there.lines()[-1] == "Cy did follow-up 1: restart the workers"


def test_what_somebody_declined_is_kept_too_and_is_theirs_until_it_is_handed_on() -> None:
    there = given()
    there.ask(SettleTasks(incident=1, tasks=(1,), state=TaskState.DECLINED), by=BO)
    there.ask(KeepTasks(incident=1, due=minute(1000)))
    assert (only(there).is_open, only(there).settled_at, only(there).due) == (True, None, minute(1000))


def test_a_follow_up_is_due_in_a_week_where_its_owner_works_unless_said() -> None:
    there = night()
    there.zones = {BO.id: "America/New_York"}
    there.ask(GiveTask(incident=1, text="alert on the queue", to=BO, followup=True))
    assert only(there).due == minute(MONDAY_A_WEEK_ON + 5 * 60)
    there.ask(PutOffTask(incident=1, task=1, due=minute(100)))
    assert only(there).due == minute(100)
    with pytest.raises(Refused, match="due on a day"):
        there.ask(PutOffTask(incident=1, task=1, minutes=15))


def test_in_a_merged_incident_no_task_is_touched() -> None:
    there = given()
    there.incidents[1] = there.incident.but(status=Status.MERGED, merged_into=7)
    for wish in (
        GiveTask(incident=1, text="x", to=BO, followup=True),
        SettleTasks(incident=1, tasks=(1,), state=TaskState.DONE),
        KeepTasks(incident=1),
        HandTask(incident=1, task=1, to=BO),
    ):
        with pytest.raises(Refused, match="INC-1 was merged into INC-7; its tasks are there now"):
            there.ask(wish)


def test_redacted_words_are_in_no_task_and_in_no_fact_about_it() -> None:
    there = given("look at KEY=hunter2", source="https://acme.slack.com/archives/C1/p1")
    there.ask(HandTask(incident=1, task=1, to=CY))
    there.ask(PutOffTask(incident=1, task=1, minutes=30))
    there.pass_until(40)
    there.ask(SettleTasks(incident=1, tasks=(1,), state=TaskState.DONE))
    quoting = [e for e in there.journal if "hunter2" in e.line()]
    assert {e.kind for e in quoting} == {"task_given", "task_handed", "task_put_off", "nudged", "tasks_settled"}
    assert all(e.words == ("look at KEY=hunter2",) for e in quoting)
    for fact in quoting:
        assert "hunter2" not in fact.redacted().model_dump_json()
        assert fact.redacted().line()


def test_who_is_in_charge_is_asked_when_the_time_is_up_and_anew_when_more_was_given() -> None:
    there = given()
    there.ask(HandTask(incident=1, task=1, to=BO), by=BO)
    there.pass_until(16)
    assert asked(there) == [(15, "task/1", ("Ada",))]
    assert there.lines()[-1] == "The time for task 1 is up (Bo): restart the workers"
    there.ask(PutOffTask(incident=1, task=1, minutes=15), at=16)
    there.pass_until(60)
    assert asked(there)[1:] == [(31, "task/1", ("Ada",))]
    there.ask(HandOver(incident=1, person=BO))
    assert not any(d.key.startswith("task/") for d in there.due())


def test_without_anybody_in_charge_the_room_is_asked() -> None:
    there = given()
    there.ask(HandTask(incident=1, task=1, to=BO), by=BO)
    there.ask(LeaveRole(incident=1))
    there.pass_until(16)
    assert asked(there) == [(15, "task/1", ())]


@pytest.mark.parametrize("state", [TaskState.DONE, TaskState.DROPPED])
def test_what_is_settled_is_asked_about_no_more(state: TaskState) -> None:
    there = given()
    there.ask(SettleTasks.model_validate({"incident": 1, "tasks": (1,), "state": state}))
    there.pass_until(100)
    assert asked(there) == []


def test_who_was_given_a_task_is_asked_once_whether_they_are_on_it() -> None:
    there = given(minutes=None)
    there.pass_until(60)
    assert asked(there) == [(5, "task-taken/1", ("Bo",))]
    there.ask(HandTask(incident=1, task=1, to=CY), by=ADA)
    there.pass_until(120)
    assert asked(there)[1:] == [(65, "task-taken/1", ("Cy",))]


def test_who_took_it_on_is_not_asked_whether_they_did() -> None:
    there = given(minutes=None)
    there.ask(HandTask(incident=1, task=1, to=BO), by=BO, at=4)
    there.pass_until(60)
    assert asked(there) == []


@pytest.mark.parametrize("over", [Resolve(incident=1), Cancel(incident=1)])
def test_once_it_is_over_tasks_are_chased_no_more_and_follow_ups_are(over: Resolve | Cancel) -> None:
    there = given()
    there.ask(GiveTask(incident=1, text="alert on the queue", to=BO, followup=True))
    there.ask(over, at=1)
    there.pass_until(MONDAY_A_WEEK_ON + A_WEEK + 1)
    about = [(at, about, to) for at, about, to in asked(there)]
    assert about == [
        (MONDAY_A_WEEK_ON, "followup/2", ("Bo",)),
        (MONDAY_A_WEEK_ON + A_WEEK, "followup-late/2", ("Bo", "Ada")),
    ]


def test_a_follow_up_is_asked_for_in_the_morning_of_its_owner() -> None:
    there = night()
    saturday = datetime(2026, 11, 28, 10, tzinfo=START.tzinfo)
    there.ask(GiveTask(incident=1, text="alert on the queue", to=BO, due=saturday, followup=True))
    there.ask(Resolve(incident=1))
    there.pass_until(10 * 24 * 60)
    assert [at for at, _, _ in asked(there)] == [MONDAY_A_WEEK_ON]
    assert [e.by for e in there.journal if isinstance(e, Snoozed)] == [MUSTER]


def test_an_incident_that_goes_on_chases_its_tasks_again() -> None:
    there = given()
    there.ask(Resolve(incident=1), at=1)
    there.ask(Reopen(incident=1), at=2)
    there.pass_until(16)
    assert (15, "task/1", ("Ada",)) in asked(there)


def test_in_a_drill_tasks_are_given_and_nobody_is_chased() -> None:
    there = Night()
    there.ask(Declare(title="x", severity=4, drill=True))
    there.ask(GiveTask(incident=1, text="pretend", to=BO, minutes=5))
    there.pass_until(100)
    assert only(there).is_open
    assert asked(there) == []


def test_while_an_incident_goes_on_for_days_its_follow_ups_are_asked_of_their_owners_and_not_of_the_commander() -> None:
    there = given(followup=True, minutes=None, due=minute(60))
    there.pass_until(MONDAY_A_WEEK_ON)
    assert [(about, to) for _, about, to in asked(there)][:1] == [("followup/1", ("Bo",))]
    assert {about for _, about, _ in asked(there)} == {"followup/1", "followup-late/1"}


def test_what_is_a_follow_up_already_keeps_its_date() -> None:
    there = given(followup=True, minutes=None, due=minute(60))
    assert there.ask(KeepTasks(incident=1, tasks=(1,))) == []
    assert only(there).due == minute(60)
