"""Status updates: said once, counted, promised onward, put right, followed; none asked for where none is needed."""

from datetime import datetime

import pytest

from bot.incident import (
    AnswerPrompt,
    Declare,
    EditUpdate,
    Follow,
    Nudged,
    PostUpdate,
    RedactEntry,
    Resolve,
    SetSeverity,
    SetStatus,
    UpdatePosted,
)
from bot.incident.model import Refused, fold
from bot.incident.nudges import UPDATE, next_update
from bot.incident.values import Status
from tests.incident.night import ADA, BO, Night, minute


def night(severity: int = 1) -> Night:
    """Ada has command since two o'clock; at SEV1 an update is due every 30 minutes."""
    told = Night()
    told.ask(Declare(title="Checkout errors", severity=severity))
    return told


def due(told: Night) -> datetime | None:
    return next_update(told.incident, told.policy)


def say(told: Night, condition: str = "1 in 5 fails", at: float | None = None, **more: object) -> None:
    told.ask(PostUpdate.model_validate({"incident": 1, "condition": condition, **more}), at=at)


def asked(told: Night) -> list[str]:
    return [d.key for d in told.due() if d.key.startswith("update/")]


def test_an_update_is_on_record_with_what_is_done_and_needed() -> None:
    told = night()
    say(told, " 1 in 5 fails ", actions="Bo rolls back", needs="a gateway expert", at=10)
    latest = told.incident.update
    assert latest is not None
    assert (latest.number, latest.condition, latest.by) == (1, "1 in 5 fails", ADA)
    assert told.lines()[-1] == "Update 1 by Ada: 1 in 5 fails Doing: Bo rolls back Needed: a gateway expert"
    assert told.seq(told.lines()[-1]) == latest.seq


def test_the_next_one_is_due_as_the_severity_asks_unless_another_time_is_promised() -> None:
    told = night()
    assert due(told) == minute(30)
    say(told, at=10)
    assert due(told) == minute(40)
    say(told, "still 1 in 5", at=12, next_minutes=60)
    assert due(told) == minute(72)


def test_a_promise_is_kept_in_view_where_the_severity_asks_for_none() -> None:
    told = night(severity=3)
    assert due(told) is None
    say(told, at=10, next_minutes=20)
    told.pass_until(29)
    assert not [e for e in told.journal if e.kind == "nudged"]
    told.pass_until(30)
    assert told.lines()[-1] == "A status update is due"


def test_where_none_is_promised_nobody_asks_until_the_status_changes() -> None:
    told = night()
    say(told, at=10, next_minutes=0)
    assert (due(told), asked(told)) == (None, [])
    told.ask(SetStatus(incident=1, to=Status.MONITORING), at=20)
    assert due(told) == minute(50)
    assert len(asked(told)) == 1


def test_a_promise_made_at_a_milder_severity_counts_no_more() -> None:
    told = night(severity=3)
    say(told, at=10, next_minutes=120)
    told.ask(SetStatus(incident=1, to=Status.MONITORING), at=15)
    assert due(told) == minute(130), "the promise stands"
    told.ask(SetSeverity(incident=1, to=1), at=20)
    assert due(told) == minute(50)


def test_a_promise_that_passed_counts_no_more_once_the_status_changed() -> None:
    told = night()
    say(told, at=10, next_minutes=15)
    told.ask(SetStatus(incident=1, to=Status.MONITORING), at=40)
    assert due(told) == minute(70)


def test_an_update_that_is_asked_for_is_due_once_and_anew_after_the_next() -> None:
    told = night()
    told.pass_until(200)
    assert [e.about for e in told.journal if isinstance(e, Nudged)].count(UPDATE) == 1
    say(told, at=201)
    told.pass_until(240)
    assert [e.about for e in told.journal if isinstance(e, Nudged)].count(UPDATE) == 2


def test_not_needed_is_an_answer_and_no_topic_shows_a_time_any_more() -> None:
    told = night()
    told.pass_until(31)
    (key,) = told.incident.asked
    assert due(told) == minute(30), "overdue, and said so"
    told.ask(AnswerPrompt(incident=1, key=key))
    assert due(told) is None


def test_the_same_words_twice_within_a_minute_are_one_update_and_later_they_are_two() -> None:
    told = night()
    say(told, at=10)
    assert told.ask(PostUpdate(incident=1, condition="1 in 5 fails"), at=10.9) == []
    assert len(told.ask(PostUpdate(incident=1, condition="1 in 5 fails"), by=BO)) == 1
    assert len(told.ask(PostUpdate(incident=1, condition="1 in 5 fails"), at=12)) == 1
    assert told.incident.updates == 3


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"condition": "  "}, "condition", "Say how things stand"),
        ({"condition": "x" * 1_001}, "condition", "holds 1000 characters; this has 1001"),
        ({"needs": "x" * 601}, "needs", "holds 600"),
        ({"next_minutes": 1_441}, "next", "24 hours"),
        ({"next_minutes": -1}, "next", "24 hours"),
    ],
)
def test_what_is_no_update_is_refused_beside_its_field(more: dict[str, object], field: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        say(night(), **{"condition": "x", **more})  # type: ignore[arg-type]
    assert refused.value.field == field


def test_an_incident_that_is_over_needs_no_update_but_one_can_be_put_right() -> None:
    told = night()
    say(told, at=10)
    told.ask(Resolve(incident=1))
    with pytest.raises(Refused, match="INC-1 is resolved"):
        say(told, "again")
    assert told.ask(EditUpdate(incident=1, entry=posted(told), condition="1 in 10 failed"))
    assert told.incident.update is not None
    assert told.incident.update.condition == "1 in 10 failed"


def posted(told: Night, update: int = 1) -> int:
    """Where that update stands."""
    return next(s.seq for s in told.stored() if isinstance(s.event, UpdatePosted) and s.event.update == update)


def test_an_edit_changes_the_words_and_neither_the_count_nor_the_clock() -> None:
    told = night()
    say(told, at=10, needs="help")
    before = due(told)
    told.ask(EditUpdate(incident=1, entry=posted(told), condition="1 in 10 fails"), by=BO, at=20)
    latest = told.incident.update
    assert latest is not None
    assert (latest.condition, latest.needs, latest.by, told.incident.updates) == ("1 in 10 fails", "", ADA, 1)
    assert due(told) == before
    assert told.lines()[-1] == "Bo put update 1 right: 1 in 10 fails"
    assert told.ask(EditUpdate(incident=1, entry=posted(told), condition="1 in 10 fails")) == []


def test_an_earlier_update_is_put_right_and_the_latest_stays_as_it_is() -> None:
    told = night()
    say(told, "first", at=10)
    say(told, "second", at=12)
    told.ask(EditUpdate(incident=1, entry=posted(told), condition="first, but better"))
    assert told.incident.update is not None
    assert told.incident.update.condition == "second"
    assert told.ask(EditUpdate(incident=1, entry=posted(told), condition="first, but better")) == []


def test_what_is_no_update_cannot_be_edited_nor_what_was_redacted() -> None:
    told = night()
    say(told, at=10)
    with pytest.raises(Refused, match="no such update"):
        told.ask(EditUpdate(incident=1, entry=1, condition="x"))
    told.ask(RedactEntry(incident=1, entry=posted(told)))
    with pytest.raises(Refused, match="Update 1 was redacted"):
        told.ask(EditUpdate(incident=1, entry=posted(told), condition="x"))


def test_redacted_no_word_of_it_is_left_neither_of_the_edits() -> None:
    told = night()
    say(told, "secret", actions="secret too", needs="secret three", at=10)
    told.ask(EditUpdate(incident=1, entry=posted(told), condition="secret again"))
    edited = told.journal[-1]
    assert edited.amends == posted(told)
    blank = [e.redacted() if e.kind.startswith("update_") else e for e in told.journal]
    assert "secret" not in str([e.model_dump_json() for e in blank])
    assert "secret" not in str(fold(blank))
    for fact in (e for e in told.journal if e.kind.startswith("update_")):
        assert "secret" in str(fact.words)
        assert all(word in fact.model_dump_json() for word in fact.words)


def test_following_is_said_once_and_taken_back_once() -> None:
    told = night()
    assert told.ask(Follow(incident=1), by=BO)
    assert told.ask(Follow(incident=1), by=BO) == []
    assert [f.id for f in told.incident.followers] == [BO.id]
    told.ask(Resolve(incident=1))
    with pytest.raises(Refused, match="INC-1 is resolved"):
        told.ask(Follow(incident=1), by=ADA)
    assert told.ask(Follow(incident=1, follows=False), by=BO)
    assert told.ask(Follow(incident=1, follows=False), by=BO) == []
    assert [f.id for f in told.incident.followers] == []


def test_following_and_editing_are_no_news_of_the_incident() -> None:
    told = night()
    say(told, at=10)
    told.ask(Follow(incident=1), by=BO, at=60)
    told.ask(EditUpdate(incident=1, entry=posted(told), condition="x"), at=70)
    assert told.incident.news_at == minute(10)
    assert told.incident.updated_at == minute(10)


def test_once_the_latest_update_is_redacted_the_one_before_it_is_the_latest_that_says_anything() -> None:
    told = night()
    say(told, "1 in 5 fails", at=10, next_minutes=60)
    say(told, "Umbrella Corp fails", at=20, next_minutes=60)
    facts = [e.redacted() if e.words == ("Umbrella Corp fails",) else e for e in told.journal]
    left = fold(facts)
    assert left is not None
    assert left.update is not None
    assert (left.update.number, left.update.condition) == (1, "1 in 5 fails")
    assert (left.updates, left.next_due) == (2, minute(80))
    alone = fold([e.redacted() if isinstance(e, UpdatePosted) else e for e in told.journal])
    assert alone is not None
    assert alone.update is None
