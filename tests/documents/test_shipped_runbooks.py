"""The six runbooks that come with Muster: found by the alerts they are for, and fit to be read in the room at night."""

import re

import pytest

from bot.documents.runbooks import Shelf, load_runbooks
from bot.incident.policy import Policy
from bot.integrations.slack.runbook_message import STEP_LENGTH
from bot.integrations.slack.runbook_text import HEADLINE, as_slack, headline

SHIPPED = load_runbooks(Shelf(), Policy())
BY_NAME = {runbook.name: runbook for runbook in SHIPPED.runbooks}
NAMES = sorted(BY_NAME)


def fitting(title: str) -> list[str]:
    return [r.name for r in SHIPPED.runbooks if r.fits((), [title], 3, title)]


def test_there_are_six_and_nothing_is_wrong_with_them() -> None:
    assert SHIPPED.problems == ()
    assert NAMES == [
        "certificate-expiry",
        "database-connections",
        "error-rate-after-deploy",
        "full-disk",
        "queue-backlog",
        "third-party-outage",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("FATAL: sorry, too many clients already", "database-connections"),
        ("orders-db: remaining connection slots are reserved", "database-connections"),
        ("[FIRING] PostgresTooManyConnections: database connections at 97 %", "database-connections"),
        ("Checkout errors above 5 %", "error-rate-after-deploy"),
        ("High 5xx rate on api-gateway", "error-rate-after-deploy"),
        ("Error budget burn rate 14x", "error-rate-after-deploy"),
        ("TLS certificate of shop.example.com expires in 2 days", "certificate-expiry"),
        ("x509: certificate has expired or is not yet valid", "certificate-expiry"),
        ("Disk 97 % full on db-3", "full-disk"),
        ("write /var/log/app.log: no space left on device", "full-disk"),
        ("NodeFilesystemSpaceFillingUp", "full-disk"),
        ("Queue orders has 120000 messages", "queue-backlog"),
        ("Kafka consumer group billing: lag above 50000", "queue-backlog"),
        ("Upstream payment provider times out", "third-party-outage"),
    ],
)
def test_each_is_found_by_the_alerts_that_it_is_for(title: str, name: str) -> None:
    assert name in fitting(title)


@pytest.mark.parametrize("title", ["Login page is slow", "Keys in a public repository", "Search returns nothing"])
def test_none_is_offered_where_none_helps(title: str) -> None:
    assert fitting(title) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_step_says_in_bold_what_it_is_about_and_stands_whole_in_the_room(name: str) -> None:
    runbook = BY_NAME[name]
    assert len(runbook.steps) >= 9
    for step in runbook.steps:
        assert step.text.startswith("**"), step.text[:40]
        assert len(headline(step.text)) < HEADLINE
        assert not as_slack(step.text, STEP_LENGTH).endswith("…")


@pytest.mark.parametrize("name", NAMES)
def test_every_one_brings_commands_that_can_be_copied_as_they_are_written(name: str) -> None:
    blocks = [block for step in BY_NAME[name].steps for block in commands(step.text)]
    assert len(blocks) >= 4 or name == "third-party-outage"
    for step in BY_NAME[name].steps:
        shown = as_slack(step.text, 10_000).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert all(f"```\n{block}```" in shown for block in commands(step.text))


def commands(markdown: str) -> list[str]:
    return re.findall(r"```\n(.*?)```", markdown, re.DOTALL)
