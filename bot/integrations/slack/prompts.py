"""The buttons under each kind of prompt, by the first part of its key: what the one who is asked can do at once."""

from collections.abc import Callable, Sequence

from bot.incident.flapping import FLAPPING
from bot.incident.model import Incident
from bot.incident.nudges import asked_before
from bot.incident.policy import Policy
from bot.incident.watching import GONE, IDLE, RELIEF, SHUT
from bot.integrations.slack import actions, cards, task_prompts
from bot.integrations.slack.asking import run
from bot.integrations.slack.effects import Button

Buttons = Callable[[Incident, Policy, str], Sequence[Button]]
"""(incident, policy, the prompt's whole key)"""


def _post_update(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [cards.form(i, "Post update", "update"), snooze(i, key), not_needed(i, key, "Not needed")]


def _take_command(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [b for b in cards.take_buttons(i, policy) if b.value == f"{i.number}/commander"]


def _show_runbook(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    followed = i.runs[int(key.split("/")[1]) - 1]
    return [run("Show its steps", i.number, f"runbook {followed.runbook}"), snooze(i, key)]


def _stand_in(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    """Whoever is asked takes it over, from one who is not there to be asked first."""
    take = Button(label="Take command", action=actions.TAKE_ROLE, value=f"{i.number}/commander", primary=True)
    return [take, snooze(i, key), not_needed(i, key, "Leave it")]


def _open_room(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [snooze(i, key), not_needed(i, key, "Leave it")]


def _still_on(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [not_needed(i, key, "Still on"), cards.resolve(i), snooze(i, key)]


def _hand_over(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [cards.form(i, "Hand over", "handover"), snooze(i, key), not_needed(i, key, "I go on")]


def _look_at_it(i: Incident, policy: Policy, key: str) -> Sequence[Button]:
    return [run("Show the alerts", i.number, "alerts"), snooze(i, key), not_needed(i, key, "It is known")]


def not_needed(i: Incident, key: str, label: str) -> Button:
    """It is answered: nobody is asked again until it falls due anew."""
    return Button(label=label, action=actions.ANSWER_PROMPT, value=f"{i.number}/{key}")


def snooze(i: Incident, key: str) -> Button:
    """Ask me again later."""
    return Button(label="Snooze", action=actions.SNOOZE, value=f"{i.number}/{key}")


def _or_later(offered: Buttons) -> Buttons:
    """The same, with *Snooze*."""
    return lambda i, policy, key: [*offered(i, policy, key), snooze(i, key)]


BUTTONS: dict[str, Buttons] = {
    "update": _post_update,
    "no-commander": _take_command,
    GONE: _stand_in,
    SHUT: _open_room,
    IDLE: _still_on,
    RELIEF: _hand_over,
    FLAPPING: _look_at_it,
    "runbook": _show_runbook,
    **{topic: _or_later(offered) for topic, offered in task_prompts.BUTTONS.items()},
}


def buttons(i: Incident, policy: Policy, key: str) -> list[Button]:
    """What can be done about that prompt; nothing where its topic enters nothing.

    What is put to the room because nobody answered is answered there as it would have been in private.
    """
    asked = asked_before(i, key)
    offered = BUTTONS.get(asked.partition("/")[0])
    return list(offered(i, policy, asked)) if offered else []
