"""From declared to over: where an incident may go, and which moments that sets."""

import pytest

from bot.incident import (
    AskForDraft,
    Cancel,
    Canceled,
    Declare,
    Declared,
    Edit,
    Edited,
    Reopen,
    Resolve,
    Resolved,
    SetSeverity,
    SetStatus,
)
from bot.incident.model import Refused
from bot.incident.values import MUSTER, Status
from tests.incident.night import ADA, BO, CHECKOUT, Night, minute


def declared(severity: int = 3) -> Night:
    night = Night()
    night.ask(Declare(title="Checkout errors", severity=severity, services=(CHECKOUT,)))
    return night


def test_whoever_declares_has_command_and_the_work_begins() -> None:
    night = declared()
    assert night.incident.commander == ADA
    assert night.incident.status is Status.INVESTIGATING
    assert night.incident.moments.acknowledged == night.incident.moments.declared == minute(0)


def test_an_incident_declared_without_command_waits_in_triage() -> None:
    night = Night()
    night.ask(Declare(title="Odd latency", command=False))
    assert (night.incident.status, night.incident.commander) == (Status.TRIAGE, None)


def test_the_bot_itself_never_takes_command() -> None:
    night = Night()
    night.ask(Declare(title="Odd latency"), by=MUSTER)
    assert night.incident.commander is None


def test_a_declaration_without_a_severity_gets_the_default_one() -> None:
    night = Night()
    night.ask(Declare(title="Odd latency"))
    assert night.incident.severity.label == "SEV3"


def test_an_unknown_severity_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match=r"no severity 9\. Severities: SEV1, SEV2") as refused:
        Night().ask(Declare(title="x", severity=9))
    assert refused.value.field == "severity"


def test_a_title_is_one_line_of_at_most_200_characters() -> None:
    night = Night()
    night.ask(Declare(title="  two\n lines " + "x" * 300))
    assert night.incident.title.startswith("two lines xxx")
    assert len(night.incident.title) == 200
    assert night.incident.title.endswith("…")


def test_no_title_is_no_obstacle_at_night() -> None:
    night = Night()
    night.ask(Declare(title="  "))
    assert night.incident.title == "Untitled incident"


def test_a_summary_given_with_the_declaration_is_there() -> None:
    night = Night()
    night.ask(Declare(title="x", summary=" cards are refused "))
    assert night.incident.summary == "cards are refused"


@pytest.mark.parametrize("to", [Status.TRIAGE, Status.IDENTIFIED, Status.MONITORING])
def test_an_open_incident_moves_to_each_state_of_work(to: Status) -> None:
    night = declared()
    night.ask(SetStatus(incident=1, to=to))
    assert night.incident.status is to
    assert night.ask(SetStatus(incident=1, to=to)) == []


@pytest.mark.parametrize("to", [Status.CLOSED, Status.CANCELED, Status.MERGED])
def test_a_status_that_is_no_state_of_work_cannot_be_set(to: Status) -> None:
    with pytest.raises(Refused, match="cannot be set"):
        declared().ask(SetStatus(incident=1, to=to))


def test_monitoring_is_when_it_was_mitigated() -> None:
    night = declared()
    night.ask(SetStatus(incident=1, to=Status.MONITORING), at=20)
    assert night.incident.moments.mitigated == minute(20)


def test_a_mitigation_that_did_not_hold_is_none() -> None:
    night = declared()
    night.ask(SetStatus(incident=1, to=Status.MONITORING), at=20)
    night.ask(SetStatus(incident=1, to=Status.INVESTIGATING), at=25)
    assert night.incident.moments.mitigated is None
    night.ask(SetStatus(incident=1, to=Status.MONITORING), at=40)
    assert night.incident.moments.mitigated == minute(40)


def test_setting_the_status_to_resolved_resolves() -> None:
    night = declared()
    night.ask(SetStatus(incident=1, to=Status.RESOLVED), at=30)
    assert night.incident.status is Status.RESOLVED
    assert night.incident.moments.resolved == minute(30)


def test_resolving_twice_is_resolving_once() -> None:
    night = declared()
    night.ask(Resolve(incident=1, words_said=" rolled back "))
    assert night.ask(Resolve(incident=1)) == []
    assert night.lines()[-1] == "Ada resolved the incident: rolled back"


def test_resolving_without_monitoring_counts_as_mitigated_then() -> None:
    night = declared()
    night.ask(Resolve(incident=1), at=30)
    assert night.incident.moments.mitigated == minute(30)


def test_it_can_have_been_over_earlier_than_now() -> None:
    night = declared()
    night.ask(Resolve(incident=1, at=minute(20)), at=30)
    assert night.incident.moments.resolved == minute(20)


def test_it_cannot_be_over_before_it_began_or_in_the_future() -> None:
    night = declared()
    with pytest.raises(Refused, match="before INC-1 began"):
        night.ask(Resolve(incident=1, at=minute(-5)), at=30)
    with pytest.raises(Refused, match="in the future"):
        night.ask(Resolve(incident=1, at=minute(31)), at=30)


@pytest.mark.parametrize(("severity", "owed"), [(1, True), (2, True), (3, False)])
def test_a_review_is_owed_by_severity(severity: int, owed: bool) -> None:
    night = declared(severity)
    night.ask(Resolve(incident=1))
    assert night.incident.review is owed


def test_a_drill_owes_no_review() -> None:
    night = Night()
    night.ask(Declare(title="fire drill", severity=1, drill=True))
    night.ask(Resolve(incident=1))
    assert not night.incident.review


def test_a_review_that_somebody_asked_for_stays_owed() -> None:
    night = declared()
    night.ask(AskForDraft(incident=1))
    night.ask(Resolve(incident=1))
    assert night.incident.review


def test_reopening_goes_on_as_if_it_had_not_been_over() -> None:
    night = declared()
    night.ask(Resolve(incident=1), at=30)
    night.ask(Reopen(incident=1), at=40)
    assert night.incident.status is Status.INVESTIGATING
    assert night.incident.moments.resolved is None
    assert night.incident.moments.mitigated is None
    assert night.ask(Reopen(incident=1)) == []
    assert night.lines()[-1] == "Ada reopened the incident (was resolved)"


def test_a_canceled_incident_can_be_reopened_but_not_resolved() -> None:
    night = declared()
    night.ask(Cancel(incident=1, why="false alarm"))
    assert night.ask(Cancel(incident=1)) == []
    with pytest.raises(Refused, match="INC-1 is canceled"):
        night.ask(Resolve(incident=1))
    night.ask(Reopen(incident=1))
    assert night.incident.is_open


def test_a_resolved_incident_is_not_canceled() -> None:
    night = declared()
    night.ask(Resolve(incident=1))
    with pytest.raises(Refused, match="INC-1 is resolved"):
        night.ask(Cancel(incident=1))


def test_a_merged_incident_is_not_reopened() -> None:
    night = declared()
    night.incidents[1] = night.incident.but(status=Status.MERGED, merged_into=7)
    with pytest.raises(Refused, match="merged into INC-7, and goes on there"):
        night.ask(Reopen(incident=1))


def test_what_is_asked_of_no_incident_is_refused() -> None:
    with pytest.raises(Refused, match="no such incident"):
        Night().ask(SetSeverity(incident=7, to=2))


def test_editing_says_what_changed_and_nothing_twice() -> None:
    night = declared()
    edit = Edit(incident=1, title="Cards refused", impact="1 in 5 carts", services=())
    assert len(night.ask(edit)) == 1
    assert night.ask(edit) == []
    assert night.lines()[-1] == (
        "Ada set the title to “Cards refused”; the impact to “1 in 5 carts”; the services to none"
    )


def test_a_summary_can_be_emptied() -> None:
    night = declared()
    night.ask(Edit(incident=1, summary="cards"))
    night.ask(Edit(incident=1, summary=" "))
    assert night.incident.summary == ""
    assert night.lines()[-1] == "Ada set the summary to nothing"


def test_a_summary_is_news_and_a_title_is_not() -> None:
    night = declared()
    night.ask(Edit(incident=1, title="y"), at=5)
    assert night.incident.updated_at == minute(0)
    night.ask(Edit(incident=1, summary="z"), at=10)
    assert night.incident.updated_at == minute(10)
    assert night.incident.news_at == minute(10)


def test_too_many_words_are_refused_beside_their_field() -> None:
    with pytest.raises(Refused, match="3000 characters; this one has 3001") as refused:
        declared().ask(Edit(incident=1, impact="x" * 3001))
    assert refused.value.field == "impact"


def test_words_that_just_fit_are_kept_whole() -> None:
    night = declared()
    night.ask(Edit(incident=1, impact="x" * 3000, title="y" * 200))
    assert (len(night.incident.impact), night.incident.title) == (3000, "y" * 200)


def test_a_moment_that_a_person_put_right_is_moved_by_no_later_fact() -> None:
    night = declared()
    night.ask(Edit(incident=1, moments={"mitigated": minute(12), "impact_start": minute(-3)}), at=15)
    night.ask(SetStatus(incident=1, to=Status.MONITORING), at=20)
    assert night.incident.moments.mitigated == minute(12)
    assert night.lines()[-2] == (
        "Ada set the moment of mitigated to 2026-11-21 02:12 UTC; the moment of impact start to 2026-11-21 01:57 UTC"
    )


def test_a_moment_can_be_declared_unknown() -> None:
    night = declared()
    night.ask(Edit(incident=1, moments={"detected": None}))
    assert night.incident.moments.detected is None
    assert night.lines()[-1] == "Ada set the moment of detected to unknown"


def test_moments_of_the_future_or_of_no_name_are_refused() -> None:
    with pytest.raises(Refused, match="in the future"):
        declared().ask(Edit(incident=1, moments={"detected": minute(1)}))
    with pytest.raises(Refused, match="no moment called lunch"):
        declared().ask(Edit(incident=1, moments={"lunch": minute(0)}))


def test_redaction_blanks_what_people_wrote_into_the_lifecycle() -> None:
    stamp = {"incident": 1, "at": minute(0), "by": BO}
    begun = Declared.model_validate(
        {**stamp, "title": "ada@x.io cannot pay", "severity": {"level": 1, "label": "SEV1"}}
    )
    over = Resolved.model_validate({**stamp, "review": False, "words_said": "told ada@x.io"})
    off = Canceled.model_validate({**stamp, "why": "ada@x.io again"})
    put = Edited.model_validate({**stamp, "summary": "ada@x.io", "moments": {"detected": minute(0)}})
    for fact in (begun, over, off, put):
        assert any("ada@x.io" in words for words in fact.words)
        assert "ada@x.io" not in fact.redacted().model_dump_json()
    assert put.redacted().moments == put.moments


def test_a_drill_says_that_it_is_one() -> None:
    night = Night()
    night.ask(Declare(title="fire drill", drill=True, source="https://chat.example/p1", command=False))
    (entry,) = night.timeline()
    assert (entry.text, entry.source) == ("Ada declared a drill: fire drill", "https://chat.example/p1")


def test_the_name_of_an_alert_source_is_nobodys_words_and_a_link_to_what_somebody_said_is() -> None:
    """Redacted, words go wherever they stand: the name of the source stands in the address of every alert."""
    link = "https://acme.slack.com/archives/C1/p1"
    words = {s: Night().ask(Declare(title="Keys leaked", source=s))[0].words for s in ("pagerduty", link)}
    assert words == {"pagerduty": ("Keys leaked",), link: ("Keys leaked", link)}
