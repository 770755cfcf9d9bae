"""Runbooks are chosen by what is known of the night, followed step by step, and their owners asked afterwards."""

from datetime import date, timedelta

import pytest

from bot.incident import (
    ActionFinished,
    ActionStarted,
    AddNote,
    AssignRole,
    Declare,
    Edit,
    Nudged,
    OpenRunbook,
    RecordAction,
    RedactEntry,
    Reopen,
    Resolve,
    RunAction,
    SetSeverity,
    StepTicked,
    TickStep,
)
from bot.incident.model import Incident, Refused
from bot.incident.runs import matching, run_of
from bot.incident.steps import Call, Outcome, Run, Runbook, Step
from bot.incident.values import AlertLine
from tests.incident.night import ADA, BO, CHECKOUT, START, Night, minute, trigger

SCALE = Call(name="Scale the workers", url="https://ops.example/scale", roles=("commander", "sme"))
QUEUE = Runbook(
    name="queue-backlog",
    title="Queue backlog",
    alerts=("*queue*", "*backlog*"),
    steps=(
        Step(number=1, text="Is it still growing?"),
        Step(number=2, text="Add workers", action=SCALE),
        Step(number=3, text="Watch it drain"),
    ),
)
DONE, SKIPPED, FAILED, OPEN = Outcome.DONE, Outcome.SKIPPED, Outcome.FAILED, Outcome.OPEN
MONDAY = 60 * 60
"""In minutes of the night, which begins on a Saturday: people are at work."""


def following(runbook: Runbook = QUEUE, **declared: object) -> Night:
    """A night in which Ada commands and the runbook is open."""
    night = Night()
    night.ask(Declare.model_validate({"title": "Queue is stuck", "services": (CHECKOUT,), **declared}))
    night.ask(OpenRunbook(incident=1, runbook=runbook, owner=BO), at=1)
    return night


def tick(night: Night, step: int, outcome: Outcome = DONE, note: str = "", at: float = 2) -> None:
    night.ask(TickStep(incident=1, run=1, step=step, outcome=outcome, note=note), by=BO, at=at)


def run(night: Night) -> Run:
    (found,) = night.incident.runs
    return found


def chosen(runbook: Runbook, **known: object) -> bool:
    """Whether it is chosen for a night of which this is known."""
    night = Night()
    told = {"title": "Checkout errors above 5 %", "services": (CHECKOUT,), "severity": 2, **known}
    night.ask(Declare.model_validate(told))
    return matching(night.incident, [runbook]) == (runbook,)


def book(**conditions: object) -> Runbook:
    return Runbook.model_validate({"name": "x", "title": "X", **conditions})


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({"services": ("checkout",)}, True),
        ({"services": ("PCHECK",)}, True),
        ({"services": ("Check*", "Search")}, True),
        ({"services": ("Search",)}, False),
        ({"alerts": ("*errors above*",)}, True),
        ({"alerts": ("errors",)}, False),
        ({"severities": (1, 2)}, True),
        ({"severities": (3,)}, False),
        ({"tags": ("Errors",)}, True),
        ({"tags": ("error",)}, False),
        ({"services": ("checkout",), "severities": (2,), "alerts": ("*5 %",), "tags": ("checkout",)}, True),
        ({"services": ("checkout",), "severities": (3,)}, False),
        ({}, False),
    ],
)
def test_a_runbook_fits_where_all_that_it_asks_for_holds(conditions: dict[str, object], fits: bool) -> None:
    assert chosen(book(**conditions)) is fits


def test_alerts_count_by_their_titles_and_services() -> None:
    night = Night()
    night.hear(trigger(title="Disk 97 % full"))
    assert matching(night.incident, [book(alerts=("disk*full",), services=("checkout",))])
    assert matching(night.incident.but(services=()), [book(services=("Checkout",))])


def test_what_people_write_down_about_it_can_bring_a_runbook() -> None:
    night = Night()
    night.ask(Declare(title="Logins fail"))
    assert not matching(night.incident, [book(tags=("certificate",))])
    night.ask(Edit(incident=1, summary="The gateway's certificate expired at 02:00"))
    assert matching(night.incident, [book(tags=("certificate",))])


def test_the_runbook_that_asks_for_most_comes_first_and_equals_stay_in_their_order() -> None:
    broad, other = book(name="broad", alerts=("*",)), book(name="other", severities=(2,))
    narrow = book(name="narrow", alerts=("*",), services=("checkout",))
    night = Night()
    night.ask(Declare(title="x", severity=2, services=(CHECKOUT,)))
    assert [r.name for r in matching(night.incident, [broad, other, narrow])] == ["narrow", "broad", "other"]


def test_of_thousands_of_alerts_only_the_first_are_compared() -> None:
    lines = tuple(AlertLine(source="pagerduty", id=f"P{n}", title=f"alert {n}") for n in range(2_000))
    night = Night()
    night.ask(Declare(title="x"))
    stormy = night.incident.but(alerts=lines)
    assert matching(stormy, [book(alerts=("alert 3",))])
    assert not matching(stormy, [book(alerts=("alert 1999",))])


def test_an_opened_runbook_keeps_its_steps_and_is_opened_once() -> None:
    night = following()
    assert run(night).steps == ("Is it still growing?", "Add workers", "Watch it drain")
    assert run(night).actions == {2: "Scale the workers"}
    assert night.ask(OpenRunbook(incident=1, runbook=QUEUE.model_copy(update={"steps": ()})), by=BO) == []
    assert night.lines()[-1] == "Ada opened the runbook “Queue backlog”"
    assert run_of(night.incident, "queue-backlog") == run(night)
    assert run_of(night.incident, "other") is None


def test_a_step_is_ticked_off_with_who_when_and_what_became_of_it() -> None:
    night = following()
    assert run(night).current == 1
    tick(night, 1, at=2)
    tick(night, 2, FAILED, "quota is used up", at=3)
    tick(night, 3, SKIPPED, at=4)
    assert run(night).current is None
    ticks = {n: (t.outcome, t.by.name, t.at, t.note) for n, t in run(night).done.items()}
    assert ticks == {
        1: (DONE, "Bo", minute(2), ""),
        2: (FAILED, "Bo", minute(3), "quota is used up"),
        3: (SKIPPED, "Bo", minute(4), ""),
    }
    assert night.lines()[-3:] == [
        "Bo did step 1 of “Queue backlog”",
        "Bo could not do step 2 of “Queue backlog”: quota is used up",
        "Bo skipped step 3 of “Queue backlog”",
    ]


def test_ticking_twice_counts_once_and_another_outcome_replaces_it() -> None:
    night = following()
    tick(night, 1)
    said = len(night.journal)
    tick(night, 1, at=3)
    assert len(night.journal) == said
    tick(night, 1, note="by 4,000 a minute", at=4)
    tick(night, 1, FAILED, at=5)
    assert run(night).done[1].outcome is FAILED
    assert len(night.journal) == said + 2


def test_a_tick_made_by_mistake_is_taken_back() -> None:
    night = following()
    assert night.ask(TickStep(incident=1, run=1, step=1, outcome=OPEN)) == []
    tick(night, 1)
    tick(night, 1, OPEN)
    assert run(night).done == {}
    assert run(night).current == 1
    assert night.lines()[-1] == "Bo took back the tick at step 1 of “Queue backlog”"


@pytest.mark.parametrize(("number", "step"), [(2, 1), (0, 1), (1, 0), (1, 4)])
def test_a_step_that_is_not_there_is_refused(number: int, step: int) -> None:
    with pytest.raises(Refused):
        following().ask(TickStep(incident=1, run=number, step=step, outcome=DONE))


def test_a_note_beside_a_step_is_short() -> None:
    with pytest.raises(Refused, match="500 characters; yours has 501") as refused:
        tick(following(), 1, note="x" * 501)
    assert refused.value.field == "note"


def test_nothing_is_opened_ticked_or_run_once_it_is_over() -> None:
    night = following()
    night.ask(Resolve(incident=1))
    for wish in (
        OpenRunbook(incident=1, runbook=book(name="other")),
        TickStep(incident=1, run=1, step=1, outcome=DONE),
        RunAction(incident=1, run=1, step=2, call=SCALE),
    ):
        with pytest.raises(Refused, match=r"INC-1 is resolved\. `/incident INC-1 reopen`"):
            night.ask(wish)


def test_words_beside_a_step_and_what_came_back_are_gone_after_a_redaction() -> None:
    night = following()
    tick(night, 1, FAILED, "secret one")
    night.ask(RunAction(incident=1, run=1, step=2, call=SCALE))
    night.ask(RecordAction(incident=1, run=1, step=2, attempt=1, ok=False, told="secret two"))
    for fact in night.journal[-3:]:
        assert "secret" not in fact.redacted().model_dump_json()
    assert [fact.words for fact in night.journal[-3:]] == [("secret one",), (), ("secret two",)]
    entry = next(s.seq for s in night.stored() if isinstance(s.event, StepTicked))
    night.ask(RedactEntry(incident=1, entry=entry))
    assert not any("secret one" in line for line in night.lines())


def act(night: Night, attempt: int = 0, call: Call = SCALE) -> int:
    """Ada has the call of step 2 made; how many facts that makes."""
    return len(night.ask(RunAction(incident=1, run=1, step=2, call=call, attempt=attempt)))


def answer(night: Night, ok: bool, told: str = "", attempt: int = 1) -> int:
    wish = RecordAction(incident=1, run=1, step=2, attempt=attempt, ok=ok, told=told)
    return len(night.ask(wish))


def test_a_call_is_on_record_with_who_ran_it_what_it_was_and_how_it_ended() -> None:
    night = following()
    act(night)
    began = night.journal[-1]
    assert isinstance(began, ActionStarted)
    assert (began.by, began.call, began.attempt) == (ADA, SCALE, 1)
    assert run(night).tried[2].ok is None
    answer(night, ok=True, told="202 Accepted")
    assert run(night).tried[2].ok is True
    assert night.lines()[-2:] == [
        "Ada ran “Scale the workers” (step 2 of “Queue backlog”)",
        "“Scale the workers” (step 2 of “Queue backlog”) worked: 202 Accepted",
    ]


def test_a_call_under_way_is_not_made_twice_and_each_button_makes_it_once() -> None:
    night = following()
    assert act(night, attempt=1) == 1
    assert act(night, attempt=1) == 0
    assert act(night) == 0
    answer(night, ok=True)
    assert act(night, attempt=1) == 0, "the second half of a double click, held up"
    assert act(night, attempt=2) == 1
    answer(night, ok=False, attempt=2)
    assert act(night) == 1
    assert run(night).tried[2].attempt == 3


def test_an_answer_counts_once_also_after_the_end_and_a_late_yes_corrects_a_no() -> None:
    night = following()
    act(night)
    night.ask(Resolve(incident=1))
    assert answer(night, ok=False, told="nobody knows") == 1
    assert answer(night, ok=False, told="again") == 0
    assert answer(night, ok=True) == 1
    assert answer(night, ok=False) == 0
    assert answer(night, ok=True, attempt=2) == 0


def test_a_late_answer_to_an_earlier_try_says_nothing_of_the_one_under_way() -> None:
    night = following()
    act(night)
    answer(night, ok=False)
    act(night)
    assert answer(night, ok=True, attempt=1) == 0
    assert run(night).tried[2].ok is None


def test_what_comes_back_is_kept_in_short() -> None:
    night = following()
    act(night)
    answer(night, ok=True, told="x" * 5_000)
    finished = night.journal[-1]
    assert isinstance(finished, ActionFinished)
    assert len(finished.told) == 300


def test_only_the_roles_that_the_file_names_may_run_it() -> None:
    night = following(command=False)
    with pytest.raises(Refused, match=r"Only Incident Commander or Subject-Matter Expert .* Take the role first"):
        act(night)
    night.ask(AssignRole(incident=1, role="sme", person=BO))
    with pytest.raises(Refused, match="Ask Bo"):
        act(night)
    assert night.ask(RunAction(incident=1, run=1, step=2, call=SCALE), by=BO)


def test_without_roles_whoever_is_there_may_run_it() -> None:
    night = following(command=False)
    assert act(night, call=SCALE.model_copy(update={"roles": ()})) == 1


def test_a_role_that_no_longer_exists_lets_nobody() -> None:
    with pytest.raises(Refused, match="Only king"):
        act(following(), call=SCALE.model_copy(update={"roles": ("king",)}))


def test_a_drill_touches_nothing_outside() -> None:
    night = following(drill=True)
    with pytest.raises(Refused, match="This is a drill"):
        act(night)
    tick(night, 2)
    assert run(night).done[2].outcome is DONE


def test_a_call_that_the_file_no_longer_has_under_that_name_is_not_made() -> None:
    night = following()
    with pytest.raises(Refused, match="was changed since"):
        act(night, call=SCALE.model_copy(update={"name": "Drop the table"}))
    with pytest.raises(Refused, match="was changed since"):
        night.ask(RunAction(incident=1, run=1, step=1, call=SCALE))


def test_the_owner_of_a_runbook_that_did_not_work_is_asked_in_the_morning_after_the_end() -> None:
    night = following()
    tick(night, 2, FAILED)
    assert [d for d in night.due() if d.key.startswith("runbook/")] == []
    night.ask(Resolve(incident=1), at=9)
    (wanted,) = night.due()
    assert (wanted.to, wanted.urgent) == ((BO,), False)
    night.pass_until(MONDAY)
    asked = [e for e in night.journal if isinstance(e, Nudged)]
    assert [(e.at, e.to) for e in asked] == [(minute(55 * 60), (BO,))]
    assert asked[0].line() == "Step 2 of the runbook “Queue backlog” did not work. Please put the runbook right"


def test_a_call_that_failed_asks_the_owner_too_and_what_was_mended_does_not() -> None:
    night = following()
    act(night)
    answer(night, ok=False)
    night.ask(Resolve(incident=1))
    assert len(night.due()) == 1
    night.ask(Reopen(incident=1))
    act(night)
    answer(night, ok=True, attempt=2)
    night.ask(Resolve(incident=1))
    assert night.due() == []


def test_a_runbook_that_nobody_had_looked_at_for_long_asks_its_owner_once() -> None:
    old = QUEUE.model_copy(update={"reviewed": date(2026, 3, 2), "stale_after": 180})
    night = following(old)
    night.ask(Resolve(incident=1))
    night.pass_until(MONDAY)
    (asked,) = [e for e in night.journal if isinstance(e, Nudged)]
    assert "“Queue backlog” was used, and was last looked at on 2026-03-02" in asked.line()
    night.pass_until(MONDAY * 3)
    assert len([e for e in night.journal if isinstance(e, Nudged)]) == 1


@pytest.mark.parametrize("declared", [{"private": True}, {"drill": True}])
def test_of_a_private_incident_and_of_a_drill_no_owner_is_told(declared: dict[str, object]) -> None:
    night = following(QUEUE, **declared)
    tick(night, 1, FAILED)
    night.ask(Resolve(incident=1))
    assert night.due() == []


@pytest.mark.parametrize(
    ("reviewed", "after", "stale"),
    [
        (date(2026, 11, 1), 180, False),
        (START.date() - timedelta(days=180), 180, False),
        (START.date() - timedelta(days=181), 180, True),
        (None, 180, True),
        (None, 0, False),
        (date(2001, 1, 1), 0, False),
    ],
)
def test_a_runbook_is_stale_after_so_many_days(reviewed: date | None, after: int, stale: bool) -> None:
    assert book(reviewed=reviewed, stale_after=after).is_stale(START) is stale


def test_what_else_happens_leaves_the_run_alone() -> None:
    night = following()
    tick(night, 1)
    before = run(night)
    night.ask(AddNote(incident=1, text="x"))
    night.ask(SetSeverity(incident=1, to=1))
    assert run(night) == before
    assert Incident.model_validate_json(night.incident.model_dump_json()) == night.incident
