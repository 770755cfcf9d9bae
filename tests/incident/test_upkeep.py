"""The room's channel: what it is called, whether it can be written in, by us or by hand."""

import pytest

from bot.incident import (
    Declare,
    NameRefused,
    NameRoom,
    OpenRoomAgain,
    RecordArchived,
    RecordRename,
    RecordRoom,
    RedactEntry,
    ReportRename,
    ReportStep,
    Resolve,
    RoomArchived,
    RoomRenamed,
    RoomUnarchived,
    StepFailed,
    StepMended,
    UnarchiveAsked,
)
from bot.incident.model import Command, Refused
from bot.incident.values import MUSTER
from tests.incident.night import ADA, BO, START, Night

NAMED = "inc-1-tills"


def met() -> Night:
    night = Night()
    night.ask(Declare(title="Checkout errors", severity=1))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1-checkout-errors"), by=MUSTER)
    return night


def called(night: Night) -> str:
    room = night.incident.room
    assert room is not None
    return room.name


def test_a_room_is_renamed_once_and_its_echo_from_the_chat_is_no_news() -> None:
    night = met()
    (renamed,) = night.ask(NameRoom(incident=1, name=NAMED))
    assert renamed.line() == "Ada renamed the room to #inc-1-tills (it was #inc-1-checkout-errors)"
    assert night.ask(NameRoom(incident=1, name=NAMED), by=BO) == []
    assert night.ask(RecordRename(incident=1, channel="C1", name=NAMED), by=MUSTER) == []
    assert night.ask(ReportRename(incident=1, name=NAMED, step="rename the room"), by=MUSTER) == []
    assert called(night) == NAMED


def test_what_was_renamed_by_hand_is_on_record_and_stays() -> None:
    night = met()
    (renamed,) = night.ask(RecordRename(incident=1, channel="C1", name="tills"), by=MUSTER)
    assert renamed.line() == "The room was renamed to #tills (it was #inc-1-checkout-errors)"
    assert called(night) == "tills"


@pytest.mark.parametrize(
    "wish",
    [RecordRename(incident=1, channel="C9", name="x"), RecordArchived(incident=1, channel="C9", archived=True)],
)
def test_only_the_room_of_today_counts(wish: Command) -> None:
    assert met().ask(wish) == []
    roomless = Night()
    roomless.ask(Declare(title="x"))
    assert roomless.ask(wish) == []


def test_a_name_that_the_chat_refused_is_taken_back_and_works_at_a_later_try() -> None:
    night, was = met(), "inc-1-checkout-errors"
    night.ask(NameRoom(incident=1, name=NAMED))
    refused = ReportRename(incident=1, name=NAMED, was=was, step="rename the room", reason="another channel has it")
    back, failed = night.ask(refused, by=MUSTER)
    assert isinstance(back, NameRefused)
    assert back.line() == "The room is still #inc-1-checkout-errors and not #inc-1-tills: another channel has it"
    assert isinstance(failed, StepFailed)
    assert called(night) == was
    assert night.ask(refused, by=MUSTER) == []
    mended, named = night.ask(ReportRename(incident=1, name=NAMED, step="rename the room"), by=MUSTER)
    assert isinstance(mended, StepMended)
    assert isinstance(named, RoomRenamed)
    assert called(night) == NAMED


def test_a_name_that_can_never_be_had_leaves_nothing_to_be_tried_again() -> None:
    night, was = met(), "inc-1-checkout-errors"
    night.ask(NameRoom(incident=1, name=NAMED))
    wish = ReportRename(incident=1, name=NAMED, was=was, step="rename the room", reason="it is taken", final=True)
    (back,) = night.ask(wish, by=MUSTER)
    assert isinstance(back, NameRefused)
    assert back.redacted().line() == "The room is still #inc-1-checkout-errors and not #inc-1: it is taken"
    assert (back.words, back.redacted().words) == ((NAMED,), ())
    assert night.incident.failed_steps == {}
    assert night.ask(wish, by=MUSTER) == []
    assert called(night) == was


def test_a_late_refusal_does_not_touch_a_name_that_was_given_since() -> None:
    night = met()
    night.ask(NameRoom(incident=1, name=NAMED))
    night.ask(NameRoom(incident=1, name="inc-1-other"))
    night.ask(ReportRename(incident=1, name=NAMED, was="inc-1-checkout-errors", step="s", reason="taken"), by=MUSTER)
    assert called(night) == "inc-1-other"


def test_a_room_is_archived_and_opened_again_once() -> None:
    night = met()
    (shut,) = night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=BO)
    assert isinstance(shut, RoomArchived)
    assert shut.line() == "Bo archived the room"
    assert night.incident.room
    assert night.incident.room.archived == START
    assert night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=MUSTER) == []
    (opened,) = night.ask(RecordArchived(incident=1, channel="C1", archived=False), by=ADA)
    assert isinstance(opened, RoomUnarchived)
    assert opened.line() == "Ada opened the room again"
    assert night.incident.room.archived is None
    assert night.ask(RecordArchived(incident=1, channel="C1", archived=False), by=ADA) == []


def test_that_it_was_archived_at_a_later_try_is_said_after_it_was() -> None:
    """Whatever is drawn for the sake of that is drawn in no room that is archived already."""
    night = met()
    night.ask(ReportStep(incident=1, step="archive the room", reason="no right"), by=MUSTER)
    facts = night.ask(RecordArchived(incident=1, channel="C1", archived=True, step="archive the room"), by=MUSTER)
    assert [type(fact) for fact in facts] == [RoomArchived, StepMended]


def test_none_of_it_is_news_of_the_incident() -> None:
    night = met()
    night.ask(NameRoom(incident=1, name=NAMED), at=30)
    night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=BO, at=31)
    night.ask(OpenRoomAgain(incident=1), at=32)
    night.ask(RecordArchived(incident=1, channel="C1", archived=False), by=BO, at=33)
    assert night.incident.news_at == START


def test_opening_it_again_is_asked_for_only_where_it_is_archived() -> None:
    night = met()
    assert night.ask(OpenRoomAgain(incident=1)) == []
    night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=BO)
    (asked,) = night.ask(OpenRoomAgain(incident=1))
    assert isinstance(asked, UnarchiveAsked)
    assert asked.line() == "Ada asked for the room to be opened again"


def test_a_room_can_be_renamed_after_the_end_but_not_while_it_is_archived_or_not_there() -> None:
    night = met()
    night.ask(Resolve(incident=1))
    night.ask(NameRoom(incident=1, name=NAMED))
    night.ask(RecordArchived(incident=1, channel="C1", archived=True), by=BO)
    with pytest.raises(Refused, match="Unarchive it first"):
        night.ask(NameRoom(incident=1, name="inc-1-other"))
    roomless = Night()
    roomless.ask(Declare(title="x"))
    for wish in (NameRoom(incident=1, name=NAMED), OpenRoomAgain(incident=1)):
        with pytest.raises(Refused, match="still being opened"):
            roomless.ask(wish)


def test_redaction_leaves_the_number_alone_of_a_room_s_name() -> None:
    night = met()
    (renamed,) = night.ask(NameRoom(incident=1, name="inc-1-acme-corp"))
    assert renamed.words == ("inc-1-acme-corp",)
    assert renamed.named("inc-1-acme-corp")
    assert not renamed.named("inc-1-checkout-errors")
    gone = renamed.redacted()
    assert gone.line() == "Ada renamed the room to #inc-1"
    assert gone.words == ()
    night.ask(RedactEntry(incident=1, entry=night.seq(renamed.line())))
    (neutral,) = night.ask(RecordRename(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    assert neutral.line() == "The room was renamed to #inc-1"
