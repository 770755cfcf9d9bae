"""What Slack is promised when the timeline is offered, taken out or redacted."""

import pytest
from sqlalchemy import select, update

from bot.engine import tables
from bot.engine.handle import Engine
from bot.incident import (
    AddNote,
    Declare,
    Exported,
    MessageMarked,
    MessageUnmarked,
    Offered,
    RecordRoom,
    Redacted,
    RedactEntry,
    Resolved,
)
from bot.incident.exports import Format
from bot.incident.model import Event, Incident
from bot.incident.notes import Corrected
from bot.incident.values import Room
from bot.integrations.slack.timeline_effects import PostOffer, SendExport, UnnameRoom
from tests.integrations.slack.nights import ADA, BO, NIGHT
from tests.integrations.slack.test_outbound import kinds, promised, stamp

OFFERING = NIGHT.but(offered=("1.1", "2.2"))


def fact(kind: type[Event], **more: object) -> Event:
    return kind.model_validate({**stamp(), **more})


def marked(ts: str) -> Event:
    return fact(MessageMarked, channel="C0ROOM", ts=ts, author=BO, text="rolled back")


def test_at_the_end_the_room_is_looked_through_once_it_is_there() -> None:
    over = fact(Resolved, review=False)
    assert "sweep_room" in kinds(promised(over))
    assert "sweep_room" not in kinds(promised(over, NIGHT.but(room=None)))


def test_what_is_offered_is_posted_and_what_is_taken_back_goes() -> None:
    (offer,) = promised(fact(Offered, messages=("1.1",)))
    assert offer.effect == PostOffer(incident=42, seq=10)
    assert kinds(promised(fact(Offered), OFFERING)) == ["refresh_offer"]


@pytest.mark.parametrize("event", [marked("1.1"), fact(MessageUnmarked, ts="1.1", entry=9)])
def test_an_offered_message_that_is_marked_or_unmarked_changes_the_offer(event: Event) -> None:
    assert kinds(promised(event, OFFERING)) == ["refresh_offer"]


def test_any_other_message_leaves_the_offer_alone() -> None:
    assert promised(marked("3.3"), OFFERING) == []
    assert promised(marked("1.1")) == []


def test_an_export_goes_to_whoever_asked_and_into_no_room() -> None:
    (sent,) = promised(fact(Exported, format=Format.CSV))
    assert sent.effect == SendExport(incident=42, person=ADA.id, name=ADA.name, format=Format.CSV, seq=10)
    assert sent.effect.need is None


def test_an_edit_in_slack_is_no_news_for_those_who_saw_it_there() -> None:
    assert promised(fact(Corrected, entry=3, text="x", followed=True)) == []


def test_redaction_goes_after_every_copy() -> None:
    gone = kinds(promised(fact(Redacted, entry=3), OFFERING.but(drafts=1)))
    assert {"blank_message", "blank_tells", "withdraw_exports", "withdraw_drafts", "retitle_bookmarks"} <= set(gone)
    assert {"refresh_offer", "refresh_card", "set_topic", "refresh_announcement", "redraw_catch_ups"} <= set(gone)


def names(before: Incident, *rooms: int) -> list[str]:
    promises = promised(fact(Redacted, entry=1, rooms=rooms), before)
    return [p.effect.plain_name for p in promises if isinstance(p.effect, UnnameRoom)]


def test_rooms_that_were_called_by_the_words_get_names_that_say_nothing_and_differ() -> None:
    moved = NIGHT.but(former_rooms=(Room(channel="C0OLD", name="inc-42-secret"),))
    assert names(NIGHT) == []
    assert names(moved, 1, 2) == ["inc-42", "inc-42-2"]


def test_files_are_taken_back_in_the_lane_in_which_they_are_sent() -> None:
    """Else one that is being sent would stay."""
    sent = promised(fact(Exported, format=Format.CSV))[0].effect.lane
    taken = next(p.effect for p in promised(fact(Redacted, entry=3)) if p.effect.kind == "withdraw_exports")
    assert taken.lane == sent


async def test_words_that_were_cut_short_in_what_was_promised_of_them_are_gone_too(engine: Engine) -> None:
    await engine.handle(Declare(title="x"), ADA)
    await engine.handle(RecordRoom(incident=1, channel="C1", name="inc-1-x"), ADA)
    noted = await engine.handle(AddNote(incident=1, text=f"hunter2 {'and so on ' * 250}end"), ADA)
    kept = update(tables.effect).where(tables.effect.c.kind == "say").values(state="kept")
    await engine.database.write(lambda c: c.execute(kept))
    assert "hunter2" in await promises_of(engine)
    await engine.handle(RedactEntry(incident=1, entry=noted.first_seq), ADA)
    assert "hunter2" not in await promises_of(engine)


async def promises_of(engine: Engine) -> str:
    return await engine.database.read(lambda c: str(c.execute(select(tables.effect.c.body)).all()))
