"""What outside systems say: one mirror per alert, one incident for two first alerts, announced while it is in none."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from bot.engine.effects import Promise
from bot.incident import DeclareFromAlert, DismissAlert, HearAlert, JoinAlert
from bot.incident.mirror import Alert, Report, What
from bot.incident.policy import Action, Policy, Rule
from bot.incident.values import Actor, Service
from tests.engine.conftest import House
from tests.engine.toys import ADA, NOON, Loose, Open

PAGER = Actor(id="pagerduty:PSVC", name="Checkout monitor")
CHECKOUT = Service(id="PSVC", name="Checkout")
OPENS = Policy(rules=(Rule(action=Action.OPEN, severity=2),))
ASKS = Policy(rules=(Rule(action=Action.TRIAGE),))


def fired(alert: str, service: Service = CHECKOUT) -> Report:
    return Report(
        source="pagerduty",
        alert=alert,
        key=f"event-{alert}",
        at=NOON,
        what=What.TRIGGERED,
        by=PAGER,
        title=f"{alert} is down",
        service=service,
    )


def triage(before: Alert | None, after: Alert, policy: Policy) -> Iterable[Promise]:
    state = "gone" if after.incident or after.dismissed else "asked"
    yield Promise(Loose(word=state), f"triage/{after.id}/{state}")


async def test_two_first_alerts_of_a_service_open_one_incident(house: House) -> None:
    async with house.process(OPENS) as engine:
        reports = [fired(f"P{n}") for n in range(8)]
        await asyncio.gather(*(engine.handle(HearAlert(report=report), PAGER) for report in reports))
        assert [i.number for i in await engine.reading.recent(ADA)] == [1]
        assert [a.incident for a in await engine.reading.alerts(1)] == [1] * 8


async def test_alerts_of_different_services_open_their_own(house: House) -> None:
    async with house.process(OPENS) as engine:
        for n in range(2):
            await engine.handle(HearAlert(report=fired(f"P{n}", Service(id=f"S{n}", name=f"Service {n}"))), PAGER)
        assert len(await engine.reading.recent(ADA)) == 2


async def test_the_same_report_again_changes_nothing(house: House) -> None:
    async with house.process(OPENS) as engine:
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        facts = await engine.reading.events(1)
        out = await engine.handle(HearAlert(report=fired("P1")), PAGER)
        assert out.events == ()
        assert await engine.reading.events(1) == facts


async def test_later_reports_reach_the_incident_that_the_alert_belongs_to(house: House) -> None:
    async with house.process(OPENS) as engine:
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        note = fired("P1").model_copy(
            update={"key": "event-2", "what": What.NOTE, "text": "looking", "at": NOON + timedelta(minutes=1)}
        )
        out = await engine.handle(HearAlert(report=note), ADA)
        assert out.incident is not None
        assert out.incident.number == 1
        mirror = await engine.reading.alert("pagerduty", "P1")
        assert mirror is not None
        assert [r.key for r in mirror.reports] == ["event-P1", "event-2"]


async def test_an_alert_that_belongs_to_no_incident_is_announced_until_it_does(house: House) -> None:
    house.alerts = (triage,)
    async with house.process(ASKS) as engine, house.outbox(engine) as outbox:
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        await outbox.idle()
        assert house.world.texts("test_loose") == ["asked"]
        await engine.handle(DeclareFromAlert(source="pagerduty", alert="P1"), ADA)
        await outbox.idle()
        assert house.world.texts("test_loose") == ["asked", "gone"]
        mirror = await engine.reading.alert("pagerduty", "P1")
        assert mirror is not None
        assert mirror.incident == 1


async def test_a_dismissed_alert_is_remembered_as_such(house: House) -> None:
    house.alerts = (triage,)
    async with house.process(ASKS) as engine:
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        await engine.handle(DismissAlert(source="pagerduty", alert="P1"), ADA)
        mirror = await engine.reading.alert("pagerduty", "P1")
        assert mirror is not None
        assert mirror.dismissed
        assert [s.key for s in await engine.reading.effects()] == ["triage/P1/asked", "triage/P1/gone"]


async def test_a_person_joins_an_alert_to_an_incident(house: House) -> None:
    async with house.process(ASKS) as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(HearAlert(report=fired("P1")), PAGER)
        await engine.handle(JoinAlert(incident=1, source="pagerduty", alert="P1"), ADA)
        assert [a.id for a in await engine.reading.alerts(1)] == ["P1"]


async def test_the_bridge_of_an_incident_is_what_one_of_its_alerts_brought(house: House) -> None:
    said = {"title": 'the "bridge":"is" down', "service": CHECKOUT}
    async with house.process(OPENS) as engine:
        for n, bridge in enumerate((None, "", "https://meet.example/1", "https://meet.example/2")):
            report = fired(f"P{n}").model_copy(update={**said, "bridge": bridge})
            await engine.handle(HearAlert(report=report), PAGER)
            assert await engine.reading.bridge(1) == ("https://meet.example/1" if n > 1 else "")
        assert await engine.reading.bridge(2) == ""
