"""Who is asked about tasks and follow-ups that nobody took on, that took too long, that are due."""

from collections.abc import Iterator
from datetime import datetime

from bot.incident.dues import Due, asked_of, later, stamp_of
from bot.incident.duties import Task, TaskState
from bot.incident.model import Incident
from bot.incident.policy import Policy

TASK = "task"
TAKEN_ON = "task-taken"
FOLLOW_UP = "followup"
LATE = "followup-late"
TAKE_ON_WITHIN = 5
"""Minutes until somebody who was given a task is asked once whether they are on it."""
A_WEEK = 7 * 24 * 60
"""Minutes that a follow-up is late when whoever gave it is asked, too."""


def overdue(i: Incident, policy: Policy) -> Iterator[Due]:
    """The time of a task is up: whoever is in charge looks after it."""
    for task in i.tasks:
        if task.is_open and task.due and not task.followup:
            key = f"{TASK}/{task.number}/{stamp_of(task.due)}"
            text = f"The time for task {task.number} is up ({task.to.name})"
            yield from later(i, key, task.due, 0, to=asked_of(i), text=text, quote=task.text)


def not_taken_on(i: Incident, policy: Policy) -> Iterator[Due]:
    """Whoever was given a task has not said that they are on it."""
    for task in i.tasks:
        if task.state is TaskState.GIVEN and not task.followup:
            key = f"{TAKEN_ON}/{task.number}/{stamp_of(task.at)}"
            text = f"Task {task.number} waits for {task.to.name}"
            yield from later(i, key, task.at, TAKE_ON_WITHIN, to=(task.to,), text=text, quote=task.text)


def follow_ups(i: Incident, policy: Policy) -> Iterator[Due]:
    """A follow-up is due: its owner is asked, and a week later whoever gave it, too. A merged incident has none."""
    for task in i.tasks:
        if task.is_open and task.due and task.followup and i.merged_into is None:
            yield from _due(i, task, task.due)
            yield from _late(i, task, task.due)


def _due(i: Incident, task: Task, due: datetime) -> Iterator[Due]:
    key, text = f"{FOLLOW_UP}/{task.number}/{stamp_of(due)}", f"Follow-up {task.number} is due"
    return later(i, key, due, 0, to=(task.to,), text=text, quote=task.text, urgent=False)


def _late(i: Incident, task: Task, due: datetime) -> Iterator[Due]:
    key, text = f"{LATE}/{task.number}/{stamp_of(due)}", f"Follow-up {task.number} is a week late ({task.to.name})"
    both = tuple({person.id: person for person in (task.to, task.by)}.values())
    return later(i, key, due, A_WEEK, to=both, text=text, quote=task.text, urgent=False)
