"""Looks at the running bot and at what is left undone."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from bot.engine import condition
from bot.engine.reading import Reading
from bot.engine.tables import EffectState
from bot.terminal.looks.finding import Finding, Patient
from bot.terminal.looks.storage import file_of
from bot.terminal.opening import opened
from bot.terminal.problem import Problem
from bot.web.control import Failed, NotRunning, ask, socket_beside

PATIENCE = 5.0
"""Seconds that the bot's own pages may take."""
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""A proxy would look for the bot on its own machine."""
EVERYWHERE = ("0.0.0.0", "::", "")  # nosec B104 # noqa: S104  (what it may listen on; it is asked on this machine)
MISMATCHES = {
    'muster_webhooks_total{outcome="signature_mismatch"}': "PagerDuty webhooks: is a webhook's secret missing in "
    "MUSTER_PAGERDUTY__WEBHOOK_SECRETS?",
    "muster_slack_signature_mismatches_total": "requests from Slack: is MUSTER_SLACK__SIGNING_SECRET the one of "
    "*Basic Information*?",
}


@dataclass(frozen=True)
class _Page:
    status: int
    body: str


def process(patient: Patient) -> Finding:
    """Who works on the database, and what the running bot says of itself."""
    file = file_of(patient)
    if file is None:
        page = _page(patient, "/readyz")
        return Finding(_complaints(patient), ("a bot runs here",)) if page else Finding(notes=("no bot runs here",))
    try:
        number = ask(socket_beside(file), "process")
    except NotRunning:
        return _nobody_answers(patient)
    except (Failed, TimeoutError, OSError, ValueError):
        return Finding(("The bot is there and does not answer. Look at its log; stop it and start it anew.",))
    if _page(patient, "/healthz") is None and patient.settings.http.port:
        return Finding(
            (f"The bot runs (process {number}), and {_address(patient)} is not its. Is the port another's?",)
        )
    return Finding(_complaints(patient), (f"a bot runs on this database, process {number}",))


def _nobody_answers(patient: Patient) -> Finding:
    file = file_of(patient)
    if file is None or not condition.is_held(file):
        return Finding(notes=("no bot runs on this database just now",))
    holders = " and ".join(str(number) for number in condition.writers(file)) or "unknown"
    return Finding(
        (
            f"Something holds the database's lock (process {holders}) and no bot answers. Another verb of `muster` may "
            "be at work; else end that process.",
        )
    )


def _complaints(patient: Patient) -> tuple[str, ...]:
    return (*_unready(_page(patient, "/readyz")), *_mismatched(_page(patient, "/metrics")))


def _unready(page: _Page | None) -> Iterator[str]:
    if page is None:
        return
    try:
        checks = json.loads(page.body)["checks"]
    except (ValueError, KeyError, TypeError):
        yield "What answers where the bot should is none. Is MUSTER_HTTP__PORT another's?"
        return
    for name, says in checks.items():
        if says != "fine":
            yield f"The running bot says of its {name}: {says}"


def _mismatched(page: _Page | None) -> Iterator[str]:
    for name, whose in MISMATCHES.items():
        found = re.search(rf"^{re.escape(name)} (\S+)$", page.body, re.MULTILINE) if page else None
        if found and float(found[1]):
            yield f"{float(found[1]):.0f} times since its start the bot met a signature that is not ours, on {whose}"


def _address(patient: Patient) -> str:
    http = patient.settings.http
    host = "127.0.0.1" if http.host in EVERYWHERE else http.host
    return f"http://{f'[{host}]' if ':' in host else host}:{http.port}"


def _page(patient: Patient, path: str) -> _Page | None:
    """One of the bot's own pages; None where nothing answers."""
    try:
        with DIRECTLY.open(f"{_address(patient)}{path}", timeout=PATIENCE) as said:
            return _Page(said.status, said.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as refused:
        return _Page(refused.code, refused.read().decode("utf-8", "replace"))
    except (OSError, ValueError):
        return None


def queues(patient: Patient) -> Finding:
    """What was given up, and what could not be handled."""
    file = file_of(patient)
    if file and not file.exists():
        return Finding()
    try:
        with opened(patient.settings.database_url, read_only=True) as database:
            return asyncio.run(_queues(Reading(database, patient.machine.now)))
    except Problem:
        return Finding()  # what is wrong is told by `database`


async def _queues(reading: Reading) -> Finding:
    parked = len(await reading.effects(EffectState.PARKED))
    stuck = len(await reading.deliveries())
    wrong = []
    if parked:
        wrong.append(f"Promises that were given up: {parked}. `muster outbox list` says why; then retry or drop them.")
    if stuck:
        wrong.append(f"Deliveries that could not be handled: {stuck}. `muster inbox list` says why; then replay them.")
    return Finding(tuple(wrong))
