"""Who is called out of bed, whether they answered, and who is next."""

import pytest

from bot.incident import (
    AnswerPages,
    Declare,
    LadderEnded,
    PageAnswered,
    PageNextLevel,
    PageOut,
    PageRequested,
    PageSent,
    PageUnanswered,
    RecordPageFailed,
    RecordPageSent,
    Reopen,
    Resolve,
    SetSeverity,
)
from bot.incident.mirror import What
from bot.incident.model import Refused
from bot.incident.policy import Paging, Policy
from bot.incident.values import MUSTER, PageState, Status
from tests.incident.night import (
    ADA,
    BO,
    BO_HIMSELF,
    CHECKOUT,
    CHECKOUT_ONCALL,
    COMMANDERS,
    CY,
    Night,
    minute,
    report,
    trigger,
)

SENT = RecordPageSent(incident=1, page=1, outside="PDX", people=("Bo",))


def paged(severity: int = 1, policy: Policy | None = None) -> Night:
    """A night with one page out to Checkout's on-call."""
    night = Night(policy) if policy else Night()
    night.ask(Declare(title="Checkout errors", severity=severity, services=(CHECKOUT,)))
    night.ask(SENT, by=MUSTER)
    return night


def states(night: Night) -> list[str]:
    return [p.state for p in night.incident.pages]


def test_a_page_tells_whom_pagerduty_calls() -> None:
    night = paged()
    assert night.lines()[-2:] == ["Ada paged Checkout: Checkout errors", "PagerDuty is calling Bo"]
    assert night.ask(SENT, by=MUSTER) == []


def test_a_repeated_page_says_that_it_may_be_the_second() -> None:
    sent = PageSent(incident=1, at=minute(0), by=MUSTER, page=1, outside="PDX", repeated=True)
    assert sent.line() == "PagerDuty is calling the on-call (repeat: the first try may have reached them too)"


def test_paging_somebody_who_is_being_called_is_nothing_new() -> None:
    night = paged(severity=3)
    wish = PageOut(incident=1, target=BO_HIMSELF, why="knows the cache")
    assert night.ask(wish)[0].line() == "Ada paged Bo: knows the cache"
    assert night.ask(wish, at=0.5) == []


def test_paging_again_after_a_failure_within_the_minute_pages_again() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    wish = PageOut(incident=1, target=BO_HIMSELF)
    night.ask(wish)
    night.ask(RecordPageFailed(incident=1, page=1, reason="PagerDuty is down"), by=MUSTER)
    assert wish.natural_key(ADA, minute(0)) is None
    assert [f.kind for f in night.ask(wish, at=0.5)] == ["page_requested"]


def test_a_drill_refuses_to_page() -> None:
    night = Night()
    night.ask(Declare(title="x", drill=True))
    with pytest.raises(Refused, match="drill: it pages nobody"):
        night.ask(PageOut(incident=1, target=BO_HIMSELF))


def test_a_page_that_did_not_go_out_is_said_once() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, services=(CHECKOUT,)))
    failed = RecordPageFailed(incident=1, page=1, reason="PagerDuty is down")
    night.ask(failed, by=MUSTER)
    assert night.ask(failed, by=MUSTER) == []
    assert night.lines()[-1] == "The page did not go out: PagerDuty is down"
    night.ask(SENT, by=MUSTER, at=3)
    assert states(night) == [PageState.SENT]


def test_a_page_that_went_out_cannot_fail_any_more() -> None:
    assert paged().ask(RecordPageFailed(incident=1, page=1, reason="late")) == []


def test_a_sev1_climbs_by_itself_to_the_top_and_says_that_it_was_the_top() -> None:
    night = paged()
    night.pass_until(60)
    levels = [(p.level, p.state) for p in night.incident.pages]
    assert levels == [(n, PageState.UNANSWERED) for n in (1, 2, 3)]
    asked = [f.at for f in night.journal if isinstance(f, PageRequested)]
    assert asked == [minute(0), minute(5), minute(10)]
    assert "Muster paged Checkout, level 2: level 1 did not answer" in night.lines()
    assert sum(isinstance(f, LadderEnded) for f in night.journal) == 1
    assert "That was the last level to page. Call by hand: `/incident oncall` shows names and numbers." in night.lines()


def test_a_sev2_waits_for_the_button() -> None:
    night = paged(severity=2)
    facts = night.pass_until(30)
    assert [f.kind for f in facts] == ["page_unanswered"]
    assert facts[0].line() == "Nobody answered the page within 5 min"
    (next_one,) = night.ask(PageNextLevel(incident=1, page=1))
    assert isinstance(next_one, PageRequested)
    assert (next_one.level, next_one.outside) == (2, "PDX")
    assert night.ask(PageNextLevel(incident=1, page=1)) == []


def test_raised_to_sev1_a_silent_page_climbs_at_once() -> None:
    night = paged(severity=2)
    night.pass_until(10)
    facts = night.ask(SetSeverity(incident=1, to=1))
    assert [(f.target, f.level) for f in facts if isinstance(f, PageRequested)] == [(CHECKOUT_ONCALL, 2)]


def test_raised_to_sev1_at_the_top_of_the_ladder_there_is_nobody_more() -> None:
    night = paged(severity=2, policy=Policy(paging=Paging(levels=1)))
    night.pass_until(10)
    assert [f.kind for f in night.ask(SetSeverity(incident=1, to=1))] == ["severity_changed"]


def test_an_answer_ends_the_climbing() -> None:
    night = paged()
    night.ask(AnswerPages(incident=1), by=BO, at=3)
    assert night.pass_until(60) == [f for f in night.journal if f.kind == "nudged"]
    assert (states(night), night.incident.pages[0].answered_by) == ([PageState.ANSWERED], "Bo")
    assert night.ask(AnswerPages(incident=1)) == []


def test_who_answered_is_not_followed_by_the_next_level() -> None:
    night = paged()
    night.ask(AnswerPages(incident=1), by=BO)
    with pytest.raises(Refused, match="Bo answered that page"):
        night.ask(PageNextLevel(incident=1, page=1))


def test_a_page_that_is_not_there_has_no_next_level() -> None:
    with pytest.raises(Refused, match="INC-1 has no such page"):
        paged().ask(PageNextLevel(incident=1, page=7))


def test_a_late_answer_counts() -> None:
    night = paged(severity=2)
    night.pass_until(10)
    night.ask(AnswerPages(incident=1), by=BO)
    assert states(night) == [PageState.ANSWERED]


def test_having_it_begins_the_work() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2, services=(CHECKOUT,), command=False))
    night.ask(AnswerPages(incident=1), by=BO, at=2)
    assert night.incident.status is Status.INVESTIGATING
    assert night.incident.moments.acknowledged == minute(2)


def test_the_time_for_an_answer_runs_from_when_the_page_went_out() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, services=(CHECKOUT,)))
    night.ask(SENT, by=MUSTER, at=4)
    assert [d.at for d in night.due() if d.key == "page/1"] == [minute(9)]


def test_a_page_that_went_out_after_all_is_waited_for_again() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2, services=(CHECKOUT,)))
    night.pass_until(6)
    assert states(night) == [PageState.UNANSWERED]
    night.ask(SENT, by=MUSTER, at=7)
    assert states(night) == [PageState.SENT]
    assert [d.at for d in night.due() if d.key == "page/1"] == [minute(12)]


def test_pagerduty_tells_that_the_ladder_has_no_such_level() -> None:
    night = paged(severity=2)
    night.pass_until(6)
    night.ask(PageNextLevel(incident=1, page=1))
    facts = night.ask(RecordPageFailed(incident=1, page=2, reason="there is no level 2", above_top=True), by=MUSTER)
    assert [f.kind for f in facts] == ["page_failed", "ladder_ended"]
    for page in (1, 2):
        with pytest.raises(Refused, match="That was the last level"):
            night.ask(PageNextLevel(incident=1, page=page))


def test_a_next_level_that_only_failed_to_go_out_can_be_asked_for_again() -> None:
    night = paged(severity=2)
    night.ask(PageNextLevel(incident=1, page=1))
    night.ask(RecordPageFailed(incident=1, page=2, reason="PagerDuty is down"), by=MUSTER)
    assert [f.kind for f in night.ask(PageNextLevel(incident=1, page=1))] == ["page_requested"]


def test_a_second_ladder_climbs_although_the_first_one_did() -> None:
    night = paged()
    night.pass_until(60)
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL))
    night.pass_until(66)
    assert [p.level for p in night.incident.pages] == [1, 2, 3, 1, 2]


def test_after_one_person_come_the_commanders() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, services=(CHECKOUT,)))
    night.ask(AnswerPages(incident=1))
    night.ask(PageOut(incident=1, target=BO_HIMSELF))
    night.pass_until(6)
    last = night.incident.pages[-1]
    assert (last.target, last.level, last.why) == (COMMANDERS, 1, "Bo did not answer")


def test_after_one_person_and_no_commanders_there_is_nobody() -> None:
    night = Night(Policy())
    night.ask(Declare(title="x", severity=3))
    night.ask(PageOut(incident=1, target=BO_HIMSELF))
    with pytest.raises(Refused, match="Nobody is set to be paged after Bo"):
        night.ask(PageNextLevel(incident=1, page=1))


def test_an_acknowledgement_in_pagerduty_answers_the_page() -> None:
    night = paged()
    night.hear(report(What.ACKNOWLEDGED, 2, alert="PDX", by=BO, incident_key="muster/INC-1/page-1"), incident=1)
    assert (states(night), night.incident.pages[0].answered_by) == ([PageState.ANSWERED], "Bo")


def test_it_does_so_before_the_receipt_and_the_receipt_still_counts() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, services=(CHECKOUT,)))
    key = "muster/INC-1/page-1"
    night.hear(trigger(1, alert="PDX", incident_key=key), incident=1)
    night.hear(report(What.ACKNOWLEDGED, 2, alert="PDX", by=BO, incident_key=key), incident=1)
    night.ask(SENT, by=MUSTER)
    page = night.incident.pages[0]
    assert (page.state, page.outside, page.people) == (PageState.ANSWERED, "PDX", ("Bo",))


def test_the_page_of_another_incident_is_not_answered() -> None:
    night = paged()
    night.hear(trigger(1, alert="PDY", incident_key="muster/INC-7/page-1"), incident=1)
    night.hear(report(What.ACKNOWLEDGED, 2, alert="PDY"))
    assert states(night) == [PageState.SENT]


def test_an_acknowledgement_from_before_the_page_does_not_answer_it() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL), at=10)
    night.hear(report(What.ACKNOWLEDGED, 9), at=11)
    assert states(night) == [PageState.REQUESTED]
    night.hear(report(What.ACKNOWLEDGED, 12, by=BO), at=12)
    assert states(night) == [PageState.ANSWERED]


def test_an_answer_in_the_very_second_of_the_page_counts() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL), at=10)
    night.hear(report(What.ACKNOWLEDGED, 10), at=11)
    assert states(night) == [PageState.ANSWERED]


def test_clocks_that_differ_by_seconds_lose_no_answer() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL), at=10)
    night.hear(report(What.ACKNOWLEDGED, 9.7), at=11)
    assert states(night) == [PageState.ANSWERED]


def test_a_responder_who_declines_at_sev1_is_followed_at_once() -> None:
    night = Night()
    night.hear(trigger(priority="P1"))
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL), at=1)
    night.hear(report(What.RESPONDER_REPLIED, 2, person=BO, text="declined"), at=2)
    assert states(night) == [PageState.DECLINED, PageState.REQUESTED]
    assert "Bo declined the page" in night.lines()


def test_who_declined_may_change_their_mind_and_who_answered_may_not() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL), at=1)
    night.hear(report(What.RESPONDER_REPLIED, 2, person=BO, text="declined"), at=2)
    night.hear(report(What.RESPONDER_REPLIED, 3, person=BO, text="accepted"), at=3)
    night.hear(report(What.RESPONDER_REPLIED, 4, person=BO, text="declined"), at=4)
    assert states(night) == [PageState.ANSWERED]


def test_declining_a_page_whose_time_ran_out_changes_nothing() -> None:
    night = Night()
    night.hear(trigger(priority="P2"))
    night.ask(PageOut(incident=1, target=CHECKOUT_ONCALL), at=1)
    night.ask(PageOut(incident=1, target=BO_HIMSELF), at=1)
    night.pass_until(8)
    night.hear(report(What.RESPONDER_REPLIED, 9, person=BO, text="declined"), at=9)
    assert states(night)[:2] == [PageState.UNANSWERED, PageState.UNANSWERED]


def test_the_end_calls_off_who_is_still_being_called() -> None:
    night = paged()
    night.ask(Resolve(incident=1), at=2)
    assert night.incident.pages[0].called_off
    night.ask(Reopen(incident=1), at=30)
    assert night.pass_until(31) == []


def test_the_receipt_of_a_page_that_was_called_off_is_kept_so_that_it_can_be_ended_there() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1, services=(CHECKOUT,)))
    night.ask(Resolve(incident=1), at=1)
    assert night.ask(RecordPageFailed(incident=1, page=1, reason="x"), by=MUSTER) == []
    night.ask(SENT, by=MUSTER, at=2)
    page = night.incident.pages[0]
    assert (page.outside, page.called_off) == ("PDX", True)


def test_reports_about_a_page_that_is_not_there_change_nothing() -> None:
    night = paged()
    before = night.incident
    stamp = {"incident": 1, "at": minute(1), "by": CY, "page": 9}
    for kind, more in ((PageSent, {"outside": "P"}), (PageAnswered, {}), (PageUnanswered, {"minutes": 5})):
        assert kind.model_validate({**stamp, **more}).apply(before) == before
    assert night.ask(RecordPageSent(incident=1, page=9, outside="P")) == []
    assert night.ask(RecordPageFailed(incident=1, page=9, reason="x")) == []


def test_a_raised_page_for_somebody_whose_page_failed_goes_out_again() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2, services=(CHECKOUT,)))
    night.ask(RecordPageFailed(incident=1, page=1, reason="PagerDuty is down"), by=MUSTER)
    assert "page_requested" in [f.kind for f in night.ask(SetSeverity(incident=1, to=1))]
