"""The home tab: what is mine, what I owe, what is open, and the way to declare. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incident.duties import Task
from bot.incident.model import Incident
from bot.incident.values import Actor
from bot.integrations.slack import actions
from bot.integrations.slack.asking import run
from bot.integrations.slack.blocks import Block, button, context, lines, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.cards import headed, more
from bot.integrations.slack.dates import shown_day
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fitting import fit_view
from bot.integrations.slack.panels import open_list
from bot.integrations.slack.text import channel, cut, escape, moment

SHOWN_MINE = 10
SHOWN_TASKS = 10
TASK_WORDS = 200
DECLARED = "you declared it"
FIRST = (
    Button(label="Declare an incident", action=actions.DECLARE_FORM, value="", primary=True),
    Button(label="Begin a drill", action=actions.OPEN_FORM, value="0/drill"),
)


@dataclass(frozen=True)
class Home:
    """What somebody sees there. `refused`: the one sentence for who may see nothing (a guest without a duty)."""

    viewer: Actor
    open_ones: Sequence[Incident] = ()
    owed: Sequence[Incident] = ()
    refused: str = ""


def home_blocks(home: Home) -> list[Block]:
    """All of it but the time of day; the two buttons for who may use them."""
    if home.refused:
        return [section(escape(home.refused))]
    return [row(FIRST), *_mine(home), *_tasks(home), *_others(home)]


def home_view(blocks: Sequence[Block], now: datetime) -> Block:
    """The home tab as Slack takes it (https://docs.slack.dev/surfaces/app-home)."""
    return fit_view({"type": "home", "blocks": [*blocks, context(f"As of {moment(now)}; changes show by themselves")]})


def _mine(home: Home) -> Iterator[Block]:
    """The open incidents in which the viewer has a duty, the worst first."""
    mine = [(i, told) for i in home.open_ones if (told := _duties(i, home.viewer))]
    if not mine:
        return
    yield section("*Yours*")
    for i, told in mine[:SHOWN_MINE]:
        where = f" · {channel(i.room.channel, i.room.name)}" if i.room else ""
        stands = f"{escape(i.severity.label)} · {i.status} · {escape(told)}{where}"
        yield lines([headed(i), stands], accessory=button(more(i)))
    if len(mine) > SHOWN_MINE:
        yield context(f"and {len(mine) - SHOWN_MINE} more: `/incident list`")


def _others(home: Home) -> Sequence[Block]:
    """The open incidents that are not the viewer's, which stand above."""
    others = [i for i in home.open_ones if not _duties(i, home.viewer)]
    if others:
        return open_list(others, "incident" if len(others) == len(home.open_ones) else "other incident").blocks
    return [] if home.open_ones else [section("No incident is open.")]


def _duties(i: Incident, viewer: Actor) -> str:
    """The viewer's roles in it, or that it is theirs because they declared it."""
    roles = ", ".join(held.label for held in i.holdings if held.person.id == viewer.id)
    return f"you: {roles}" if roles else DECLARED if i.declared_by.id == viewer.id else ""


def _tasks(home: Home) -> Iterator[Block]:
    """What the viewer owes, what is due first on top; what has no time comes last."""
    owed = [(i, task) for i in home.owed for task in i.tasks if task.is_open and task.to.id == home.viewer.id]
    if not owed:
        return
    yield section("*To do*")
    for i, task in sorted(owed, key=lambda one: (one[1].due is None, one[1].due or one[1].at))[:SHOWN_TASKS]:
        yield _task(i, task)
    if len(owed) > SHOWN_TASKS:
        yield context(f"and {len(owed) - SHOWN_TASKS} more: `/incident tasks`")


def _task(i: Incident, task: Task) -> Block:
    due = f" · by {shown_day(task.due) if task.followup else moment(task.due, day=True)}" if task.due else ""
    what = "follow-up" if task.followup else "task"
    told = [escape(cut(task.text, TASK_WORDS)), f"{what} {task.number} of {i.name}{due}"]
    return lines(told, accessory=button(run("Done", i.number, f"task done {task.number}")))
