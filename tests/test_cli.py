"""The command line: help at once, plain words for what went wrong, and the verbs beside a running bot."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import yaml

from bot import __version__
from bot.sandbox.pagerduty.seed import API_TOKEN, WEBHOOK_SECRET
from bot.sandbox.slack.seed import APP_TOKEN, BOT_TOKEN
from bot.terminal import books
from bot.terminal.doctor import LOOKS
from bot.terminal.problem import Problem
from bot.terminal.stage import Stage, set_up

ROOT = Path(__file__).parent.parent
HELP_WITHIN = 0.250
"""Seconds; the best of some tries, for the machine may be busy."""
TOKENS = {"MUSTER_SLACK__BOT_TOKEN": "xoxb-none", "MUSTER_SLACK__APP_TOKEN": "xapp-none"}
CANARY = "canary-in-a-note"


def muster(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=_environment(folder, environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _environment(folder: Path, more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    return kept | {"PYTHONPATH": str(ROOT), "MUSTER_DATABASE_URL": f"sqlite:///{folder / 'muster.db'}"} | more


def told(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What it said on standard error, having ended with this code and without a traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_help_is_there_at_once(tmp_path: Path) -> None:
    took = []
    for _ in range(7):
        begun = time.monotonic()
        assert "simulate" in muster("--help", folder=tmp_path).stdout
        took.append(time.monotonic() - begun)

    assert min(took) < HELP_WITHIN


def test_every_verb_says_what_it_does(tmp_path: Path) -> None:
    for words in ([], ["config"], ["outbox"], ["inbox"], ["simulate"]):
        listed = muster(*words, "--help", folder=tmp_path).stdout.partition("Commands:")[2]
        verbs = re.findall(r"^  (\w+)( {2,}\S.*)?$", listed, re.MULTILINE)
        assert verbs
        assert all(said for _, said in verbs), verbs


def test_the_version_is_the_packages_own(tmp_path: Path) -> None:
    assert muster("version", folder=tmp_path).stdout.strip() == __version__
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__


def test_a_verb_that_there_is_not_is_asked_wrongly(tmp_path: Path) -> None:
    assert "No such command 'sreve'" in told(muster("sreve", folder=tmp_path), 2)


def test_config_check_tells_everything_that_is_wrong(tmp_path: Path) -> None:
    wrong = {"MUSTER_SLACK__BOT_TOKEN": "xapp-1", "MUSTER_SLAK__MODE": "http", "MUSTER_PAGERDUTY__API_TOKEN": "t"}
    said = told(muster("config", "check", folder=tmp_path, **wrong), 1)

    assert "MUSTER_SLAK__MODE sets nothing. Did you mean MUSTER_SLACK__MODE?" in said
    assert "MUSTER_SLACK__APP_TOKEN is not set" in said
    assert "MUSTER_SLACK__BOT_TOKEN is no bot token" in said
    assert "MUSTER_PAGERDUTY__FROM_EMAIL is not set" in said


def test_config_check_tells_what_is_wrong_with_a_runbook(tmp_path: Path) -> None:
    (tmp_path / "disk.md").write_text("---\ntitle: Full disk\nreviewed: lately\n---\n## Steps\n1. Look.\n")
    said = told(muster("config", "check", folder=tmp_path, **TOKENS, MUSTER_RUNBOOKS__FOLDER=str(tmp_path)), 1)

    assert said == f"{tmp_path}/disk.md: `reviewed` should be a day such as 2026-11-21."


def test_config_check_tells_what_is_wrong_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "update.md").write_text("{condition}\n{mood}\n")
    said = told(muster("config", "check", folder=tmp_path, **TOKENS, MUSTER_MESSAGES__FOLDER=str(tmp_path)), 1)

    assert said.startswith(f"{tmp_path}/update.md, line 2: nothing is filled in for {{mood}}. There are {{number}},")


def test_config_check_is_content_with_what_serves(tmp_path: Path) -> None:
    done = muster("config", "check", folder=tmp_path, **TOKENS)

    assert (done.returncode, done.stdout.partition(" (")[0]) == (0, "The settings are fine")
    assert "read at the start only: restart Muster for what you changed" in done.stdout


def test_config_show_prints_a_file_that_could_be_used_with_secrets_masked(tmp_path: Path) -> None:
    shown = muster("config", "show", folder=tmp_path, **TOKENS, MUSTER_HTTP__PORT="7").stdout

    assert yaml.safe_load(shown)["http"]["port"] == 7
    assert not any(token in shown for token in TOKENS.values())


def test_config_schema_is_json_schema(tmp_path: Path) -> None:
    assert "slack" in json.loads(muster("config", "schema", folder=tmp_path).stdout)["properties"]


def test_another_file_of_settings_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("http: {port: 11}")

    assert (
        yaml.safe_load(muster("--config", "other.yaml", "config", "show", folder=tmp_path).stdout)["http"]["port"] == 11
    )
    assert told(muster("--config", "gone.yaml", "config", "show", folder=tmp_path), 2) == "There is no file gone.yaml."


def test_the_manifest_is_for_the_mode_that_is_set(tmp_path: Path) -> None:
    app = yaml.safe_load(muster("manifest", folder=tmp_path).stdout)
    assert app["settings"]["socket_mode_enabled"] is True

    by_http = {"MUSTER_SLACK__MODE": "http"}
    assert "--url https://" in told(muster("manifest", folder=tmp_path, **by_http), 2)
    app = yaml.safe_load(muster("manifest", "--url", "https://m.example", folder=tmp_path, **by_http).stdout)
    assert app["settings"]["event_subscriptions"]["request_url"] == "https://m.example/slack/events"


def test_a_server_loads_nothing_that_is_only_there_for_colours(tmp_path: Path) -> None:
    """Seven megabytes, where the whole may hold 130."""
    done = muster("serve", folder=tmp_path, PYTHONPROFILEIMPORTTIME="1")
    loaded = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert {"structlog.dev", "alembic", "mako.exceptions"} <= loaded
    assert [name for name in loaded if name.startswith(("rich.", "pygments."))] == [], (
        "they are asked for, and not found"
    )


def test_serving_without_an_account_says_what_is_needed(tmp_path: Path) -> None:
    said = told(muster("serve", folder=tmp_path), 2)

    assert "MUSTER_SLACK__BOT_TOKEN is not set" in said
    assert "`muster demo`" in said


def test_roles_apart_need_a_shared_database(tmp_path: Path) -> None:
    assert "need PostgreSQL" in told(muster("serve", "--role", "web", folder=tmp_path, **TOKENS), 2)
    assert "There is no role king" in told(muster("serve", "--role", "king", folder=tmp_path, **TOKENS), 2)


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = muster("serve", folder=tmp_path, **TOKENS, MUSTER_HTTP__HOST="127.0.0.1", MUSTER_HTTP__PORT=port)

    assert "Address already in use" in told(done, 1)


def test_reading_before_there_is_a_database_says_what_to_do(tmp_path: Path) -> None:
    assert "`muster migrate`" in told(muster("timeline", "INC-1", folder=tmp_path), 1)
    assert not (tmp_path / "muster.db").exists()


def test_verbs_without_a_running_bot_work_under_the_lock(tmp_path: Path) -> None:
    assert muster("migrate", folder=tmp_path).returncode == 0
    assert muster("migrate", folder=tmp_path).returncode == 0

    assert told(muster("timeline", "INC-7", folder=tmp_path), 1) == "There is no INC-7."
    assert "looks like INC-42" in told(muster("timeline", "banana", folder=tmp_path), 2)
    assert muster("outbox", "list", folder=tmp_path).stdout == "Every promise is kept.\n"
    assert muster("inbox", "list", folder=tmp_path).stdout.startswith("Nothing is parked")
    assert "no parked promise 5" in told(muster("outbox", "retry", "5", folder=tmp_path), 1)
    assert "no parked promise 5" in told(muster("outbox", "drop", "5", folder=tmp_path), 1)
    assert "no parked entry 5" in told(muster("replay", "5", folder=tmp_path), 1)
    assert "no parked entry 5" in told(muster("inbox", "drop", "5", folder=tmp_path), 1)
    assert "Say which" in told(muster("replay", folder=tmp_path), 2)
    assert muster("replay", "--all", folder=tmp_path).stdout == "Parked entries that will be handled again: 0.\n"


def test_simulating_needs_a_secret_a_known_event_and_someone_who_listens(tmp_path: Path) -> None:
    signed = {"MUSTER_PAGERDUTY__WEBHOOK_SECRETS": '["s3cret"]', "MUSTER_HTTP__PORT": "1"}

    said = told(muster("simulate", "pagerduty", "incident.triggered", folder=tmp_path), 2)
    assert said.startswith("MUSTER_PAGERDUTY__WEBHOOK_SECRETS is not set")
    assert "There is no event nope" in told(muster("simulate", "pagerduty", "nope", folder=tmp_path, **signed), 2)
    said = told(muster("simulate", "pagerduty", "incident.triggered", folder=tmp_path, **signed), 1)
    assert "Is `muster serve` running?" in said


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """A bot whose Slack and PagerDuty do not answer, its address, and its log."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nowhere = "http://127.0.0.1:1"
    environment = _environment(
        tmp_path,
        {
            **TOKENS,
            "MUSTER_HTTP__HOST": "127.0.0.1",
            "MUSTER_HTTP__PORT": str(port),
            "MUSTER_SLACK__BASE_URL": f"{nowhere}/api/",
            "MUSTER_PAGERDUTY__BASE_URL": nowhere,
            "MUSTER_PAGERDUTY__API_TOKEN": "pd-token",
            "MUSTER_PAGERDUTY__FROM_EMAIL": "muster@example.com",
            "MUSTER_PAGERDUTY__WEBHOOK_SECRETS": '["s3cret-of-webhooks"]',
        },
    )
    log = tmp_path / "muster.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], cwd=tmp_path, env=environment, stdout=written, stderr=written
        )
    try:
        yield process, f"http://127.0.0.1:{port}", log
    finally:
        process.kill()
        process.wait()


def answer(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as said:
            return said.status, said.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def until_it_listens(url: str) -> float:
    begun = time.monotonic()
    while True:
        try:
            answer(f"{url}/healthz")
        except OSError:
            assert time.monotonic() - begun < 20
            time.sleep(0.05)
        else:
            return time.monotonic() - begun


def test_it_starts_while_slack_and_pagerduty_are_down_and_hears_all_the_same(
    alone: tuple[subprocess.Popen[bytes], str, Path], tmp_path: Path
) -> None:
    process, url, log = alone
    until_it_listens(url)

    begun = time.monotonic()
    while (said := answer(f"{url}/readyz"))[0] != 200:  # until it has asked them in vain, nobody knows how they are
        assert time.monotonic() - begun < 20, said
        time.sleep(0.05)
    assert json.loads(said[1])["checks"]["slack"].startswith("degraded: Slack does not answer")
    assert answer(f"{url}/healthz") == (200, "ok\n")

    port = url.rpartition(":")[2]
    signed = {"MUSTER_PAGERDUTY__WEBHOOK_SECRETS": '["s3cret-of-webhooks"]', "MUSTER_HTTP__PORT": port}
    heard = muster("simulate", "pagerduty", "incident.triggered", "--priority", "P1", folder=tmp_path, **signed)
    assert heard.stdout.startswith("incident.triggered of QSIM"), heard.stderr
    wrong = {"MUSTER_PAGERDUTY__WEBHOOK_SECRETS": '["another"]', "MUSTER_HTTP__PORT": port}
    assert "503" in told(muster("simulate", "pagerduty", "incident.triggered", folder=tmp_path, **wrong), 1)
    assert 'muster_webhooks_total{outcome="signature_mismatch"} 1.0' in answer(f"{url}/metrics")[1]

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=12) == 0
    assert "Traceback" not in log.read_text()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with set_up(0) as standing:
        yield standing


async def refusal(stage: Stage, *words: str) -> str:
    with pytest.raises(Problem) as caught:
        await stage.bot.verb(*words)
    return "\n".join(caught.value.sentences)


async def test_verbs_beside_a_running_bot(stage: Stage) -> None:
    heard = await stage.bot.verb("simulate", "pagerduty", "incident.triggered", "--title", "Simulated | `alert`")
    room = await stage.hands.slack.wait_for_channel("inc-1", seconds=15)
    await stage.hands.slack.join("ada", room["id"])
    await stage.hands.slack.command("ada", room["id"], f"note {CANARY}")
    await stage.hands.slack.wait_for_message(room["id"], CANARY, seconds=15)

    incident = heard.split()[-1]
    await stage.bot.verb("simulate", "pagerduty", "incident.resolved", "--incident", incident)
    await stage.hands.slack.wait_for_message(room["id"], "All alerts are clear", seconds=15)
    timeline = await stage.bot.verb("timeline", "inc-1")
    lines = [json.loads(line) for line in (await stage.bot.verb("timeline", "1", "--json")).splitlines()]
    table = (await stage.bot.verb("timeline", "INC-1", "--format", "csv")).splitlines()
    draft = await stage.bot.verb("postmortem", "INC-1")

    assert f"Ada Marsh: {CANARY}\n" in timeline
    assert [line["kind"] for line in lines][:2] == ["alert_joined", "declared"]
    assert table[0].startswith("incident,entry,at,recorded,by,kind,text")
    assert any(f"Ada Marsh: {CANARY}" in line for line in table)
    assert "md, csv, json, not as “pdf”" in await refusal(stage, "timeline", "INC-1", "--format", "pdf")
    assert draft.startswith("# Postmortem of INC-1: Simulated \\| \\`alert\\`\n")
    assert "no parked promise 5" in await refusal(stage, "outbox", "retry", "5")
    assert (await stage.bot.verb("replay", "--all")).endswith(": 0.\n")
    assert "Another Muster is running" in await refusal(stage, "serve")
    assert "Stop it first" in await refusal(stage, "migrate")
    await nothing_hidden(stage)


async def nothing_hidden(stage: Stage) -> None:
    """No secret, and no word of anybody, is in the bot's log; and nothing in it went wrong."""
    log = await asyncio.to_thread(stage.bot.log.read_text)
    assert '"decided"' in log
    for secret in (BOT_TOKEN, APP_TOKEN, API_TOKEN, WEBHOOK_SECRET, CANARY, "Simulated"):
        assert secret not in log
    assert '"level": "error"' not in log


async def test_doctor_looks_at_everything_and_says_what_to_do(stage: Stage) -> None:
    said = await refusal(stage, "doctor")

    assert re.findall(r"^[✓✗] ([\w' ]+\w)", said, re.MULTILINE) == list(LOOKS)
    assert "unknown in Slack, by e-mail: Zoe Laurent." in said
    assert said.count("✗") == 1

    await stage.hands.slack.revoke_token()
    said = await refusal(stage, "doctor")
    assert "The bot token is refused (" in said


async def test_the_books_notice_a_message_that_is_lost(stage: Stage) -> None:
    await stage.hands.pagerduty.trigger("checkout", "Down", priority="P1")
    room = await stage.hands.slack.wait_for_channel("inc-1", seconds=15)
    card = await stage.hands.slack.wait_for_message(room["id"], "INC-1", seconds=15)
    await asyncio.sleep(2)
    before, _ = await books.examine(stage)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as slack:
        wish = {"channel": room["id"], "ts": card["ts"]}
        async with slack.post(f"{stage.sandbox.slack_url}chat.delete", data=wish) as deleted:
            assert (await deleted.json())["ok"]
    after, wrong = await books.examine(stage)

    assert any(line.startswith("every message once") for line in before)
    assert not any(line.startswith("every message once") for line in after)
    assert any("promised and not there: card/1" in line for line in wrong)


def test_the_demo_plays_a_whole_incident_and_finds_its_books_in_order(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--script"],
        cwd=tmp_path,
        env=_environment(tmp_path, {}),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 9 + len(books.LOOKS)
    assert "every message once" in done.stdout
    assert "Postmortem of INC-1" in done.stdout


def test_the_demo_stops_both_when_told_to(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "bot", "demo", "--port", "0"],
        cwd=tmp_path,
        env=_environment(tmp_path, {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    bot = re.search(r"Bot +(\S+)", said)
    assert bot is not None
    assert answer(f"{bot[1]}/readyz")[0] == 200
    page = re.search(r"^Open (\S+) ", said, re.MULTILINE)
    assert page is not None
    assert "An alert fires" in answer(f"{page[1]}/as/ada/weather")[1]

    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=15)[0]

    assert process.returncode == 0
    assert "Both are stopped" in rest
    with pytest.raises(OSError, match="refused"):
        answer(f"{bot[1]}/healthz")
