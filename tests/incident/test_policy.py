"""What a company decided beforehand, and what is wrong with it."""

import pytest
from pydantic import ValidationError

from bot.incident.policy import DEFAULT_SEVERITIES, Action, Decided, Policy, Role, Rule, Severity
from bot.incident.values import SeverityValue


def route(policy: Policy, **said: str) -> Decided:
    heard = {"source": "pagerduty", "service": "Checkout", "priority": "", "urgency": "high", "title": "5xx", **said}
    return policy.route(**heard)


def test_the_first_rule_that_matches_wins() -> None:
    policy = Policy()
    assert route(policy, priority="P1") == Decided(action=Action.OPEN, severity=1)
    assert route(policy, priority="P2") == Decided(action=Action.OPEN, severity=2)
    assert route(policy).action is Action.TRIAGE
    assert route(policy, urgency="low").action is Action.KEEP


def test_a_rule_matches_by_pattern_in_any_case() -> None:
    policy = Policy(rules=(Rule(service="check*", title="*5XX*", action=Action.TRIAGE),))
    assert route(policy, title="many 5xx today").action is Action.TRIAGE
    assert route(policy, service="search").action is Action.KEEP


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"severities": DEFAULT_SEVERITIES[::-1]}, "worst"),
        ({"rules": ({"action": "open", "severity": 9},)}, "not among the severities"),
        ({"rules": ({"action": "open"},)}, "names its severity"),
        ({"rules": ({"action": "keep", "severity": 1},)}, "names its severity"),
        ({"default_severity": 9}, "not among the severities"),
        ({"roles": ({"key": "scribe", "label": "Scribe"},)}, "commander"),
        ({"severity": ()}, "Extra inputs"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Policy.model_validate(wrong)


def test_a_severity_that_is_not_configured_any_more_implies_what_the_nearest_does() -> None:
    policy = Policy(
        severities=(Severity(level=1, label="A", meaning="a", major=True), Severity(level=4, label="B", meaning="b")),
        default_severity=4,
        rules=(),
    )
    assert policy.implied_by(SeverityValue(level=2, label="SEV2")).label == "A"
    assert policy.implied_by(SeverityValue(level=5, label="SEV5")).label == "B"


@pytest.mark.parametrize("word", ["commander", "IC", " lead ", "incident commander"])
def test_a_role_is_known_by_key_label_or_alias(word: str) -> None:
    role = Policy().role(word)
    assert role is not None
    assert role.key == "commander"


def test_an_unknown_role_is_none() -> None:
    assert Policy().role("king") is None
    assert Policy(roles=(Role(key="commander", label="Boss"),)).role("boss") is not None
