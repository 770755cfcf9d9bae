"""Merged and private incidents in the database: who reads what, whose alerts are whose, and what is heard later."""

from datetime import timedelta

from sqlalchemy import Connection, select

from bot.engine import tables as t
from bot.engine.handle import Engine
from bot.incident import (
    AddNote,
    Declare,
    GiveTask,
    HearAlert,
    MakePrivate,
    Merge,
    RecordMember,
    RecordRoom,
    RedactEntry,
    StoreDraft,
)
from bot.incident.mirror import What
from bot.incident.tasks import TaskGiven
from bot.incident.timeline import timeline
from bot.incident.values import MUSTER, Actor, Status
from tests.engine.conftest import House
from tests.engine.test_alerts import CHECKOUT, OPENS, PAGER, fired
from tests.engine.toys import ADA, BOB, NOON

SECRET = "the key is hunter2"
EVE = Actor(id="slack:UEVE", name="Eve")


async def open_two(engine: Engine) -> None:
    """INC-1 of an alert, with a room; INC-2, Bob's, with one, too."""
    await engine.handle(HearAlert(report=fired("P1")), PAGER)
    await engine.handle(Declare(title="Search is slow"), BOB)
    for number in (1, 2):
        await engine.handle(RecordRoom(incident=number, channel=f"C{number}", name=f"inc-{number}"), MUSTER)


async def lines(engine: Engine, number: int, viewer: Actor) -> list[str]:
    return [e.text for e in timeline(await engine.reading.history(number, viewer))]


async def test_alerts_go_over_and_what_is_said_of_them_later_follows(house: House) -> None:
    async with house.process(OPENS) as engine:
        await open_two(engine)
        await engine.handle(Merge(incident=1, into=2), ADA)
        assert [a.id for a in await engine.reading.alerts(2)] == ["P1"]
        assert await engine.reading.alerts(1) == []
        later = fired("P1").model_copy(
            update={"key": "event-2", "what": What.NOTE, "text": "looking", "at": NOON + timedelta(minutes=1)}
        )
        out = await engine.handle(HearAlert(report=later, incident=1), ADA)
        assert {e.incident for e in out.events} == {2}
        merged = await engine.reading.incident(1)
        assert merged is not None
        assert (merged.status, merged.merged_into) == (Status.MERGED, 2)


async def test_a_new_alert_of_its_service_opens_no_further_incident_beside_the_one_that_goes_on(house: House) -> None:
    async with house.process(OPENS) as engine:
        await open_two(engine)
        await engine.handle(Merge(incident=1, into=2), ADA)
        out = await engine.handle(HearAlert(report=fired("P2", CHECKOUT)), PAGER)
        assert {e.incident for e in out.events} == {2}


async def test_the_timeline_tells_of_all_that_were_merged_one_into_the_next(house: House) -> None:
    async with house.process(OPENS) as engine:
        await open_two(engine)
        await engine.handle(AddNote(incident=1, text="it began here"), ADA)
        await engine.handle(Merge(incident=1, into=2), ADA)
        await engine.handle(Declare(title="third"), ADA)
        await engine.handle(Merge(incident=2, into=3), ADA)
        told = await lines(engine, 3, EVE)
        assert "Ada: it began here" in told
        assert "Ada merged the incident into INC-2" in told
        assert {e.incident for e in timeline(await engine.reading.history(3))} == {1, 2, 3}
        assert {s.event.incident for s in await engine.reading.events(3)} == {3}


async def test_who_may_not_see_the_one_that_goes_on_reads_nothing_of_it(house: House) -> None:
    async with house.process(OPENS) as engine:
        await open_two(engine)
        await engine.handle(MakePrivate(incident=2), BOB)
        await engine.handle(Merge(incident=1, into=2), BOB)
        assert await lines(engine, 2, EVE) == []
        assert "Bob merged INC-1 into this incident: P1 is down" in await lines(engine, 2, BOB)
        assert not any("INC-2" in line for line in await lines(engine, 1, EVE))


async def test_from_the_moment_it_is_private_only_who_is_in_it_reads_it(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Declare(title="Keys leaked"), ADA)
        await engine.handle(RecordRoom(incident=1, channel="C1", name="inc-1"), MUSTER)
        await engine.handle(RecordMember(incident=1, channel="C1", person=EVE, here=True), MUSTER)
        await engine.handle(MakePrivate(incident=1), BOB)
        for viewer, seen in ((ADA, True), (BOB, True), (MUSTER, True), (EVE, False)):
            assert (await engine.reading.incident(1, viewer) is not None) is seen
            assert bool(await engine.reading.open_incidents(viewer)) is seen
            assert bool(await engine.reading.recent(viewer)) is seen
            assert bool(await engine.reading.history(1, viewer)) is seen
        await engine.handle(RecordRoom(incident=1, channel="G2", name="inc-1-private"), MUSTER)
        await engine.handle(RecordMember(incident=1, channel="G2", person=EVE, here=True), MUSTER)
        assert await engine.reading.incident(1, EVE) is not None


async def test_an_alert_never_joins_an_incident_that_became_private(house: House) -> None:
    async with house.process(OPENS) as engine:
        await open_two(engine)
        await engine.handle(MakePrivate(incident=1), ADA)
        out = await engine.handle(HearAlert(report=fired("P2", CHECKOUT)), PAGER)
        assert {e.incident for e in out.events} == {3}


async def test_words_redacted_in_a_merged_incident_are_gone_where_it_went_on(house: House) -> None:
    async with house.process(OPENS) as engine:
        await open_two(engine)
        await engine.handle(GiveTask(incident=2, text=SECRET, to=EVE), BOB)
        await engine.handle(AddNote(incident=2, text=SECRET), BOB)
        await engine.handle(Merge(incident=2, into=1), BOB)
        await engine.handle(Declare(title="third"), ADA)
        await engine.handle(Merge(incident=1, into=3), ADA)
        await engine.handle(StoreDraft(incident=3, body=f"# What happened\n\nBob: {SECRET}\n"), MUSTER)
        assert len(await holding(engine, SECRET)) > 3
        given = next(s.seq for s in await engine.reading.events(2) if isinstance(s.event, TaskGiven))
        out = await engine.handle(RedactEntry(incident=2, entry=given), ADA)
        assert [(e.incident, e.line()) for e in out.events] == [
            (1, "Ada redacted an entry of INC-2"),
            (3, "Ada redacted an entry of INC-2"),
            (2, "Ada redacted an entry"),
        ]
        assert await holding(engine, SECRET) == []
        for number in (1, 2, 3):
            assert SECRET not in str(await engine.reading.incident(number))
            assert SECRET not in str(await lines(engine, number, ADA))
        assert (await engine.handle(RedactEntry(incident=2, entry=given), ADA)).events == ()


async def holding(engine: Engine, words: str) -> list[str]:
    """Which tables hold the words anywhere."""

    def look(connection: Connection) -> list[str]:
        found = []
        for table in t.incident.metadata.sorted_tables:
            found += [table.name for row in connection.execute(select(table)) if words in str(row)]
        return found

    return await engine.database.read(look)
