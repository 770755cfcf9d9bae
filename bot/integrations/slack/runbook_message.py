"""A runbook in the room: what was done and by whom, the next step in full with its buttons, what comes after. Pure."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from bot.incident.model import Incident
from bot.incident.steps import Call, Outcome, Run, Runbook, Tried
from bot.incident.values import Actor
from bot.integrations.slack import actions
from bot.integrations.slack.asking import run as say
from bot.integrations.slack.blocks import Block, Message, context, lines, section, sentence, words
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.effects import Button
from bot.integrations.slack.runbook_text import as_slack, headline
from bot.integrations.slack.text import cut, escape, link, moment

MARKS = {Outcome.DONE: ":white_check_mark:", Outcome.SKIPPED: ":fast_forward:", Outcome.FAILED: ":x:"}
TO_DO, NEXT, RUNNING = ":white_small_square:", ":arrow_right:", ":hourglass_flowing_sand:"
STEP_LENGTH = 1_500
"""Of the next step in the room; the whole of it is a click away."""
ALONE = 2_800
NOTE = 100
TOLD = 150
NAME = 60
TOGETHER = 6
"""Lines in one section, which bears 3,000 characters."""
SHOW = "show"
"""In the place of an outcome: show me that step."""


def run_message(i: Incident, run: Run, runbook: Runbook | None) -> Message:
    """All of it. `runbook`: as its file is now, for what its calls are; without it they are made by hand."""
    now = run.current if i.is_open else None
    numbers = range(1, len(run.steps) + 1)
    before = [_line(run, n) for n in numbers if now is None or n < now]
    after = [_line(run, n) for n in numbers if now is not None and n > now]
    told = f"Runbook {run.title}: {len(run.done)} of {len(run.steps)} steps"
    here = _next(i, run, now, runbook) if now else [context(_ending(i, run))]
    menu = [_menu(i, run)] if i.is_open else []
    return Message(escape(told), (section(_head(run)), *_sections(before), *here, *_sections(after), *menu))


def left_message(i: Incident, run: Run) -> Message:
    """In the place of it, in a room that the incident has left: nothing of what was said about its steps."""
    return sentence(f"*Runbook: {link(run.url, run.title)}* · {i.name} goes on in a private room.")


def step_message(i: Incident, run: Run, step: int, runbook: Runbook | None) -> Message:
    """One step whole, for the asker's eyes, with all that can be said of it."""
    head = f"*Step {step} of {escape(run.title)}*"
    text = "\n".join([head, as_slack(run.steps[step - 1], ALONE), *standing(run, step)])
    buttons = _typed(i, run, step, runbook) if i.is_open else []
    return Message(escape(f"Step {step} of {run.title}"), (section(text), *([row(buttons)] if buttons else [])))


def action_button(i: Incident, run: Run, step: int, call: Call, *, sure: bool = False) -> Button:
    """Runs a step's call, once however often it is pressed. `sure`: the question was asked already."""
    tried = run.tried.get(step)
    label = f"Run again: {call.name}" if tried else f"Run: {call.name}"
    value = f"{i.number}/{run.number}/{step}/{tried.attempt + 1 if tried else 1}"
    return Button(label=label, action=actions.RUN_ACTION, value=value, yes="" if sure else question(call))


def question(call: Call) -> str:
    """What is asked before a call is made."""
    return f"{call.confirm or f'{call.name}?'} It calls {urlsplit(call.url).hostname}."


def _head(run: Run) -> str:
    stale = f" · :warning: {_looked_at(run)}" if run.stale else ""
    return f"*Runbook: {link(run.url, run.title)}* · {len(run.done)} of {len(run.steps)} steps{stale}"


def _looked_at(run: Run) -> str:
    return f"last looked at on {run.reviewed}" if run.reviewed else "nobody has looked at it since it was written"


def _ending(i: Incident, run: Run) -> str:
    if not i.is_open:
        return f"{i.name} is {i.status}."
    failed = sum(tick.outcome is Outcome.FAILED for tick in run.done.values())
    if failed:
        return f"That was the last step, and {failed} did not work. Page who knows the system: `/incident page`"
    return "That was the last step. Did it help? `/incident status monitoring`"


def _line(run: Run, step: int) -> str:
    """A step in a line: what became of it, who said so and when."""
    tick = run.done.get(step)
    text = f"{MARKS[tick.outcome] if tick else TO_DO} *{step}.* {headline(run.steps[step - 1])}"
    if tick is None:
        return text
    note = f": {escape(cut(tick.note, NOTE))}" if tick.note else ""
    return f"{text} · {_who(tick.by)} {moment(tick.at)}{note}"


def _sections(told: Sequence[str]) -> Iterator[Block]:
    for first in range(0, len(told), TOGETHER):
        yield lines(told[first : first + TOGETHER])


def _next(i: Incident, run: Run, step: int, runbook: Runbook | None) -> list[Block]:
    """The step that is to be done, and the buttons that say what became of it."""
    text = f"{NEXT} *{step}.* {as_slack(run.steps[step - 1], STEP_LENGTH)}"
    tried = run.tried.get(step)
    told = "\n".join([text, *([_tried(tried)] if tried else [])])
    return [section(told), row([*_action(i, run, step, runbook), *_outcomes(i, run, step)])]


def _action(i: Incident, run: Run, step: int, runbook: Runbook | None) -> list[Button]:
    """The button of a step's call, unless it is under way, or gone from the file."""
    call = runbook.call(step, run.actions.get(step, "")) if runbook else None
    tried = run.tried.get(step)
    if call is None or (tried and tried.ok is None):
        return []
    return [action_button(i, run, step, call)]


def _outcomes(i: Incident, run: Run, step: int) -> list[Button]:
    value = f"{i.number}/{run.number}/{step}"
    return [
        Button(label="Done", action=actions.TICK, value=f"{value}/{Outcome.DONE}", primary=True),
        Button(label="Skip", action=actions.TICK, value=f"{value}/{Outcome.SKIPPED}"),
        Button(label="Did not work …", action=actions.TICK, value=f"{value}/{Outcome.FAILED}"),
    ]


def _typed(i: Incident, run: Run, step: int, runbook: Runbook | None) -> list[Button]:
    """The same as if typed: such a button takes the answer away that it stands in."""
    about = f"runbook {run.runbook}"
    action = _action(i, run, step, runbook)
    if step in run.done:
        return [*action, say("Still to be done", i.number, f"{about} undo {step}")]
    done = say("Done", i.number, f"{about} done {step}", primary=True)
    return [*action, done, say("Skip", i.number, f"{about} skip {step}"), _outcomes(i, run, step)[-1]]


def standing(run: Run, step: int) -> Iterator[str]:
    """What is known of a step already."""
    tick, tried = run.done.get(step), run.tried.get(step)
    if tried:
        yield _tried(tried)
    if tick:
        note = f": {escape(tick.note)}" if tick.note else ""
        yield f"{MARKS[tick.outcome]} {_who(tick.by)}, {moment(tick.at)}{note}"


def _tried(tried: Tried) -> str:
    """How the step's call went."""
    who = f"{escape(tried.name)} ({_who(tried.by)} {moment(tried.at)})"
    if tried.ok is None:
        return f"{RUNNING} {who}: no answer yet"
    told = f": {escape(cut(tried.told, TOLD))}" if tried.told else ""
    return f"{MARKS[Outcome.DONE]} {who}{told}" if tried.ok else f"{MARKS[Outcome.FAILED]} {who} went wrong{told}"


def _who(person: Actor) -> str:
    return escape(cut(person.name, NAME))


def _menu(i: Incident, run: Run) -> Block:
    """Every step to choose from: people do not go one after the other."""
    options: list[object] = [
        {"text": words(cut(f"{n}. {_plainly(text)}", 75)), "value": f"{i.number}/{run.number}/{n}/{SHOW}"}
        for n, text in enumerate(run.steps, start=1)
    ]
    menu: Block = {"type": "static_select", "action_id": f"{actions.TICK}#{SHOW}", "options": options}
    return {"type": "actions", "elements": [menu | {"placeholder": words("Another step …")}]}


def _plainly(markdown: str) -> str:
    """A headline for a menu, which shows no entities."""
    return headline(markdown).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
