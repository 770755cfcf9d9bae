"""What people write down, and putting it right, out of sight, out of the world."""

from datetime import timedelta, timezone

import pytest

from bot.incident import (
    AddNote,
    Corrected,
    CorrectEntry,
    Declare,
    HideEntry,
    MarkMessage,
    RedactEntry,
    Resolve,
    UnmarkMessage,
)
from bot.incident.model import Refused, fold
from tests.incident.night import ADA, BO, Night, minute

MESSAGE = MarkMessage(
    incident=1, channel="C1", ts="1.0001", author=BO, text="it is the cache", at=minute(3), url="https://c/p1"
)


def started() -> Night:
    night = Night()
    night.ask(Declare(title="x"))
    return night


def test_a_note_keeps_the_words_as_typed() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="  rolled back `4.2` <!channel> ", source="https://c/p9"))
    entry = night.timeline()[-1]
    assert (entry.text, entry.written, entry.source) == ("Ada: rolled back `4.2` <!channel>", True, "https://c/p9")


def test_a_note_can_tell_of_earlier() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="saw errors", at=minute(-10)), at=5)
    first = night.timeline()[0]
    assert (first.text, first.at) == ("Ada: saw errors", minute(-10))


def test_a_note_of_the_future_is_refused() -> None:
    with pytest.raises(Refused, match="in the future"):
        started().ask(AddNote(incident=1, text="x", at=minute(1)), at=0)


def test_a_note_needs_words_and_not_too_many() -> None:
    with pytest.raises(Refused, match="needs words"):
        started().ask(AddNote(incident=1, text=" "))
    with pytest.raises(Refused, match="3001"):
        started().ask(AddNote(incident=1, text="x" * 3001))


def test_an_incident_that_is_over_still_takes_notes() -> None:
    night = started()
    night.ask(Resolve(incident=1))
    assert night.ask(AddNote(incident=1, text="late insight")) != []


def test_a_double_click_across_the_minute_writes_one_note() -> None:
    night = started()
    click = AddNote(incident=1, text="rolled back")
    assert len(night.ask(click, at=0.99)) == 1
    assert night.ask(click, at=1.01) == []
    assert click.natural_key(ADA, minute(0.99)) != click.natural_key(ADA, minute(1.01))


def test_the_same_words_a_minute_later_or_by_somebody_else_or_of_another_time_are_another_note() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="still down"), at=1)
    assert len(night.ask(AddNote(incident=1, text="still down"), by=BO, at=1.5)) == 1
    assert len(night.ask(AddNote(incident=1, text="still down", at=minute(0.5)), at=1.6)) == 1
    assert len(night.ask(AddNote(incident=1, text="still down"), at=2)) == 1


def test_a_backdated_note_said_twice_in_two_zones_is_one() -> None:
    night = started()
    cet = minute(-5).astimezone(timezone(timedelta(hours=1)))
    night.ask(AddNote(incident=1, text="saw errors", at=minute(-5)))
    assert night.ask(AddNote(incident=1, text="saw errors", at=cet), at=0.5) == []


def test_no_key_and_no_state_holds_the_words_of_a_note() -> None:
    night = started()
    note = AddNote(incident=1, text="the password is hunter2")
    night.ask(note)
    assert "hunter2" not in (note.natural_key(ADA, minute(0)) or "")
    assert "hunter2" not in night.incident.model_dump_json()


def test_a_marked_message_stands_at_its_own_time_once() -> None:
    night = started()
    night.ask(MESSAGE, at=9)
    assert night.ask(MESSAGE, by=BO, at=10) == []
    entry = night.timeline()[-1]
    assert (entry.text, entry.at, entry.source) == ("Bo: it is the cache", minute(3), "https://c/p1")


def test_unmarking_takes_it_off_and_marking_again_puts_it_back() -> None:
    night = started()
    night.ask(MESSAGE)
    night.ask(UnmarkMessage(incident=1, ts="1.0001"))
    assert "Bo: it is the cache" not in night.lines()
    assert night.ask(UnmarkMessage(incident=1, ts="1.0001")) == []
    night.ask(MESSAGE)
    assert night.lines().count("Bo: it is the cache") == 1


def test_a_correction_shows_the_new_words_and_says_that_it_is_one() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="rolled back: 4.2"))
    seq = night.seq("Ada: rolled back: 4.2")
    night.ask(CorrectEntry(incident=1, entry=seq, text=" rolled back: 4.1 "), by=BO)
    entry = night.timeline()[-1]
    assert (entry.text, entry.corrected) == ("Ada: rolled back: 4.1", True)
    assert night.ask(CorrectEntry(incident=1, entry=seq, text="rolled back: 4.1")) == []


def test_a_correction_can_be_taken_back() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="one"))
    seq = night.seq("Ada: one")
    night.ask(CorrectEntry(incident=1, entry=seq, text="two"))
    night.ask(CorrectEntry(incident=1, entry=seq, text="one"))
    assert night.lines()[-1] == "Ada: one"


def test_a_correction_of_the_time_moves_the_entry_and_keeps_the_words() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="saw errors"), at=5)
    seq = night.seq("Ada: saw errors")
    night.ask(CorrectEntry(incident=1, entry=seq, happened=minute(-9)))
    assert night.timeline()[0].text == "Ada: saw errors"
    assert night.ask(CorrectEntry(incident=1, entry=seq, happened=minute(-9))) == []


def test_a_name_with_a_colon_survives_a_correction() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="one"), by=ADA.model_copy(update={"name": "Ada: on call"}))
    night.ask(CorrectEntry(incident=1, entry=night.seq("Ada: on call: one"), text="two"))
    assert night.lines()[-1] == "Ada: on call: two"


def test_what_cannot_be_corrected_is_refused() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="one"))
    seq = night.seq("Ada: one")
    with pytest.raises(Refused, match="needs words"):
        night.ask(CorrectEntry(incident=1, entry=seq, text=" "))
    with pytest.raises(Refused, match="future"):
        night.ask(CorrectEntry(incident=1, entry=seq, happened=minute(1)))
    with pytest.raises(Refused, match="facts stay"):
        night.ask(CorrectEntry(incident=1, entry=1, text="y"))
    with pytest.raises(Refused, match="no such entry"):
        night.ask(CorrectEntry(incident=1, entry=99, text="y"))


def test_hiding_takes_an_entry_out_of_view_and_showing_puts_it_back() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="one"))
    seq = night.seq("Ada: one")
    night.ask(HideEntry(incident=1, entry=seq))
    assert "Ada: one" not in night.lines()
    assert night.ask(HideEntry(incident=1, entry=seq)) == []
    night.ask(HideEntry(incident=1, entry=seq, hidden=False))
    assert "Ada: one" in night.lines()
    assert night.ask(HideEntry(incident=1, entry=seq, hidden=False)) == []


def test_showing_does_not_bring_back_an_unmarked_message() -> None:
    night = started()
    night.ask(MESSAGE)
    seq = night.seq("Bo: it is the cache")
    night.ask(HideEntry(incident=1, entry=seq))
    night.ask(UnmarkMessage(incident=1, ts="1.0001"))
    night.ask(HideEntry(incident=1, entry=seq, hidden=False))
    assert "Bo: it is the cache" not in night.lines()


def test_what_the_timeline_does_not_show_is_not_hidden() -> None:
    night = started()
    night.ask(MESSAGE)
    night.ask(UnmarkMessage(incident=1, ts="1.0001"))
    with pytest.raises(Refused, match="no such entry"):
        night.ask(HideEntry(incident=1, entry=night.incident.seq))


def test_redaction_shows_that_something_was_there_and_not_what() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="hunter2"))
    seq = night.seq("Ada: hunter2")
    night.ask(CorrectEntry(incident=1, entry=seq, text="hunter3"))
    night.ask(RedactEntry(incident=1, entry=seq), by=BO)
    entry = next(e for e in night.timeline() if e.seq == seq)
    assert (entry.text, entry.redacted) == ("Ada: [redacted]", True)
    assert night.lines()[-1] == "Bo redacted an entry"


def test_words_put_in_after_a_redaction_are_not_shown_whatever_the_journal_holds() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="hunter2"))
    seq = night.seq("Ada: hunter2")
    night.ask(RedactEntry(incident=1, entry=seq))
    night.journal.append(Corrected(incident=1, at=minute(1), by=BO, entry=seq, text="hunter3"))
    assert not any("hunter" in line for line in night.lines())


def test_the_state_is_the_same_when_the_journal_is_read_again_after_redaction() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="hunter2"))
    seq = night.seq("Ada: hunter2")
    night.ask(CorrectEntry(incident=1, entry=seq, text="hunter3"))
    night.ask(RedactEntry(incident=1, entry=seq))
    rewritten = [e.redacted() if e.words and "hunter" in e.words[0] else e for e in night.journal]
    assert not any("hunter" in e.model_dump_json() for e in rewritten)
    assert fold(rewritten) == night.incident


def test_what_was_redacted_is_redacted_once_and_not_corrected() -> None:
    night = started()
    night.ask(AddNote(incident=1, text="hunter2"))
    seq = night.seq("Ada: hunter2")
    night.ask(RedactEntry(incident=1, entry=seq))
    assert night.ask(RedactEntry(incident=1, entry=seq)) == []
    with pytest.raises(Refused, match="was redacted"):
        night.ask(CorrectEntry(incident=1, entry=seq, text="y"))


def test_a_redacted_message_cannot_be_marked_again() -> None:
    night = started()
    night.ask(MESSAGE)
    night.ask(RedactEntry(incident=1, entry=night.seq("Bo: it is the cache")))
    assert night.ask(MESSAGE) == []


def test_an_entry_without_anybodys_words_is_not_redacted() -> None:
    night = started()
    taken = night.seq("Ada is Incident Commander")
    with pytest.raises(Refused, match="nobody's words"):
        night.ask(RedactEntry(incident=1, entry=taken))
    with pytest.raises(Refused, match="no such entry"):
        night.ask(RedactEntry(incident=1, entry=99))
