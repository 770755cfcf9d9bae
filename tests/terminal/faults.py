"""The faults that doctor must find: each is planted where it would be in life, and mended when the block ends.

One line above each says the sentence that doctor prints; `*` in it stands for what differs from run to run.
"""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from bot.engine.sqlite import FileLock
from bot.sandbox.pagerduty.seed import READ_ONLY_TOKEN
from bot.sandbox.slack import seed
from bot.terminal.looks.finding import Mount
from bot.web.control import socket_beside
from tests.stories.world import signed
from tests.terminal.ward import Ward

Plant = Callable[[Ward], AbstractAsyncContextManager[None]]
FAULTS: dict[str, tuple[str, Plant]] = {}
"""By name: the sentence, and how to plant it."""

UNREACHED = "127.0.0.1:1"
ANNOUNCE, TRIAGE = "MUSTER_SLACK__ANNOUNCE_CHANNEL", "MUSTER_SLACK__TRIAGE_CHANNEL"


def told(sentence: str) -> Callable[[Callable[[Ward], AsyncIterator[None]]], Plant]:
    def listed(plant: Callable[[Ward], AsyncIterator[None]]) -> Plant:
        FAULTS[plant.__name__] = (sentence, asynccontextmanager(plant))
        return FAULTS[plant.__name__][1]

    return listed


# Settings and files


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


# The database


@told("The database is not up to date. `muster migrate` brings it there.")
async def migrations_are_behind(ward: Ward) -> AsyncIterator[None]:
    async with _revision(ward, "DELETE FROM alembic_version"):
        yield


@told("This database was made by a newer Muster. Run that version, or restore an older backup.")
async def the_database_is_newer_than_the_program(ward: Ward) -> AsyncIterator[None]:
    async with _revision(ward, "UPDATE alembic_version SET version_num = '9999'"):
        yield


@asynccontextmanager
async def _revision(ward: Ward, change: str) -> AsyncIterator[None]:
    before = ward.database.read_bytes()
    ward.sql(change)
    yield
    ward.database.write_bytes(before)


@told("The database is damaged (*). Stop Muster and `muster restore` the last backup.")
async def the_database_is_damaged(ward: Ward) -> AsyncIterator[None]:
    before = ward.database.read_bytes()
    torn = before[: len(before) // 2] + b"\x5a" * (len(before) - len(before) // 2)
    ward.database.write_bytes(torn)
    yield
    ward.database.write_bytes(before)


@told("/proc cannot be written to (*). Make it this user's, or set MUSTER_DATABASE_URL.")
async def the_folder_cannot_be_written_to(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_DATABASE_URL="sqlite:////proc/muster/muster.db"):  # where not even root may
        yield


@told("Only 12 MB are free where * lies. Make room: a full disk hears nothing.")
async def the_disk_is_nearly_full(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(free=lambda folder: 12_345_678):
        yield


@told("* is on a network file system (nfs4): no place for SQLite. Use a local disk, or PostgreSQL.")
async def the_database_is_on_a_network_file_system(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(mounts=lambda: (Mount(Path("/"), "ext4"), Mount(ward.folder.parent, "nfs4"))):
        yield


@told("*/muster.db can be read by everybody on this machine, private incidents too. `chmod 600 */muster.db*`.")
async def everybody_may_read_the_database(ward: Ward) -> AsyncIterator[None]:
    ward.database.chmod(0o644)
    yield
    ward.database.chmod(0o600)


@told("The processes * and * both have */muster.db open for writing. Stop all but one Muster.")
async def two_processes_write_to_one_file(ward: Ward) -> AsyncIterator[None]:
    other = (
        "import sqlite3, sys; x = sqlite3.connect(sys.argv[1]); x.execute('SELECT 1 FROM effect'); print(flush=True)"
    )
    with closing(sqlite3.connect(ward.database)) as mine:
        mine.execute("SELECT 1 FROM effect")
        process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-c", f"{other}; print(flush=True); sys.stdin.read()", str(ward.database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()


@told("* has a second name (a hard link), under which another Muster could open it. Remove that.")
async def the_file_has_two_names(ward: Ward) -> AsyncIterator[None]:
    other = ward.folder / "other.db"
    other.hardlink_to(ward.database)
    yield
    other.unlink()


@told("Something holds the database's lock (process unknown) and no bot answers. Another verb of `muster` may be at*")
async def the_lock_is_held_and_no_bot_answers(ward: Ward) -> AsyncIterator[None]:
    lock = FileLock(ward.database)
    yield
    lock.release()


@told("The bot is there and does not answer. Look at its log; stop it and start it anew.")
async def the_bot_is_there_and_says_nothing_sensible(ward: Ward) -> AsyncIterator[None]:
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(socket_beside(ward.database)))
    line.listen()

    async def hang_up() -> None:
        while True:
            caller, _ = await asyncio.get_running_loop().sock_accept(line)
            await asyncio.get_running_loop().sock_recv(caller, 100)
            caller.close()

    line.setblocking(False)
    answering = asyncio.create_task(hang_up())
    yield
    answering.cancel()
    line.close()
    socket_beside(ward.database).unlink()


@told("The database muster of ada at 127.0.0.1:1 cannot be used. It does not answer: *Is the address right*")
async def postgresql_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_DATABASE_URL=f"postgresql://ada:not-to-be-seen@{UNREACHED}/muster"):
        yield


# What is left undone


@told("Promises that were given up: 1. `muster outbox list` says why; then retry or drop them.")
async def a_promise_is_parked(ward: Ward) -> AsyncIterator[None]:
    ward.sql(
        "INSERT INTO effect (key, kind, system, lane, priority, refreshes, body, state, promised_at)"
        " VALUES ('say/1', 'say', 'slack', 'a', 1, 0, '{}', 'parked', '2026-11-21 12:00:00.000000')"
    )
    yield
    ward.sql("UPDATE effect SET state = 'dropped', kind = 'gone'")


@told("Deliveries that could not be handled: 1. `muster inbox list` says why; then replay them.")
async def a_delivery_is_parked(ward: Ward) -> AsyncIterator[None]:
    _hear(ward, datetime(2026, 11, 21, tzinfo=UTC), "parked")
    yield
    ward.sql("DELETE FROM inbox")


def _hear(ward: Ward, at: datetime, state: str) -> None:
    ward.sql(
        "INSERT INTO inbox (source, key, grp, body, heard_at, state) VALUES ('pagerduty', 'k', '', x'00', ?, ?)",
        at.replace(tzinfo=None).isoformat(" ", "microseconds"),
        state,
    )


@told(
    "The last webhook came * UTC; PagerDuty opened an incident * UTC. Does the webhook's address reach this machine?*"
)
async def nothing_was_heard_although_something_happened(ward: Ward) -> AsyncIterator[None]:
    _hear(ward, ward.machine.now() - timedelta(hours=5), "done")
    await ward.hands.pagerduty.trigger("checkout", "Down")
    await ward.forward(1200)
    yield
    ward.sql("UPDATE inbox SET heard_at = ?", ward.machine.now().replace(tzinfo=None).isoformat(" ", "microseconds"))


# Slack


@told(
    "The bot token is refused (invalid_auth). Slack does not know this token. Copy it anew from *OAuth & Permissions*."
)
async def the_bot_token_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__BOT_TOKEN="xoxb-wrong"):
        yield


@told("MUSTER_SLACK__BOT_TOKEN is no bot token: those begin with xoxb- (OAuth & Permissions).")
async def the_tokens_stand_in_each_others_place(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__BOT_TOKEN=seed.APP_TOKEN):
        yield


@told("The bot token is refused (token_revoked). The token was revoked. Install the app again and copy the new one.")
async def the_bot_token_is_revoked(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.revoke_token()
    yield
    await ward.hands.slack.restore_token()


@told("The app-level token is refused (invalid_auth). Slack does not know this token. Copy it anew from *")
async def the_app_token_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__APP_TOKEN="xapp-wrong"):
        yield


@told("The app-level token lacks the scope connections:write. *")
async def the_app_token_may_not_open_sockets(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.remove_scope("connections:write", seed.APP_TOKEN)
    yield
    await ward.hands.slack.add_scope("connections:write", seed.APP_TOKEN)


@told(f"There is no channel #nowhere that Muster sees ({ANNOUNCE}). Make it or invite Muster, or set another.")
async def the_announcement_channel_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{ANNOUNCE: "#nowhere"}):
        yield


@told(f"{ANNOUNCE} is not set: incidents are announced nowhere.")
async def there_is_no_announcement_channel(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{ANNOUNCE: ""}):
        yield


@told(f"Muster is not in #incidents ({ANNOUNCE}). Invite it there.")
async def muster_is_not_in_the_announcement_channel(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.kick("ada", "#incidents", "muster")
    yield
    await ward.hands.slack.invite("ada", "#incidents", "muster")


@told(f"#incidents is archived. Unarchive it, or set another channel in {ANNOUNCE}.")
async def the_announcement_channel_is_archived(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.archive("ada", "#incidents")
    yield
    await ward.hands.slack.unarchive("ada", "#incidents")
    await ward.hands.slack.invite("ada", "#incidents", "muster")


@told(f"#secret is private, and found by its id only: set {ANNOUNCE} to *.")
async def the_announcement_channel_is_private(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.create_channel("ada", "secret", private=True)
    await ward.hands.slack.invite("ada", "secret", "muster")
    with ward.setting(**{ANNOUNCE: "#secret"}):
        yield


@told(f"Muster is not in #ops ({TRIAGE}). Invite it there.")
async def muster_is_not_in_the_triage_channel(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{TRIAGE: "#ops"}):
        yield


@told(f"#secret is private, and found by its id only: set {TRIAGE} to *.")
async def the_triage_channel_is_private(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.create_channel("ada", "secret", private=True)
    await ward.hands.slack.invite("ada", "secret", "muster")
    with ward.setting(**{TRIAGE: "#secret"}):
        yield


@told(f"There is no channel #nowhere that Muster sees ({TRIAGE}). Make it or invite Muster, or set another.")
async def the_triage_channel_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{TRIAGE: "#nowhere"}):
        yield


@told(f"#ops is archived. Unarchive it, or set another channel in {TRIAGE}.")
async def the_triage_channel_is_archived(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.archive("ada", "#ops")
    with ward.setting(**{TRIAGE: "#ops"}):
        yield


@told("This machine's clock is * s ahead of Slack's. Let NTP set it.")
async def the_clock_is_ten_minutes_ahead(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(now=lambda: datetime.now(UTC) + timedelta(minutes=10)):
        yield


@told("This machine's clock is * s behind Slack's. Let NTP set it.")
async def the_clock_is_ten_minutes_behind(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(now=lambda: datetime.now(UTC) - timedelta(minutes=10)):
        yield


@told("Slack cannot be reached: ClientConnectorError. Is a proxy or a firewall in the way?")
async def slack_cannot_be_reached(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__BASE_URL=f"http://{UNREACHED}/api/"):
        yield


@told(
    "1 times since its start the bot met a signature that is not ours, on requests from Slack: is "
    "MUSTER_SLACK__SIGNING_SECRET the one of *Basic Information*?"
)
async def slacks_signing_secret_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__SIGNING_SECRET="of-another-app"):
        async with ward.bot(slack="http") as app:
            assert not await ward.hands.slack.reach_by("http", app.url, verify=True)
            with ward.setting(MUSTER_SLACK__MODE="http"):
                yield
    await ward.hands.slack.reach_by("socket")


# PagerDuty


@told("PagerDuty does not know the key in MUSTER_PAGERDUTY__API_TOKEN. Copy a REST API key anew.")
async def pagerdutys_key_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__API_TOKEN="wrong"):
        yield


@told("The key in MUSTER_PAGERDUTY__API_TOKEN is read-only, so nobody is paged. Make one that is not.")
async def pagerdutys_key_is_read_only(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__API_TOKEN=READ_ONLY_TOKEN):
        yield


@told("PagerDuty has no user nobody@example.com (MUSTER_PAGERDUTY__FROM_EMAIL), so nobody is paged. Name one.")
async def pagerduty_does_not_know_our_user(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__FROM_EMAIL="nobody@example.com"):
        yield


@told("MUSTER_PAGERDUTY__FROM_EMAIL is not set: PagerDuty wants to know on whose behalf Muster acts.")
async def no_user_is_named(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__FROM_EMAIL=""):
        yield


@told("PagerDuty cannot be reached *. Is pagerduty.base_url right, and a proxy or firewall in the way?")
async def pagerduty_cannot_be_reached(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__BASE_URL=f"http://{UNREACHED}"):
        yield


@told("PagerDuty has no webhook that delivers to Muster. Make a Generic V3 webhook, account-wide, to https://…/webh*")
async def there_is_no_webhook(ward: Ward) -> AsyncIterator[None]:
    await ward.rest("DELETE", f"/webhook_subscriptions/{await ward.subscription()}")
    yield
    await ward.hands.pagerduty.subscribe(f"{ward.reception.server.url}/webhooks/pagerduty")


@told("PagerDuty's webhooks deliver elsewhere (https://example.com/hook). Make a Generic V3 webhook, account-wide, *")
async def the_webhook_points_elsewhere(ward: Ward) -> AsyncIterator[None]:
    await ward.rest("DELETE", f"/webhook_subscriptions/{await ward.subscription()}")
    await ward.hands.pagerduty.subscribe("https://example.com/hook")
    yield
    await ward.hands.pagerduty.subscribe(f"{ward.reception.server.url}/webhooks/pagerduty")


@told("PagerDuty has switched the webhook subscription * off for a day, after three refusals. *")
async def pagerduty_has_switched_the_webhook_off(ward: Ward) -> AsyncIterator[None]:
    ward.reception.status = 404
    for _ in range(3):
        await ward.hands.pagerduty.ping()
        await ward.hands.pagerduty.settle()
    ward.reception.status = 202
    yield
    await ward.hands.pagerduty.enable(await ward.subscription())


@told("The webhook subscription * is switched off. Switch it on in PagerDuty.")
async def somebody_has_switched_the_webhook_off(ward: Ward) -> AsyncIterator[None]:
    await ward.change_subscription(active=False)
    yield
    await ward.change_subscription(active=True)


@told("The webhook subscription * lacks incident.acknowledged, incident.resolved. Tick all incident events there.")
async def the_webhook_lacks_events(ward: Ward) -> AsyncIterator[None]:
    every = (await ward.hands.pagerduty.subscriptions())[0]["events"]
    lacking = {"incident.acknowledged", "incident.resolved"}
    await ward.change_subscription(events=[name for name in every if name not in lacking])
    yield
    await ward.change_subscription(events=every)


@told("2 webhook subscriptions deliver to Muster (*), each signed with a secret of its own, and one secret is set. *")
async def two_webhooks_deliver_the_same(ward: Ward) -> AsyncIterator[None]:
    second = await ward.hands.pagerduty.subscribe(f"{ward.reception.server.url}/webhooks/pagerduty")
    yield
    await ward.rest("DELETE", f"/webhook_subscriptions/{second}")


@told("MUSTER_PAGERDUTY__WEBHOOK_SECRETS is not set: no webhook can be believed. Set it.")
async def no_webhook_secret_is_set(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__WEBHOOK_SECRETS=""):
        yield


@told(
    "1 times since its start the bot met a signature that is not ours, on PagerDuty webhooks: is a webhook's secret "
    "missing in MUSTER_PAGERDUTY__WEBHOOK_SECRETS?"
)
async def the_webhook_secret_is_wrong(ward: Ward) -> AsyncIterator[None]:
    async with ward.bot() as app, aiohttp.ClientSession() as session:
        headers = {"x-pagerduty-signature": signed(b"{}", "another secret")}
        async with session.post(f"{app.url}/webhooks/pagerduty", data=b"{}", headers=headers) as answer:
            assert answer.status == 503
        yield


@told("On call in PagerDuty and unknown in Slack, by e-mail: Zoe Laurent. *")
async def somebody_on_call_is_unknown_in_slack(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.change_person("zoe", email="zoe@elsewhere.example")
    async with ward.bot():
        pass
    yield
    await ward.hands.slack.change_person("zoe", email="zoe@contractor.example")
    async with ward.bot():
        pass


@told("policy.paging.commanders names the policy PGONE (Commanders), which PagerDuty does not have. *")
async def the_settings_name_a_policy_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"paging": {"commanders": {"kind": "policy", "id": "PGONE", "name": "Commanders"}}}}):
        yield


@told("policy.paging.fallback names the service PGONE (everything), which PagerDuty does not have. *")
async def the_settings_name_a_service_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"paging": {"fallback": {"kind": "service", "id": "PGONE", "name": "everything"}}}}):
        yield


@told("policy.rules, no. 1: PagerDuty has no service chekout*, so the rule never counts.")
async def a_rule_names_a_service_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"rules": [{"service": "chekout*", "action": "triage"}, {"action": "keep"}]}}):
        yield


@told("policy.rules, no. 1: PagerDuty has no priority Sev-1, so the rule never counts.")
async def a_rule_names_a_priority_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"rules": [{"priority": "Sev-1", "action": "open", "severity": 1}]}}):
        yield
