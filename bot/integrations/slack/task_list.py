"""The list of tasks, of an incident or of one person, each with what can be done about it. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.incident.duties import Task, TaskState
from bot.incident.model import Incident
from bot.incident.values import Actor
from bot.integrations.slack import cards
from bot.integrations.slack.asking import run
from bot.integrations.slack.blocks import Block, Message, context, section, sentence
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.dates import clock, shown_day
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import cut, escape, link, name

SHOWN = 12
"""Tasks in one message: each has words of its own and a row of buttons."""
WORDS = 300


def task_list(i: Incident, viewer: Actor, now: datetime, first: str = "") -> Message:
    """What is left to do in an incident, tasks before follow-ups, the oldest first; and what is settled, by number.

    `first`: what is said above it.
    """
    left = sorted((t for t in i.tasks if t.is_left), key=lambda t: (t.followup, t.number))
    settled = context(*_settled(i)) if any(not t.is_left for t in i.tasks) else None
    anew = _anew(i)
    if not left:
        nothing = sentence(f"Nothing is left to do in {i.name}.", anew)
        return Message(nothing.text, (*nothing.blocks, *([settled] if settled else [])))
    head = f"{_count(left)} in {i.name}"
    blocks = [block for t in left[:SHOWN] for block in _listed(i, t, viewer, now)]
    last = [*([settled] if settled else []), row([*_all_at_once(i, left), *anew])]
    above = [section(first)] if first else []
    return Message(first or head, (*above, section(f"*{head}*"), *blocks, *_more(i, left[SHOWN:]), *last))


def my_list(owed: Sequence[Incident], viewer: Actor, now: datetime) -> Message:
    """What somebody owes, over all incidents, the newest incident first."""
    mine = [(i, t) for i in owed for t in i.tasks if t.is_open and t.to.id == viewer.id]
    if not mine:
        return sentence("You have no task and no follow-up.")
    head = f"You have {_count([t for _, t in mine])}"
    blocks = [block for i, t in mine[:SHOWN] for block in _mine(i, t, now)]
    more = [context(f"and {len(mine) - SHOWN} more")] if len(mine) > SHOWN else []
    return Message(head, (section(f"*{head}*"), *blocks, *more))


def how_it_stands(task: Task, now: datetime) -> str:
    """`on it, by 02:20`, `not taken on yet`, `*time is up* since 02:20`, `declined`."""
    if task.state is TaskState.DECLINED:
        return "*declined*, with nobody now"
    if task.followup:
        late = task.due is not None and task.due < now
        return f"{'*was due*' if late else 'due'} {shown_day(task.due)}" if task.due else "no date"
    state = "on it" if task.state is TaskState.ACCEPTED else "not taken on yet"
    if task.due is None:
        return state
    when = clock(task.due, now)
    return f"{state}, by {when}" if task.due > now else f"{state}, *time is up* since {when}"


def _listed(i: Incident, task: Task, viewer: Actor, now: datetime) -> Iterator[Block]:
    yield section(f"*{task.name}* · {name(task.to)} · {how_it_stands(task, now)}\n{_words(task)}")
    yield row([run(label, i.number, f"tasks {said}") for label, said in _choices(i, task, viewer)])


def _mine(i: Incident, task: Task, now: datetime) -> Iterator[Block]:
    yield section(f"*{i.name}* · {task.name.lower()} · {how_it_stands(task, now)}\n{_words(task)}")
    yield row([run(label, i.number, f"tasks mine {said}") for label, said in _choices(i, task, task.to)])


def _words(task: Task) -> str:
    came = f" · {link(task.source, 'where it was said')}" if task.source else ""
    return f"{cut(escape(task.text), WORDS)}{came}"


def _choices(i: Incident, task: Task, viewer: Actor) -> list[tuple[str, str]]:
    """What can be done about it, and how that is said; first what the viewer is most likely there for."""
    n = task.number
    done, drop = ("Done", f"done {n}"), ("Drop", f"drop {n}")
    if not i.is_open and not task.followup:
        return [done, ("Keep as follow-up", f"keep {n}"), drop]
    if task.state is TaskState.DECLINED:
        return [("I'll do it", f"take {n}"), *_onward(task), drop]
    if task.state is TaskState.GIVEN and task.to.id == viewer.id and not task.followup:
        return [("I'm on it", f"take {n}"), done, ("Can't", f"decline {n}")]
    return [done, *_onward(task)]


def _onward(task: Task) -> list[tuple[str, str]]:
    """More time, and somebody else."""
    hand = ("Hand over", f"hand {task.number}")
    if task.followup:
        return [("Another date", f"later {task.number}"), hand]
    return [("15 more minutes", f"later {task.number} 15m"), hand] if task.due else [hand]


def _all_at_once(i: Incident, left: Sequence[Task]) -> list[Button]:
    """Once it is over: what becomes of the tasks that are left."""
    if i.is_open or all(task.followup for task in left):
        return []
    return [run("Keep all as follow-ups", i.number, "tasks keep"), run("All are done", i.number, "tasks done")]


def _anew(i: Incident) -> list[Button]:
    task = [cards.form(i, "New task", "task")] if i.is_open else []
    return [*task, cards.form(i, "New follow-up", "followup")]


def _settled(i: Incident) -> Iterator[str]:
    for state in (TaskState.DONE, TaskState.DROPPED):
        numbers = [str(t.number) for t in i.tasks if t.state is state]
        if numbers:
            yield f"{state.capitalize()}: {cut(', '.join(numbers), WORDS)}"


def _more(i: Incident, others: Sequence[Task]) -> list[Block]:
    if not others:
        return []
    return [context(f"and {len(others)} more, each by its number: `/incident {i.name} task done {others[0].number}`")]


def _count(tasks: Sequence[Task]) -> str:
    plain, after = sum(not t.followup for t in tasks), sum(t.followup for t in tasks)
    told = [f"{plain} task{'s' if plain > 1 else ''}" if plain else ""]
    told.append(f"{after} follow-up{'s' if after > 1 else ''}" if after else "")
    return " and ".join(filter(None, told))
