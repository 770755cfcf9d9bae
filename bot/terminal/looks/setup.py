"""Looks at what was set up: settings, the files they lie in, templates, runbooks, time zones."""

import stat
from collections.abc import Iterator
from pathlib import Path

from bot.documents.example import example
from bot.documents.postmortem import Style, draft
from bot.documents.rendering import Unrenderable
from bot.documents.runbooks import Shelf, load_runbooks
from bot.documents.wording import load_wording
from bot.settings import known_variables, unknown_variables
from bot.terminal.config import looks_wrong
from bot.terminal.looks.finding import Finding, Patient

ORCHESTRATED = ("/run/", "/var/run/")
"""Where Docker and systemd put secrets, in containers and folders that keep others out already."""
ZONE = "Europe/Berlin"


def settings(patient: Patient) -> Finding:
    """What is missing, misspelt, in another's place, or readable by everybody."""
    found = patient.settings
    return Finding(
        (
            *unknown_variables(patient.environment),
            *found.missing(),
            *looks_wrong(found),
            *_open_secrets(patient),
            *_open_config(patient),
        )
    )


def _open_secrets(patient: Patient) -> Iterator[str]:
    known = set(known_variables())
    for name, path in patient.environment.items():
        file = Path(path)
        if name.endswith("_FILE") and name.removesuffix("_FILE") in known and not _is_kept(file) and _is_open(file):
            yield f"{file} ({name}) can be read by everybody on this machine. `chmod 600 {file}`."


def _is_kept(file: Path) -> bool:
    """Whether an orchestrator put it there: Kubernetes' volumes hold links through a folder that begins with `..`."""
    return str(file).startswith(ORCHESTRATED) or any(part.startswith("..2") for part in file.resolve().parts)


def _is_open(file: Path) -> bool:
    return file.is_file() and bool(file.stat().st_mode & stat.S_IROTH)


def _open_config(patient: Patient) -> Iterator[str]:
    file = patient.config
    if file is None or not _is_open(file):
        return
    words = file.read_text("utf-8", "replace")
    if any(secret in words for secret in patient.settings.secrets):
        yield f"{file} holds secrets and can be read by everybody on this machine. `chmod 600 {file}`."


def templates(patient: Patient) -> Finding:
    """The postmortem template, tried on an incident that never was."""
    try:
        draft(example(), Style(**dict(patient.settings.postmortem), command=patient.settings.policy.command))
    except Unrenderable as error:
        return Finding((f"{error} Mend it; until then drafts are in Muster's own template.",))
    return Finding()


def runbooks(patient: Patient) -> Finding:
    """The runbooks, and what their actions need."""
    settings = patient.settings
    return Finding(load_runbooks(Shelf(**dict(settings.runbooks)), settings.policy).problems)


def messages(patient: Patient) -> Finding:
    """The messages in the company's own words."""
    settings = patient.settings
    return Finding(load_wording(settings.messages.folder, settings.policy).problems)


def watch(patient: Patient) -> Finding:
    """Who is told when Muster itself is unwell."""
    if patient.settings.watch.in_use:
        return Finding()
    told = "nobody is called when Muster itself is unwell: MUSTER_WATCH__ROUTING_KEY, MUSTER_WATCH__HEARTBEAT_URL"
    return Finding(notes=(told,))


def zones(patient: Patient) -> Finding:
    """Whether times can be told in people's own zones."""
    if ZONE in patient.machine.zones():
        return Finding()
    return Finding(("There is no time zone data here: times will be told in UTC. `pip install tzdata`.",))
