"""The verb about runbooks: which there are for this night, following one, and its buttons."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.engine.handle import Outcome as Done
from bot.incident import OpenRunbook, RunAction, TickStep
from bot.incident.model import Incident, Refused
from bot.incident.runs import CHANGED, NOTE_LENGTH, matching, no_step, run_of
from bot.incident.steps import Call, Outcome, Run, Runbook
from bot.incident.values import Actor
from bot.integrations.slack import actions
from bot.integrations.slack.asking import readable
from bot.integrations.slack.asking import run as say
from bot.integrations.slack.blocks import Block, Message, button, context, section, sentence
from bot.integrations.slack.modals import Filled, Form, text_input
from bot.integrations.slack.presses import OLD, Click, Hands, about, number_of, press
from bot.integrations.slack.runbook_message import SHOW, action_button, question, run_message, standing, step_message
from bot.integrations.slack.runbook_text import headline
from bot.integrations.slack.text import cut, escape, link
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, verb
from bot.integrations.slack.words import nearest, unquoted

RUN = "run"
ACTS = {
    "done": Outcome.DONE,
    "skip": Outcome.SKIPPED,
    "skipped": Outcome.SKIPPED,
    "failed": Outcome.FAILED,
    "undo": Outcome.OPEN,
}
WORDS = re.compile(
    rf"(?P<name>.*?)\s*\b(?:(?P<act>{'|'.join((*ACTS, RUN, SHOW))})\s+)?(?:step\s+)?(?P<step>\d{{1,2}})\b(?P<note>.*)",
    re.IGNORECASE | re.DOTALL,
)
SHOWN = 10
ELSEWHERE = 25
"""Others that are named: more of them than fit nobody reads."""
NONE = "There are no runbooks here yet. An administrator puts them into a folder: `MUSTER_RUNBOOKS__FOLDER`."


@dataclass(frozen=True)
class Said:
    """What was typed: a runbook by some name (or none: the one that is followed), and what about which step."""

    name: str
    act: str = ""
    step: int = 0
    note: str = ""


@verb("runbook", "rb", usage="[name | done 4]", free=True)
async def runbook(ask: Ask) -> Answer:
    """Follow a runbook and tick its steps off. Of a step: `done 4`, `skip`, `failed`, `undo`, `run`, `show`."""
    if ask.bare:
        return Show(_listed(ask))
    i, said = ask.about, _said(ask)
    if said.act:
        return _step(ask, i, said)
    found = _named(ask, said.name)
    if isinstance(found, Message):
        return Show(found)
    run = run_of(i, found.name)
    return Show(run_message(i, run, found)) if run else _open(ask, i, found)


def _said(ask: Ask) -> Said:
    """The words taken apart. A number alone means: show me that step."""
    typed = unquoted(readable(ask, ask.words))
    found = WORDS.fullmatch(typed)
    if not found or _runbook(ask.house, typed):
        return Said(typed)
    act = (found["act"] or SHOW).casefold()
    if found["note"].strip() and act in (RUN, SHOW, "undo"):
        raise Unclear
    return Said(found["name"].strip(), act, int(found["step"]), found["note"].strip(" :,–—\n"))


def _step(ask: Ask, i: Incident, said: Said) -> Answer:
    run = _followed(ask, i, said.name)
    if said.act in ACTS:
        outcome = ACTS[said.act]
        ticked = _ticked(i, run.number, said.step, outcome, said.note)
        heard = outcome is Outcome.FAILED
        return ticked if heard else replace(ticked, tell=_what_is_next(run.number, said.step))
    if not 1 <= said.step <= len(run.steps):
        raise Refused(no_step(run, said.step))
    if said.act == SHOW:
        return Show(step_message(i, run, said.step, _runbook(ask.house, run.runbook)))
    call = _call(ask.house, run, said.step)
    asked = sentence(escape(question(call)), [action_button(i, run, said.step, call, sure=True)])
    return Show(asked)


def _followed(ask: Ask, i: Incident, name: str) -> Run:
    """The runbook that is followed, by its name, or the one opened last. Raises Refused and Unclear."""
    if not name:
        if not i.runs:
            fit = f"No runbook was opened in {i.name}. `{ask.house.command} {i.name} runbook` shows those that fit."
            raise Refused(fit if i.is_open else _nothing(i))
        return i.runs[-1]
    opened = [run for run in i.runs if _is_called(name, run.runbook, run.title)]
    if len(opened) == 1:
        return opened[0]
    found = _runbook(ask.house, name)
    if found is None:
        raise Unclear(f"there is no runbook “{cut(name, 80)}”. `{ask.house.command} runbook` shows those there are.")
    opens = f"`{ask.house.command} {i.name} runbook {found.name}` opens it."
    raise Refused(f"“{found.title}” is not open in {i.name} yet. {opens}")


def _named(ask: Ask, name: str) -> Runbook | Message:
    """The runbook of that name, or those that it may mean. Raises Refused where it means none."""
    exact = _runbook(ask.house, name)
    if exact:
        return exact
    alike = [r for r in ask.house.runbooks if _is_called(name, r.name, r.title)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        blocks = [_row(ask.about, r) for r in alike[:SHOWN]]
        return Message("Which runbook?", (section(f"“{escape(cut(name, 80))}” may be one of these:"), *blocks))
    near = nearest(_dashed(name), (r.name for r in ask.house.runbooks))
    meant = f" Did you mean `{near}`?" if near else ""
    called = cut(name, 80)
    raise Refused(f"There is no runbook “{called}”.{meant} `{ask.house.command} runbook` shows those there are.")


def _runbook(house: House, name: str) -> Runbook | None:
    return next((r for r in house.runbooks if _dashed(name) in (r.name, _dashed(r.title))), None)


def _is_called(said: str, name: str, title: str) -> bool:
    """Whether somebody may mean it by these words."""
    wanted = _dashed(said)
    return wanted in (name, _dashed(title)) or f"-{wanted}" in f"-{name}" or f"-{wanted}" in f"-{_dashed(title)}"


def _dashed(words: str) -> str:
    return "-".join(words.casefold().split())


def _open(ask: Ask, i: Incident, found: Runbook) -> Answer:
    return Do(OpenRunbook(incident=i.number, runbook=found, owner=_owner(ask.house, found.owner)))


def _owner(house: House, named: str) -> Actor | None:
    """Who answers for a runbook, as far as we know them."""
    person = house.directory.by_email(named) if "@" in named else house.directory.by_slack(named)
    return person.actor if person and not person.gone and not person.bot else None


def _call(house: House, run: Run, step: int) -> Call:
    """What a step does by itself, as its file has it now. Raises Refused."""
    if step not in run.actions:
        raise Refused(f"Step {step} of “{run.title}” is done by hand: nothing runs by itself there.")
    found = _runbook(house, run.runbook)
    call = found.call(step, run.actions[step]) if found else None
    if call is None:
        raise Refused(CHANGED)
    return call


def _listed(ask: Ask) -> Message:
    """Those that are followed and those that fit, to be opened; the others by name."""
    all_of_them, i = ask.house.runbooks, ask.incident
    if not all_of_them:
        return sentence(NONE)
    if i is None:
        head = f"*Runbooks.* In an incident's room, `{ask.house.command} runbook &lt;name&gt;` opens one."
        named = [f"`{r.name}` {_told(r)}" for r in all_of_them[:ELSEWHERE]]
        return Message(
            "Runbooks", (section(head), *(section("\n".join(named[n : n + 5])) for n in range(0, len(named), 5)))
        )
    followed = {run.runbook for run in i.runs}
    fit = [r for r in matching(i, all_of_them) if r.name not in followed] if i.is_open else []
    shown, best = [*(r for r in all_of_them if r.name in followed), *fit][:SHOWN], fit[:1]
    others = [r for r in all_of_them if r not in shown] if i.is_open else []
    head = f"*Runbooks for {i.name}*" if shown else _nothing(i)
    rows = (_row(i, r, best=r in best) for r in shown)
    return Message(f"Runbooks for {i.name}", (section(head), *rows, *_others(ask, others)))


def _nothing(i: Incident) -> str:
    if i.is_open:
        return f"No runbook fits what is known of {i.name} so far."
    return f"No runbook was followed in {i.name}, and it is {i.status}."


def _row(i: Incident, r: Runbook, *, best: bool = False) -> Block:
    """With its button; that of the one that fits best is bold."""
    run = run_of(i, r.name)
    if run:
        told = f"{_told(r)} · {len(run.done)} of {len(run.steps)} steps"
        return section(told, accessory=button(say("Show", i.number, f"runbook {r.name}")))
    return section(_told(r), accessory=button(say("Open", i.number, f"runbook {r.name}", primary=best)))


def _told(r: Runbook) -> str:
    first = f": {headline(r.steps[0].text)} …" if r.steps else ""
    return f"*{link(r.url, r.title)}*{first}"


def _others(ask: Ask, others: Sequence[Runbook]) -> Iterable[Block]:
    if not others:
        return []
    names = ", ".join(f"`{r.name}`" for r in others[:ELSEWHERE])
    more = f" and {len(others) - ELSEWHERE} more" if len(others) > ELSEWHERE else ""
    return [context(f"Others: {names}{more} · `{ask.house.command} runbook &lt;name&gt;` opens one")]


@press(actions.TICK)
async def tick(click: Click, hands: Hands) -> Answer:
    """A step's button, or its line in the menu."""
    i, rest = await about(hands, click)
    number, step, outcome = _parts(rest)
    run = _run(i, number, step)
    if outcome == SHOW:
        return Show(step_message(i, run, step, _runbook(hands.house, run.runbook)))
    if outcome == Outcome.FAILED:
        return Open(failed_form(i, run, step))
    if outcome not in set(Outcome):
        raise Refused(OLD)
    return _ticked(i, number, step, Outcome(outcome))


@press(actions.RUN_ACTION)
async def run_action(click: Click, hands: Hands) -> Answer:
    """A step's call, as it was confirmed."""
    i, rest = await about(hands, click)
    number, step, nth = _parts(rest)
    call = _call(hands.house, _run(i, number, step), step)
    wish = RunAction(incident=i.number, run=number, step=step, call=call, attempt=number_of(nth))
    return Do(wish, already=lambda now: f"It was run already. {''.join(standing(now.runs[number - 1], step))}")


def _parts(rest: str) -> tuple[int, int, str]:
    """`{run}/{step}/{word}`. Raises Refused."""
    parts = rest.split("/")
    if len(parts) != 3:
        raise Refused(OLD)
    return number_of(parts[0]), number_of(parts[1]), parts[2]


def _run(i: Incident, number: int, step: int) -> Run:
    run = next((run for run in i.runs if run.number == number), None)
    if run is None or not 1 <= step <= len(run.steps):
        raise Refused(OLD)
    return run


def failed_form(i: Incident, run: Run, step: int) -> Form:
    """What did not work, for whoever goes on, and for the owner of the runbook."""
    was = run.done.get(step)
    blocks = (
        section(f"*{step}.* {headline(run.steps[step - 1])}"),
        text_input(
            "note", "What happened?", initial=was.note if was else "", long=True, optional=True, most=NOTE_LENGTH
        ),
    )
    kept = {"run": str(run.number), "step": str(step)}
    return Form("runbook_failed", f"Step {step} did not work", blocks, "Save", i.number, kept)


@form("runbook_failed")
async def failed_sent(ask: Ask, filled: Filled) -> Answer:
    number, step = filled.kept_number("run"), filled.kept_number("step")
    note = filled.text("note")
    return _ticked(ask.about, number, step, Outcome.FAILED, note)


def _what_is_next(number: int, step: int) -> Callable[[Done], Message | None]:
    """For who typed it: the runbook's own message, where the tick shows, may be far up in the room."""

    def tell(done: Done) -> Message | None:
        i = done.incident
        if i is None:
            return None
        run = i.runs[number - 1]
        if done.again or not done.events:
            return sentence(_stands(run, step))
        so = f"Step {step} of “{escape(run.title)}” is {run.done[step].outcome if step in run.done else 'open again'}."
        if run.current is None:
            return sentence(f"{so} None is left.")
        return sentence(so, [say(f"Show step {run.current}", i.number, f"runbook {run.runbook} show {run.current}")])

    return tell


def _ticked(i: Incident, run: int, step: int, outcome: Outcome, note: str = "") -> Do:
    """The wish; where it is so already, who said it and when."""
    wish = TickStep(incident=i.number, run=run, step=step, outcome=outcome, note=note)
    return Do(wish, already=lambda now: _stands(now.runs[run - 1], step))


def _stands(run: Run, step: int) -> str:
    tick = run.done.get(step)
    so = f"Step {step} of “{escape(run.title)}” is {tick.outcome if tick else 'open'} already."
    return "\n".join([so, *standing(run, step)])
