"""How bad it is: set by people, raised by rules, and whom each change calls."""

import pytest

from bot.incident import Declare, Edit, NobodyToPage, PageRequested, SetSeverity, SeverityChanged
from bot.incident.mirror import What
from bot.incident.model import Refused
from bot.incident.policy import Paging, Policy
from bot.incident.values import MUSTER, Service
from tests.incident.night import CHECKOUT, CHECKOUT_ONCALL, FALLBACK, SEARCH, Night, minute, report, trigger


def requested(facts: list[object]) -> list[str]:
    return [f.target.name for f in facts if isinstance(f, PageRequested)]


def test_a_severity_is_set_once() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=3))
    assert night.ask(SetSeverity(incident=1, to=4))[0].line() == "Ada lowered the severity from SEV3 to SEV4"
    assert night.ask(SetSeverity(incident=1, to=4)) == []


def test_an_unknown_severity_is_refused() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    with pytest.raises(Refused, match="no severity 0"):
        night.ask(SetSeverity(incident=1, to=0))


def test_declaring_at_a_severity_that_pages_pages_each_service() -> None:
    facts = Night().ask(Declare(title="x", severity=2, services=(CHECKOUT, SEARCH)))
    assert requested([*facts]) == ["Checkout", "Search"]
    assert [f.page for f in facts if isinstance(f, PageRequested)] == [1, 2]


def test_raising_to_a_severity_that_pages_pages() -> None:
    night = Night()
    assert requested([*night.ask(Declare(title="x", severity=3, services=(CHECKOUT,)))]) == []
    assert requested([*night.ask(SetSeverity(incident=1, to=1))]) == ["Checkout"]


def test_lowering_pages_nobody() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, services=(CHECKOUT,)))
    assert requested([*night.ask(SetSeverity(incident=1, to=2))]) == []


def test_raising_calls_nobody_who_is_called_already_but_a_service_named_since() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2, services=(CHECKOUT,)))
    night.ask(Edit(incident=1, services=(CHECKOUT, SEARCH)))
    assert requested([*night.ask(SetSeverity(incident=1, to=1))]) == ["Search"]


def test_a_drill_pages_nobody_and_says_nothing_about_it() -> None:
    facts = Night().ask(Declare(title="x", severity=1, drill=True))
    assert {f.kind for f in facts} == {"declared", "role_taken", "status_changed"}


def test_without_a_service_the_fallback_is_paged() -> None:
    night = Night(Policy(paging=Paging(fallback=FALLBACK)))
    assert requested([*night.ask(Declare(title="x", severity=1))]) == [FALLBACK.name]


def test_a_declarer_with_nobody_to_page_is_told_so() -> None:
    night = Night()
    facts = night.ask(Declare(title="x", severity=1))
    assert isinstance(facts[-1], NobodyToPage)
    assert "Nobody was paged: the incident names no service" in night.lines()[-1]


def test_a_service_that_pagerduty_does_not_know_is_named_as_not_paged() -> None:
    night = Night()
    facts = night.ask(Declare(title="x", severity=1, services=(CHECKOUT, Service(id="", name="Tills"))))
    assert requested([*facts]) == ["Checkout"]
    assert "Nobody was paged for Tills" in night.lines()[-1]


def test_where_the_fallback_is_called_nobody_is_missing() -> None:
    night = Night(Policy(paging=Paging(fallback=FALLBACK)))
    facts = night.ask(Declare(title="x", severity=1, services=(Service(id="", name="Tills"),)))
    assert [f.kind for f in facts][-1] == "page_requested"


def test_a_page_for_a_service_with_a_live_alert_goes_to_that_alert() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.ask(SetSeverity(incident=1, to=3))
    (page,) = (f for f in night.ask(SetSeverity(incident=1, to=1), at=1) if isinstance(f, PageRequested))
    assert (page.target, page.outside) == (CHECKOUT_ONCALL, "PD1")


def test_a_rule_raises_and_says_that_it_was_a_rule() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.hear(report(What.PRIORITY, 3, priority="P1", text="P1"), at=4)
    (raised,) = (e for e in night.journal if isinstance(e, SeverityChanged))
    assert (raised.by, raised.at, raised.by_rule) == (MUSTER, minute(4), True)
    assert raised.line() == "Muster raised the severity from SEV2 to SEV1, as the routing rules say"


def test_a_rule_never_lowers() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.hear(report(What.PRIORITY, 3, priority="P2", text="P2"))
    assert night.incident.severity.label == "SEV1"


def test_a_severity_that_a_person_lowered_stays_when_the_alert_only_goes_on_as_it_was() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.ask(SetSeverity(incident=1, to=3), at=5)
    night.hear(report(What.ACKNOWLEDGED, 6, priority="P1"), at=6)
    night.hear(report(What.NOTE, 7, text="looking"), at=7)
    assert night.incident.severity.label == "SEV3"


def test_what_was_said_before_a_person_set_the_severity_comes_too_late_to_raise_it() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.ask(SetSeverity(incident=1, to=3), at=5)
    night.hear(report(What.PRIORITY, 4, priority="P1", text="P1"), at=6)
    assert night.incident.severity.label == "SEV3"


def test_a_change_after_it_raises_it_again() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.ask(SetSeverity(incident=1, to=3), at=5)
    night.hear(report(What.PRIORITY, 6, priority="P1", text="P1"), at=6)
    assert night.incident.severity.label == "SEV1"


def test_a_rule_that_raises_pages_the_services_that_no_alert_is_calling_for() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=3, services=(SEARCH, CHECKOUT)))
    facts = night.hear(trigger(priority="P1"))
    assert night.incident.severity.label == "SEV1"
    assert requested([*facts]) == ["Search"]


def test_our_own_act_there_raises_nothing_here() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.hear(report(What.PRIORITY, 3, priority="P1", text="P1", echo=True))
    assert night.incident.severity.label == "SEV2"
