"""The verbs about tasks: give one, see what is left, say how it stands, keep something for afterwards."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.engine.handle import Outcome
from bot.incident import GiveTask, HandTask, KeepTasks, PutOffTask, SettleTasks
from bot.incident.assignments import Settled, named
from bot.incident.duties import Task, TaskState
from bot.incident.model import Incident, Refused
from bot.integrations.slack import actions
from bot.integrations.slack.asking import actor_chosen, actor_of, readable
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.dates import day_of
from bot.integrations.slack.looking import text_of
from bot.integrations.slack.modals import Filled
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.shortcuts import Picked, shortcut
from bot.integrations.slack.task_forms import (
    due_typed,
    follow_up_form,
    hand_form,
    later_form,
    minutes_chosen,
    task_form,
)
from bot.integrations.slack.task_list import my_list, task_list
from bot.integrations.slack.task_words import ACTS, Act, Wanted, act_of, follow_up_of, task_of
from bot.integrations.slack.text import escape
from bot.integrations.slack.times import span
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, verb
from bot.integrations.slack.words import first_word

Told = Callable[[Outcome], Message | None] | None
SETTLES: dict[str, Settled] = {
    "done": TaskState.DONE,
    "drop": TaskState.DROPPED,
    "decline": TaskState.DECLINED,
    "reopen": TaskState.GIVEN,
}
MINE = "mine"
WHICH = "*Nothing was done: which one?* Press *Done* below, or say its number: `{} tasks done 1`."


@verb("task", usage="<text> [@user] [15m]", free=True)
async def task(ask: Ask) -> Answer:
    """Ask someone for one thing, with a time for it. `task done 3`, `take`, `later`, `hand`, `drop` move it on."""
    if acted := _acted(ask, ask.words, None) or _unfinished(ask):
        return acted
    wanted = task_of(ask.words)
    if not wanted.is_sure:
        return Open(task_form(ask, readable(ask, wanted.text), wanted))
    wish = GiveTask(
        incident=ask.about.number,
        text=readable(ask, wanted.text),
        to=actor_of(ask, wanted.who),
        minutes=wanted.minutes,
    )
    return Do(wish, already=_given_already)


@form("task")
async def task_sent(ask: Ask, filled: Filled) -> Answer:
    wish = GiveTask(
        incident=ask.about.number,
        text=filled.text("text"),
        to=actor_chosen(ask, filled.chosen("person"), "person"),
        minutes=minutes_chosen(filled),
        source=filled.kept("source"),
    )
    return Do(wish, already=_given_already)


@verb("followup", "follow-up", "action", usage="<text> [@user] [friday]", free=True)
async def followup(ask: Ask) -> Answer:
    """Keep something for afterwards, with an owner and a day. It is asked for when it is due."""
    if acted := _acted(ask, ask.words, None) or _unfinished(ask):
        return acted
    wanted = follow_up_of(ask.words, ask.person.zone, ask.now)
    if not wanted.is_sure:
        return Open(follow_up_form(ask, readable(ask, wanted.text), wanted))
    wish = GiveTask(
        incident=ask.about.number,
        text=readable(ask, wanted.text),
        to=actor_of(ask, wanted.who),
        due=_morning(ask, wanted.day) if wanted.day else None,
        followup=True,
    )
    return Do(wish, already=_given_already)


@form("followup")
async def followup_sent(ask: Ask, filled: Filled) -> Answer:
    wish = GiveTask(
        incident=ask.about.number,
        text=filled.text("text"),
        to=actor_chosen(ask, filled.chosen("person"), "person"),
        due=due_typed(ask, filled),
        followup=True,
    )
    return Do(wish, already=_given_already)


@verb("tasks", "todo", "followups", "follow-ups", usage="[mine|keep|done]")
async def tasks(ask: Ask) -> Answer:
    """See what is left to do, with buttons. Outside a room, what you owe; `tasks keep` makes follow-ups of it."""
    mine, words = _whose(ask.words)
    if not words and (mine or ask.incident is None):
        return Show(my_list(await ask.house.reading.owed(ask.person.actor), ask.person.actor, ask.now))
    i, told = ask.about, await _list_again(ask, mine=mine)
    if words.casefold() == "keep":
        return Do(KeepTasks(incident=i.number), tell=told)
    if words.casefold() == "done" and not i.is_open:
        return Do(SettleTasks(incident=i.number, state=TaskState.DONE), tell=told)
    if words.casefold() in ("", "done"):
        which = WHICH.format(ask.house.command) if words and any(t.is_left for t in i.tasks) else ""
        return Show(task_list(i, ask.person.actor, ask.now, which))
    acted = _acted(ask, words, told)
    if acted is None:
        raise Unclear
    return acted


@form("hand")
async def hand_sent(ask: Ask, filled: Filled) -> Answer:
    wish = HandTask(
        incident=ask.about.number,
        task=filled.kept_number("task"),
        to=actor_chosen(ask, filled.chosen("person"), "person"),
        minutes=minutes_chosen(filled),
    )
    return Do(wish)


@form("later")
async def later_sent(ask: Ask, filled: Filled) -> Answer:
    (found,) = named(ask.about, [filled.kept_number("task")])
    if found.followup:
        return Do(PutOffTask(incident=ask.about.number, task=found.number, due=due_typed(ask, filled)))
    return Do(PutOffTask(incident=ask.about.number, task=found.number, minutes=minutes_chosen(filled)))


@shortcut(actions.TASK_FROM_MESSAGE)
async def add_as_task(house: House, picked: Picked) -> Answer:
    """A message of a room, as a task: its words, where it was said, and who said it, who probably means to do it."""
    room = house.directory.incident_of_channel(picked.channel)
    if room is None:
        raise Refused("This is no incident's room. In one, *Add as task* makes a task of a message.")
    incident = await seen(house, picked.person, room, picked.channel)
    ask = Ask(house, picked.person, "task", "", "", picked.now, picked.channel, incident)
    author = house.directory.by_slack(str(picked.message.get("user") or ""))
    who = f"<@{author.slack}>" if author and not author.bot else ""
    return Open(task_form(ask, text_of(picked.message, house), Wanted("", who), source=picked.address))


def _whose(words: str) -> tuple[bool, str]:
    """Whether the list is one's own, and what else was said."""
    head, rest = first_word(words)
    return (True, rest) if head.casefold() == MINE else (False, words)


async def _list_again(ask: Ask, *, mine: bool) -> Told:
    """What is told after an act in a list: the list as it is now, for the one with the button is gone."""
    viewer, i = ask.person.actor, ask.about
    if not mine:
        return lambda done: task_list(done.incident or i, viewer, ask.now)
    owed = await ask.house.reading.owed(viewer)

    def now_mine(done: Outcome) -> Message:
        changed = done.incident or i
        return my_list([changed if one.number == changed.number else one for one in owed], viewer, ask.now)

    return now_mine


def _acted(ask: Ask, words: str, told: Told) -> Answer | None:
    """What the words make of tasks; None where they are something else."""
    act = act_of(words)
    if act is None:
        return None
    if act.act in SETTLES and not act.rest:
        wish = SettleTasks(incident=ask.about.number, tasks=act.numbers, state=SETTLES[act.act])
        return Do(wish, tell=told, already=_so_already(*act.numbers))
    if act.act == "keep" and not act.rest:
        return Do(KeepTasks(incident=ask.about.number, tasks=act.numbers), tell=told, already=_kept_already)
    return _acted_on_one(ask, act, told) if len(act.numbers) == 1 else None


def _acted_on_one(ask: Ask, act: Act, told: Told) -> Answer | None:
    i, number = ask.about, act.numbers[0]
    if act.act == "take" and not act.rest:
        wish = HandTask(incident=i.number, task=number, to=ask.person.actor)
        return Do(wish, tell=told, already=_so_already(number))
    if act.act == "hand":
        return _handed(ask, number, act.rest, told)
    if act.act == "later":
        return _later(ask, number, act.rest, told)
    return None


def _handed(ask: Ask, number: int, rest: str, told: Told) -> Answer:
    """`@bo 30m`; alone, it asks."""
    (found,) = named(ask.about, [number])
    if not rest:
        return Open(hand_form(ask.about, found))
    said = task_of(rest)
    if said.text or not said.who:
        raise Unclear(f"name one person with @: `{ask.house.command} {ask.verb} hand {number} @bo`.")
    wish = HandTask(incident=ask.about.number, task=number, to=actor_of(ask, said.who), minutes=said.minutes)
    return Do(wish, tell=told, already=_so_already(number))


def _later(ask: Ask, number: int, rest: str, told: Told) -> Answer:
    """`15m`, of a follow-up `friday`; alone, it asks."""
    (found,) = named(ask.about, [number])
    if not rest:
        return Open(later_form(ask, found))
    time, day = span(rest), day_of(rest, ask.person.zone, ask.now)
    if found.followup and day:
        wish = PutOffTask(incident=ask.about.number, task=number, due=_morning(ask, day))
    elif time and not found.followup:
        wish = PutOffTask(incident=ask.about.number, task=number, minutes=int(time / timedelta(minutes=1)))
    else:
        how, so = ("a follow-up is due on a day", "friday") if found.followup else ("a task gets more time", "30m")
        raise Unclear(f"{how}: `{ask.house.command} {ask.verb} later {number} {so}`.")
    return Do(wish, tell=told, already=_so_already(number))


def _morning(ask: Ask, day: date) -> datetime:
    """When what is due on that day is asked for."""
    return ask.house.policy.hours.morning(day, ask.person.zone)


def _unfinished(ask: Ask) -> Answer | None:
    """`task done`, `task 3`: of which, and what of it? The list has a button for each. Raises Refused for no task's."""
    said = ask.words.casefold().lstrip("#")
    if said.isascii() and said.isdecimal():
        named(ask.about, [int(said[:9])])
    elif said not in ACTS:
        return None
    return Show(task_list(ask.about, ask.person.actor, ask.now))


def _given_already(i: Incident) -> str:
    return f"That was given a moment ago. `/incident {i.name} tasks` shows it."


def _kept_already(i: Incident) -> str:
    return f"That is kept for afterwards already. `/incident {i.name} tasks` shows it."


def _so_already(*numbers: int) -> Callable[[Incident], str]:
    """How those tasks stand."""

    def told(i: Incident) -> str:
        return " ".join(f"{task.name} is {_state(task)} already." for task in named(i, numbers))

    return told


def _state(task: Task) -> str:
    return f"with {escape(task.to.name)}" if task.is_open else str(task.state)
