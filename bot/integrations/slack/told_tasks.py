"""What Slack says of tasks: the room hears who does what, and who is asked and not there hears it in private."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.duties import Task, TaskState
from bot.incident.followups import TasksKept
from bot.incident.model import Incident
from bot.incident.tasks import TaskGiven, TaskHanded, TaskPutOff, TasksSettled, left_over, numbered
from bot.incident.values import Actor
from bot.integrations.slack.asking import run
from bot.integrations.slack.dates import clock, shown_day, until
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.text import channel, cut, escape, mention, name

WORDS = 500


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case TaskGiven() as e:
            yield from _aloud(fact, _given(e), *_answers(fact, e.task))
            yield from _in_private(fact, e, e.to)
        case TaskHanded() as e:
            yield from _aloud(fact, _handed(e), *_answers(fact, e.task))
            yield from _in_private(fact, e, e.to)
        case TaskPutOff() as e:
            yield from _aloud(fact, _put_off(e, _task(fact.after, e.task)))
        case TasksSettled() as e:
            yield from _aloud(fact, _settled(e, fact.after), *_after(fact, e))
        case TasksKept() as e:
            yield from _aloud(fact, _kept(e), run("Show what is left", fact.n, "tasks"))


def left_open(i: Incident) -> str:
    """What an incident that is over leaves to be done; nothing where nothing is left."""
    left = len(left_over(i))
    return f" *{left} {'tasks are' if left > 1 else 'task is'} still open.* Done, or kept for later?" if left else ""


def keep_buttons(i: Incident) -> list[Button]:
    """What can be done about those."""
    if not left_over(i):
        return []
    return [run("Keep as follow-ups", i.number, "tasks keep"), run("All are done", i.number, "tasks done")]


def _aloud(fact: Fact, text: str, *buttons: Button) -> Iterator[Promise]:
    """In the room, unless it is archived: a follow-up may outlive it."""
    if fact.after.room is not None and not fact.after.room.archived:
        yield from fact.news(text, *buttons)


def _in_private(fact: Fact, e: TaskGiven | TaskHanded, to: Actor) -> Iterator[Promise]:
    """Who is asked and is not in the room to hear it is told, and let in; a follow-up is for when nobody is there."""
    away = to.id not in fact.after.members
    if to.id == e.by.id or not (away or e.followup):
        return
    room = fact.after.room
    where = f" ({channel(room.channel, room.name)})" if room else ""
    what = f"{e.what}{until(e.due, e.at, followup=e.followup)}: {_words(e.text)}"
    text = f"{fact.after.name}{where}: {name(e.by)} gives you {what}"
    yield from fact.tell(to, f"that they have {e.what}", text, *_answers(fact, e.task))
    if away and not e.followup:
        yield from fact.invite(f"task/{fact.after.seq}/{to.id}", [to], called=False)


def _answers(fact: Fact, number: int) -> list[Button]:
    """What the one who was asked can answer."""
    task, n = _task(fact.after, number), fact.n
    if task.followup:
        return []
    done = run("Done", n, f"task done {number}")
    if task.state is TaskState.ACCEPTED:
        return [done]
    return [run("I'm on it", n, f"task take {number}", primary=True), run("Can't", n, f"task decline {number}"), done]


def _after(fact: Fact, e: TasksSettled) -> list[Button]:
    """What is next: who is on it says when it is done; what nobody does is taken by another, or handed on."""
    number = e.tasks[0]
    if e.state is TaskState.ACCEPTED:
        return [run("Done", fact.n, f"task done {number}")]
    if e.state is TaskState.DECLINED:
        return [run("I'll do it", fact.n, f"task take {number}"), run("Hand over", fact.n, f"task hand {number}")]
    return []


def _given(e: TaskGiven) -> str:
    what = f"{e.what}{until(e.due, e.at, followup=e.followup)}: {_words(e.text)}"
    return f"{name(e.by)} took on {what}" if e.by.id == e.to.id else f"{name(e.by)} gives {mention(e.to)} {what}"


def _handed(e: TaskHanded) -> str:
    rest = f"{until(e.due, e.at, followup=e.followup)}: {_words(e.text)}"
    if e.by.id != e.to.id:
        return f"{name(e.by)} hands {e.what} from {_who(e.before, e.by)} to {mention(e.to)}{rest}"
    had = f", which {mention(e.before)} had" if e.before.id != e.to.id else ""
    return f"{name(e.by)} took on {e.what}{had}{rest}"


def _put_off(e: TaskPutOff, task: Task) -> str:
    moved = shown_day(e.due) if e.followup else clock(e.due, e.at)
    return f"{name(e.by)} gave {e.what}{_beside(task.to, e.by)} time until {moved}: {_words(e.text)}"


def _settled(e: TasksSettled, after: Incident) -> str:
    owner = _beside(e.to, e.by) if e.to else ""
    words = f": {_words(e.text)}" if e.text else ""
    named = numbered(e.tasks, followup=e.followup)
    what = f"{named}{owner}{words}"
    match e.state:
        case TaskState.DECLINED:
            asker = _task(after, e.tasks[0]).by
            return f"{_who(asker, e.by)}: {name(e.by)} *cannot do* {what}"
        case TaskState.DONE:
            return f"{name(e.by)} {'ticked off' if owner or not e.to else '*did*'} {what}"
        case TaskState.DROPPED:
            return f"{name(e.by)} dropped {what}"
        case TaskState.GIVEN:
            return f"{name(e.by)} opened {named} again{owner}{words}"
        case TaskState.ACCEPTED:
            return f"{name(e.by)} is on {what}"


def _kept(e: TasksKept) -> str:
    kept = "a follow-up" if len(e.tasks) == 1 else "follow-ups"
    return f"{name(e.by)} kept {numbered(e.tasks)} as {kept}, due {shown_day(e.due)}."


def _task(i: Incident, number: int) -> Task:
    return next(task for task in i.tasks if task.number == number)


def _beside(owner: Actor, by: Actor) -> str:
    """The one whom it concerns, where somebody else acted."""
    return "" if owner.id == by.id else f" ({mention(owner)})"


def _who(person: Actor, by: Actor) -> str:
    return name(person) if person.id == by.id else mention(person)


def _words(text: str) -> str:
    return cut(escape(text), WORDS)
