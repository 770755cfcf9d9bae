"""A marked message afterwards: its author edits it or deletes it, and what came with it."""

import pytest

from bot.incident import (
    Corrected,
    CorrectEntry,
    Declare,
    MarkMessage,
    RecordGone,
    RedactEntry,
    UnmarkMessage,
)
from bot.incident.enclosures import NewBlob
from bot.incident.habits import Marking
from bot.incident.marks import Image
from bot.incident.notes import pictures
from bot.incident.timeline import Entry
from tests.incident.night import ADA, BO, Night, minute

BLOB = NewBlob.of(1, "image/png", b"\x89PNG errors")
IMAGE = Image(digest=BLOB.digest, name="errors.png", media_type="image/png", size=len(BLOB.body))
MESSAGE = MarkMessage(
    incident=1, channel="C1", ts="1.0001", author=BO, text="it is the cache", at=minute(3), images=(IMAGE,),
    enclosed=(BLOB,),
)  # fmt: skip
MARKED = 2
"""The entry of the message."""


def marked() -> Night:
    night = Night()
    night.ask(Declare(title="x", command=False))
    night.ask(MESSAGE)
    return night


def entry(night: Night) -> Entry:
    return next(e for e in night.timeline() if e.seq == MARKED)


def follow(night: Night, text: str) -> list[object]:
    return list(night.ask(CorrectEntry(incident=1, entry=MARKED, text=text, followed=True), by=BO))


def test_an_edit_in_the_chat_is_followed_and_said_twice_counts_once() -> None:
    night = marked()
    assert follow(night, "it is the database")
    assert follow(night, "it is the database") == []
    assert entry(night).text == "Bo: it is the database"
    assert entry(night).corrected


def test_an_edit_that_changes_no_words_is_none() -> None:
    assert follow(marked(), "it is the cache") == [], "Slack says that a message changed when a link unfolds, too"


def test_what_a_person_put_right_here_stays_whatever_the_author_edits() -> None:
    night = marked()
    night.ask(CorrectEntry(incident=1, entry=MARKED, text="it was the cache"))
    assert follow(night, "it is the database") == []
    assert entry(night).text == "Bo: it was the cache"


def test_a_time_put_right_here_leaves_the_words_to_their_author() -> None:
    night = marked()
    night.ask(CorrectEntry(incident=1, entry=MARKED, happened=minute(1)), at=9)
    follow(night, "it is the database")
    assert (entry(night).text, entry(night).at) == ("Bo: it is the database", minute(1))


def test_an_edit_brings_no_redacted_words_back() -> None:
    night = marked()
    night.ask(RedactEntry(incident=1, entry=MARKED))
    assert follow(night, "the password is hunter2") == []
    assert entry(night).text == "Bo: [redacted]"


def test_an_edit_goes_with_the_entry_when_that_is_redacted() -> None:
    night = marked()
    follow(night, "the password is hunter2")
    (fact,) = (e for e in night.journal if isinstance(e, Corrected))
    assert fact.amends == MARKED
    assert "hunter2" not in fact.redacted().model_dump_json()
    assert fact.line() == "Bo edited a message on the timeline"


def test_a_deleted_message_stays_on_the_timeline_and_says_so_once() -> None:
    night = marked()
    assert night.ask(RecordGone(incident=1, ts="1.0001"), by=BO)
    assert night.ask(RecordGone(incident=1, ts="1.0001"), by=BO) == []
    assert (entry(night).text, entry(night).gone) == ("Bo: it is the cache", True)


@pytest.mark.parametrize("ts", ["9.9", "1.0001"])
def test_a_message_that_nobody_marked_or_that_was_unmarked_may_go_unnoticed(ts: str) -> None:
    night = marked()
    night.ask(UnmarkMessage(incident=1, ts="1.0001"))
    assert night.ask(RecordGone(incident=1, ts=ts), by=BO) == []


def test_pictures_are_known_by_the_entry_that_they_came_with() -> None:
    night = marked()
    assert night.incident.images == {MARKED: (IMAGE,)}
    assert entry(night).images == (IMAGE,)
    assert MESSAGE.blobs == (BLOB,)


def test_a_redacted_entry_has_no_pictures_and_no_names_of_them() -> None:
    night = marked()
    fact = night.journal[MARKED - 1]
    assert pictures(fact) == (IMAGE,)
    night.ask(RedactEntry(incident=1, entry=MARKED), by=ADA)
    assert night.incident.images == {}
    assert entry(night).images == ()
    assert "errors.png" not in fact.redacted().model_dump_json()


def test_the_first_emoji_is_the_one_that_people_are_told_of() -> None:
    assert Marking(emoji=("writing_hand", "pushpin")).shown == ":writing_hand:"


@pytest.mark.parametrize("emoji", [(), (":pushpin:",), ("two words",), ("Pushpin",)])
def test_an_emoji_is_named_without_colons_and_there_is_at_least_one(emoji: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="emoji"):
        Marking(emoji=emoji)
