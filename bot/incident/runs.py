"""Following a runbook: it is opened, its steps are ticked off, its calls are made; on record, with who and when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.incident.dues import Due, later, stamp_of
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.notes import GONE
from bot.incident.policy import Policy
from bot.incident.privacy import is_for_all
from bot.incident.steps import Call, Outcome, Run, Runbook, Tick, Tried
from bot.incident.values import Actor

NOTE_LENGTH = 500
TOLD_LENGTH = 300
LOOKED_AT = 20
"""As many alerts are compared with: a storm has thousands, and the first ones say what began."""
CHANGED = "That runbook was changed since it was opened here, and its step does something else now. Do it by hand."
DRILL = "This is a drill: nothing outside is touched. Say in the room what it would have done, and tick the step off."
SAID = {
    Outcome.DONE: "did",
    Outcome.SKIPPED: "skipped",
    Outcome.FAILED: "could not do",
    Outcome.OPEN: "took back the tick at",
}


class RunbookOpened(Event, kind="runbook_opened"):
    """Somebody began to follow a runbook. Its steps are copied: a file that is changed later changes no history."""

    run: int
    runbook: str
    title: str
    steps: tuple[str, ...]
    actions: dict[int, str] = {}
    url: str = ""
    owner: Actor | None = None
    reviewed: str = ""
    """The day (`2026-11-21`), or nothing where none is known."""
    stale: bool = False

    def apply(self, i: Incident) -> Incident:
        opened = Run(
            number=self.run,
            runbook=self.runbook,
            title=self.title,
            at=self.at,
            steps=self.steps,
            actions=self.actions,
            url=self.url,
            owner=self.owner,
            reviewed=self.reviewed,
            stale=self.stale,
        )
        return i.but(runs=(*i.runs, opened))

    def line(self) -> str:
        return f"{self.by.name} opened the runbook “{self.title}”"

    @property
    def link(self) -> str:
        return self.url


class StepTicked(Event, kind="step_ticked"):
    """Somebody said what became of a step: done, skipped, failed; or that it is still to be done."""

    run: int
    step: int
    title: str
    """The runbook's."""
    outcome: Outcome
    note: str = ""

    def apply(self, i: Incident) -> Incident:
        run = i.runs[self.run - 1]
        done = {n: tick for n, tick in run.done.items() if n != self.step}
        if self.outcome is not Outcome.OPEN:
            done[self.step] = Tick(outcome=self.outcome, by=self.by, at=self.at, note=self.note)
        return _with(i, run.model_copy(update={"done": done}))

    def line(self) -> str:
        note = f": {self.note}" if self.note else ""
        return f"{self.by.name} {SAID[self.outcome]} step {self.step} of “{self.title}”{note}"

    def redacted(self) -> "StepTicked":
        return self.model_copy(update={"note": GONE if self.note else ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.note,) if self.note else ()


class ActionStarted(Event, kind="action_started"):
    """Somebody had a step's call made. The call is kept as it was confirmed, with its secrets only named."""

    run: int
    step: int
    title: str
    attempt: int
    call: Call

    def apply(self, i: Incident) -> Incident:
        began = Tried(attempt=self.attempt, name=self.call.name, by=self.by, at=self.at)
        return _tried(i, self.run, self.step, began)

    def line(self) -> str:
        return f"{self.by.name} ran “{self.call.name}” (step {self.step} of “{self.title}”)"


class ActionFinished(Event, kind="action_finished"):
    """A step's call was answered, or was not. `told`: what came back, in a sentence."""

    run: int
    step: int
    title: str
    name: str
    attempt: int
    ok: bool
    told: str = ""

    def apply(self, i: Incident) -> Incident:
        was = i.runs[self.run - 1].tried[self.step]
        return _tried(i, self.run, self.step, was.model_copy(update={"ok": self.ok, "told": self.told}))

    def line(self) -> str:
        became = "worked" if self.ok else "went wrong"
        told = f": {self.told}" if self.told else ""
        return f"“{self.name}” (step {self.step} of “{self.title}”) {became}{told}"

    def redacted(self) -> "ActionFinished":
        return self.model_copy(update={"told": GONE if self.told else ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.told,) if self.told else ()


class OpenRunbook(Command):
    """Follow this runbook in the incident. `owner`: who answers for it, where that is somebody known."""

    runbook: Runbook
    owner: Actor | None = None

    def decide(self, case: Case) -> list[Event]:
        i, book = case.open_incident, self.runbook
        if run_of(i, book.name):
            return []
        opened = RunbookOpened(
            **case.stamp(),
            run=len(i.runs) + 1,
            runbook=book.name,
            title=book.title,
            steps=tuple(step.text for step in book.steps),
            actions={step.number: step.action.name for step in book.steps if step.action},
            url=book.url,
            owner=self.owner,
            reviewed=book.reviewed.isoformat() if book.reviewed else "",
            stale=book.is_stale(case.now),
        )
        return [opened]


class TickStep(Command):
    """Say what became of a step."""

    run: int
    step: int
    outcome: Outcome
    note: str = ""

    def decide(self, case: Case) -> list[Event]:
        run, note = _step_of(case.open_incident, self.run, self.step), self.note.strip()
        if len(note) > NOTE_LENGTH:
            raise Refused(f"This holds {NOTE_LENGTH} characters; yours has {len(note)}.", field="note")
        was = run.done.get(self.step)
        so_already = was.outcome is self.outcome and note in ("", was.note) if was else self.outcome is Outcome.OPEN
        if so_already:
            return []
        told = {"run": run.number, "step": self.step, "title": run.title, "outcome": self.outcome, "note": note}
        return [StepTicked.model_validate({**case.stamp(), **told})]


class RunAction(Command):
    """Make a step's call. `attempt`: which time that is, as the button saw it (0: whichever is next).

    A call that is under way is not made a second time, and a button makes it once, however often it is pressed.
    """

    run: int
    step: int
    call: Call
    attempt: int = 0

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        run = _step_of(i, self.run, self.step)
        if i.drill:
            raise Refused(DRILL)
        if run.actions.get(self.step) != self.call.name:
            raise Refused(CHANGED)
        _require_role(case, self.call)
        was = run.tried.get(self.step)
        nth = was.attempt + 1 if was else 1
        if (was and was.ok is None) or self.attempt not in (0, nth):
            return []
        return [
            ActionStarted(**case.stamp(), run=run.number, step=self.step, title=run.title, attempt=nth, call=self.call)
        ]


class RecordAction(Command):
    """A step's call ended (the outbox reports it)."""

    run: int
    step: int
    attempt: int
    ok: bool
    told: str = ""

    def decide(self, case: Case) -> list[Event]:
        run = _step_of(case.incident, self.run, self.step)
        was = run.tried.get(self.step)
        if was is None or was.attempt != self.attempt or was.ok in (True, self.ok):
            return []
        told = self.told if len(self.told) <= TOLD_LENGTH else f"{self.told[: TOLD_LENGTH - 1]}…"
        ended = {"run": run.number, "step": self.step, "title": run.title, "name": was.name}
        return [
            ActionFinished.model_validate(
                {**case.stamp(), **ended, "attempt": was.attempt, "ok": self.ok, "told": told}
            )
        ]


def run_of(i: Incident, runbook: str) -> Run | None:
    """The runbook as it is followed in the incident, if it was opened."""
    return next((run for run in i.runs if run.runbook == runbook), None)


def matching(i: Incident, runbooks: Iterable[Runbook]) -> tuple[Runbook, ...]:
    """Those whose conditions all hold of the incident, the most conditions first, then as they come."""
    services = [name for service in i.services for name in (service.name, service.id) if name]
    alarms = i.alarms[:LOOKED_AT]
    titles = [i.title, *(alarm.title for alarm in alarms)]
    services += [alarm.service for alarm in alarms if alarm.service]
    words = " ".join([*titles, i.summary, i.impact])
    found = [r for r in runbooks if r.conditions and r.fits(services, titles, i.severity.level, words)]
    return tuple(sorted(found, key=lambda r: -r.conditions))


def owners_asked(i: Incident, policy: Policy) -> Iterator[Due]:
    """Once it is over, the owner of a runbook that did not work, or that had not been looked at for long, is asked.

    Never while it is followed, and never about a private incident, of which an owner may know nothing.
    """
    for run in i.runs if is_for_all(i) else ():
        if run.owner is None:
            continue
        if failed := run.first_failure:
            at, step = failed
            text = f"Step {step} of the runbook “{run.title}” did not work. Please put the runbook right"
            yield from _asked(i, run, "failed", at, text)
        elif run.stale:
            looked = f"last looked at on {run.reviewed}" if run.reviewed else "never looked at since it was written"
            text = f"The runbook “{run.title}” was used, and was {looked}. Please see whether it is still right"
            yield from _asked(i, run, "stale", run.at, text)


def _asked(i: Incident, run: Run, why: str, at: datetime, text: str) -> Iterator[Due]:
    to = (run.owner,) if run.owner else ()
    yield from later(i, f"runbook/{run.number}/{why}/{stamp_of(at)}", at, 0, to=to, text=text, urgent=False)


def _with(i: Incident, run: Run) -> Incident:
    return i.but(runs=tuple(run if other.number == run.number else other for other in i.runs))


def _tried(i: Incident, number: int, step: int, tried: Tried) -> Incident:
    run = i.runs[number - 1]
    return _with(i, run.model_copy(update={"tried": {**run.tried, step: tried}}))


def _step_of(i: Incident, number: int, step: int) -> Run:
    """The run that has this step. Raises Refused."""
    run = next((run for run in i.runs if run.number == number), None)
    if run is None:
        raise Refused(f"That runbook is not open in {i.name}. `/incident {i.name} runbook` shows those that fit.")
    if not 1 <= step <= len(run.steps):
        raise Refused(no_step(run, step), field="step")
    return run


def no_step(run: Run, step: int) -> str:
    """That a runbook has no such step."""
    return f"“{run.title}” has no step {step}; the last is {len(run.steps)}."


def _require_role(case: Case, call: Call) -> None:
    """Raises Refused for whoever holds none of the roles that may make the call."""
    roles = [role for word in call.roles if (role := case.policy.role(word))]
    keys = {role.key for role in roles}
    holders = [held for held in case.incident.holdings if held.role in keys]
    if not call.roles or any(held.person.id == case.actor.id for held in holders):
        return
    who = _either([role.label for role in roles]) or _either(call.roles)
    ask = f"Ask {_either([held.person.name for held in holders])}" if holders else "Take the role first"
    raise Refused(f"Only {who} may run “{call.name}”. {ask}.")


def _either(names: Sequence[str]) -> str:
    *first, last = names or [""]
    return f"{', '.join(first)} or {last}" if first else last
