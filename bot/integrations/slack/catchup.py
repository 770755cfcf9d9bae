"""The catch-up as a late-comer reads it: at most twenty lines, the state first, what was tried and is open after it."""

from collections.abc import Iterator, Sequence

from bot.documents.wording import Wording
from bot.incident.catchup import CatchUp
from bot.incident.duties import Task
from bot.incident.news import UpdateLine
from bot.incident.policy import Policy
from bot.incident.roles import COMMANDER
from bot.incident.timeline import Entry
from bot.integrations.slack import card_lines
from bot.integrations.slack.blocks import Block, Message, lines, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.card_state import WORDS, CardState
from bot.integrations.slack.cards import fallback, form, headed, lasted, more, page_state, roles_told, take_buttons
from bot.integrations.slack.text import channel, cut, escape, moment, name

LINE = 200
"""Of an entry of the timeline, or of a task."""
SHOWN_TASKS = 2
SHOWN_PAGES = 3


def catchup_message(c: CatchUp, policy: Policy, lead: str = "") -> Message:
    """The catch-up; `lead` is why it comes by itself, and nothing where it was asked for."""
    i = c.incident
    stands = lines([*([lead] if lead else []), *_stands(c, lead), *filter(None, _known(c, policy))])
    blocks: list[Block] = [stands, *_tried(c), *_open(c)]
    command = [take for take in take_buttons(i, policy) if take.primary and i.is_open]
    return Message(fallback(i), (*blocks, row([*command, form(i, "Timeline", "timeline"), more(i)])))


def lead(c: CatchUp, policy: Policy, wording: Wording, why: str) -> str:
    """What a catch-up that comes by itself begins with; `why`: `joined` or `command`."""
    about = {"incident": c.incident.name, "room": _room(c) or c.incident.name}
    if why == "joined":
        return wording.say("catchup/joined", **about)
    return wording.say("catchup/command", **about, role=escape(policy.label(COMMANDER)))


def _stands(c: CatchUp, lead: str) -> Iterator[str]:
    """What it is about, then how bad, how far and since when; the room, unless the lead has said it."""
    i = c.incident
    yield headed(i)
    began = i.moments.impact_start or i.moments.detected or i.moments.declared
    since = f"began {moment(began, day=True)}" if began else ""
    due = f"next update due {moment(c.next_due)}" if c.next_due else ""
    took = f"lasted {lasted(i)}" if lasted(i) else ""
    room = "" if _room(c) and _room(c) in lead else _room(c)
    state = f"*{escape(i.severity.label)}* · *{i.status.capitalize()}*"
    yield " · ".join(filter(None, [state, room, since, took, due]))


def _room(c: CatchUp) -> str:
    room = c.incident.room
    return channel(room.channel, room.name) if room else ""


def _known(c: CatchUp, policy: Policy) -> Iterator[str]:
    """What is known, who decides and who was called; empty where there is nothing to tell."""
    i = c.incident
    yield f"*Impact:* {cut(escape(i.impact), WORDS) or 'not known yet'}" if i.impact or i.is_open else ""
    yield f"*What is known:* {cut(escape(i.summary), WORDS)}" if i.summary else ""
    yield _update(i.update) if i.update else ""
    yield _roles(c, policy)
    paged = " · ".join(page_state(page) for page in i.pages[-SHOWN_PAGES:])
    yield f"*Paged:* {paged}" if paged else ""
    yield card_lines.alerts_line(CardState(i, policy))
    yield f"*The end:* {cut(escape(c.ended.text), LINE)}" if c.ended else ""


def _update(update: UpdateLine) -> str:
    told = [f"*Update {update.number}*, {moment(update.at)}: {cut(escape(update.condition), WORDS)}"]
    told += [f"Doing: {cut(escape(update.actions), LINE)}"] if update.actions else []
    told += [f"Needed: {cut(escape(update.needs), LINE)}"] if update.needs else []
    return " · ".join(told)


def _roles(c: CatchUp, policy: Policy) -> str:
    """Command first, and most of all when it is nobody's."""
    i = c.incident
    held = [roles_told(i.holdings)] if i.holdings else []
    nobody = f"*{escape(policy.label(COMMANDER))}:* nobody yet"
    return cut(" · ".join(held if i.commander or not i.is_open else [nobody, *held]), 2 * WORDS)


def _tried(c: CatchUp) -> Iterator[Block]:
    if not c.tried:
        return
    more = [f"{c.earlier} earlier: `/incident timeline {c.incident.name}`"] if c.earlier else []
    yield lines(["*Written down and tried*", *(_entry(c, e) for e in c.tried), *more])


def _entry(c: CatchUp, entry: Entry) -> str:
    of = f"INC-{entry.incident} · " if entry.incident != c.incident.number else ""
    return f"• {moment(entry.at)} {of}{cut(escape(entry.text), LINE)}"


def _open(c: CatchUp) -> Iterator[Block]:
    if not c.tasks:
        return
    rest = len(c.tasks) - SHOWN_TASKS
    more = [f"{rest} more: `/incident tasks {c.incident.name}`"] if rest > 0 else []
    yield lines([f"*{_title(c.tasks)}*", *(_task(task) for task in c.tasks[:SHOWN_TASKS]), *more])


def _title(tasks: Sequence[Task]) -> str:
    return "Open follow-ups" if all(task.followup for task in tasks) else "Open tasks"


def _task(task: Task) -> str:
    due = f", by {moment(task.due, day=task.followup)}" if task.due else ""
    return f"• {name(task.to)}: {cut(escape(task.text), LINE)}{due}"


def withdrawn(name: str) -> Message:
    """What is left of a catch-up where its reader may not see the incident any more."""
    told = f"This catch-up of {name} was taken back."
    return Message(told, (section(told),))
