"""An alert becomes an incident, joins one, or waits; and what it says afterwards."""

from datetime import timedelta

import pytest

from bot.incident import (
    AlertJoined,
    Declare,
    Declared,
    DeclareFromAlert,
    DismissAlert,
    HearAlert,
    JoinAlert,
    PageRequested,
    Reopen,
    Resolve,
    SetSeverity,
    SetStatus,
)
from bot.incident.alerts import asks_back, own_incident, own_page
from bot.incident.mirror import What
from bot.incident.model import Case, Refused
from bot.incident.policy import Action, Policy, Rule
from bot.incident.values import MUSTER, Ending, Service, Status
from tests.incident.night import ADA, BO, CHECKOUT, CY, POLICY, SEARCH, Night, minute, report, trigger

RESOLVING = Policy(resolve_when_clear=True)


def test_a_p1_opens_a_sev1_and_joins_it() -> None:
    night = Night()
    night.hear(trigger(assignees=(BO,)), at=1)
    i = night.incident
    assert (i.title, i.severity.label, i.status, i.declared_by) == ("Checkout errors", "SEV1", Status.TRIAGE, MUSTER)
    assert (i.moments.detected, i.moments.declared) == (minute(0), minute(1))
    assert i.services == (CHECKOUT,)
    assert night.lines() == ["Alert on Checkout: Checkout errors", "Muster declared a SEV1 incident: Checkout errors"]
    assert night.timeline()[0].source == "https://pd.example/PD1"


def test_an_alert_that_opens_an_incident_pages_nobody_a_second_time() -> None:
    night = Night()
    facts = night.hear(trigger())
    assert [f.kind for f in facts] == ["declared", "alert_joined"]


def test_other_high_urgency_waits_for_a_person_and_low_is_kept_quietly() -> None:
    night = Night()
    assert night.hear(trigger(priority="")) == []
    assert night.alerts["pagerduty", "PD1"].wants_triage(POLICY)
    assert night.hear(trigger(alert="PD2", priority="", urgency="low")) == []
    assert not night.alerts["pagerduty", "PD2"].wants_triage(POLICY)


def test_what_no_rule_names_is_kept() -> None:
    night = Night(Policy(rules=(Rule(source="nagios", action=Action.TRIAGE),)))
    assert night.hear(trigger()) == []
    assert not night.alerts["pagerduty", "PD1"].wants_triage(night.policy)


def test_a_rule_for_a_severity_that_is_not_configured_any_more_opens_nothing() -> None:
    gone = Rule.model_construct(action=Action.OPEN, severity=9)
    assert Night(POLICY.model_copy(update={"rules": (gone,)})).hear(trigger()) == []


def test_an_alert_never_heard_of_opens_nothing_until_its_trigger_comes() -> None:
    night = Night()
    assert night.hear(report(What.ACKNOWLEDGED, 1, priority="P1")) == []
    night.hear(trigger(), at=2)
    assert night.incident.status is Status.INVESTIGATING
    assert night.incident.moments.acknowledged == minute(1)


def test_a_later_priority_opens_it() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    night.hear(report(What.PRIORITY, 5, priority="P1", text="P1"), at=5)
    assert night.incident.severity.label == "SEV1"
    assert night.incident.moments.detected == minute(0)
    assert "Cy set the priority of “Checkout errors” to P1" in night.lines()


def test_the_same_report_twice_is_one() -> None:
    night = Night()
    night.hear(trigger())
    assert night.hear(trigger()) == []


def test_one_act_told_by_the_webhook_and_the_log_is_one_entry() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.ACKNOWLEDGED, 1.0021, key="webhook"))
    assert night.hear(report(What.ACKNOWLEDGED, 1, key="log entry")) == []


def test_two_acts_within_two_seconds_are_two() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.NOTE, 1.0021, text="a"))
    assert len(night.hear(report(What.NOTE, 1.0031, text="a"))) == 1


def test_an_alert_of_the_same_service_joins_the_open_incident() -> None:
    night = Night()
    night.hear(trigger())
    (joined,) = night.hear(trigger(2, alert="PD2", priority="", title="Carts are slow"), at=2)
    assert isinstance(joined, AlertJoined)
    assert [a.title for a in night.incident.alerts] == ["Checkout errors", "Carts are slow"]
    assert len(night.incidents) == 1


def test_a_worse_alert_that_joins_raises_the_severity() -> None:
    night = Night()
    night.ask(Declare(title="x", services=(CHECKOUT,)))
    night.hear(trigger(2), at=2)
    assert night.incident.severity.label == "SEV1"


@pytest.mark.parametrize("kind", ["drill", "private"])
def test_no_alert_disappears_in_a_drill_or_a_private_incident(kind: str) -> None:
    night = Night()
    night.ask(Declare.model_validate({"title": "x", "services": (CHECKOUT,), kind: True}))
    night.hear(trigger())
    assert len(night.incidents) == 2


def test_the_time_of_detection_is_that_of_the_first_alert() -> None:
    night = Night()
    night.ask(Declare(title="x", services=(CHECKOUT,)), at=5)
    night.hear(trigger(-3), at=6)
    assert night.incident.moments.detected == minute(-3)


def test_a_person_joins_an_alert_to_an_incident_of_another_service() -> None:
    night = Night()
    night.ask(Declare(title="x", services=(SEARCH,)))
    night.hear(trigger(priority=""))
    join = JoinAlert(incident=1, source="pagerduty", alert="PD1")
    night.ask(join)
    assert night.incident.services == (SEARCH, CHECKOUT)
    assert night.ask(join) == []


def test_an_alert_belongs_to_one_incident() -> None:
    night = Night()
    night.hear(trigger())
    night.ask(Declare(title="y"))
    for wish in (
        JoinAlert(incident=2, source="pagerduty", alert="PD1"),
        DismissAlert(source="pagerduty", alert="PD1").model_copy(update={"incident": 2}),
    ):
        with pytest.raises(Refused, match="belongs to INC-1 already"):
            night.ask(wish)


def test_an_alert_that_is_not_known_is_refused() -> None:
    night = Night()
    for wish in (DismissAlert(source="pagerduty", alert="P?"), DeclareFromAlert(source="pagerduty", alert="P?")):
        with pytest.raises(Refused, match="not known"):
            night.ask(wish)


def test_a_person_makes_an_incident_of_an_alert() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    night.ask(DeclareFromAlert(source="pagerduty", alert="PD1"), by=BO, at=3)
    i = night.incident
    assert (i.commander, i.severity.label, i.services) == (BO, "SEV3", (CHECKOUT,))
    assert i.alert("pagerduty", "PD1") is not None


def test_declaring_from_an_alert_twice_makes_one_incident() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    night.ask(DeclareFromAlert(source="pagerduty", alert="PD1"))
    assert night.ask(DeclareFromAlert(source="pagerduty", alert="PD1", incident=1)) == []
    assert len(night.incidents) == 1


def test_the_severity_that_a_person_chose_is_not_raised_by_what_was_known_then() -> None:
    night = Night()
    night.hear(trigger())
    night.ask(Resolve(incident=1))
    night.hear(trigger(2, alert="PD2", service=SEARCH, priority=""))
    night.ask(DeclareFromAlert(source="pagerduty", alert="PD2", severity=4))
    night.hear(report(What.NOTE, 3, alert="PD2", text="looking"))
    assert night.incident.severity.label == "SEV4"


def test_declaring_from_a_loud_alert_pages_nobody_twice_and_from_a_low_one_pages() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    loud = night.ask(DeclareFromAlert(source="pagerduty", alert="PD1", severity=1))
    night.hear(trigger(alert="PD2", priority="", urgency="low", service=SEARCH))
    low = night.ask(DeclareFromAlert(source="pagerduty", alert="PD2", severity=1))
    assert [sum(isinstance(f, PageRequested) for f in facts) for facts in (loud, low)] == [0, 1]


def test_a_dismissed_alert_stays_away_from_incidents() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    night.ask(DismissAlert(source="pagerduty", alert="PD1"))
    night.ask(DismissAlert(source="pagerduty", alert="PD1"))
    night.ask(Declare(title="x", services=(CHECKOUT,)))
    assert night.hear(report(What.NOTE, 3, text="hm"), at=3) == []


def test_a_dismissed_alert_that_becomes_worse_is_no_longer_dismissed() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    night.ask(DismissAlert(source="pagerduty", alert="PD1"))
    night.hear(report(What.PRIORITY, 5, priority="P1", text="P1"), at=5)
    assert night.incident.severity.label == "SEV1"


def test_an_alert_is_told_with_the_person_on_the_timeline() -> None:
    night = Night()
    night.hear(trigger())
    said = {
        What.ESCALATED: "Cy escalated the alert “Checkout errors” to level 2",
        What.REASSIGNED: "Cy reassigned the alert “Checkout errors” to level 2",
        What.NOTE: "Cy noted in PagerDuty: level 2",
        What.RESPONDER_ADDED: "Cy asked Bo to respond",
        What.STATUS_UPDATE: "Cy published a status update: level 2",
    }
    for n, what in enumerate(said, start=1):
        night.hear(report(what, n, text="level 2", person=BO), at=n)
    assert night.lines()[-len(said) :] == list(said.values())


def test_every_kind_of_report_has_a_sentence() -> None:
    night = Night()
    night.hear(trigger())
    for n, what in enumerate(What, start=1):
        for fact in night.hear(report(what, n, text="t", status="triggered"), at=n):
            assert fact.line()
            assert "{" not in fact.line()


def test_the_first_acknowledgement_moves_triage_to_investigating() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.ACKNOWLEDGED, 2), at=3)
    night.hear(report(What.ACKNOWLEDGED, 4, by=BO), at=4)
    assert [f.kind for f in night.journal].count("status_changed") == 1
    assert night.incident.moments.acknowledged == minute(2)


def test_an_acknowledgement_after_the_end_is_told_and_moves_nothing() -> None:
    night = Night()
    night.hear(trigger())
    night.ask(Resolve(incident=1), at=5)
    night.hear(report(What.ACKNOWLEDGED, 2), at=6)
    assert night.incident.status is Status.RESOLVED
    assert night.incident.moments.acknowledged == minute(2)


def test_our_own_echo_moves_nothing_and_is_not_told() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.ACKNOWLEDGED, 2, echo=True))
    assert night.incident.status is Status.TRIAGE
    night.ask(Resolve(incident=1), at=3)
    lines = night.lines()
    night.hear(report(What.RESOLVED, 3, echo=True), at=4)
    assert night.lines() == lines
    assert night.incident.alerts[0].clear


def test_the_echo_of_our_resolving_does_not_ask_whether_a_reopened_incident_is_over() -> None:
    night = Night()
    night.hear(trigger())
    night.ask(Resolve(incident=1), at=3)
    night.ask(Reopen(incident=1), at=4)
    night.hear(report(What.RESOLVED, 3, echo=True), at=5)
    assert not night.incident.alerts_clear


def test_when_every_alert_is_clear_it_is_said_once() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(trigger(1, alert="PD2"))
    night.hear(report(What.RESOLVED, 5), at=5)
    assert not night.incident.alerts_clear
    night.hear(report(What.RESOLVED, 6, alert="PD2"), at=7)
    night.hear(report(What.NOTE, 8, text="Resolution Note: done"), at=8)
    assert night.incident.alerts_clear
    assert night.lines().count("All alerts are clear") == 1
    assert night.incident.is_open


def test_an_alert_that_fires_again_is_no_longer_clear() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.RESOLVED, 5), at=5)
    night.hear(report(What.REOPENED, 6), at=6)
    assert (night.incident.alerts_clear, night.incident.alerts[0].clear) == (False, False)


def test_a_late_word_of_something_older_leaves_a_clear_alert_clear() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.RESOLVED, 5), at=5)
    night.hear(report(What.REOPENED, 3), at=6)
    assert night.incident.alerts[0].clear
    assert night.incident.alerts_clear


def test_in_one_second_the_end_is_the_last_word() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.RESOLVED, 5, key="a"), at=5)
    night.hear(report(What.ESCALATED, 5, key="z", status="triggered", text="2"), at=5)
    assert night.alerts["pagerduty", "PD1"].clear
    assert night.incident.alerts[0].clear


def test_an_end_that_the_log_tells_in_whole_seconds_comes_after_what_was_told_within_that_second() -> None:
    acknowledged = report(What.ACKNOWLEDGED, 5, key="webhook", status="acknowledged")
    within = acknowledged.model_copy(update={"at": acknowledged.at.replace(microsecond=400_000)})
    ended = report(What.RESOLVED, 5, key="log")
    for both in ([within, ended], [ended, within]):
        night = Night()
        night.hear(trigger())
        for one in both:
            night.hear(one, at=6)
        assert night.alerts["pagerduty", "PD1"].clear
        assert night.incident.alerts[0].clear


def test_of_two_words_at_one_instant_the_end_counts() -> None:
    at = report(What.RESOLVED, 5).at.replace(microsecond=400_000)
    ended = report(What.RESOLVED, 5, key="a").model_copy(update={"at": at})
    seen = report(What.SEEN, 5, key="z", status="triggered").model_copy(update={"at": at})
    for both in ([ended, seen], [seen, ended]):
        night = Night()
        night.hear(trigger())
        for one in both:
            night.hear(one, at=6)
        assert night.incident.alerts[0].clear


def test_an_acknowledgement_in_the_second_of_the_trigger_comes_after_it() -> None:
    night = Night()
    night.hear(report(What.ACKNOWLEDGED, 0, key="a"))
    night.hear(trigger(key="z"))
    assert night.alerts["pagerduty", "PD1"].status == "acknowledged"


def test_an_alert_merged_elsewhere_says_nothing_about_the_incident() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.MERGED, 5, text="PD9", into="PD9"), at=5)
    assert not night.incident.alerts_clear
    assert night.incident.alerts[0].ended is Ending.MERGED
    assert "Cy merged the alert “Checkout errors” into PD9" in night.lines()


def test_the_alerts_that_are_left_count_when_one_was_merged() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(trigger(1, alert="PD2"))
    night.hear(report(What.MERGED, 5, text="PD2", into="PD2"), at=5)
    night.hear(report(What.RESOLVED, 6, alert="PD2"), at=6)
    assert night.incident.alerts_clear


def test_a_time_out_never_counts_as_clear() -> None:
    night = Night(RESOLVING)
    night.hear(trigger())
    night.hear(report(What.RESOLVED, 5, timed_out=True), at=5)
    assert not night.incident.alerts_clear
    assert night.incident.is_open


def test_resolving_by_itself_is_a_setting() -> None:
    night = Night(RESOLVING)
    night.hear(trigger())
    night.hear(report(What.RESOLVED, 5), at=6)
    assert night.incident.status is Status.RESOLVED
    assert night.incident.moments.resolved == minute(5)
    assert night.incident.review


def test_what_is_only_seen_keeps_the_card_right_and_says_nothing() -> None:
    night = Night()
    night.hear(trigger())
    lines = night.lines()
    night.hear(report(What.SEEN, 5, status="resolved"), at=5)
    assert night.incident.alerts[0].clear
    assert night.lines() == [*lines, "All alerts are clear"]
    assert night.alerts["pagerduty", "PD1"].clear_since == minute(5)


def test_an_alert_first_seen_long_after_it_fired_counts_as_triggered() -> None:
    night = Night()
    night.hear(trigger(what=What.SEEN), at=5)
    assert night.incident.severity.label == "SEV1"


def test_seeing_without_a_state_is_nothing() -> None:
    night = Night()
    night.hear(trigger())
    assert night.hear(report(What.SEEN, 5)) == []


def test_an_alert_moved_to_another_service_brings_that_service_in() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.SERVICE, 5, service=SEARCH, text="Search"), at=5)
    assert night.incident.services == (CHECKOUT, SEARCH)


def test_a_service_known_only_by_name_is_not_named_twice() -> None:
    night = Night()
    typed = Service(id="", name="Tills")
    night.ask(Declare(title="x", services=(typed,)))
    night.hear(trigger(service=typed, priority=""))
    assert night.incident.services == (typed,)


def test_an_alert_without_a_service_is_told_without_one() -> None:
    night = Night()
    night.hear(trigger(service=None, url=None, title=None))
    assert night.lines()[-1] == "Alert: pagerduty PD1"
    assert night.incident.services == ()


def test_something_that_fires_in_monitoring_asks_back_to_investigating() -> None:
    night = Night()
    night.hear(trigger())
    (quiet,) = night.hear(trigger(1, alert="PD2"))
    assert not asks_back(quiet, night.incident)
    night.ask(SetStatus(incident=1, to=Status.MONITORING))
    monitoring = night.incident
    (joined,) = night.hear(trigger(2, alert="PD3"))
    (reopened,) = night.hear(report(What.REOPENED, 3))
    (noted,) = night.hear(report(What.NOTE, 4, text="hm"))
    assert asks_back(joined, monitoring)
    assert asks_back(reopened, monitoring)
    assert not asks_back(noted, monitoring)
    assert not asks_back(joined, None)


def test_our_own_page_is_known_by_its_key() -> None:
    assert own_incident("muster/INC-42/page-3") == 42
    assert own_page("muster/INC-42/page-3") == 3
    assert own_incident("INC-42/page-3") is None
    assert own_page("other/page-3") is None
    assert own_incident("muster/INC-x/page-3") is None


def test_the_alert_of_our_own_page_joins_its_incident_and_is_none_of_its_alarms() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2, services=(CHECKOUT,)))
    night.hear(trigger(1, service=SEARCH, incident_key="muster/INC-1/page-1"), incident=1)
    assert night.incident.severity.label == "SEV2"
    assert len(night.incident.alerts) == 1
    assert night.incident.alarms == ()
    assert night.incident.services == (CHECKOUT,), "where it was opened says of no service that anything is wrong"


def test_an_incident_that_is_gone_lets_the_alert_of_its_page_be_judged_like_any_other() -> None:
    night = Night()
    assert night.hear(trigger(priority="", incident_key="muster/INC-9/page-1"), incident=9) == []


def test_a_rumour_without_a_mirror_is_nothing() -> None:
    heard = HearAlert(report=trigger())
    assert heard.decide(Case(now=minute(0), actor=CY, policy=POLICY, fresh=True)) == []


def test_redaction_reaches_what_people_wrote_in_pagerduty_and_leaves_levels_alone() -> None:
    night = Night()
    (_, joined) = night.hear(trigger(title="ada@x.io"))
    (note,) = night.hear(report(What.NOTE, 1, text="ada@x.io"))
    (escalated,) = night.hear(report(What.ESCALATED, 2, text="level 2"))
    assert (joined.words, note.words, escalated.words) == (("ada@x.io",), ("ada@x.io",), ())
    assert joined.redacted().line() == "Alert on Checkout: [redacted]"
    assert note.redacted().line() == "Cy noted in PagerDuty: [redacted]"
    assert escalated.redacted() == escalated


def test_a_person_who_joins_an_alert_after_setting_the_severity_has_the_last_word() -> None:
    night = Night()
    night.hear(trigger(-5, priority="P1", service=SEARCH))
    night.ask(Declare(title="x", severity=3))
    assert [i.severity.label for i in night.incidents.values()] == ["SEV1", "SEV3"]
    night.ask(SetSeverity(incident=1, to=4), by=ADA, at=3)
    night.hear(report(What.ESCALATED, 4, priority="P1", text="level 2"), at=4)
    assert night.incidents[1].severity.label == "SEV4"
    assert isinstance(night.journal[0], Declared)


def test_an_alert_keeps_the_name_it_fired_under_whatever_it_is_called_later() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.ESCALATED, 1, title="renamed", text="level 2"))
    assert "Cy escalated the alert “Checkout errors” to level 2" in night.lines()


def test_a_trigger_that_comes_after_the_alert_was_seen_tells_when_it_began_and_where() -> None:
    night = Night()
    night.hear(trigger(8, what=What.SEEN, service=None), at=8)
    night.hear(trigger(0), at=9)
    assert night.incident.moments.detected == minute(0)
    assert night.incident.services == (CHECKOUT,)
    assert night.lines()[0] == "The alert fired: Checkout errors"


def test_an_alert_that_joins_ends_the_all_clear() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.RESOLVED, 5), at=5)
    night.hear(trigger(6, alert="PD2"), at=6)
    assert not night.incident.alerts_clear


def test_dismissing_again_does_not_dismiss_what_was_said_since() -> None:
    night = Night()
    night.hear(trigger(priority=""))
    night.ask(DismissAlert(source="pagerduty", alert="PD1"))
    night.hear(report(What.NOTE, 3, text="hm"), at=3)
    night.ask(DismissAlert(source="pagerduty", alert="PD1"))
    assert night.alerts["pagerduty", "PD1"].dismissed_at == minute(0)


def test_what_is_seen_in_two_states_at_one_time_is_two_things() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.SEEN, 5, key="a", status="triggered"))
    assert night.hear(report(What.SEEN, 5, key="b", status="resolved")) != []


def test_a_webhook_that_falls_on_a_whole_second_and_its_log_entry_of_the_second_before_are_one_act() -> None:
    night = Night()
    night.hear(trigger(key="webhook"))
    logged = trigger(key="log")
    assert night.hear(logged.model_copy(update={"at": logged.at - timedelta(seconds=1)})) == []


def test_two_seconds_between_the_webhook_and_the_log_are_two_acts() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(report(What.NOTE, 1, key="log", text="a"))
    later = report(What.NOTE, 1, key="webhook", text="a").at.replace(second=2, microsecond=1000)
    assert len(night.hear(report(What.NOTE, 1, key="webhook", text="a").model_copy(update={"at": later}))) == 1
