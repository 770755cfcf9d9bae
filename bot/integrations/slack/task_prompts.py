"""The buttons under what is asked about tasks and follow-ups: what can be said of them at once."""

from collections.abc import Sequence

from bot.incident.chasing import FOLLOW_UP, LATE, TAKEN_ON, TASK
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.integrations.slack.asking import run
from bot.integrations.slack.effects import Button


def time_is_up(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    """To whoever is in charge."""
    number, n = _number(key), i.number
    return [
        run("Done", n, f"task done {number}"),
        run("15 more minutes", n, f"task later {number} 15m"),
        run("Hand over", n, f"task hand {number}"),
    ]


def not_taken_on(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    """To the one who was asked."""
    number, n = _number(key), i.number
    return [
        run("I'm on it", n, f"task take {number}", primary=True),
        run("Can't", n, f"task decline {number}"),
        run("Done", n, f"task done {number}"),
    ]


def follow_up(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    """To its owner."""
    number, n = _number(key), i.number
    return [
        run("Done", n, f"followup done {number}"),
        run("In a week", n, f"followup later {number} 1w"),
        run("Hand over", n, f"followup hand {number}"),
    ]


BUTTONS = {TASK: time_is_up, TAKEN_ON: not_taken_on, FOLLOW_UP: follow_up, LATE: follow_up}
"""By the first part of the prompt's key."""


def _number(key: str) -> int:
    """The task that a prompt is about: `task/3/20261121T022000`."""
    return int(key.split("/")[1])
