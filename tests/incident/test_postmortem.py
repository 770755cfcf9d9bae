"""The facts that a postmortem template is filled with."""

from datetime import timedelta

from bot.incident import (
    AddNote,
    AnswerPages,
    AssignRole,
    Declare,
    Edit,
    HandOver,
    LeaveRole,
    Resolve,
    SetSeverity,
    SetStatus,
)
from bot.incident.mirror import What
from bot.incident.postmortem import Report, report
from bot.incident.values import Status
from tests.incident.night import ADA, BO, CHECKOUT, CHECKOUT_ONCALL, Night, minute, trigger
from tests.incident.night import report as said


def told(night: Night) -> Report:
    return report(night.incident, night.stored())


def a_night() -> Night:
    night = Night()
    night.hear(trigger(priority="P2"), at=1)
    night.hear(said(What.ACKNOWLEDGED, 3), at=3)
    night.ask(AssignRole(incident=1, role="ic", person=ADA), by=ADA, at=4)
    night.ask(SetSeverity(incident=1, to=1), by=ADA, at=5)
    night.ask(AddNote(incident=1, text="rolled back", source="https://c/p1"), by=BO, at=6)
    night.ask(HandOver(incident=1, person=BO), by=ADA, at=8)
    night.ask(SetStatus(incident=1, to=Status.MONITORING), by=BO, at=10)
    night.ask(Resolve(incident=1, words_said="rollback held"), by=BO, at=20)
    return night


def test_durations_say_what_they_are_measured_between() -> None:
    durations = {d.name: (d.between, d.took) for d in told(a_night()).durations}
    assert durations == {
        "Time to detect": ("impact start → detection", None),
        "Time to acknowledge": ("detection → acknowledgement", timedelta(minutes=3)),
        "Time to mitigate": ("start → mitigation", timedelta(minutes=10)),
        "Time to resolve": ("start → resolution", timedelta(minutes=20)),
    }


def test_a_known_start_of_the_impact_is_what_counts() -> None:
    night = a_night()
    night.ask(Edit(incident=1, moments={"impact_start": minute(-10)}))
    durations = {d.name: d.took for d in told(night).durations}
    assert durations["Time to detect"] == timedelta(minutes=10)
    assert durations["Time to resolve"] == timedelta(minutes=30)


def test_moments_out_of_order_make_no_duration() -> None:
    night = a_night()
    night.ask(Edit(incident=1, moments={"impact_start": minute(5)}))
    assert {d.name: d.took for d in told(night).durations}["Time to detect"] is None


def test_the_moments_are_those_of_the_incident() -> None:
    moments = {m.name: m.at for m in told(a_night()).moments}
    assert (moments["Detected"], moments["Declared"], moments["Impact started"]) == (minute(0), minute(1), None)


def test_each_severity_held_until_the_next() -> None:
    spans = [(s.label, s.since, s.until) for s in told(a_night()).severities]
    assert spans == [("SEV2", minute(1), minute(5)), ("SEV1", minute(5), minute(20))]


def test_each_role_was_held_until_it_was_handed_over_or_left() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    night.ask(AssignRole(incident=1, role="scribe", person=ADA), at=2)
    night.ask(HandOver(incident=1, person=BO), at=8)
    night.ask(LeaveRole(incident=1, role="scribe"), at=9)
    spans = [(r.label, r.person, r.since, r.until) for r in told(night).roles]
    assert spans == [
        ("Incident Commander", "Ada", minute(0), minute(8)),
        ("Scribe", "Ada", minute(2), minute(9)),
        ("Incident Commander", "Bo", minute(8), None),
    ]


def test_alerts_and_words_come_with_where_they_came_from() -> None:
    facts = told(a_night())
    assert [(a.title, a.url, a.service, a.fired) for a in facts.alerts] == [
        ("Checkout errors", "https://pd.example/PD1", "Checkout", minute(0))
    ]
    assert next(e.source for e in facts.entries if e.text == "Bo: rolled back") == "https://c/p1"
    assert facts.resolution == "rollback held"


def test_only_a_yes_is_an_answer_to_a_page() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.ask(SetSeverity(incident=1, to=3))
    night.ask(SetSeverity(incident=1, to=2), at=1)
    assert [p.target for p in night.incident.pages] == [CHECKOUT_ONCALL]
    night.hear(said(What.RESPONDER_REPLIED, 2, person=BO, text="declined"), at=2)
    assert told(night).answered == {}
    night.hear(said(What.ACKNOWLEDGED, 3), at=3)
    assert told(night).answered == {1: minute(3)}


def test_a_report_of_the_beginning_knows_no_end() -> None:
    night = Night()
    night.ask(Declare(title="x", services=(CHECKOUT,), source="https://c/p7"))
    night.ask(AnswerPages(incident=1))
    facts = told(night)
    assert (facts.source, facts.resolution, facts.severities[-1].until) == ("https://c/p7", "", None)
