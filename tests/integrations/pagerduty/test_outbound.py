"""What PagerDuty is told, and what not, of an incident that goes on elsewhere or in private."""

from datetime import UTC, datetime

from bot.engine.effects import Effect
from bot.incident.lifecycle import Resolved
from bot.incident.merging import AlertsBrought, Merged
from bot.incident.model import Event, Incident
from bot.incident.paging import PageAnswered, PageRequested, PageSent
from bot.incident.policy import Policy
from bot.incident.values import (
    Actor,
    AlertLine,
    PageLine,
    PageState,
    Room,
    SeverityValue,
    Status,
    Target,
    TargetKind,
)
from bot.integrations.pagerduty import outbound
from bot.integrations.pagerduty.effects import NoteThere, ResolveThere

NOW = datetime(2026, 11, 21, 2, 10, tzinfo=UTC)
ADA = Actor(id="slack:UADA", name="Ada")
SECRET = "Umbrella"
STAMP = {"incident": 42, "at": NOW, "by": ADA}
ON_CALL = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
LINES = (
    AlertLine(source="pagerduty", id="Q1", title="High error rate"),
    AlertLine(source="pagerduty", id="Q2", title="Over", clear=True),
    AlertLine(source="watch", id="W1", title="Not theirs"),
)
PAGE = PageLine(
    page=1, target=ON_CALL, level=1, why=SECRET, state=PageState.SENT, requested_at=NOW, outside="Q9", sent_at=NOW
)
OPEN = Incident(
    number=42,
    title=SECRET,
    status=Status.INVESTIGATING,
    severity=SeverityValue(level=1, label="SEV1"),
    declared_by=ADA,
    updated_at=NOW,
    alerts=LINES,
    pages=(PAGE,),
    room=Room(channel="C1", name="inc-42", url="https://slack.test/C1"),
    seq=9,
)
PRIVATE = OPEN.but(private=True)


def promised(fact: Event, before: Incident) -> list[Effect]:
    after = fact.apply(before).but(seq=before.seq + 1)
    return [p.effect for p in outbound.announce(fact, before, after, Policy())]


def test_whoever_looks_at_an_alert_that_came_over_reads_where_the_work_goes_on() -> None:
    brought = AlertsBrought(**STAMP, source=40, alerts=LINES)
    notes = [e for e in promised(brought, OPEN) if isinstance(e, NoteThere)]
    assert [n.outside for n in notes] == ["Q1"], "what is over needs no note"
    assert "https://slack.test/C1" in notes[0].words
    assert promised(brought, PRIVATE) == []


def test_a_merge_ends_nothing_in_pagerduty() -> None:
    assert promised(Merged(**STAMP, into=41), OPEN) == []


def test_of_a_private_incident_pagerduty_learns_neither_its_title_nor_who_ended_it() -> None:
    facts = (
        PageRequested(**STAMP, page=2, target=ON_CALL, why=SECRET),
        PageAnswered(**STAMP, page=1),
        PageSent(**STAMP, page=1, outside="Q9"),
        Resolved(**STAMP, review=True),
    )
    for fact in facts:
        assert SECRET not in str(promised(fact, PRIVATE))
    ended = [e for e in promised(facts[3], PRIVATE) if isinstance(e, ResolveThere)]
    assert {e.outside for e in ended} == {"Q1", "Q9"}
    assert {e.words for e in ended} == {"This was ended in Muster."}
    assert "Ada ended INC-42 in Muster." in str(promised(facts[3], OPEN)), "the control"
