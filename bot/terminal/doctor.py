"""`muster doctor`: looks at everything that must work and says in a sentence what to do about what does not."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from bot.settings import config_file
from bot.terminal.config import settings
from bot.terminal.looks import outside, running, setup, storage
from bot.terminal.looks.finding import Finding, Look, Machine, Patient
from bot.terminal.problem import Problem

LOOKS: Mapping[str, Look] = {
    "settings": setup.settings,
    "time zones": setup.zones,
    "templates": setup.templates,
    "messages": setup.messages,
    "runbooks": setup.runbooks,
    "watch": setup.watch,
    "database": storage.database,
    "database's room": storage.room,
    "database's soundness": storage.soundness,
    "database's company": storage.company,
    "process": running.process,
    "queues": running.queues,
    "PagerDuty": outside.pagerduty,
    "PagerDuty's webhooks": outside.hearing,
    "people": outside.people,
    "Slack": outside.slack,
    "Slack's Socket Mode": outside.socket_mode,
}


@dataclass(frozen=True)
class Seen:
    """What came of one look. `late`: it did not come back in time."""

    what: str
    finding: Finding
    late: bool = False


@dataclass(frozen=True)
class Visit:
    """All that was seen, and how to end: 0 all is well, 1 something is to be mended, 2 the settings are unusable."""

    seen: Sequence[Seen]
    code: int
    secrets: Sequence[str] = ()

    def told(self, form: Callable[[Sequence[Seen]], str]) -> str:
        """In words, and no secret among them."""
        words = form(self.seen)
        for secret in self.secrets:
            words = words.replace(secret, "***")
        return words


def doctor(*, as_json: bool, within: float) -> None:
    """Prints every finding, and ends with the exit code of the visit; what takes longer than `within` seconds hangs."""
    made = visit(patience=within)
    print(made.told(_json if as_json else _plain), flush=True)
    if any(one.late for one in made.seen):
        os._exit(made.code)  # what hangs would keep us from ending
    if made.code:
        sys.exit(made.code)


def visit(machine: Machine = Machine(), *, patience: float) -> Visit:
    """Looks at everything that the environment and muster.yaml set up here."""
    try:
        patient = Patient(settings(), dict(os.environ), config_file(), machine)
    except Problem as problem:
        return Visit([Seen("settings", Finding(tuple(map(str, problem.sentences))))], problem.code)
    seen = examine(patient, patience=patience)
    return Visit(seen, int(any(one.finding.wrong for one in seen)), patient.settings.secrets)


def examine(patient: Patient, looks: Mapping[str, Look] = LOOKS, *, patience: float) -> list[Seen]:
    """All looks, side by side, each in a thread of its own: one that hangs, or breaks, hides no other."""
    threads = ThreadPoolExecutor(len(looks), thread_name_prefix="look")
    under_way = {what: threads.submit(look, patient) for what, look in looks.items()}
    wait(under_way.values(), timeout=patience)
    threads.shutdown(wait=False)
    return [_came(what, future, patience) for what, future in under_way.items()]


def _came(what: str, look: "Future[Finding]", patience: float) -> Seen:
    if not look.done():
        told = f"No answer within {patience:g} s. Something there hangs: network, disk, or the system itself."
        return Seen(what, Finding((told,)), late=True)
    error = look.exception()
    if error is not None:
        return Seen(what, Finding((f"Muster has a bug in this look ({type(error).__name__}). Please report it.",)))
    return Seen(what, look.result())


def _plain(seen: Sequence[Seen]) -> str:
    lines = []
    for one in seen:
        found = one.finding
        lines.append(
            f"{'✗' if found.wrong else '✓'} {one.what}" + (f" ({'; '.join(found.notes)})" if found.notes else "")
        )
        lines += [f"    {sentence}" for sentence in found.wrong]
    wrong = sum(len(one.finding.wrong) for one in seen)
    end = f"{wrong} thing{'s' if wrong > 1 else ''} to mend." if wrong else "All is well."
    return "\n".join((*lines, "", end))


def _json(seen: Sequence[Seen]) -> str:
    found = [
        {"what": one.what, "fine": not one.finding.wrong, "wrong": one.finding.wrong, "notes": one.finding.notes}
        for one in seen
    ]
    return json.dumps({"fine": all(one["fine"] for one in found), "findings": found}, ensure_ascii=False, indent=2)
