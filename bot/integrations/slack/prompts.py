"""The buttons under each kind of prompt, by the first part of its key: what the one who is asked can do at once."""

from collections.abc import Callable, Sequence

from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.integrations.slack import actions, cards, task_prompts
from bot.integrations.slack.asking import run
from bot.integrations.slack.effects import Button

Buttons = Callable[[Incident, Policy, str], Sequence[Button]]
"""(incident, policy, the prompt's whole key)"""


def _write_it(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [cards.form(i, "Write it", "summary"), snooze(i, key)]


def _take_command(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [b for b in cards.take_buttons(i, policy) if b.value == f"{i.number}/commander"]


def _show_runbook(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    followed = i.runs[int(key.split("/")[1]) - 1]
    return [run("Show its steps", i.number, f"runbook {followed.runbook}"), snooze(i, key)]


def snooze(i: Incident, key: str) -> Button:
    """Ask me again later."""
    return Button(label="Snooze", action=actions.SNOOZE, value=f"{i.number}/{key}")


BUTTONS: dict[str, Buttons] = {
    "update": _write_it,
    "no-commander": _take_command,
    "runbook": _show_runbook,
    **task_prompts.BUTTONS,
}


def buttons(i: Incident, policy: Policy, key: str) -> list[Button]:
    """What can be done about that prompt; nothing where its topic enters nothing."""
    offered = BUTTONS.get(key.partition("/")[0])
    return list(offered(i, policy, key)) if offered else []
