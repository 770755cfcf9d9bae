"""Many services at once are one incident: what begins a storm, what it takes in, and what is taken out of it."""

import pytest

from bot.incident import (
    AlertGraded,
    AlertJoined,
    AlertLeft,
    Declare,
    DeclareFromAlert,
    DismissAlert,
    JoinAlert,
    MakePrivate,
    NotRelated,
    PageOut,
    RateAlert,
    RecordRoom,
    Resolve,
    SplitOff,
    StormBegan,
)
from bot.incident.alerts import IN_FULL
from bot.incident.habits import Storm
from bot.incident.mirror import What, Worth
from bot.incident.model import Incident, Refused, fold
from bot.incident.policy import Policy
from bot.incident.values import MUSTER, Service, Status
from tests.incident.night import ADA, BO, CHECKOUT, CHECKOUT_ONCALL, POLICY, Night, minute, report, trigger

NAMES = ("Checkout", "Search", "Payments", "Login", "Mail", "Maps", "Ads", "Carts")


def service(nth: int) -> Service:
    return Service(id=f"P{nth}", name=NAMES[nth])


def fire(night: Night, nth: int, at: float = 0, *, priority: str = "", alert: str = "") -> list[object]:
    """An alert on the nth service; by the default rules a P1 opens a room, and what has no priority waits."""
    said = trigger(at, alert=alert or f"PD{nth}", priority=priority, service=service(nth), title=f"{NAMES[nth]} fails")
    return list(night.hear(said, at=at))


def stormy(night: Night | None = None) -> Night:
    """Five services at once: INC-1 is the storm."""
    night = night or Night()
    for nth in range(5):
        fire(night, nth, nth / 10)
    return night


def hidden_storm() -> Night:
    night = stormy()
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"), by=MUSTER)
    night.ask(MakePrivate(incident=1))
    return night


def titles(i: Incident) -> list[str]:
    return [a.title for a in i.alerts]


def test_the_fifth_service_in_five_minutes_makes_one_incident_of_all_that_waited() -> None:
    night = stormy()
    i = night.incident
    assert (len(night.incidents), i.number, i.storm, i.declared_by) == (1, 1, True, MUSTER)
    assert i.title == "Alert storm: Mail, Checkout, Search, Payments and 1 more"
    assert {a.id for a in i.alerts} == {f"PD{nth}" for nth in range(5)}
    assert {alert.incident for alert in night.alerts.values()} == {1}
    assert i.severity.label == "SEV3"
    assert i.moments.detected == minute(0)
    assert sum(isinstance(fact, StormBegan) for fact in night.journal) == 1
    assert "Many services alert at once: Mail, Checkout, Search, Payments and 1 more. " in "\n".join(night.lines())


def test_four_services_are_no_storm() -> None:
    night = Night()
    for nth in range(4):
        fire(night, nth)
        fire(night, nth, alert=f"again {nth}")
    assert night.incidents == {}


def test_one_service_however_loud_is_no_storm() -> None:
    night = Night()
    for n in range(50):
        fire(night, 0, alert=f"PD{n}")
    assert night.incidents == {}


def test_a_third_room_within_minutes_is_the_storm_s() -> None:
    night = Night()
    for nth in range(4):
        fire(night, nth, nth / 10, priority="P1")
    assert sorted(night.incidents) == [1, 2, 3]
    assert [night.incidents[n].storm for n in (1, 2, 3)] == [False, False, True]
    assert {a.service for a in night.incidents[3].alerts} == {"Payments", "Login"}
    assert night.incidents[3].severity.label == "SEV1"


def test_while_a_storm_is_on_alerts_of_new_services_open_no_room_and_wait_nowhere() -> None:
    night = stormy()
    fire(night, 5, 3)
    fire(night, 6, 4, priority="P1")
    assert len(night.incidents) == 1
    assert {s.name for s in night.incident.services} == set(NAMES[:7])
    assert night.incident.severity.label == "SEV1"


def test_what_the_rules_keep_quiet_stays_out_of_a_storm_unless_its_service_is_in_it() -> None:
    night = stormy()
    assert night.hear(trigger(3, alert="low", priority="", urgency="low", service=service(5)), at=3) == []
    assert night.alerts["pagerduty", "low"].incident is None
    night.hear(trigger(3, alert="known", priority="", urgency="low", service=service(0)), at=3)
    assert night.alerts["pagerduty", "known"].incident == 1


def test_an_incident_of_its_own_goes_before_the_storm() -> None:
    night = Night()
    night.ask(Declare(title="Maps are wrong", services=(service(5),)))
    for nth in range(5):
        fire(night, nth, nth / 10)
    assert night.incident.storm
    fire(night, 5, 3)
    assert [a.id for a in night.incidents[1].alerts] == ["PD5"]


def test_an_incident_of_its_own_goes_before_an_older_storm_with_the_same_service() -> None:
    night = stormy()
    night.ask(Declare(title="Search is down", services=(service(1),)))
    fire(night, 1, 3, alert="again")
    assert night.alerts["pagerduty", "again"].incident == 2


def test_rooms_count_for_what_would_open_one_more_and_not_for_what_only_waits() -> None:
    night = Night()
    for nth in range(2):
        fire(night, nth, priority="P1")
    assert fire(night, 2) == []
    assert len(night.incidents) == 2


def test_once_a_storm_is_over_an_alert_opens_its_own_again() -> None:
    night = stormy()
    night.ask(Resolve(incident=1), at=60)
    fire(night, 5, 61, priority="P1")
    assert [i.storm for i in night.incidents.values()] == [True, False]


def test_the_alerts_of_a_storm_that_is_over_begin_no_second_one() -> None:
    night = stormy()
    night.ask(Resolve(incident=1), at=1)
    assert fire(night, 5, 2) == []
    assert night.hear(report(What.NOTE, 3, alert="PD0", text="looking"), at=3) != []
    assert len(night.incidents) == 1


@pytest.mark.parametrize("kind", ["drill", "private"])
def test_what_few_may_see_and_what_is_no_incident_takes_in_no_storm(kind: str) -> None:
    night = stormy()
    night.incidents[1] = night.incidents[1].but(**{kind: True})
    fire(night, 5, 3, priority="P1")
    assert night.alerts["pagerduty", "PD5"].incident == 2


def test_a_storm_that_became_private_takes_in_nothing_more() -> None:
    night = hidden_storm()
    fire(night, 0, 3, alert="again", priority="P1")
    assert night.alerts["pagerduty", "again"].incident == 2


def test_an_alert_whose_incident_has_been_quiet_too_long_opens_its_own() -> None:
    within = POLICY.group_within
    night = Night()
    night.hear(trigger())
    night.hear(trigger(within, alert="PD2"), at=within)
    assert len(night.incidents) == 1
    night.hear(trigger(2 * within + 1, alert="PD3"), at=2 * within + 1)
    assert len(night.incidents) == 2
    night.hear(trigger(2 * within + 2, alert="PD4"), at=2 * within + 2)
    assert night.alerts["pagerduty", "PD4"].incident == 2


def test_a_window_of_no_minutes_joins_nothing_by_itself() -> None:
    night = Night(POLICY.model_copy(update={"group_within": 0, "storm": Storm(rooms=9)}))
    night.hear(trigger())
    night.hear(trigger(alert="PD2"))
    assert len(night.incidents) == 2


def test_in_a_storm_an_alert_that_deserves_its_own_room_is_known_by_its_severity() -> None:
    night = stormy()
    fire(night, 5, 3, priority="P2")
    line = night.incident.alert("pagerduty", "PD5")
    assert line is not None
    assert line.severity == 2
    facts = night.hear(report(What.PRIORITY, 4, alert="PD5", priority="P1", text="P1"), at=4)
    (graded,) = [f for f in facts if isinstance(f, AlertGraded)]
    assert (graded.severity, graded.label, graded.service) == (1, "SEV1", "Maps")
    assert graded.line() == "The alert on Maps is SEV1 by itself: Maps fails"
    again = night.hear(report(What.NOTE, 5, alert="PD5", text="looking"), at=5)
    assert not [f for f in again if isinstance(f, AlertGraded)]


def test_a_storm_keeps_few_titles_and_all_alerts() -> None:
    night = stormy()
    for n in range(40):
        fire(night, n % 5, 1, alert=f"more {n}")
    kept = [bool(a.title) for a in night.incident.alerts]
    assert kept == [True] * IN_FULL + [False] * (45 - IN_FULL)
    assert all(a.fires == () for a in night.incident.alerts)


def split(nth: int = 1, incident: int = 1) -> SplitOff:
    return SplitOff(incident=incident, source="pagerduty", alert=f"PD{nth}")


def unrelated(nth: int = 1, incident: int = 1) -> NotRelated:
    return NotRelated(incident=incident, source="pagerduty", alert=f"PD{nth}")


def test_split_off_a_service_has_an_incident_of_its_own_with_all_its_alerts() -> None:
    night = stormy()
    fire(night, 1, 1, alert="another", priority="P1")
    night.ask(split(), by=BO, at=5)
    own = night.incidents[2]
    assert (own.title, own.severity.label, own.services) == ("Search fails", "SEV1", (service(1),))
    assert (own.declared_by, own.commander, own.status, own.storm) == (BO, None, Status.TRIAGE, False)
    assert titles(own) == ["Search fails", "Search fails"]
    assert {a.service for a in night.incidents[1].alerts} == {"Checkout", "Payments", "Login", "Mail"}
    assert night.alerts["pagerduty", "another"].incident == 2
    left = [f for f in night.journal if isinstance(f, AlertLeft)]
    assert [(f.into, f.along) for f in left] == [(2, False), (2, True)]
    assert left[0].line() == "Bo made INC-2 of the alert “Search fails”"


def test_split_off_twice_is_split_off_once() -> None:
    night = stormy()
    night.ask(split())
    assert night.ask(split()) == []
    assert len(night.incidents) == 2


def test_what_fires_again_on_a_service_that_was_split_off_joins_its_own() -> None:
    night = stormy()
    night.ask(split())
    fire(night, 1, 3, alert="again")
    assert night.alerts["pagerduty", "again"].incident == 2


def test_out_of_an_ordinary_incident_one_alert_is_split_off() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(trigger(1, alert="PD2", title="Carts are slow"), at=1)
    night.ask(SplitOff(incident=1, source="pagerduty", alert="PD2"))
    assert titles(night.incidents[1]) == ["Checkout errors"]
    assert titles(night.incidents[2]) == ["Carts are slow"]
    assert night.incidents[1].services == (CHECKOUT,)


def test_what_was_acknowledged_stays_so_in_its_own_incident() -> None:
    night = stormy()
    night.hear(report(What.ACKNOWLEDGED, 1, alert="PD1", status="acknowledged"), at=1)
    night.ask(split(), at=2)
    assert night.incidents[2].moments.acknowledged == minute(1)
    assert night.incidents[2].status is Status.INVESTIGATING


def test_the_only_alert_cannot_be_split_off() -> None:
    night = Night()
    night.hear(trigger())
    with pytest.raises(Refused, match="about nothing else"):
        night.ask(SplitOff(incident=1, source="pagerduty", alert="PD1"))


def test_a_private_incident_splits_into_private_ones() -> None:
    night = hidden_storm()
    night.ask(split())
    assert night.incidents[2].private


def test_what_is_not_related_waits_for_a_decision_and_comes_back_to_no_storm() -> None:
    night = stormy()
    fire(night, 1, 1, alert="another")
    night.ask(unrelated(), by=BO, at=2)
    assert {a.service for a in night.incidents[1].alerts} == {"Checkout", "Payments", "Login", "Mail"}
    alert, along = night.alerts["pagerduty", "PD1"], night.alerts["pagerduty", "another"]
    assert (alert.incident, along.incident) == (None, None)
    assert (alert.wants_triage(POLICY), along.wants_triage(POLICY)) == (True, False), "it is asked about once"
    assert "Bo took the alert “Search fails” out: it is not related" in night.lines()
    assert night.hear(report(What.NOTE, 3, alert="PD1", text="looking"), at=3) == []
    assert fire(night, 1, 4, alert="a new one") == [], "nor does what fires next on its service"
    assert len(night.incidents) == 1


def test_what_was_taken_out_of_an_ordinary_incident_does_not_slip_back() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(trigger(1, alert="PD2"), at=1)
    night.ask(NotRelated(incident=1, source="pagerduty", alert="PD2"), at=2)
    assert night.hear(report(What.NOTE, 3, alert="PD2", text="looking"), at=3) == []
    assert night.alerts["pagerduty", "PD2"].incident is None


def test_what_people_took_out_begins_no_storm() -> None:
    night = stormy()
    for nth in range(5):
        night.ask(unrelated(nth))
    night.ask(Resolve(incident=1))
    assert night.hear(report(What.NOTE, 3, alert="PD0", text="looking"), at=3) == []
    assert len(night.incidents) == 1


def test_not_related_said_twice_is_said_once() -> None:
    night = stormy()
    night.ask(unrelated())
    assert night.ask(unrelated()) == []


def test_a_p1_that_is_not_related_opens_nothing_by_itself_but_waits_for_a_person() -> None:
    night = stormy()
    fire(night, 5, 1, priority="P1")
    night.ask(unrelated(5), at=2)
    assert night.hear(report(What.NOTE, 3, alert="PD5", text="looking"), at=3) == []
    assert night.alerts["pagerduty", "PD5"].wants_triage(POLICY)
    night.ask(DeclareFromAlert(source="pagerduty", alert="PD5"), at=4)
    assert night.incidents[2].severity.label == "SEV1"


def test_what_was_taken_out_by_mistake_is_joined_again_by_hand() -> None:
    night = stormy()
    fire(night, 1, 1, alert="another")
    night.ask(unrelated())
    night.ask(JoinAlert(incident=1, source="pagerduty", alert="PD1"))
    assert night.incidents[1].apart == ()
    assert night.alerts["pagerduty", "another"].incident == 1, "what left with it comes back with it"
    fire(night, 1, 3, alert="again")
    assert night.alerts["pagerduty", "again"].incident == 1


def test_where_only_what_is_clear_stays_that_is_said() -> None:
    night = Night()
    night.hear(trigger())
    night.hear(trigger(1, alert="PD2"), at=1)
    night.hear(report(What.RESOLVED, 2, status="resolved"), at=2)
    facts = night.ask(NotRelated(incident=1, source="pagerduty", alert="PD2"), at=3)
    assert [f.kind for f in facts] == ["alert_left", "alerts_clear"]


@pytest.mark.parametrize("wish", [split, unrelated])
def test_nothing_is_taken_out_of_what_is_over(wish: type) -> None:
    night = stormy()
    night.ask(Resolve(incident=1))
    with pytest.raises(Refused, match="INC-1 is resolved"):
        night.ask(wish())


@pytest.mark.parametrize("wish", [split, unrelated])
def test_what_is_not_in_it_cannot_be_taken_out(wish: type) -> None:
    night = stormy()
    night.ask(Declare(title="x"))
    with pytest.raises(Refused, match="not part of INC-2"):
        night.ask(wish(incident=2))


@pytest.mark.parametrize("wish", [split, unrelated])
def test_a_page_of_ours_stays_where_it_was_sent_for(wish: type) -> None:
    night = stormy()
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL))
    said = trigger(2, alert="PD7", incident_key="muster/INC-1/page-1")
    night.hear(said, at=2, incident=1)
    with pytest.raises(Refused, match="a page of ours"):
        night.ask(wish(7))


def test_what_a_page_was_worth_is_kept_with_the_alert_and_is_no_fact() -> None:
    night = stormy()
    rated = RateAlert(source="pagerduty", alert="PD1", worth=Worth.HEALED, by=BO)
    assert night.ask(rated, by=BO) == []
    alert = night.alerts["pagerduty", "PD1"]
    assert (alert.worth, alert.worth_by) == (Worth.HEALED, BO.id)
    night.ask(RateAlert(source="pagerduty", alert="PD1", worth=Worth.REAL, by=ADA))
    assert night.alerts["pagerduty", "PD1"].worth is Worth.REAL
    with pytest.raises(Refused, match="not known"):
        night.ask(RateAlert(source="pagerduty", alert="PD?", worth=Worth.REAL, by=ADA))


def test_what_somebody_dismissed_is_not_drawn_into_a_storm() -> None:
    night = Night()
    fire(night, 0)
    night.ask(DismissAlert(source="pagerduty", alert="PD0"))
    for nth in range(1, 5):
        fire(night, nth)
    assert night.alerts["pagerduty", "PD0"].incident is None
    assert {a.id for a in night.incident.alerts} == {"PD1", "PD2", "PD3", "PD4"}


def test_the_state_of_a_storm_is_what_its_journal_folds_to() -> None:
    night = stormy()
    fire(night, 5, 1, priority="P1")
    night.ask(split(), at=2)
    night.ask(unrelated(2), at=3)
    night.hear(report(What.RESOLVED, 4, alert="PD3", status="resolved"), at=4)
    for number, incident in night.incidents.items():
        assert fold([e for e in night.journal if e.incident == number]) == incident


def test_how_much_is_a_storm_is_a_setting() -> None:
    policy = Policy(storm=Storm(services=2, within=1))
    night = Night(policy)
    fire(night, 0)
    fire(night, 1)
    assert night.incident.storm


def test_joined_again_by_mistake_an_alert_counts_once() -> None:
    night = stormy()
    joined = [f for f in night.journal if isinstance(f, AlertJoined)]
    assert len(joined) == len({f.alert for f in joined}) == 5


def test_no_title_stays_in_what_is_redacted_of_a_storm() -> None:
    night = stormy()
    fire(night, 5, 1, priority="P2")
    night.hear(report(What.PRIORITY, 2, alert="PD5", priority="P1", text="P1"), at=2)
    night.ask(split(5), at=3)
    wordy = [f for f in night.journal if isinstance(f, AlertGraded | AlertLeft)]
    assert {f.kind for f in wordy} == {"alert_graded", "alert_left"}
    for fact in wordy:
        assert fact.words == ("Maps fails",)
        assert "Maps fails" not in fact.redacted().model_dump_json()
