"""The forms of tasks and follow-ups: one to give it, one to hand it on, one for more time."""

from datetime import datetime

from bot.incident.assignments import TASK_LENGTH, a_week_on, require_going
from bot.incident.duties import Task
from bot.incident.model import Incident, Refused
from bot.integrations.slack.blocks import Block, section
from bot.integrations.slack.dates import DAY_HINT, day_of
from bot.integrations.slack.modals import Filled, Form, Option, select, text_input, user
from bot.integrations.slack.task_words import Wanted
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.times import zone_of
from bot.integrations.slack.verbs import Ask
from bot.integrations.slack.words import mention

TIMES = (5, 15, 30, 60, 120)
USUAL = 15
NO_TIME = "0"
WHO = "Who does it?"


def task_form(ask: Ask, text: str, wanted: Wanted, *, source: str = "") -> Form:
    """A task, as far as it is said already; `text` as it is to be read. Raises Refused where no task can be given."""
    i = ask.about
    require_going(i)
    blocks = (
        _what(text, "Restart the workers of the queue"),
        user("person", WHO, initial=_named(ask, wanted)),
        select("time", "Time for it", _times(wanted.minutes), initial=str(wanted.minutes or USUAL)),
    )
    return Form("task", f"Task in {i.name}", blocks, "Give the task", i.number, {"source": source})


def follow_up_form(ask: Ask, text: str, wanted: Wanted) -> Form:
    """A follow-up, due in a week unless another day is typed."""
    i = ask.about
    usual = a_week_on(ask.now, ask.house.policy.hours, ask.person.zone)
    day = wanted.day or usual.astimezone(zone_of(ask.person.zone)).date()
    blocks = (
        _what(text, "Alert on the age of the queue"),
        user("person", WHO, initial=_named(ask, wanted)),
        text_input("due", "Due", initial=day.isoformat(), hint=DAY_HINT),
    )
    return Form("followup", f"Follow-up to {i.name}", blocks, "Keep it", i.number)


def hand_form(i: Incident, task: Task) -> Form:
    """To whom, and how long they have: as long as is left, unless said."""
    again = [(NO_TIME, "As long as is left"), *((str(n), _span(n)) for n in TIMES)]
    time = () if task.followup else (select("time", "Time for it", again, initial=NO_TIME),)
    extra = {"task": str(task.number)}
    return Form(
        "hand",
        f"Hand {task.name.lower()} over",
        (_about(task), user("person", WHO), *time),
        "Hand over",
        i.number,
        extra,
    )


def later_form(ask: Ask, task: Task) -> Form:
    """How much longer, or until which day."""
    if task.followup:
        field = text_input("due", "Due", hint=DAY_HINT, placeholder="next week")
    else:
        field = select("time", "Time from now", [(str(n), _span(n)) for n in TIMES], initial=str(USUAL))
    extra = {"task": str(task.number)}
    return Form("later", f"Time for {task.name.lower()}", (_about(task), field), "Set", ask.about.number, extra)


def minutes_chosen(filled: Filled) -> int | None:
    """The time chosen in a form; None where none is wanted."""
    return filled.number("time") or None


def due_typed(ask: Ask, filled: Filled) -> datetime:
    """The day typed in a form, as the morning on which it is due. Raises Refused beside the field for what is none."""
    day = day_of(filled.text("due"), ask.person.zone, ask.now)
    if day is None:
        raise Refused(f"That is no day. {DAY_HINT}", field="due")
    return ask.house.policy.hours.morning(day, ask.person.zone)


def _what(text: str, example: str) -> Block:
    told = cut(text, TASK_LENGTH)
    return text_input("text", "What is to be done?", initial=told, long=True, placeholder=example, most=TASK_LENGTH)


def _about(task: Task) -> dict[str, object]:
    return section(f"*{task.name}*, with {escape(task.to.name)}: {escape(task.text)}")


def _named(ask: Ask, wanted: Wanted) -> str:
    named = mention(wanted.who)
    return named.id if named else ask.person.slack


def _times(wanted: int | None) -> list[Option]:
    known = sorted({*TIMES, *([wanted] if wanted else [])})
    return [*((str(n), _span(n)) for n in known), (NO_TIME, "No time limit")]


def _span(minutes: int) -> str:
    if minutes < 60 or minutes % 60:
        return f"{minutes} min"
    return f"{minutes // 60} h"
