"""The war room: there once, with whom, and what of its set-up did not work."""

from bot.incident import Declare, RecordInvitations, RecordRoom, ReportStep, StoreDraft
from bot.incident.rooms import Uninvited
from bot.incident.values import MUSTER
from tests.incident.night import Night

ROOM = RecordRoom(incident=1, channel="C1", name="inc-1-x", url="https://c/1")
GONE = Uninvited(name="Cy", reason="not in this workspace")


def started() -> Night:
    night = Night()
    night.ask(Declare(title="x"))
    return night


def test_a_room_is_opened_once() -> None:
    night = started()
    night.ask(ROOM, by=MUSTER)
    assert night.ask(ROOM, by=MUSTER) == []
    assert night.incident.room is not None
    assert night.incident.room.channel == "C1"
    assert night.lines()[-1] == "War room #inc-1-x opened"


def test_a_new_room_takes_the_place_of_the_old_one() -> None:
    night = started()
    night.ask(ROOM, by=MUSTER)
    night.ask(RecordRoom(incident=1, channel="C2", name="inc-1-x-2"), by=MUSTER)
    assert night.incident.room is not None
    assert night.incident.room.channel == "C2"


def test_who_could_not_be_invited_is_named_with_the_reason() -> None:
    night = started()
    night.ask(RecordInvitations(incident=1, people=("Ada", "Bo"), missing=(GONE,)), by=MUSTER)
    assert night.lines()[-1] == "Invited Ada, Bo; Cy could not be invited: not in this workspace"
    assert night.incident.failed_steps == {"invite Cy": "not in this workspace"}


def test_a_later_invitation_mends_only_what_it_was_about() -> None:
    night = started()
    night.ask(RecordInvitations(incident=1, missing=(GONE,)), by=MUSTER)
    assert night.lines()[-1].startswith("Nobody could be invited")
    night.ask(RecordInvitations(incident=1, people=("Ada",)), by=MUSTER)
    assert "invite Cy" in night.incident.failed_steps
    night.ask(RecordInvitations(incident=1, people=("Cy",)), by=MUSTER)
    assert night.incident.failed_steps == {}


def test_nobody_invited_is_no_fact() -> None:
    assert started().ask(RecordInvitations(incident=1)) == []


def test_a_step_fails_once_and_is_mended_once() -> None:
    night = started()
    failed, kept = (
        ReportStep(incident=1, step="set the topic", reason="no scope"),
        ReportStep(incident=1, step="set the topic"),
    )
    assert night.ask(kept, by=MUSTER) == []
    night.ask(failed, by=MUSTER)
    assert night.ask(failed, by=MUSTER) == []
    assert night.lines()[-1] == "Could not set the topic: no scope"
    night.ask(kept, by=MUSTER)
    assert night.incident.failed_steps == {}
    assert night.lines()[-1] == "Worked at a later try: set the topic"


def test_what_is_late_is_said_once_and_once_more_should_it_be_given_up() -> None:
    night = started()
    late = ReportStep(incident=1, step="open the room", reason="no answer", goes_on=True)
    night.ask(late, by=MUSTER)
    assert night.lines()[-1] == "Could not open the room: no answer; Muster goes on trying"
    assert night.ask(late.model_copy(update={"reason": "another"}), by=MUSTER) == []
    night.ask(ReportStep(incident=1, step="open the room", reason="an admin must allow it"), by=MUSTER)
    assert night.incident.failed_steps == {"open the room": "an admin must allow it"}
    assert night.ask(late, by=MUSTER) == []


def test_a_draft_that_is_written_in_the_end_is_no_trouble_any_more() -> None:
    night = started()
    night.ask(ReportStep(incident=1, step="write the postmortem draft", reason="a template is missing"), by=MUSTER)
    night.ask(StoreDraft(incident=1, body="text", step="write the postmortem draft"), by=MUSTER)
    assert night.incident.failed_steps == {}
