"""One thing that somebody was asked to do, by when, and how it stands."""

from enum import StrEnum

from pydantic import AwareDatetime

from bot.incident.values import Actor, Value


class TaskState(StrEnum):
    """How a task stands. Only a given or an accepted one still waits for somebody."""

    GIVEN = "given"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    DROPPED = "dropped"


class Task(Value):
    """A task, or a follow-up that outlives its incident.

    `by` and `at`: who gave it last to whom it is with now, and when. `source`: where it was said, as a URL.
    """

    number: int
    text: str
    to: Actor
    by: Actor
    at: AwareDatetime
    due: AwareDatetime | None = None
    followup: bool = False
    state: TaskState = TaskState.GIVEN
    source: str = ""
    settled_at: AwareDatetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether its owner still owes it. A declined one is owed by nobody, until it is handed to somebody else."""
        return self.state in (TaskState.GIVEN, TaskState.ACCEPTED)

    @property
    def is_left(self) -> bool:
        """Whether it is still to be done, by its owner or by nobody yet."""
        return self.is_open or self.state is TaskState.DECLINED

    @property
    def name(self) -> str:
        """How people call it: `Task 3`, `Follow-up 4`."""
        return f"{'Follow-up' if self.followup else 'Task'} {self.number}"
