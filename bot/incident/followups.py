"""What is still to be done when an incident is over: tasks that are kept as follow-ups."""

from pydantic import AwareDatetime

from bot.incident.assignments import a_week_on, due_by, ground, named
from bot.incident.duties import TaskState
from bot.incident.model import Case, Command, Event, Incident
from bot.incident.tasks import by_when, changed, numbered


class TasksKept(Event, kind="tasks_kept"):
    """Tasks became follow-ups: they are still to be done when the incident is over."""

    tasks: tuple[int, ...]
    due: AwareDatetime

    def apply(self, i: Incident) -> Incident:
        kept = changed(i, self.tasks, followup=True, due=self.due)
        declined = [t.number for t in kept.tasks if t.number in self.tasks and t.state is TaskState.DECLINED]
        return changed(kept, declined, state=TaskState.GIVEN, settled_at=None)

    def line(self) -> str:
        kept = "a follow-up" if len(self.tasks) == 1 else "follow-ups"
        return f"{self.by.name} kept {numbered(self.tasks)} as {kept}{by_when(self.due, self.at)}"


class KeepTasks(Command):
    """Make follow-ups of tasks, due in a week unless said; no number: of all that are left."""

    tasks: tuple[int, ...] = ()
    due: AwareDatetime | None = None

    def decide(self, case: Case) -> list[Event]:
        i = ground(case, followup=True)
        kept = [t for t in named(i, self.tasks) if t.is_left and not t.followup]
        if not kept:
            return []
        due = due_by(case, None, self.due) or a_week_on(case.now, case.policy.hours, case.zone_of(case.actor))
        return [TasksKept(**case.stamp(), tasks=tuple(t.number for t in kept), due=due)]
