"""`muster doctor`: looks at everything that must work and says in a sentence what to do about what does not."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.app import pagerduty_options
from bot.engine.db import Database
from bot.engine.directory import Directory
from bot.engine.handle import Engine
from bot.engine.tables import EffectState
from bot.integrations.pagerduty import build_pagerduty
from bot.integrations.slack.checkup import check_app, check_bot
from bot.integrations.slack.client import Connection
from bot.integrations.slack.manifest import manifest
from bot.settings import Settings, without_password
from bot.terminal.config import looks_wrong, settings, warnings
from bot.terminal.opening import opened
from bot.terminal.problem import Problem
from bot.web.control import NotRunning, ask, socket_of


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine when there is nothing to say, `note` is worth knowing all the same."""

    what: str
    wrong: tuple[str, ...] = ()
    note: str = ""


def doctor() -> None:
    """Prints every finding. Raises Problem when something is wrong."""
    findings = asyncio.run(examine(settings()))
    for finding in findings:
        print(f"{'✗' if finding.wrong else '✓'} {finding.what}" + (f" ({finding.note})" if finding.note else ""))
        for sentence in finding.wrong:
            print(f"    {sentence}")
    wrong = sum(len(finding.wrong) for finding in findings)
    if wrong:
        raise Problem("", f"{wrong} thing{'s' if wrong > 1 else ''} to mend.")
    print("\nAll is well.")


async def examine(found: Settings) -> list[Finding]:
    """Looks at everything; what one look needs and another found broken is left out."""
    findings = [Finding("settings", (*warnings(), *found.missing(), *looks_wrong(found)))]
    findings += await _with_database(found)
    findings += await _slack(found)
    return findings


async def _with_database(found: Settings) -> list[Finding]:
    try:
        with opened(found.database_url, read_only=True) as database:
            engine = Engine(database, found.policy)
            return [
                Finding("database", note=without_password(found.database_url)),
                _process(found),
                await _queues(engine),
                await _pagerduty(found, engine),
                await _people(database),
            ]
    except Problem as problem:
        return [Finding("database", tuple(str(sentence) for sentence in problem.sentences))]


def _process(found: Settings) -> Finding:
    path = socket_of(found.database_url)
    if path is None:
        return Finding("process", note="on PostgreSQL: see each replica's /readyz")
    try:
        return Finding("process", note=f"a bot runs on this database, process {ask(path, 'process')}")
    except NotRunning:
        return Finding("process", note="no bot runs on this database just now")


async def _queues(engine: Engine) -> Finding:
    parked = len(await engine.reading.effects(EffectState.PARKED))
    stuck = len(await engine.reading.deliveries())
    wrong = []
    if parked:
        wrong.append(f"Promises that were given up: {parked}. `muster outbox list` says why; then retry or drop them.")
    if stuck:
        wrong.append(f"Deliveries that could not be handled: {stuck}. `muster inbox list` says why; then replay them.")
    return Finding("queues", tuple(wrong))


async def _pagerduty(found: Settings, engine: Engine) -> Finding:
    if not found.pagerduty.in_use:
        return Finding("PagerDuty", note="not set up: nothing is paged, no alert comes in")
    room = build_pagerduty(pagerduty_options(found), engine)
    try:
        return Finding("PagerDuty", tuple(await room.check()))
    finally:
        await room.stop()


async def _people(database: Database) -> Finding:
    """Who is on call and unknown in Slack cannot be invited to a room."""
    directory = Directory(database)
    await directory.load()
    called = {(call.pagerduty, call.name) for service in directory.services() for call in service.on_call}
    unlinked = sorted(name for key, name in called if not ((person := directory.by_pagerduty(key)) and person.slack))
    if not unlinked:
        return Finding("people")
    told = f"On call in PagerDuty and unknown in Slack, by e-mail: {', '.join(unlinked)}."
    return Finding(
        "people", (f"{told} Muster asks them when they first act in Slack; the same e-mail in both does it too.",)
    )


async def _slack(found: Settings) -> list[Finding]:
    token, base = found.slack.bot_token.get_secret_value(), found.slack.base_url
    if not token:
        return []
    connection = await Connection.open(token, base)
    try:
        wanted = manifest(mode=found.slack.mode, url="https://muster.example")["oauth_config"]["scopes"]["bot"]
        wrong = await check_bot(connection, wanted, found.slack.announce_channel, datetime.now(UTC))
    finally:
        await connection.close()
    findings = [Finding("Slack", tuple(wrong))]
    if found.slack.mode == "socket" and (app_token := found.slack.app_token.get_secret_value()):
        findings.append(Finding("Slack's Socket Mode", tuple(await check_app(base, app_token))))
    return findings
