"""What an alert source says, in any order and any number of times, ends in the same incident."""

import random
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incident import Declare, SetSeverity
from bot.incident.mirror import ENDS, Alert, Report, What
from bot.incident.model import Event, Incident, fold
from bot.incident.values import MUSTER
from tests.incident.night import ADA, BO, CHECKOUT, CY, SEARCH, Night, report, trigger

HISTORY = (
    trigger(0, priority="P2"),
    report(What.ACKNOWLEDGED, 1, priority="P2", status="acknowledged"),
    report(What.ESCALATED, 2, priority="P2", status="acknowledged", text="level 2", by=BO),
    report(What.PRIORITY, 3, priority="P1", status="acknowledged", text="P1"),
    report(What.NOTE, 4, text="it is the cache"),
    report(What.RESOLVED, 5, priority="P1", status="resolved"),
)
OPENED_LATE = (trigger(0, priority=""), report(What.ACKNOWLEDGED, 1, priority=""), *HISTORY[3:])
HISTORIES = {
    "reopened": (
        trigger(0),
        report(What.ACKNOWLEDGED, 1, status="acknowledged"),
        report(What.RESOLVED, 2, status="resolved"),
        report(What.REOPENED, 3, status="triggered", by=BO),
        report(What.NOTE, 4, text="it came back"),
        report(What.RESOLVED, 5, status="resolved", by=BO),
    ),
    "left open": (
        trigger(0),
        report(What.RESOLVED, 1, status="resolved"),
        report(What.REOPENED, 2, status="triggered"),
        report(What.ACKNOWLEDGED, 3, status="acknowledged"),
        report(What.UNACKNOWLEDGED, 4, status="triggered"),
        report(What.REASSIGNED, 5, status="triggered", text="Bo"),
    ),
    "merged": (
        trigger(0),
        report(What.ACKNOWLEDGED, 1, status="acknowledged"),
        report(What.MERGED, 2, status="resolved", text="Payments fail", into="PD2"),
        trigger(1.5, alert="PD2"),
        report(What.ESCALATED, 3, alert="PD2", status="triggered", text="level 2", by=BO),
        report(What.RESOLVED, 4, alert="PD2", status="resolved", by=BO),
    ),
    "helped": (
        trigger(0, priority="P2"),
        report(What.RESPONDER_ADDED, 1, person=BO),
        report(What.RESPONDER_REPLIED, 2, person=BO, by=BO, text="accepted"),
        report(What.STATUS_UPDATE, 3, text="half of the cards fail"),
        report(What.PRIORITY, 4, priority="P1", status="triggered", text="P1"),
        report(What.RESOLVED, 5, priority="P1", status="resolved"),
    ),
}
"""What PagerDuty may tell of an incident, six things each."""
OURS = frozenset({"declared", "severity_changed", "alerts_clear", "status_changed", "page_requested"})
"""Facts that say what we made of it. Where reports contradict each other on the way, these tell the way we came."""


def heard(reports: Sequence[Report], policy_night: Night | None = None) -> Night:
    """A night on which these reports come in, in this order, after minute 30."""
    night = policy_night or Night()
    for one in reports:
        night.hear(one, at=30)
    return night


def facts(night: Night, *, without: frozenset[str] = frozenset()) -> list[str]:
    """The set of facts: kind, words, people and times, without the order of their coming."""
    return sorted(f"{e.kind} {e.model_dump_json()}" for e in night.journal if e.kind not in without)


def outcome(i: Incident) -> tuple[object, ...]:
    """What people see of an incident at the end, and what later decisions go by."""
    alerts = sorted((a.id, a.clear, a.ended, a.as_of) for a in i.alerts)
    services = sorted(s.id for s in i.services)
    pages = [(p.target, p.state) for p in i.pages]
    return i.status, i.severity, i.moments, i.alerts_clear, alerts, services, pages


def mirrors(night: Night) -> dict[tuple[str, str], Alert]:
    return night.alerts


@pytest.mark.parametrize("doubled", [False, True], ids=["each once", "each twice"])
def test_all_720_orders_of_a_history_end_the_same(doubled: bool) -> None:
    wanted = heard(HISTORY)
    assert wanted.incident.severity.label == "SEV1"
    for order in permutations(HISTORY):
        night = heard([*order, *order[::-1]] if doubled else order)
        assert mirrors(night) == mirrors(wanted)
        assert facts(night) == facts(wanted)
        assert outcome(night.incident) == outcome(wanted.incident)


@pytest.mark.parametrize("name", HISTORIES)
def test_all_orders_of_other_histories_end_the_same(name: str) -> None:
    """Where two alerts are told of, the one that is heard of first names the incident, and so fires first in each."""
    history = HISTORIES[name]
    wanted = heard(history)
    two = any(one.alert != history[0].alert for one in history)
    for order in permutations(history):
        told = (history[0], *(one for one in order if one is not history[0])) if two else order
        night = heard(told)
        assert mirrors(night) == mirrors(wanted)
        assert outcome(night.incident) == outcome(wanted.incident)
        assert facts(night, without=OURS) == facts(wanted, without=OURS)


def as_logged(one: Report) -> Report:
    """The same act as PagerDuty's log tells it: another id, whole seconds."""
    return one.model_copy(update={"key": f"log/{one.key}", "at": one.at.replace(microsecond=0)})


def as_sent(one: Report) -> Report:
    """The same act as its webhook tells it: in milliseconds."""
    return one.model_copy(update={"at": one.at.replace(microsecond=740_000)})


@pytest.mark.parametrize("name", ["reopened", "left open", "helped"])
def test_told_by_webhook_and_by_the_log_in_any_order_each_act_counts_once(name: str) -> None:
    sent = [as_sent(one) for one in HISTORIES[name]]
    told = [*sent, *(as_logged(one) for one in sent)]
    wanted, chance = heard(sent).incident, random.Random(3)
    for _ in range(120):
        night = heard(chance.sample(told, len(told)))
        assert all(len(alert.reports) == len(sent) for alert in mirrors(night).values())
        shown = [f"{f.kind} {f.line()}" for f in night.journal if f.kind == "alert_reported"]
        assert len(shown) == len(set(shown)) == len(sent) - 1
        assert outcome(night.incident)[:2] == outcome(wanted)[:2]
        assert [a.clear for a in night.incident.alerts] == [a.clear for a in wanted.alerts]


def test_a_duplicate_between_any_two_reports_changes_nothing() -> None:
    wanted = facts(heard(HISTORY))
    for order in permutations(HISTORY, 6):
        again = [one for n, one in enumerate(order) for one in (one, *order[:n])]
        assert facts(heard(again)) == wanted


def test_all_orders_of_a_history_that_opens_later_end_the_same() -> None:
    wanted = heard(OPENED_LATE)
    for order in permutations(OPENED_LATE):
        night = heard(order)
        assert facts(night) == facts(wanted)
        assert outcome(night.incident) == outcome(wanted.incident)


def test_all_orders_end_the_same_in_an_incident_that_was_there_before() -> None:
    def joined(order: Sequence[Report]) -> Night:
        night = Night()
        night.ask(Declare(title="Cards refused", severity=3, services=(CHECKOUT, SEARCH), command=False))
        return heard(order, night)

    wanted = joined(HISTORY)
    assert wanted.incident.severity.label == "SEV1"
    for order in permutations(HISTORY):
        night = joined(order)
        assert outcome(night.incident) == outcome(wanted.incident)
        assert facts(night, without=OURS) == facts(wanted, without=OURS)


def test_all_orders_end_the_same_around_a_page_of_ours() -> None:
    key = "muster/INC-1/page-1"
    history = [one.model_copy(update={"incident_key": key}) for one in HISTORY]

    def paged(order: Sequence[Report]) -> Night:
        night = Night()
        night.ask(Declare(title="Cards refused", severity=2, services=(CHECKOUT,)))
        for one in order:
            night.hear(one, at=30, incident=1)
        return night

    wanted = paged(history)
    assert wanted.incident.pages[0].answered_by == "Cy"
    for order in permutations(history):
        assert facts(paged(order)) == facts(wanted)
        assert outcome(paged(order).incident) == outcome(wanted.incident)


def test_a_person_who_set_the_severity_in_between_has_the_last_word_in_any_order() -> None:
    for order in permutations(HISTORY):
        for early in range(1, 6):
            night = heard(order[:early])
            if not night.incidents:
                continue
            night.ask(SetSeverity(incident=1, to=4), at=31)
            heard(order[early:], night)
            assert night.incident.severity.label == "SEV4"


WHATS = st.sampled_from(
    [
        What.ACKNOWLEDGED,
        What.UNACKNOWLEDGED,
        What.ESCALATED,
        What.REASSIGNED,
        What.REOPENED,
        What.RESOLVED,
        What.MERGED,
        What.PRIORITY,
        What.NOTE,
        What.STATUS_UPDATE,
        What.SEEN,
    ]
)


@st.composite
def one_report(draw: st.DrawFn, what: What, at: int, alert: str, priorities: st.SearchStrategy[str]) -> Report:
    """One thing said; who only looks sees everything, a note carries nothing but its words."""
    by = draw(st.sampled_from([ADA, BO, CY]))
    if what is What.SEEN:
        status = draw(st.sampled_from(["triggered", "resolved"]))
        return trigger(at, what=what, alert=alert, priority=draw(priorities), status=status)
    if what in (What.NOTE, What.STATUS_UPDATE):
        return report(what, at, alert=alert, by=by, text="words")
    echo = draw(st.sampled_from([False, False, True]))
    status = "resolved" if what in ENDS else "triggered"
    return report(what, at, alert=alert, by=by, echo=echo, status=status, priority=draw(priorities))


@st.composite
def histories(draw: st.DrawFn, *, priorities: st.SearchStrategy[str]) -> list[Report]:
    """What a source might say of one or two alerts of a service: fired, answered, resolved, reopened, merged."""
    said: list[Report] = []
    for alert in draw(st.sampled_from([("PD1",), ("PD1", "PD2")])):
        said.append(trigger(draw(st.integers(0, 3)), alert=alert, priority=draw(priorities)))
        for n, what in enumerate(draw(st.lists(WHATS, max_size=5)), start=1):
            at = n * 4 + draw(st.integers(0, 3))
            said.append(draw(one_report(what, at, alert, priorities)))
    return said


@st.composite
def shuffled(draw: st.DrawFn, priorities: st.SearchStrategy[str]) -> tuple[list[Report], list[Report]]:
    """A history in order, and the same in some other order with duplicates; the same alert always fires first."""
    history = draw(histories(priorities=priorities))
    again = draw(st.lists(st.sampled_from(history), max_size=4))
    first = [history[0]] if any(one.alert != history[0].alert for one in history) else []
    return history, [*first, *draw(st.permutations([*history, *again]))]


@settings(max_examples=150, deadline=None)
@given(shuffled(st.just("P1")))
def test_reopened_and_merged_in_any_order_everything_told_is_told_and_the_end_is_the_same(
    both: tuple[list[Report], list[Report]],
) -> None:
    wanted, night = heard(both[0]), heard(both[1])
    assert mirrors(night) == mirrors(wanted)
    assert outcome(night.incident)[:2] == outcome(wanted.incident)[:2]
    assert outcome(night.incident)[2:6] == outcome(wanted.incident)[2:6]
    if not any(one.what is What.SEEN for one in both[0]):
        assert facts(night, without=OURS) == facts(wanted, without=OURS)


@settings(max_examples=150, deadline=None)
@given(shuffled(st.sampled_from(["", "P2", "P1"])))
def test_whatever_the_priorities_did_on_the_way_the_severity_ends_the_same(
    both: tuple[list[Report], list[Report]],
) -> None:
    wanted, night = heard(both[0]), heard(both[1])
    assert bool(night.incidents) == bool(wanted.incidents)
    if night.incidents:
        assert {i.severity for i in night.incidents.values()} == {i.severity for i in wanted.incidents.values()}


@settings(max_examples=150, deadline=None)
@given(shuffled(st.sampled_from(["", "P2", "P1"])))
def test_the_state_is_what_the_journal_folds_to(both: tuple[list[Report], list[Report]]) -> None:
    night = heard(both[1])
    for number, incident in night.incidents.items():
        told: list[Event] = [e for e in night.journal if e.incident == number]
        assert fold(told) == incident
        assert told[0].by == MUSTER
