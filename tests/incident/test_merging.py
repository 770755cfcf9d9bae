"""Two incidents turn out to be one: what goes over, what stays, and what is never merged."""

from datetime import timedelta

import pytest

from bot.incident import (
    AddNote,
    AssignRole,
    Declare,
    Follow,
    GiveTask,
    HideEntry,
    MakePrivate,
    Merge,
    PageOut,
    RecordMember,
    RecordRoom,
    Reopen,
    Resolve,
    SetSeverity,
    SettleTasks,
)
from bot.incident.duties import TaskState
from bot.incident.merging import Absorbed, AlertsBrought, Merged, TaskBrought
from bot.incident.mirror import What
from bot.incident.model import Refused
from bot.incident.postmortem import report as report_of
from bot.incident.timeline import timeline
from bot.incident.values import MUSTER, Actor, Status
from tests.incident.night import ADA, BO, CHECKOUT, CHECKOUT_ONCALL, CY, SEARCH, Night, minute, report, trigger

DI = Actor(id="slack:UDI", name="Di")


def two(**more: object) -> Night:
    """INC-1, Checkout fails, Ada commands; INC-2, Search is slow, Bo commands."""
    night = Night()
    night.ask(Declare.model_validate({"title": "Checkout errors", "severity": 3, "services": (CHECKOUT,)}))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"))
    wish = {"title": "Search is slow", "severity": 3, "services": (SEARCH,), **more}
    night.ask(Declare.model_validate(wish), by=BO)
    night.ask(RecordRoom(incident=2, channel="C2", name="inc-2"))
    return night


def merged(night: Night) -> Absorbed:
    """INC-2 goes on in INC-1; what that brings."""
    return next(f for f in night.ask(Merge(incident=2, into=1)) if isinstance(f, Absorbed))


def test_one_ends_and_the_other_goes_on_under_its_commander() -> None:
    night = two()
    merged(night)
    source, target = night.incidents[2], night.incidents[1]
    assert (source.status, source.merged_into, source.is_open) == (Status.MERGED, 1, False)
    assert (target.absorbed, target.commander, target.status) == ((2,), ADA, Status.INVESTIGATING)
    assert [s.name for s in target.services] == ["Checkout", "Search"]


def test_both_timelines_say_so() -> None:
    night = two()
    merged(night)
    assert timeline(night.stored(2))[-1].text == "Ada merged the incident into INC-1"
    assert timeline(night.stored(1))[-1].text == "Ada merged INC-2 into this incident: Search is slow"


def test_said_twice_it_is_merged_once() -> None:
    night = two()
    merged(night)
    assert night.ask(Merge(incident=2, into=1)) == []


def test_its_alerts_belong_to_the_other_one_with_how_they_stand() -> None:
    night = two()
    night.hear(trigger(0, service=SEARCH), incident=2)
    night.hear(trigger(0, alert="PD2", service=SEARCH, title="Queue"), incident=2)
    night.hear(report(What.RESOLVED, 1, alert="PD2", status="resolved"))
    merged(night)
    assert [(a.id, a.clear) for a in night.incidents[1].alerts] == [("PD1", False), ("PD2", True)]
    assert {a.incident for a in night.alerts.values()} == {1}


def test_what_is_heard_of_an_alert_later_is_told_in_the_other_one() -> None:
    night = two()
    night.hear(trigger(0, service=SEARCH), incident=2)
    merged(night)
    facts = night.hear(report(What.RESOLVED, 5, status="resolved"), at=5)
    assert {f.incident for f in facts} == {1}
    assert night.incidents[1].alerts[0].clear


def test_a_page_that_was_out_is_answered_in_the_other_one() -> None:
    night = two()
    night.ask(PageOut(incident=2, target=CHECKOUT_ONCALL, why="help"), by=BO)
    absorbed = merged(night)
    assert absorbed.unanswered == ("Checkout",)
    assert all(p.called_off for p in night.incidents[2].pages)
    night.hear(trigger(0, alert="PD7", incident_key="muster/INC-2/page-1"), incident=2)
    facts = night.hear(report(What.ACKNOWLEDGED, 6, alert="PD7", by=BO), at=6, incident=2)
    assert facts
    assert {f.incident for f in facts} == {1}


def test_all_alerts_are_clear_no_more_once_one_that_fires_comes_over() -> None:
    night = two()
    night.hear(trigger(0), incident=1)
    night.hear(report(What.RESOLVED, 1, status="resolved"))
    assert night.incidents[1].alerts_clear
    night.hear(trigger(2, alert="PD2", service=SEARCH), incident=2)
    merged(night)
    assert not night.incidents[1].alerts_clear


def test_what_is_still_to_be_done_goes_over_under_numbers_of_the_other_one() -> None:
    night = two()
    night.ask(GiveTask(incident=1, text="scale up", to=ADA))
    night.ask(GiveTask(incident=2, text="clear the queue", to=DI, minutes=15), by=BO)
    night.ask(GiveTask(incident=2, text="done already", to=BO), by=BO)
    night.ask(SettleTasks(incident=2, tasks=(2,), state=TaskState.DONE), by=BO)
    merged(night)
    assert [(t.number, t.text, t.to, t.by) for t in night.incidents[1].tasks] == [
        (1, "scale up", ADA, ADA),
        (2, "clear the queue", DI, BO),
    ]
    assert not any(t.is_left for t in night.incidents[2].tasks), "nobody owes it twice"


def test_experts_and_followers_come_along_and_no_second_commander() -> None:
    night = two()
    night.ask(AssignRole(incident=2, role="sme", person=DI), by=BO)
    night.ask(Follow(incident=2, follows=True), by=CY)
    merged(night)
    target = night.incidents[1]
    assert [(h.role, h.person) for h in target.holdings] == [("commander", ADA), ("expert", DI)]
    assert target.followers == (CY,)


def test_everybody_in_the_room_is_asked_over() -> None:
    night = two()
    night.ask(RecordMember(incident=2, channel="C2", person=DI, here=True))
    night.ask(GiveTask(incident=2, text="x", to=CY), by=BO)
    people = merged(night).people
    assert [p.id for p in people] == [BO.id, CY.id, DI.id]
    assert people[0].name == "Bo", "where the name is known"


def test_the_worse_severity_of_the_two_counts() -> None:
    night = two()
    night.ask(SetSeverity(incident=2, to=2), by=BO)
    merged(night)
    assert night.incidents[1].severity.level == 2
    assert night.incidents[1].pages == (), "its people were paged already"


def test_a_storm_goes_on_as_one() -> None:
    night = two()
    night.incidents[2] = night.incidents[2].but(storm=True)
    merged(night)
    assert night.incidents[1].storm


def test_a_better_severity_lowers_nothing() -> None:
    night = two(severity=5)
    merged(night)
    assert night.incidents[1].severity.level == 3


def test_the_earlier_beginning_of_the_two_counts() -> None:
    night = two()
    night.hear(trigger(-30, service=SEARCH), incident=2)
    merged(night)
    assert night.incidents[1].moments.detected == minute(-30)


def test_what_was_merged_is_closed_for_all_that_an_open_one_takes() -> None:
    night = two()
    merged(night)
    for wish in (Resolve(incident=2), SetSeverity(incident=2, to=1), Reopen(incident=2), Merge(incident=2, into=3)):
        with pytest.raises(Refused, match="INC-2 was merged into INC-1, and goes on there"):
            night.ask(wish)
    night.ask(AddNote(incident=2, text="the index was rebuilt at two"))


def test_what_cannot_be_one_is_refused_with_what_to_do_instead() -> None:
    night = two()
    with pytest.raises(Refused, match="INC-2 cannot be merged into itself"):
        night.ask(Merge(incident=2, into=2))
    with pytest.raises(Refused, match="There is no INC-9"):
        night.ask(Merge(incident=2, into=9))
    night.ask(Declare(title="exercise", drill=True))
    with pytest.raises(Refused, match="A drill and a real incident cannot be merged"):
        night.ask(Merge(incident=2, into=3))
    night.ask(Resolve(incident=1))
    with pytest.raises(Refused, match=r"INC-1 is resolved\. Merge into one that is open"):
        night.ask(Merge(incident=2, into=1))


def test_nothing_private_is_merged_into_what_more_people_see() -> None:
    night = two()
    night.ask(MakePrivate(incident=2), by=BO)
    with pytest.raises(Refused, match="INC-2 is private and INC-1 is not: more people would read it"):
        night.ask(Merge(incident=2, into=1))


def test_of_a_private_one_nobody_outside_is_told_which_it_is() -> None:
    night = two()
    night.ask(MakePrivate(incident=1))
    night.ask(RecordMember(incident=2, channel="C2", person=DI, here=True))
    night.ask(Follow(incident=2, follows=True), by=CY)
    absorbed = merged(night)
    assert timeline(night.stored(2))[-1].text == "Ada merged the incident into a private one"
    with pytest.raises(Refused, match="INC-2 was merged into a private incident, and goes on there"):
        night.ask(Reopen(incident=2))
    assert absorbed.people == (BO,), "only who had a duty is asked in"
    assert night.incidents[1].followers == ()


def test_words_that_came_over_can_be_redacted_one_by_one() -> None:
    night = two()
    night.hear(trigger(0, service=SEARCH, priority="P5"), incident=2)
    night.ask(GiveTask(incident=2, text="clear the queue", to=DI), by=BO)
    facts = night.ask(Merge(incident=2, into=1))
    words = {type(f): f.words for f in facts}
    assert words == {
        Merged: (),
        Absorbed: ("Search is slow",),
        AlertsBrought: ("Checkout errors",),
        TaskBrought: ("clear the queue",),
    }
    for fact in facts:
        gone = fact.redacted()
        assert not any(word in gone.model_dump_json() for word in words[type(fact)])
        assert gone.line()


def test_a_muster_that_declared_is_asked_nowhere() -> None:
    night = Night()
    night.hear(trigger(0))
    night.ask(Declare(title="the same"), by=BO)
    night.now = night.now + timedelta(minutes=1)
    absorbed = next(f for f in night.ask(Merge(incident=1, into=2)) if isinstance(f, Absorbed))
    assert night.incidents[1].declared_by == MUSTER
    assert MUSTER not in absorbed.people


def test_a_timeline_of_both_keeps_entries_of_the_same_number_apart() -> None:
    night = two()
    night.ask(AddNote(incident=1, text="here"))
    night.ask(AddNote(incident=2, text="there"), by=BO)
    here, there = (night.stored(n)[-1].seq for n in (1, 2))
    assert here == there
    night.ask(HideEntry(incident=2, entry=there))
    merged(night)
    told = timeline([*night.stored(1), *night.stored(2)])
    assert [(e.incident, e.text) for e in told if "here" in e.text] == [(1, "Ada: here")]


def test_a_postmortem_of_both_has_all_alerts_and_its_own_severities() -> None:
    night = two()
    night.hear(trigger(0, service=SEARCH, title="Index lag", priority="P5"), incident=2)
    night.ask(AddNote(incident=2, text="it began with the deploy"), by=BO)
    merged(night)
    told = report_of(night.incidents[1], [*night.stored(1), *night.stored(2)])
    assert [a.title for a in told.alerts] == ["Index lag"]
    assert "Bo: it began with the deploy" in [e.text for e in told.entries]
    assert [s.label for s in told.severities] == ["SEV3"]
    assert [r.person for r in told.roles] == ["Ada"]
