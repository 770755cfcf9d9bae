"""A wish about more than its own incident: what it touches is locked and given, what it encloses is kept."""

from sqlalchemy import Connection, func, select

from bot.engine import tables as t
from bot.engine.case import gather
from bot.engine.handle import Engine
from bot.incident import AlertLeft
from bot.incident.enclosures import NewBlob
from bot.incident.model import Case, Command, Event
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.incident.routing import HearAlert
from bot.incident.values import MUSTER, Actor
from tests.engine.conftest import House
from tests.engine.test_alerts import OPENS, PAGER, fired, triage
from tests.engine.toys import ADA, NOON, Open, Say, TestHeld, TestSaid


class Tell(Command):
    """Says something in another incident, and keeps a picture of its own."""

    other: int
    silent: bool = False

    def touches(self) -> tuple[int, ...]:
        return (self.other,)

    @property
    def blobs(self) -> tuple[NewBlob, ...]:
        return (NewBlob.of(self.incident or 0, "image/png", b"\0graph"),)

    def decide(self, case: Case) -> list[Event]:
        there = case.about(case.other(self.other))
        if self.silent:
            return []
        return [TestHeld(**case.stamp()), TestSaid(**there.stamp(), text=f"told by {case.incident.title}")]


class TakeOut(Command):
    """The alert has nothing to do with its incident."""

    alert: str

    def names_alert(self) -> tuple[str, str] | None:
        return "pagerduty", self.alert

    def decide(self, case: Case) -> list[Event]:
        return [AlertLeft(**case.stamp(), source="pagerduty", alert=self.alert, title="x")]


async def test_a_wish_changes_every_incident_that_it_touches_in_one_go(house: House) -> None:
    async with house.process() as engine:
        for title in ("first", "second"):
            await engine.handle(Open(title=title), ADA)
        await engine.handle(Tell(incident=2, other=1), ADA)
        one, two = await engine.reading.incident(1), await engine.reading.incident(2)
        assert one is not None
        assert two is not None
        assert (one.summary, two.summary) == ("told by second", "")


async def test_whoever_touches_gets_the_others_that_exist_and_not_its_own(house: House) -> None:
    def gathered(connection: Connection) -> dict[str, object]:
        case = gather(connection, Tell(incident=2, other=1), ADA, Policy(), NOON).case
        missing = gather(connection, Tell(incident=2, other=7), ADA, Policy(), NOON).case
        return {"others": list(case.others), "missing": list(missing.others), "zone": case.zone_of(ADA)}

    async with house.process() as engine:
        for title in ("first", "second"):
            await engine.handle(Open(title=title), ADA)
        assert await engine.database.write(gathered) == {"others": [1], "missing": [], "zone": "UTC"}


async def blobs(engine: Engine) -> int:
    count: int = await engine.database.read(lambda c: c.execute(select(func.count()).select_from(t.blob)).scalar_one())
    return count


async def test_what_a_wish_encloses_is_kept_once_and_only_with_its_facts(house: House) -> None:
    async with house.process() as engine:
        for title in ("first", "second"):
            await engine.handle(Open(title=title), ADA)
        await engine.handle(Tell(incident=2, other=1, silent=True), ADA)
        assert await blobs(engine) == 0
        for _ in range(2):
            await engine.handle(Tell(incident=2, other=1), ADA)
        assert await blobs(engine) == 1
        await engine.handle(Tell(incident=1, other=2), ADA)
        assert await blobs(engine) == 2, "the same picture in another incident is another: it can be taken out alone"


async def test_a_wish_is_told_where_somebodys_clock_stands(house: House) -> None:
    class Look(Say):
        def decide(self, case: Case) -> list[Event]:
            return [TestSaid(**case.stamp(), text=f"{case.zone_of(ADA)}, {case.zone_of(MUSTER)}")]

    async with house.process() as engine:
        await engine.directory.remember_people([Person(slack=ADA.foreign_id, name="Ada", zone="Europe/Berlin")])
        await engine.handle(Open(), ADA)
        out = await engine.handle(Look(incident=1, text=""), Actor(id="slack:U9", name="Bo"))
        assert out.events[0].line() == "Europe/Berlin, UTC"


async def test_an_alert_that_is_taken_out_belongs_to_nobody_and_is_asked_about_again(house: House) -> None:
    house.alerts = (triage,)
    async with house.process(OPENS) as engine:
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        await engine.handle(TakeOut(alert="P1", incident=1), ADA)
        alert = await engine.reading.alert("pagerduty", "P1")
        i = await engine.reading.incident(1)
        assert alert is not None
        assert i is not None
        assert (alert.incident, alert.unrelated, i.alerts, i.apart) == (None, (1,), (), ("pagerduty/P1",))
        assert "triage/P1/asked" in [s.key for s in await engine.reading.effects()]
