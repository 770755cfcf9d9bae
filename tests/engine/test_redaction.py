"""Redacted means gone: from facts, deliveries, promises, documents, mirrors, and from the file itself."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from sqlalchemy import Connection, text, update

from bot.engine import tables as t
from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Inbox, Reader, Said
from bot.engine.tables import EffectState
from bot.incident import AddNote, CorrectEntry, Declare, HearAlert, MarkMessage, Merge, RecordRoom, SplitOff
from bot.incident.enclosures import NewBlob
from bot.incident.marks import Image
from bot.incident.mirror import Report, What
from bot.incident.notes import Redacted, RedactEntry
from bot.incident.policy import Action, Policy, Rule
from bot.incident.values import Actor, Service
from tests.engine.conftest import House
from tests.engine.test_alerts import CHECKOUT, PAGER, fired
from tests.engine.test_outbox import all_effects
from tests.engine.toys import ADA, NOON, Open, Say, SayOnce, Write

SECRET = "the password is hunter2*hunter2 & more"
REPORT = f"""# Report

> {SECRET.replace("*", chr(92) + "*")}

and <b>the password
is hunter2*hunter2 &amp; more</b>
"""
EVERYTHING = ("event", "inbox", "effect", "document", "alert", "incident", "ref", "timer", "blob", "person")


def dump(connection: Connection) -> str:
    """Every row of every table as text."""
    parts = []
    for table in EVERYTHING:
        for row in connection.execute(text(f"SELECT * FROM {table}")):
            parts += [
                bytes(cell).decode(errors="replace") if isinstance(cell, bytes | memoryview) else str(cell)
                for cell in row
            ]
    return "\n".join(parts)


async def read(heard: Heard) -> Sequence[Said]:
    return [Said(Say(incident=1, text=json.loads(heard.body)["text"]), ADA)]


async def test_redacted_words_are_nowhere_any_more(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        inbox = Inbox(engine, {"toy": read})
        await inbox.start()
        await engine.hear("toy", "k1", "g", json.dumps({"text": SECRET}).encode())
        await inbox.idle()
        await inbox.stop()
        await engine.handle(SayOnce(incident=1, text="harmless words"), ADA)
        await engine.handle(
            Write(
                incident=1,
                body=REPORT,
            ),
            ADA,
        )
        async with house.outbox(engine) as outbox:
            await outbox.idle()
            await outbox.idle()
        assert "hunter2" in await engine.database.read(dump)
        out = await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        left = await engine.database.read(dump)
        assert "hunter2" not in left
        assert "harmless words" in left
        assert out.incident is not None
        stored = await engine.reading.events(1)
        assert stored[1].event.line() == "[redacted]"
        found = await engine.reading.incident(1)
        assert found == out.incident
        document = await engine.reading.document(1, "report")
        assert document is not None
        assert "# Report" in document.body


async def test_what_waits_to_be_said_of_it_is_not_said(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text=SECRET), ADA)
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        assert (await all_effects(engine))["post/1/2"].state is EffectState.DROPPED
        async with house.outbox(engine) as outbox:
            await outbox.idle()
        assert house.world.texts() == []


async def test_the_same_words_of_another_fact_are_gone_too_but_not_whoever_merely_uses_some_of_them(
    house: House,
) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text="deploy"), ADA)
        await engine.handle(Say(incident=1, text="we deploy again"), ADA)
        await engine.handle(Say(incident=1, text="deploy"), ADA)
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        lines = [s.event.line() for s in await engine.reading.events(1)]
        assert lines[1:4] == ["[redacted]", "we deploy again", "[redacted]"]


async def test_other_deliveries_of_the_incident_lose_the_words_in_whatever_form_they_came(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        inbox = Inbox(engine, {"toy": read, "form": read_form})
        await inbox.start()
        await engine.hear("toy", "k1", "g", json.dumps({"text": SECRET}).encode())
        await inbox.idle()  # the first entry: sources do not wait for one another
        await engine.hear("form", "k2", "g", f"other=1&quoted={quote_plus(SECRET)}".encode())
        nested = {"log": [{"note": f'he said "{SECRET}"'}, 7]}
        await engine.hear("form", "k3", "g", json.dumps(nested, ensure_ascii=True).encode())
        await engine.hear("form", "k4", "g", b'{"log": ["nothing of it"]}')
        await inbox.idle()
        await inbox.stop()
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        bodies = await engine.database.read(
            lambda c: [
                bytes(row.body) for row in c.execute(text("SELECT body FROM inbox WHERE source <> 'said' ORDER BY id"))
            ]
        )
        assert bodies[:3] == [b"[redacted]"] * 3
        assert bodies[3] == b'{"log": ["nothing of it"]}'


async def read_form(heard: Heard) -> Sequence[Said]:
    return [Said(Say(incident=1, text=f"something else, {heard.key}"), ADA)]


async def test_notes_heard_through_an_alert_leave_its_mirror_too(house: House) -> None:
    ada = Actor(id="pagerduty:PADA", name="Ada")
    policy = Policy(rules=(Rule(action=Action.OPEN, severity=2),))
    trigger = Report(
        source="pagerduty",
        alert="PINC",
        key="e1",
        at=house.clock.now,
        what=What.TRIGGERED,
        by=ada,
        title="Down",
        service=Service(id="PSVC", name="Checkout"),
    )
    note = trigger.model_copy(update={"key": "e2", "what": What.NOTE, "text": SECRET})
    async with house.process(policy) as engine:
        out = await engine.handle(HearAlert(report=trigger), ada)
        assert out.incident is not None
        await engine.handle(HearAlert(report=note), ada)
        facts = await engine.reading.events(1)
        seq = next(s.seq for s in facts if SECRET in s.event.words)
        await engine.handle(RedactEntry(incident=1, entry=seq), ADA)
        assert "hunter2" not in await engine.database.read(dump)
        mirror = await engine.reading.alert("pagerduty", "PINC")
        assert mirror is not None
        assert [r.text for r in mirror.reports] == ["", "[redacted]"]


async def test_a_mention_that_brought_the_words_is_blanked_though_no_fact_names_it(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        inbox = Inbox(engine, {"mentions": said_by_hand(engine)})
        await inbox.start()
        await engine.hear("mentions", "k1", "g", json.dumps({"text": SECRET}).encode())
        await inbox.idle()
        await inbox.stop()
        await engine.hear("mentions", "k2", "g", json.dumps({"text": SECRET}).encode())
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        bodies = await engine.database.read(
            lambda c: [
                bytes(row.body) for row in c.execute(text("SELECT body FROM inbox WHERE source <> 'said' ORDER BY id"))
            ]
        )
        assert bodies[0] == b"[redacted]"
        assert b"hunter2" in bodies[1], "what still waits may be about something else"


def said_by_hand(engine: Engine) -> Reader:
    """A reader that acts by itself, as for a mention: its facts do not know where they came from."""

    async def read_it(heard: Heard) -> Sequence[Said]:
        await engine.handle(Say(incident=1, text=json.loads(heard.body)["text"]), ADA)
        return []

    return read_it


async def test_what_may_have_been_posted_is_looked_for_and_not_let_go(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text=SECRET), ADA)
        doubted = update(t.effect).where(t.effect.c.key == "post/1/2").values(doubt_since=house.clock.now, tries=1)
        await engine.database.write(lambda c: c.execute(doubted))
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        left = (await all_effects(engine))["post/1/2"]
        assert left.state is EffectState.NEEDING
        assert "hunter2" not in await engine.database.read(dump)


SHOT = NewBlob.of(1, "image/png", b"PNG hunter2 in a terminal")


def shown(ts: str, said: str, shot: NewBlob = SHOT) -> MarkMessage:
    image = Image(digest=shot.digest, name="image.png", media_type="image/png", size=len(shot.body))
    return MarkMessage(
        incident=1, channel="C1", ts=ts, author=ADA, text=said, at=NOON, images=(image,), enclosed=(shot,)
    )


async def test_pictures_go_with_the_entry_and_so_does_every_entry_that_shows_the_same_one(house: House) -> None:
    other = NewBlob.of(1, "image/png", b"PNG a graph")
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(shown("1.1", "[image.png]"), ADA)
        await engine.handle(shown("2.2", "look at this", SHOT), ADA)
        await engine.handle(shown("3.3", "[image.png]", other), ADA)
        assert "hunter2" in await engine.database.read(dump)
        out = await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        kept = await engine.database.read(dump)
        assert "hunter2" not in kept
        assert "a graph" in kept
        lines = [s.event.line() for s in await engine.reading.events(1)]
        assert lines[1:4] == ["Ada: [redacted]", "Ada: [redacted]", "Ada: [image.png]"], "its name says nothing"
        assert out.incident is not None
        assert list(out.incident.images) == [4]


async def test_a_correction_and_an_edit_in_the_chat_go_with_the_entry(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(MarkMessage(incident=1, channel="C1", ts="1.1", author=ADA, text="x1", at=NOON), ADA)
        await engine.handle(CorrectEntry(incident=1, entry=2, text=SECRET, followed=True), ADA)
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        assert "hunter2" not in await engine.database.read(dump)


async def test_the_title_takes_the_name_of_the_room_along(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Declare(title="Umbrella merger", private=True), ADA)
        wish = RecordRoom(incident=1, channel="C1", name="inc-1-umbrella-merger", url="https://c/1", step="open it")
        await engine.handle(wish, ADA)
        out = await engine.handle(RedactEntry(incident=1, entry=1), ADA)
        assert "mbrella" not in await engine.database.read(dump)
        assert out.incident is not None
        assert out.incident.room is not None
        assert (out.incident.title, out.incident.room.name) == ("[redacted]", "inc-1")


async def test_of_what_went_on_elsewhere_nothing_is_lost_where_none_of_the_words_came_over(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Declare(title="one"), ADA)
        await engine.handle(Declare(title="two"), ADA)
        out = await engine.handle(AddNote(incident=1, text=SECRET), ADA)
        await engine.handle(Merge(incident=1, into=2), ADA)
        before = [s.event.line() for s in await engine.reading.events(2)]
        await engine.handle(RedactEntry(incident=1, entry=out.first_seq), ADA)
        assert "hunter2" not in await engine.database.read(dump)
        assert [s.event.line() for s in await engine.reading.events(2)][: len(before)] == before


async def test_an_alerts_title_is_gone_wherever_it_was_repeated_and_notes_on_it_stay(house: House) -> None:
    ada = Actor(id="pagerduty:PADA", name="Ada")
    policy = Policy(rules=(Rule(action=Action.OPEN, severity=2),))
    trigger = Report(
        source="pagerduty", alert="PINC", key="e1", at=house.clock.now, what=What.TRIGGERED, by=ada, title=SECRET
    )
    async with house.process(policy) as engine:
        await engine.handle(HearAlert(report=trigger), ada)
        acked = trigger.model_copy(update={"key": "e2", "what": What.ACKNOWLEDGED})
        await engine.handle(HearAlert(report=acked), ada)
        note = trigger.model_copy(update={"key": "e3", "what": What.NOTE, "text": "it is the cache", "title": None})
        await engine.handle(HearAlert(report=note), ada)
        facts = await engine.reading.events(1)
        entry = next(s.seq for s in facts if s.event.kind == "alert_joined")
        await engine.handle(RedactEntry(incident=1, entry=entry), ADA)
        assert "hunter2" not in await engine.database.read(dump)
        lines = [s.event.line() for s in await engine.reading.events(1)]
        assert "Ada acknowledged the alert “[redacted]”" in lines
        assert "Ada noted in PagerDuty: it is the cache" in lines


@pytest.mark.parametrize(
    ("where", "kind"), [(1, "alert_left"), (1, "alert_joined"), (2, "declared"), (2, "alert_joined")]
)
async def test_what_was_split_off_or_split_from_says_the_alerts_title_no_more(
    house: House, where: int, kind: str
) -> None:
    async with house.process(Policy(rules=(Rule(action=Action.OPEN, severity=2),))) as engine:
        for name, title in (("P1", "Checkout is down"), ("P2", SECRET)):
            said = fired(name, CHECKOUT).model_copy(update={"title": title})
            await engine.handle(HearAlert(report=said), PAGER)
        await engine.handle(SplitOff(incident=1, source="pagerduty", alert="P2"), ADA)
        wish = RecordRoom(incident=2, channel="C2", name="inc-2-hunter2", url="https://c/2", step="open it")
        await engine.handle(wish, ADA)
        await engine.handle(Declare(title="goes on"), ADA)
        await engine.handle(Merge(incident=2, into=3), ADA)
        entry = next(s.seq for s in reversed(await engine.reading.events(where)) if s.event.kind == kind)
        out = await engine.handle(RedactEntry(incident=where, entry=entry), ADA)
        assert "hunter2" not in await engine.database.read(dump)
        assert {e.incident for e in out.events} == {1, 2, 3}
        assert [e.rooms for e in out.events if isinstance(e, Redacted) and e.incident == 2] == [(1,)]


async def test_the_words_leave_the_files_of_an_sqlite_database(house: House) -> None:
    if not house.url.startswith("sqlite"):
        return
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text=SECRET), ADA)
        await engine.handle(Write(incident=1, body=f"{SECRET}\n" * 3_000), ADA)
        assert b"hunter2" in on_disk(house)
        await engine.handle(RedactEntry(incident=1, entry=2), ADA)
        assert b"hunter2" not in on_disk(house)


def on_disk(house: House) -> bytes:
    file = Path(house.url.removeprefix("sqlite:///"))
    return file.read_bytes() + Path(f"{file}-wal").read_bytes()
