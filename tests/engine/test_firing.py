"""What fires together is counted in the database: when a storm begins, what it takes in, what is moved out of it."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.engine.handle import Engine
from bot.incident import Cancel, DismissAlert, HearAlert, NotRelated, RateAlert, SplitOff
from bot.incident.habits import Storm
from bot.incident.mirror import Report, What, Worth
from bot.incident.model import Incident
from bot.incident.policy import Action, Policy, Rule
from bot.incident.values import Service
from tests.engine.conftest import House
from tests.engine.test_alerts import PAGER, fired
from tests.engine.toys import ADA, NOON

STORM = Storm(services=3, rooms=2)
RULES = (Rule(priority="P1", action=Action.OPEN, severity=1), Rule(urgency="low", action=Action.KEEP))
POLICY = Policy(rules=(*RULES, Rule(action=Action.TRIAGE)), storm=STORM)
LATER = timedelta(minutes=STORM.within, seconds=1)


def on(nth: int, *, alert: str = "", at: datetime = NOON, priority: str = "", urgency: str = "high") -> Report:
    """An alert on the nth service."""
    said = fired(alert or f"P{nth}", Service(id=f"S{nth}", name=f"Service {nth}"))
    return said.model_copy(update={"at": at, "priority": priority, "urgency": urgency})


async def hear(engine: Engine, *reports: Report) -> list[Incident]:
    """What there is after an alert source said all this."""
    for report in reports:
        await engine.handle(HearAlert(report=report), PAGER)
    return sorted(await engine.reading.recent(ADA), key=lambda i: i.number)


async def whose(engine: Engine, alert: str) -> int | None:
    found = await engine.reading.alert("pagerduty", alert)
    assert found is not None
    return found.incident


async def test_so_many_services_at_once_are_one_incident_with_all_that_waited(house: House) -> None:
    async with house.process(POLICY) as engine:
        assert await hear(engine, on(0), on(0, alert="again"), on(1)) == []
        (i,) = await hear(engine, on(2))
        assert i.storm
        assert {a.id for a in i.alerts} == {"P0", "again", "P1", "P2"}
        assert [await whose(engine, a) for a in ("P0", "again", "P1", "P2")] == [1, 1, 1, 1]


async def test_two_first_alerts_of_a_storm_begin_one(house: House) -> None:
    async with house.process(POLICY) as engine:
        reports = [on(n) for n in range(12)]
        await asyncio.gather(*(engine.handle(HearAlert(report=report), PAGER) for report in reports))
        (i,) = await engine.reading.recent(ADA)
        assert len(i.alerts) == 12


async def test_services_that_fired_at_other_times_are_no_storm(house: House) -> None:
    async with house.process(POLICY) as engine:
        assert await hear(engine, on(0), on(1, at=NOON + LATER / 2), on(2, at=NOON + LATER)) == []
        assert len(await hear(engine, on(3, at=NOON + LATER))) == 1


async def test_what_is_told_late_and_out_of_order_counts_by_the_time_of_its_firing(house: House) -> None:
    long_ago = NOON - timedelta(hours=3)
    async with house.process(POLICY) as engine:
        (i,) = await hear(engine, *(on(n, at=long_ago - timedelta(seconds=n)) for n in range(3)))
        assert i.storm


@pytest.mark.parametrize("kind", ["kept quiet", "of our own page", "of a service that nobody named"])
async def test_what_says_nothing_of_a_service_is_not_counted(house: House, kind: str) -> None:
    quiet = on(9, urgency="low")
    ours = on(9).model_copy(update={"incident_key": "muster/INC-7/page-1"})
    nameless = on(9).model_copy(update={"service": None})
    said = {"kept quiet": quiet, "of our own page": ours, "of a service that nobody named": nameless}[kind]
    async with house.process(POLICY) as engine:
        assert await hear(engine, on(0), on(1), said) == []


async def test_after_so_many_rooms_the_next_is_the_storms(house: House) -> None:
    policy = POLICY.model_copy(update={"storm": Storm(services=9, rooms=2)})
    async with house.process(policy) as engine:
        found = await hear(engine, *(on(n, priority="P1") for n in range(4)))
        assert [(i.storm, len(i.alerts)) for i in found] == [(False, 1), (False, 1), (True, 2)]


async def test_rooms_that_are_over_or_of_an_hour_ago_are_not_counted(house: House) -> None:
    policy = POLICY.model_copy(update={"storm": Storm(services=9, rooms=2)})
    async with house.process(policy) as engine:
        await hear(engine, on(0, priority="P1"))
        house.clock.forward(3_600)
        await hear(engine, on(1, priority="P1"))
        await engine.handle(Cancel(incident=2), ADA)
        assert not any(i.storm for i in await hear(engine, on(2, priority="P1"), on(3, priority="P1")))


async def test_a_storm_takes_in_new_services_only_while_it_is_on(house: House) -> None:
    quiet = NOON + timedelta(minutes=STORM.quiet, seconds=1)
    async with house.process(POLICY) as engine:
        await hear(engine, on(0), on(1), on(2), on(3, at=NOON + timedelta(minutes=STORM.quiet)))
        assert await whose(engine, "P3") == 1
        await hear(engine, on(4, at=quiet + timedelta(minutes=STORM.quiet)))
        assert await whose(engine, "P4") is None
        await hear(engine, on(0, alert="again", at=quiet))
        assert await whose(engine, "again") == 1, "what is on its services joins as everywhere"


async def test_what_a_storm_took_in_is_not_counted_for_another_once_it_is_over(house: House) -> None:
    async with house.process(POLICY) as engine:
        await hear(engine, on(0), on(1), on(2))
        await engine.handle(Cancel(incident=1), ADA)
        await hear(engine, on(3))
        assert await whose(engine, "P3") is None


async def test_a_service_is_split_off_with_all_its_alerts(house: House) -> None:
    async with house.process(POLICY) as engine:
        await hear(engine, on(0), on(1), on(2), on(1, alert="again", priority="P1"))
        await engine.handle(SplitOff(incident=1, source="pagerduty", alert="P1"), ADA)
        one, two = await hear(engine, on(1, alert="a third"))
        assert ({a.id for a in one.alerts}, {a.id for a in two.alerts}) == ({"P0", "P2"}, {"P1", "again", "a third"})
        assert two.severity.label == "SEV1"
        assert [await whose(engine, a) for a in ("P1", "again", "P0")] == [2, 2, 1]
        out = await engine.handle(SplitOff(incident=1, source="pagerduty", alert="P1"), ADA)
        assert out.events == ()


async def test_what_is_not_related_belongs_to_nobody_and_keeps_what_it_was_worth(house: House) -> None:
    async with house.process(POLICY) as engine:
        await hear(engine, on(0), on(1), on(2))
        await engine.handle(NotRelated(incident=1, source="pagerduty", alert="P1"), ADA)
        await engine.handle(RateAlert(source="pagerduty", alert="P1", worth=Worth.EXPECTED, by=ADA), ADA)
        note = on(1).model_copy(update={"key": "note", "what": What.NOTE, "text": "x", "at": NOON + LATER})
        (i,) = await hear(engine, note)
        alert = await engine.reading.alert("pagerduty", "P1")
        assert alert is not None
        assert (alert.incident, alert.worth, alert.unrelated) == (None, Worth.EXPECTED, (1,))
        assert {a.id for a in i.alerts} == {"P0", "P2"}


async def test_what_was_dismissed_stays_out_of_a_storm(house: House) -> None:
    async with house.process(POLICY) as engine:
        await hear(engine, on(0))
        await engine.handle(DismissAlert(source="pagerduty", alert="P0"), ADA)
        await hear(engine, on(1), on(2))
        assert [await whose(engine, a) for a in ("P0", "P1", "P2")] == [None, 1, 1]
