"""Every method that we call has rows in the table of refusals; a new one without a row turns this red."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.integrations.pagerduty
import bot.integrations.slack
from bot.engine.effects import EFFECTS
from bot.integrations.slack.lanes import SlackEffect
from tests.campaign.faults_nights import CHECKS
from tests.campaign.faults_table import LOOKS, METHODS, SO_ALREADY, STEPS, TABLE, Outcome, Refusal

SLACK = Path(bot.integrations.slack.__path__[0])
PAGERDUTY = Path(bot.integrations.pagerduty.__path__[0])
NAMED = re.compile(r"(?:bookmarks|chat|conversations|files|pins|usergroups|users|views)\.[A-Za-z.]+")
MET = frozenset(row.method for row in TABLE) | {look for look, _ in LOOKS.values()}
ELSEWHERE = {
    "users.lookupByEmail": "tests/integrations/slack/test_performer_people.py",
    "PUT /incidents": "tests/integrations/pagerduty/test_together.py",
    "POST /webhook_subscriptions/{id}/enable": "tests/integrations/pagerduty/test_missed.py",
}
"""What no night of the campaign calls, and where its refusals are tried."""


def literals(file: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.fullmatch(node.value):
            yield node.value


def called_in_slack() -> set[str]:
    """Every method that the performers and the replies name."""
    return {name for file in ("calls.py", "replies.py") for name in literals(SLACK / file, NAMED)}


def changed_in_pagerduty() -> set[str]:
    """Every call that changes something there, as the sandbox names it."""
    tree = ast.parse((PAGERDUTY / "rest.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    made = [(call.func.attr, call.args[0]) for call in calls if call.func.attr in ("post", "put")]  # type: ignore[attr-defined]
    return {f"{method.upper()} {_path(where)}" for method, where in made}


def _path(where: ast.expr) -> str:
    path = ast.unparse(where).strip("f'\"")
    path = re.sub(r"^\{?_incident\(.*?\)\}?", "/incidents/{id}", path)
    return re.sub(r"\{quote\(.*?\)\}", "{id}", path)


def test_what_is_derived_is_what_there_is() -> None:
    """The control: neither list is empty because the code looks otherwise now."""
    assert {"conversations.create", "chat.update", "views.publish", "files.delete"} <= called_in_slack()
    assert {"POST /incidents", "PUT /incidents/{id}", "POST /incidents/{id}/notes"} <= changed_in_pagerduty()


def test_every_method_that_is_called_has_a_row() -> None:
    effects = {effect.method for effect in EFFECTS.values() if issubclass(effect, SlackEffect)}
    assert (called_in_slack() | effects | changed_in_pagerduty()) - MET - {*ELSEWHERE} == set()


@pytest.mark.parametrize(("method", "file"), ELSEWHERE.items())
def test_what_has_no_row_is_tried_where_the_table_says(method: str, file: str) -> None:
    assert method not in MET
    assert (Path(__file__).parents[2] / file).exists()


def test_every_refused_method_says_what_hangs_on_it() -> None:
    assert {*METHODS} | {row.method for row in TABLE if row.outcome is Outcome.PARKED} <= {*STEPS}
    assert {kind for kinds in STEPS.values() for kind in kinds} <= {*EFFECTS}


def test_no_refusal_has_two_outcomes_and_every_outcome_is_checked() -> None:
    known: dict[tuple[str, str], Refusal] = {}
    for row in TABLE:
        was = known.setdefault((row.method, row.code), row)
        assert was.outcome in (row.outcome, Outcome.PARKED) or row.outcome is Outcome.UNSEEN, f"{was}, {row}"
    assert {row.outcome for row in TABLE} == set(Outcome) == set(CHECKS)
    assert not [m for m, codes in SO_ALREADY.items() for c in codes.split() if c in METHODS.get(m, "").split()]
