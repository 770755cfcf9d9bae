"""Looks at Slack and PagerDuty, as the settings reach them."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from bot.app import pagerduty_options
from bot.engine.condition import last_heard
from bot.engine.db import Database
from bot.engine.directory import Directory
from bot.incident.policy import Policy
from bot.integrations.pagerduty.checkup import Asked, check_account, check_hearing
from bot.integrations.pagerduty.client import Account
from bot.integrations.pagerduty.reports import SOURCE
from bot.integrations.slack.checkup import Wanted, check_app, check_bot
from bot.integrations.slack.client import Connection
from bot.integrations.slack.manifest import FOLLOWING, GROUP_SCOPES, PRIVATE_SCOPES, SCOPES
from bot.settings import Settings, variable
from bot.terminal.looks.finding import Finding, Patient
from bot.terminal.opening import opened
from bot.terminal.problem import Problem

T = TypeVar("T")

TIMEOUT = 8
"""Seconds for one call to Slack."""
FOLLOWED = (
    f"Slack does not say whether it sends {' and '.join(FOLLOWING)}, which marking.follow_edits needs; "
    "`muster manifest` asks for them"
)


def slack(patient: Patient) -> Finding:
    """The bot token, its scopes, the shared channels, and this machine's clock against Slack's."""
    if not patient.settings.slack.bot_token.get_secret_value():
        return Finding(notes=("not set up",))
    return asyncio.run(_slack(patient))


async def _slack(patient: Patient) -> Finding:
    group = patient.settings.slack
    connection = await Connection.open(group.bot_token.get_secret_value(), group.base_url, TIMEOUT)
    settings = patient.settings
    wanted = Wanted(SCOPES, PRIVATE_SCOPES, _groups_invited(settings.policy), _channels(settings))
    try:
        told = await check_bot(connection, wanted, patient.machine.now())
    finally:
        await connection.close()
    follows = (FOLLOWED,) if settings.policy.marking.follow_edits else ()
    return Finding(told.wrong, (*told.notes, *follows))


def _groups_invited(policy: Policy) -> dict[str, Collection[str]]:
    """The severities that bring whole groups into the room, each with what that needs."""
    return {f"The setting `invite` of {s.label}": GROUP_SCOPES for s in policy.severities if s.invite}


def _channels(settings: Settings) -> dict[str, str]:
    group = settings.slack
    named = {"slack.announce_channel": group.announce_channel}
    named |= {"slack.triage_channel": group.triage_channel} if group.triage_channel else {}
    return {variable(name): channel for name, channel in named.items()}


def socket_mode(patient: Patient) -> Finding:
    """Whether Slack would open a socket for the app-level token."""
    group = patient.settings.slack
    token = group.app_token.get_secret_value()
    if group.mode != "socket" or not token:
        return Finding(notes=("not used",))
    return Finding(tuple(asyncio.run(check_app(group.base_url, token))))


def pagerduty(patient: Patient) -> Finding:
    """Key, user, webhook, and what the settings name there."""
    if not patient.settings.pagerduty.in_use:
        return Finding(notes=("not set up: nothing is paged, no alert comes in",))
    secrets = len(patient.settings.pagerduty.webhook_secrets)
    told = asyncio.run(check_account(Asked(_account(patient), secrets, patient.settings.policy)))
    return Finding(told.wrong, told.notes)


def hearing(patient: Patient) -> Finding:
    """Whether what happens in PagerDuty reaches us: what is there, against what came in."""
    if not patient.settings.pagerduty.in_use:
        return Finding()
    told = asyncio.run(check_hearing(_account(patient), _heard(patient), patient.machine.now()))
    return Finding(told.wrong, told.notes)


def _account(patient: Patient) -> Account:
    options = pagerduty_options(patient.settings)
    return Account(options.base_url, options.api_token, options.from_email)


def _heard(patient: Patient) -> datetime | None:
    """When the last webhook came in; None where none did, or the database cannot be read."""
    try:
        with opened(patient.settings.database_url, read_only=True) as database:
            return database.read_now(last_heard).get(SOURCE)
    except Problem:
        return None


def people(patient: Patient) -> Finding:
    """Whoever is on call and unknown in Slack cannot be invited to a room."""
    try:
        with opened(patient.settings.database_url, read_only=True) as database:
            unlinked = asyncio.run(_unlinked(database))
    except Problem:
        return Finding(notes=("known once Muster ran",))
    if not unlinked:
        return Finding()
    told = f"On call in PagerDuty and unknown in Slack, by e-mail: {', '.join(unlinked)}."
    return Finding((f"{told} Muster asks them when they first act in Slack; the same e-mail in both does it too.",))


async def _unlinked(database: Database) -> list[str]:
    directory = Directory(database)
    await directory.load()
    called = {(call.pagerduty, call.name) for service in directory.services() for call in service.on_call}
    return sorted(name for key, name in called if not ((person := directory.by_pagerduty(key)) and person.slack))
