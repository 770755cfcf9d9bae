"""Each topic has one line on the card, none where there is nothing to tell; where they are too many, the least go."""

from datetime import date, timedelta

import pytest

from bot.incident.duties import Task, TaskState
from bot.incident.model import Incident
from bot.incident.news import UpdateLine
from bot.incident.policy import Policy
from bot.incident.steps import Outcome, Run, Runbook, Tick
from bot.incident.values import Holding, Link, Status
from bot.integrations.slack import card_lines, cards
from bot.integrations.slack.card_state import CardState, Trouble
from bot.integrations.slack.text import moment
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO
from tests.integrations.slack.test_cards import told

LATER = TWO + timedelta(minutes=20)
UPDATE = UpdateLine(number=3, seq=30, at=LATER, by=ADA, condition="A third of the payments still fail")
RESTART = Task(number=1, text="restart the workers", to=BO, by=ADA, at=TWO, due=LATER)
CAPACITY = Task(number=2, text="add a capacity alarm", to=ADA, by=BO, at=TWO, followup=True)
GRAPHS = Link(url="https://graphs.example/checkout", title="Checkout graphs")
ROLLBACK = Runbook(name="rollback", title="Roll back a release", url="https://runbooks.example/rollback")
DEPUTY = Holding(role="deputy", label="Deputy", person=BO, since=TWO)


def state(i: Incident = NIGHT, *runbooks: Runbook) -> CardState:
    return CardState(i, Policy(), runbooks=runbooks)


def test_the_card_says_how_far_a_runbook_was_followed_and_which_others_fit() -> None:
    tick = Tick(outcome=Outcome.DONE, by=BO, at=LATER)
    run = Run(number=1, runbook="queue", title="Queue backlog", at=TWO, steps=("Look", "Act"), done={1: tick})
    night = NIGHT.but(runs=(run,))
    assert card_lines.runbooks_line(state(night)) == "*Runbook:* Queue backlog (1 of 2 steps)"
    both = card_lines.runbooks_line(state(night, ROLLBACK, Runbook(name="queue", title="Queue backlog")))
    assert both.startswith("*Runbook:* Queue backlog (1 of 2 steps) · <https://runbooks.example/rollback|Roll back")
    assert both.count("Queue backlog") == 1
    over = card_lines.runbooks_line(state(night.but(status=Status.RESOLVED), ROLLBACK))
    assert over == "*Runbook:* Queue backlog (1 of 2 steps)"


def test_the_card_says_when_a_runbook_was_last_looked_at_where_that_is_long_ago() -> None:
    old = ROLLBACK.model_copy(update={"stale_after": 180, "reviewed": date(2026, 3, 2)})
    assert "(last looked at on 2026-03-02)" in card_lines.runbooks_line(state(NIGHT, old))
    unknown = old.model_copy(update={"reviewed": None})
    assert "(not looked at for long)" in card_lines.runbooks_line(state(NIGHT, unknown))
    fresh = old.model_copy(update={"reviewed": date(2026, 11, 1)})
    assert "looked at" not in card_lines.runbooks_line(state(NIGHT, fresh))


def test_the_latest_update_stands_there_with_its_time() -> None:
    line = card_lines.update_line(state(NIGHT.but(update=UPDATE)))
    assert line == f"*Update 3*, {moment(LATER)}: A third of the payments still fail"


def test_the_tasks_say_who_owes_what_and_by_when() -> None:
    many = tuple(RESTART.model_copy(update={"number": n}) for n in (1, 2, 3))
    one = f"Bo Carter: restart the workers, by {moment(LATER)}"
    assert card_lines.tasks_line(state(NIGHT.but(tasks=(RESTART,)))) == f"*Tasks:* {one}"
    assert card_lines.tasks_line(state(NIGHT.but(tasks=many))) == f"*Tasks:* {one} · {one} · and 1 more"


@pytest.mark.parametrize("settled", [TaskState.DONE, TaskState.DROPPED])
def test_a_task_that_is_settled_is_not_shown(settled: TaskState) -> None:
    assert card_lines.tasks_line(state(NIGHT.but(tasks=(RESTART.model_copy(update={"state": settled}),)))) == ""


def test_what_somebody_declined_stands_first_and_says_that_nobody_does_it() -> None:
    declined = CAPACITY.model_copy(update={"followup": False, "state": TaskState.DECLINED})
    line = card_lines.tasks_line(state(NIGHT.but(tasks=(RESTART, declined))))
    assert line.startswith("*Tasks:* *nobody* (Ada Nwosu cannot): add a capacity alarm · Bo Carter: restart")


def test_follow_ups_are_shown_once_it_is_over_beside_the_tasks_that_are_left() -> None:
    night = NIGHT.but(tasks=(CAPACITY,))
    assert card_lines.tasks_line(state(night)) == ""
    over = night.but(status=Status.RESOLVED)
    assert card_lines.tasks_line(state(over)) == "*Left to do:* Ada Nwosu: add a capacity alarm"
    both = card_lines.tasks_line(state(over.but(tasks=(RESTART, CAPACITY))))
    assert both.startswith("*Left to do:* Bo Carter: restart the workers, by")
    assert both.endswith("· Ada Nwosu: add a capacity alarm")


def test_matching_runbooks_and_pinned_pages_are_links_the_newest_page_first() -> None:
    assert card_lines.runbooks_line(state(NIGHT, ROLLBACK)) == (
        "*Runbook:* <https://runbooks.example/rollback|Roll back a release> · `/incident runbook`"
    )
    pinned = NIGHT.but(links=(GRAPHS, Link(url="https://status.example", title="Status page")))
    assert card_lines.links_line(state(pinned)) == (
        "*Links:* <https://status.example|Status page> · <https://graphs.example/checkout|Checkout graphs>"
    )


def test_where_there_is_nothing_to_tell_there_is_no_line() -> None:
    quiet = state(NIGHT.but(alerts=()))
    lines = (
        card_lines.update_line,
        card_lines.tasks_line,
        card_lines.runbooks_line,
        card_lines.links_line,
        card_lines.alerts_line,
    )
    assert [line(quiet) for line in lines] == [""] * 5


def test_where_there_are_too_many_lines_the_least_needed_go_first() -> None:
    known = NIGHT.but(summary="The gateway refuses cards")
    night = known.but(update=UPDATE, tasks=(RESTART,), links=(GRAPHS,), holdings=(*NIGHT.holdings, DEPUTY))
    full = CardState(night, Policy(), "https://meet.example/42", runbooks=(ROLLBACK,))
    expendable = ("Links:", "Tasks:", "Deputy:", "What is known:")
    assert [label in told(cards.room_card(full)) for label in expendable] == [False, False, False, True]
    troubled = CardState(night, Policy(), "https://meet.example/42", (Trouble("pin the card", "no"),), (ROLLBACK,))
    card = told(cards.room_card(troubled))
    assert [label in card for label in expendable] == [False] * 4
    assert [label in card for label in ("Update 3", "Runbook:", "Could not pin the card")] == [True] * 3


def test_a_short_card_loses_nothing() -> None:
    card = told(cards.room_card(state(NIGHT.but(tasks=(RESTART,), links=(GRAPHS,)))))
    assert "Tasks:" in card
    assert "Links:" in card
