"""When `/readyz` is red: the whole table, and each row that a real bot can be brought to."""

import pytest

from bot.pulse.readiness import LATE, Findings, Line, judge
from bot.web.vitals import State

READY, RED = True, False
NEVER = Line(asked=False, taken=False)
"""An outside system that has not answered yet."""


def away(*, taken: bool) -> Line:
    return Line(taken=taken, trouble="It does not answer; tried again all the time.")


def refused(*, taken: bool) -> Line:
    return Line(taken=taken, refused=True, trouble="It refuses our token.")


TABLE = [
    ("all is well", Findings(), READY, ""),
    ("the database does not answer", Findings(database="It did not answer within 2 s."), RED, "database"),
    ("somebody else has locked the database", Findings(database="It cannot be written to."), RED, "database"),
    ("the disk is full", Findings(database="It cannot be written to."), RED, "database"),
    ("the database is damaged", Findings(database="It is damaged."), RED, "database"),
    ("another version migrated the database", Findings(database="It was migrated."), RED, "database"),
    ("the clock is a little late", Findings(late=LATE), READY, ""),
    ("the clock stands still", Findings(late=LATE + 1), RED, "clock"),
    ("the bot is still starting", Findings(ended=("inbox", "outbox")), RED, "workers"),
    ("the inbox' worker died of a bug", Findings(ended=("inbox",)), RED, "workers"),
    ("the outbox' worker died of a bug", Findings(ended=("outbox",)), RED, "workers"),
    ("Slack has not been heard of yet", Findings(slack=NEVER), RED, "slack"),
    ("a start with a wrong Slack token", Findings(slack=refused(taken=False)), RED, "slack"),
    ("Slack's token was revoked while we ran", Findings(slack=refused(taken=True)), READY, "slack"),
    ("Slack is down", Findings(slack=away(taken=True)), READY, "slack"),
    ("a start while Slack is down", Findings(slack=away(taken=False)), READY, "slack"),
    ("Slack's sockets are lost for an hour", Findings(slack=Line(trouble="No connection is open.")), READY, "slack"),
    ("PagerDuty is down", Findings(pagerduty=away(taken=True)), READY, "pagerduty"),
    ("a start while PagerDuty is down", Findings(pagerduty=away(taken=False)), READY, "pagerduty"),
    ("a start with a wrong PagerDuty token", Findings(pagerduty=refused(taken=False)), RED, "pagerduty"),
    ("PagerDuty's token was revoked while we ran", Findings(pagerduty=refused(taken=True)), READY, "pagerduty"),
    ("PagerDuty was not asked yet", Findings(pagerduty=Line(taken=False)), READY, ""),
    ("PagerDuty switched our webhook off", Findings(pagerduty=Line(trouble="It is off.")), READY, "pagerduty"),
    ("PagerDuty is not set up", Findings(pagerduty=None), READY, ""),
    ("both are down", Findings(slack=away(taken=True), pagerduty=away(taken=True)), READY, "slack pagerduty"),
    ("a process that only hears", Findings(late=None, ended=None), READY, ""),
    ("a process that only hears, its database gone", Findings("gone", late=None, ended=None), RED, "database"),
    ("a process that only acts", Findings(slack=None), READY, ""),
    ("a process that only acts, its clock late", Findings(late=LATE + 1, slack=None), RED, "clock"),
]


@pytest.mark.parametrize(("state", "found", "ready", "told"), TABLE, ids=[row[0] for row in TABLE])
def test_readiness_by_the_state_of_the_world(state: str, found: Findings, ready: bool, told: str) -> None:
    checks = judge(found)

    assert all(check.state is not State.DOWN for check in checks) is ready
    assert [check.name for check in checks if check.state is not State.FINE] == told.split()
    assert all(bool(check.says) is (check.state is not State.FINE) for check in checks)


def test_what_this_process_has_no_part_in_is_not_looked_at() -> None:
    assert [check.name for check in judge(Findings(late=None, ended=None, slack=None, pagerduty=None))] == ["database"]
