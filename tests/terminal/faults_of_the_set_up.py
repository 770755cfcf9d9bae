"""Faults in settings, files, templates and the machine."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.sandbox.slack import seed
from tests.terminal.faults import told
from tests.terminal.ward import Ward


@told("MUSTER_SLAK__BOT_TOKEN sets nothing. Did you mean MUSTER_SLACK__BOT_TOKEN?")
async def a_variable_is_misspelt(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLAK__BOT_TOKEN="xoxb-1"):
        yield


@told("*/muster.yaml is not valid YAML: expected the node content, but found '}' (line 1).")
async def muster_yaml_cannot_be_read(ward: Ward) -> AsyncIterator[None]:
    with ward.config("slack: [}"):
        yield


@told("*/muster.yaml: slack.anounce_channel: there is no such setting. Did you mean slack.announce_channel?")
async def muster_yaml_has_an_unknown_key(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"slack": {"anounce_channel": "#incidents"}}):
        yield


@told("There is no file */gone.yaml.")
async def muster_yaml_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_CONFIG=str(ward.folder / "gone.yaml")):
        yield


@told("*/muster.yaml holds secrets and can be read by everybody on this machine. `chmod 600 */muster.yaml`.")
async def muster_yaml_shows_its_secrets_to_everybody(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"slack": {"bot_token": seed.BOT_TOKEN}}, mode=0o644):
        yield


@told("MUSTER_PAGERDUTY__WEBHOOK_SECRETS_FILE: */gone cannot be read: No such file or directory.")
async def a_secret_file_is_missing(ward: Ward) -> AsyncIterator[None]:
    secrets = os.environ.pop("MUSTER_PAGERDUTY__WEBHOOK_SECRETS")
    with ward.setting(MUSTER_PAGERDUTY__WEBHOOK_SECRETS_FILE=str(ward.folder / "gone")):
        yield
    os.environ["MUSTER_PAGERDUTY__WEBHOOK_SECRETS"] = secrets


@told("*/secret (MUSTER_SLACK__SIGNING_SECRET_FILE) can be read by everybody on this machine. `chmod 600 */secret`.")
async def a_secret_file_is_open_to_everybody(ward: Ward) -> AsyncIterator[None]:
    file = ward.folder / "secret"
    file.write_text(os.environ.pop("MUSTER_SLACK__SIGNING_SECRET"))
    file.chmod(0o644)
    with ward.setting(MUSTER_SLACK__SIGNING_SECRET_FILE=str(file)):
        yield
    os.environ["MUSTER_SLACK__SIGNING_SECRET"] = seed.SIGNING_SECRET


@told("postmortem/default.md.j2, line 2: unexpected '}', expected ')'. Mend it; until then drafts are in Muster's own*")
async def the_template_is_no_template(ward: Ward) -> AsyncIterator[None]:
    async with _template(ward, "# Ours\n{{ report.incident.name( }}"):
        yield


@told("The template postmortem/default cannot be rendered: *has no attribute 'tittle'. Mend it*")
async def the_template_asks_for_what_is_not_there(ward: Ward) -> AsyncIterator[None]:
    async with _template(ward, "# {{ i.tittle }}"):
        yield


@told("*/runbooks/disk.md: it has no heading `## Steps` with a numbered list below it.")
async def a_runbook_has_no_steps(ward: Ward) -> AsyncIterator[None]:
    file = ward.folder / "runbooks" / "disk.md"
    file.parent.mkdir()
    file.write_text("---\ntitle: Full disk\n---\nLook.")
    with ward.setting(MUSTER_RUNBOOKS__FOLDER=str(file.parent)):
        yield


@told("*/messages/resolved.md, line 2: nothing is filled in for {who}. There are {person}, {incident},*")
async def a_message_has_a_placeholder_that_there_is_not(ward: Ward) -> AsyncIterator[None]:
    file = ward.folder / "messages" / "resolved.md"
    file.parent.mkdir()
    file.write_text("It is over.\nThank {who}.")
    with ward.setting(MUSTER_MESSAGES__FOLDER=str(file.parent)):
        yield


@asynccontextmanager
async def _template(ward: Ward, words: str) -> AsyncIterator[None]:
    file = ward.folder / "ours" / "postmortem" / "default.md.j2"
    file.parent.mkdir(parents=True)
    file.write_text(words)
    with ward.setting(MUSTER_POSTMORTEM__FOLDER=str(ward.folder / "ours")):
        yield


@told("There is no time zone data here: times will be told in UTC. `pip install tzdata`.")
async def time_zones_are_missing(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(zones=set):
        yield
