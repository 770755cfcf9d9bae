"""An incident that was over before anybody declared it: on record with its own times, and nobody is woken for it."""

import pytest

from bot.incident import Declare, Declared, Edited, Reopen, Resolved
from bot.incident.model import Event, Refused
from bot.incident.paging import PageRequested
from bot.incident.postmortem import report
from bot.incident.values import MUSTER, Status
from tests.incident.night import ADA, CHECKOUT, Night, minute

NOW = 300.0
"""Five hours into the night."""


def afterwards(severity: int = 1, began: float = 10, ended: float = 70) -> tuple[Night, list[Event]]:
    """Ada declares what lasted from one minute to another."""
    night = Night()
    wish = Declare(
        title="Cards were refused",
        severity=severity,
        services=(CHECKOUT,),
        began=minute(began),
        ended=minute(ended),
    )
    return night, night.ask(wish, at=NOW)


def test_what_is_over_already_is_resolved_at_once_with_its_own_times() -> None:
    night, facts = afterwards()
    assert [type(fact) for fact in facts] == [Declared, Edited, Resolved]
    assert night.incident.status is Status.RESOLVED
    moments = night.incident.moments
    assert (moments.impact_start, moments.detected, moments.resolved) == (minute(10), minute(10), minute(70))
    assert moments.declared == minute(NOW)
    assert [span.since for span in night.incident.severities] == [minute(10)]


def test_nobody_is_paged_takes_command_or_is_reminded_of_anything() -> None:
    night, facts = afterwards()
    assert not any(isinstance(fact, PageRequested) for fact in facts)
    assert night.incident.commander is None
    assert night.due() == []
    assert night.pass_until(NOW + 600) == []


def test_a_review_is_owed_as_for_any_other_of_its_severity() -> None:
    assert afterwards(severity=1)[0].incident.review
    assert not afterwards(severity=4)[0].incident.review


def test_the_timeline_says_that_it_was_declared_afterwards_and_how_long_it_was() -> None:
    night, _ = afterwards()
    assert "Ada declared a SEV1 incident that was over already: Cards were refused" in night.lines()
    made = report(night.incident, night.stored())
    assert [str(d.took) for d in made.durations if d.name == "Time to resolve"] == ["1:00:00"]


def test_it_can_be_reopened_when_it_was_not_over_after_all() -> None:
    night, _ = afterwards()
    night.ask(Reopen(incident=1))
    assert night.incident.is_open
    assert night.incident.moments.resolved is None


def test_one_that_began_earlier_and_goes_on_is_declared_as_usual() -> None:
    night = Night()
    facts = night.ask(Declare(title="x", severity=1, services=(CHECKOUT,), began=minute(10)), at=NOW)
    assert any(isinstance(fact, PageRequested) for fact in facts)
    assert (night.incident.commander, night.incident.status) == (ADA, Status.INVESTIGATING)
    assert night.incident.moments.detected == night.incident.moments.impact_start == minute(10)


@pytest.mark.parametrize(
    ("began", "ended", "field", "said"),
    [
        (NOW + 1, None, "began", "in the future"),
        (10, NOW + 1, "ended", "in the future"),
        (70, 10, "ended", "It ended after it began"),
        (10, 10, "ended", "It ended after it began"),
        (None, 10, "began", "When did it begin"),
    ],
)
def test_moments_that_cannot_be_are_refused_beside_their_field(
    began: float | None, ended: float | None, field: str, said: str
) -> None:
    night = Night()
    wish = Declare(
        title="x", began=None if began is None else minute(began), ended=None if ended is None else minute(ended)
    )
    with pytest.raises(Refused, match=said) as refused:
        night.ask(wish, at=NOW)
    assert refused.value.field == field
    assert night.incidents == {}


def test_the_bot_may_say_so_too() -> None:
    night = Night()
    night.ask(Declare(title="x", began=minute(1), ended=minute(2)), by=MUSTER, at=NOW)
    assert night.incident.status is Status.RESOLVED
