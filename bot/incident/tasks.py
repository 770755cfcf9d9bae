"""What became of tasks: given, handed on, put off, settled; each fact says the task's words again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime

from bot.incident.duties import Task, TaskState
from bot.incident.model import Event, Incident
from bot.incident.notes import GONE
from bot.incident.values import Actor

SETTLED = (TaskState.DONE, TaskState.DROPPED)


class AboutTask(Event):
    """A fact about one task, which says its words again: so the timeline reads by itself, and redaction finds them."""

    task: int
    text: str
    followup: bool = False

    @property
    def what(self) -> str:
        return numbered([self.task], followup=self.followup)

    def redacted(self) -> Self:
        return self.model_copy(update={"text": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,)


class TaskGiven(AboutTask, kind="task_given"):
    """Somebody is asked to do something; who asks themselves is on it at once."""

    to: Actor
    due: AwareDatetime | None = None
    source: str = ""

    def apply(self, i: Incident) -> Incident:
        made = Task(
            number=self.task,
            text=self.text,
            to=self.to,
            by=self.by,
            at=self.at,
            due=self.due,
            followup=self.followup,
            state=TaskState.ACCEPTED if self.by.id == self.to.id else TaskState.GIVEN,
            source=self.source,
        )
        return i.but(tasks=(*i.tasks, made))

    def line(self) -> str:
        whom = f"{self.by.name} took on" if self.by.id == self.to.id else f"{self.by.name} gave {self.to.name}"
        return f"{whom} {self.what}{by_when(self.due, self.at)}: {self.text}"

    def redacted(self) -> Self:
        return self.model_copy(update={"text": GONE, "source": ""})

    @property
    def link(self) -> str:
        return self.source


class TaskHanded(AboutTask, kind="task_handed"):
    """A task went to somebody else, or back to whoever had declined it."""

    to: Actor
    before: Actor
    due: AwareDatetime | None = None

    def apply(self, i: Incident) -> Incident:
        state = TaskState.ACCEPTED if self.by.id == self.to.id else TaskState.GIVEN
        return changed(i, [self.task], to=self.to, by=self.by, at=self.at, due=self.due, state=state, settled_at=None)

    def line(self) -> str:
        if self.by.id == self.to.id:
            had = f", which {self.before.name} had" if self.before.id != self.to.id else ""
            return f"{self.by.name} took on {self.what}{had}{by_when(self.due, self.at)}: {self.text}"
        return f"{self.by.name} handed {self.what} from {self.before.name} to {self.to.name}: {self.text}"


class TaskPutOff(AboutTask, kind="task_put_off"):
    """A task got more time, or a follow-up another date."""

    due: AwareDatetime

    def apply(self, i: Incident) -> Incident:
        return changed(i, [self.task], due=self.due)

    def line(self) -> str:
        return f"{self.by.name} gave {self.what} time until {_when(self.due, self.at)}: {self.text}"


class TasksSettled(Event, kind="tasks_settled"):
    """How one task stands now, or several. `text` and `to`: of the only one; several are told by their numbers."""

    tasks: tuple[int, ...]
    state: TaskState
    text: str = ""
    to: Actor | None = None
    followup: bool = False

    def apply(self, i: Incident) -> Incident:
        over = self.state in (*SETTLED, TaskState.DECLINED)
        return changed(i, self.tasks, state=self.state, settled_at=self.at if over else None)

    def line(self) -> str:
        did = self.to is not None and self.to.id == self.by.id
        told = {
            TaskState.GIVEN: "reopened",
            TaskState.ACCEPTED: "is on",
            TaskState.DECLINED: "cannot do",
            TaskState.DONE: "did" if did else "ticked off",
            TaskState.DROPPED: "dropped",
        }
        words = f": {self.text}" if self.text else ""
        return f"{self.by.name} {told[self.state]} {numbered(self.tasks, followup=self.followup)}{words}"

    def redacted(self) -> Self:
        return self.model_copy(update={"text": GONE if self.text else ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,) if self.text else ()


def left_over(i: Incident) -> list[Task]:
    """The tasks that are still to be done, follow-ups aside."""
    return [task for task in i.tasks if task.is_left and not task.followup]


def numbered(tasks: Sequence[int], *, followup: bool = False) -> str:
    """`task 3`, `follow-up 4`, `tasks 2, 3 and 5`."""
    if len(tasks) == 1:
        return f"{'follow-up' if followup else 'task'} {tasks[0]}"
    return f"tasks {', '.join(map(str, tasks[:-1]))} and {tasks[-1]}"


def changed(i: Incident, numbers: Sequence[int], **changes: object) -> Incident:
    """The incident with those tasks changed."""
    return i.but(tasks=tuple(t.model_copy(update=changes) if t.number in numbers else t for t in i.tasks))


def by_when(due: datetime | None, said: datetime) -> str:
    """`, by 02:20 UTC`, on another day `, by 2026-11-28 09:00 UTC`; nothing where nobody said."""
    return f", by {_when(due, said)}" if due else ""


def _when(due: datetime, said: datetime) -> str:
    due, said = due.astimezone(UTC), said.astimezone(UTC)
    return f"{due:%H:%M} UTC" if due.date() == said.date() else f"{due:%Y-%m-%d %H:%M} UTC"
