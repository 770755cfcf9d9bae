"""What may be asked of tasks: give one, take it or hand it on, put it off, say how it stands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, TypedDict

from pydantic import AwareDatetime

from bot.incident.duties import Task, TaskState
from bot.incident.habits import Hours
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.notes import fingerprint
from bot.incident.tasks import SETTLED, TaskGiven, TaskHanded, TaskPutOff, TasksSettled, left_over
from bot.incident.values import Actor, Status

TASK_LENGTH = 500
LONGEST = timedelta(days=7)
"""What takes longer than this is no task of an incident, but a follow-up."""
SAME_TASK = timedelta(minutes=1)
"""The same words to the same person within this time are one task: a double click is two clicks for the chat."""
FOLLOW_UP_DAYS = 7
"""When a follow-up is due where nobody says."""
Settled = Literal[TaskState.DONE, TaskState.DROPPED, TaskState.DECLINED, TaskState.GIVEN]
"""What people say of a task; who takes it on says so by taking it."""


class GiveTask(Command):
    """Ask somebody for one thing, within so many minutes or until a moment.

    A follow-up is due in a week where nobody says.
    """

    text: str
    to: Actor
    minutes: int | None = None
    due: AwareDatetime | None = None
    followup: bool = False
    source: str = ""

    def decide(self, case: Case) -> list[Event]:
        i = ground(case, followup=self.followup)
        text = self.text.strip()
        _check_words(text, followup=self.followup)
        due = due_by(case, self.minutes, self.due)
        if due is None and self.followup:
            due = a_week_on(case.now, case.policy.hours, case.zone_of(self.to))
        if any(_same(t, text, self.to, self.followup, case) for t in i.tasks):
            return []
        return [
            TaskGiven(
                **case.stamp(),
                task=len(i.tasks) + 1,
                text=text,
                followup=self.followup,
                to=self.to,
                due=due,
                source=self.source,
            )
        ]

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        """Within one minute of the clock the first answer is given again; across two, `decide` knows the words."""
        words = fingerprint(f"{self.followup}|{self.to.id}|{self.text.strip()}")
        return f"task/{self.incident}/{by.id}/{now:%Y%m%d%H%M}/{words}"


class HandTask(Command):
    """Give a task to somebody, oneself included: who has it already takes it on.

    `minutes`: its time from now; where nobody says, the time that is left, or as much as it had where none is.
    """

    task: int
    to: Actor
    minutes: int | None = None

    def decide(self, case: Case) -> list[Event]:
        task = _open_task(case, self.task)
        mine = task.to.id == self.to.id
        if mine and task.state is TaskState.GIVEN and case.actor.id == self.to.id:
            return [_settled(case, [task], TaskState.ACCEPTED)]
        if mine and task.is_open:
            return []
        due = due_by(case, self.minutes, None) or _time_again(task, case.now)
        handed = TaskHanded(**case.stamp(), **_told(task), to=self.to, before=task.to, due=due)
        return [handed]


class PutOffTask(Command):
    """Give a task more time, in minutes from now, or a follow-up another date."""

    task: int
    minutes: int | None = None
    due: AwareDatetime | None = None

    def decide(self, case: Case) -> list[Event]:
        task = _open_task(case, self.task)
        if task.followup and self.due is None:
            raise Refused("A follow-up is due on a day: tomorrow, friday, 2026-12-01 or 5d.", field="due")
        due = due_by(case, self.minutes, self.due)
        if due is None:
            raise Refused("Say how much longer it may take, for example 15m.", field="time")
        if task.due is not None and abs(task.due - due) < SAME_TASK:
            return []
        return [TaskPutOff(**case.stamp(), **_told(task), due=due)]


class SettleTasks(Command):
    """Say how tasks stand: done, dropped, declined, or open again. No number: all that are left, follow-ups aside."""

    tasks: tuple[int, ...] = ()
    state: Settled

    def decide(self, case: Case) -> list[Event]:
        wanted = named(ground(case, followup=True), self.tasks)
        if self.state is TaskState.GIVEN:
            other = [t for t in wanted if t.state in SETTLED]
        else:
            other = [t for t in wanted if t.state is not self.state]
        if self.state is TaskState.DECLINED:
            _check_declines(case, other)
        return [_settled(case, other, self.state)] if other else []


def a_week_on(now: datetime, hours: Hours, zone: str) -> datetime:
    """A week from now, or when people there are at work again after it."""
    week = now + timedelta(days=FOLLOW_UP_DAYS)
    return hours.next_open(week, zone) or week


def ground(case: Case, *, followup: bool) -> Incident:
    """The incident, if such a thing can be changed in it now. Raises Refused."""
    i = case.incident
    if i.status is Status.MERGED:
        raise Refused(f"{i.name} was merged into {i.goes_on_in}; its tasks are there now.")
    if not followup:
        require_going(i)
    return i


def require_going(i: Incident) -> None:
    """Raises Refused unless tasks can be given: once it is over, what is still to be done is a follow-up."""
    if not i.is_open:
        raise Refused(f"{i.name} is {i.status}. `/incident {i.name} followup` keeps what is still to be done.")


def named(i: Incident, numbers: Sequence[int]) -> list[Task]:
    """The tasks of these numbers, or all that are left. Raises Refused for one that there is not."""
    return [_task(i, n) for n in dict.fromkeys(numbers)] if numbers else left_over(i)


def due_by(case: Case, minutes: int | None, due: datetime | None) -> datetime | None:
    """The moment until which, from minutes or as it is said. Raises Refused."""
    if due is not None and due <= case.now:
        raise Refused("That is in the past. Name a time ahead.", field="due")
    if minutes is None:
        return due
    if not 1 <= minutes <= LONGEST // timedelta(minutes=1):
        raise Refused("A task's time is between 1 minute and 7 days. `/incident followup` is for later.", field="time")
    return case.now + timedelta(minutes=minutes)


class _Named(TypedDict):
    """What each fact about one task carries."""

    task: int
    text: str
    followup: bool


def _told(task: Task) -> _Named:
    return {"task": task.number, "text": task.text, "followup": task.followup}


def _settled(case: Case, tasks: Sequence[Task], state: TaskState) -> TasksSettled:
    only = tasks[0] if len(tasks) == 1 else None
    return TasksSettled(
        **case.stamp(),
        tasks=tuple(t.number for t in tasks),
        state=state,
        text=only.text if only else "",
        to=only.to if only else None,
        followup=only.followup if only else False,
    )


def _task(i: Incident, number: int) -> Task:
    found = next((t for t in i.tasks if t.number == number), None)
    if found is None:
        raise Refused(f"{i.name} has no task {number}. `/incident {i.name} tasks` shows what there is.", field="task")
    return found


def _open_task(case: Case, number: int) -> Task:
    """A task that is still to be done. Raises Refused."""
    i = ground(case, followup=True)
    task = _task(i, number)
    if not i.is_open and not task.followup:
        raise Refused(f"{i.name} is {i.status}. `/incident {i.name} tasks keep` makes follow-ups of its open tasks.")
    if not task.is_left:
        raise Refused(f"{task.name} is {task.state}. `/incident {i.name} task reopen {number}` brings it back.")
    return task


def _check_declines(case: Case, tasks: Sequence[Task]) -> None:
    for task in tasks:
        if task.to.id != case.actor.id:
            raise Refused(
                f"{task.name} is with {task.to.name}, and only they can say that they cannot do it. "
                f"`/incident {case.incident.name} task drop {task.number}` takes it off the list."
            )
        if not task.is_open:
            raise Refused(f"{task.name} is {task.state}.")


def _check_words(text: str, *, followup: bool) -> None:
    called = "follow-up" if followup else "task"
    verb = f"/incident {called.replace('-', '')}"
    if not text:
        raise Refused(f"A {called} needs words: `{verb} restart the workers @bo`.", field="text")
    if len(text) > TASK_LENGTH:
        raise Refused(f"A {called} holds {TASK_LENGTH} characters; this one has {len(text)}.", field="text")


def _time_again(task: Task, now: datetime) -> datetime | None:
    """The time that is left, or as much as it had where none is."""
    if task.due is None or task.due > now:
        return task.due
    return now + (task.due - task.at)


def _same(task: Task, text: str, to: Actor, followup: bool, case: Case) -> bool:
    said = (task.text, task.to.id, task.by.id, task.followup) == (text, to.id, case.actor.id, followup)
    return said and case.now - task.at < SAME_TASK
