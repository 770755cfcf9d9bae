"""What a late-comer must know, from the state and the journal."""

from bot.incident import AddNote, Cancel, Declare, GiveTask, HideEntry, RedactEntry, Resolve, SetStatus
from bot.incident.catchup import LATEST, CatchUp, catchup
from bot.incident.duties import Task, TaskState
from bot.incident.values import Status
from tests.incident.night import ADA, BO, CHECKOUT, Night, minute


def late(night: Night) -> CatchUp:
    return catchup(night.incident, night.stored(), night.policy)


def declared(severity: int = 2) -> Night:
    night = Night()
    night.ask(Declare(title="Checkout errors", severity=severity, services=(CHECKOUT,)))
    return night


def texts(c: CatchUp) -> list[str]:
    return [entry.text for entry in c.tried]


def test_the_latest_notes_are_told_oldest_first_and_the_earlier_ones_are_counted() -> None:
    night = declared()
    for n in range(LATEST + 2):
        night.ask(AddNote(incident=1, text=f"tried {n}"), at=n)
    told = late(night)
    assert texts(told) == [f"Ada: tried {n}" for n in range(2, LATEST + 2)]
    assert told.earlier == 2


def test_what_the_machinery_did_is_not_what_was_tried() -> None:
    night = declared()
    night.ask(SetStatus(incident=1, to=Status.IDENTIFIED))
    assert texts(late(night)) == []


def test_hidden_and_redacted_entries_are_not_told_again() -> None:
    night = declared()
    for text in ("the password is x", "out of place", "rolled back"):
        night.ask(AddNote(incident=1, text=text), at=1)
    night.ask(RedactEntry(incident=1, entry=night.seq("Ada: the password is x")))
    night.ask(HideEntry(incident=1, entry=night.seq("Ada: out of place")))
    assert texts(late(night)) == ["Ada: rolled back"]


def test_only_tasks_that_are_still_owed_are_told() -> None:
    night = declared()
    owed = [
        Task(number=n, text=state, to=BO, by=ADA, at=minute(1), state=state) for n, state in enumerate(TaskState, 1)
    ]
    night.incidents[1] = night.incident.but(tasks=tuple(owed))
    assert [task.state for task in late(night).tasks] == [TaskState.GIVEN, TaskState.ACCEPTED]


def test_follow_ups_are_told_once_it_is_over() -> None:
    night = declared()
    night.ask(GiveTask(incident=1, text="a runbook for this", to=BO, followup=True))
    assert late(night).tasks == ()
    night.ask(Resolve(incident=1), at=5)
    assert [task.text for task in late(night).tasks] == ["a runbook for this"]


def test_the_next_update_is_told_while_one_is_due() -> None:
    night = declared(severity=1)
    assert late(night).next_due == minute(30)
    night.ask(Resolve(incident=1), at=5)
    assert late(night).next_due is None


def test_the_last_word_at_the_end_is_told_once_it_is_over() -> None:
    night = declared()
    assert late(night).ended is None
    night.ask(Resolve(incident=1, words_said="rolled back to 4.1"), at=5)
    ended = late(night).ended
    assert ended is not None
    assert ended.text == "Ada resolved the incident: rolled back to 4.1"


def test_a_false_alarm_says_why() -> None:
    night = declared()
    night.ask(Cancel(incident=1, why="a test"), by=BO, at=5)
    ended = late(night).ended
    assert ended is not None
    assert ended.text == "Bo canceled the incident: a test"
