"""doctor finds each planted fault and says what to do; where nothing is planted it says nothing."""

import asyncio
import json
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.engine.schema import driver_url
from bot.integrations.slack.manifest import SCOPES
from bot.sandbox.pagerduty import seed as pagerduty
from bot.sandbox.slack import seed as slack
from bot.settings import load
from bot.terminal.doctor import LOOKS, examine
from bot.terminal.looks import outside
from bot.terminal.looks.finding import Finding, Machine, Mount, Patient
from tests.engine.conftest import Cluster
from tests.terminal import faults_of_pagerduty, faults_of_slack, faults_of_the_database, faults_of_the_set_up
from tests.terminal.faults import FAULTS
from tests.terminal.ward import Ward

ENTERED = (faults_of_the_set_up, faults_of_the_database, faults_of_slack, faults_of_pagerduty)
"""Their imports enter the faults."""
ROOT = Path(__file__).parents[2]
SECRETS = (slack.BOT_TOKEN, slack.APP_TOKEN, slack.SIGNING_SECRET, pagerduty.API_TOKEN, pagerduty.WEBHOOK_SECRET)


def fits(sentence: str, pattern: str) -> bool:
    """Whether the sentence is the pattern, in which `*` stands for anything."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), sentence, re.DOTALL) is not None


async def test_a_sound_set_up_has_nothing_to_mend(ward: Ward) -> None:
    visit = await ward.visit()

    assert [one for one in visit.seen if one.finding.wrong] == []
    assert [one.what for one in visit.seen] == list(LOOKS)
    assert visit.code == 0


async def test_a_sound_set_up_with_the_bot_running_has_nothing_to_mend(ward: Ward) -> None:
    async with ward.bot():
        assert await ward.wrong() == []


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found_and_when_it_is_mended_it_is_gone(ward: Ward, name: str) -> None:
    pattern, plant = FAULTS[name]
    async with plant(ward):
        found = await ward.wrong()
    mended = await ward.wrong()

    assert [sentence for sentence in found if fits(sentence, pattern)], found
    assert mended == []
    assert not [secret for secret in (*SECRETS, "not-to-be-seen") if secret in "".join(found)]


async def test_each_scope_that_is_missing_is_named(ward: Ward) -> None:
    patient = Patient(load(), {})
    for scope in SCOPES:
        await ward.hands.slack.remove_scope(scope)
        (said,) = (await asyncio.to_thread(outside.slack, patient)).wrong
        await ward.hands.slack.add_scope(scope)
        assert said.startswith(f"The app lacks the scopes {scope}. Paste `muster manifest`")

    assert (await asyncio.to_thread(outside.slack, patient)).wrong == ()


def test_there_are_faults_of_everything() -> None:
    assert len(FAULTS) > 60
    assert {plant.__module__ for _, plant in FAULTS.values()} == {module.__name__ for module in ENTERED}


async def test_one_fault_is_told_once(ward: Ward) -> None:
    for name in ("the_bot_token_is_wrong", "pagerdutys_key_is_wrong", "two_webhooks_deliver_the_same"):
        async with FAULTS[name][1](ward):
            assert len(await ward.wrong()) == 1


async def test_a_system_that_hangs_hides_nothing_else(ward: Ward) -> None:
    await ward.hands.add_fault("slack", "*", "hang", times=None)
    async with FAULTS["pagerdutys_key_is_wrong"][1](ward):
        begun = time.monotonic()
        visit = await ward.visit(patience=2)
        took = time.monotonic() - begun
    await ward.hands.clear_faults()

    late = {one.what: one.finding.wrong for one in visit.seen if one.late}
    assert set(late) == {"Slack", "Slack's Socket Mode"}
    assert late["Slack"][0].startswith("No answer within 2 s.")
    assert [one.what for one in visit.seen if one.finding.wrong and not one.late] == ["PagerDuty"]
    assert took < 5


async def test_a_look_that_breaks_hides_no_other(ward: Ward) -> None:
    def broken(patient: Patient) -> Finding:
        raise ZeroDivisionError

    def sound(patient: Patient) -> Finding:
        return Finding(notes=("seen",))

    seen = examine(Patient(load(), {}), {"broken": broken, "sound": sound}, patience=5)

    assert seen[0].finding.wrong == ("Muster has a bug in this look (ZeroDivisionError). Please report it.",)
    assert seen[1].finding.notes == ("seen",)


async def test_the_program_ends_although_something_hangs_and_tells_by_its_exit_code(ward: Ward) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections, and never says a word
        address = f"postgresql://ada@127.0.0.1:{mute.getsockname()[1]}/muster"
        with ward.setting(MUSTER_DATABASE_URL=address):
            words = (sys.executable, "-m", "bot", "doctor", "--json", "--within", "4")
            done = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
            async with asyncio.timeout(60):  # the driver alone would wait for 130 s
                said = json.loads((await done.communicate())[0])

    assert done.returncode == 1
    late = {one["what"] for one in said["findings"] if one["wrong"] and one["wrong"][0].startswith("No answer within")}
    assert late >= {"database", "queues", "people"}
    assert late.isdisjoint({"settings", "PagerDuty", "Slack"})


async def test_settings_that_cannot_be_used_are_told_as_the_one_finding(ward: Ward) -> None:
    with ward.setting(MUSTER_HTTP__PORT="many"):
        visit = await ward.visit()

    assert visit.code == 2
    assert [one.what for one in visit.seen] == ["settings"]
    assert "MUSTER_HTTP__PORT: should be a valid integer" in visit.seen[0].finding.wrong[0]


async def test_what_is_worth_knowing_is_no_fault(ward: Ward) -> None:
    await ward.hands.pagerduty.set_abilities([])
    for scope in ("groups:read", "groups:write", "groups:history"):
        await ward.hands.slack.remove_scope(scope)
    await ward.hands.slack.remove_scope("usergroups:read")
    with ward.seen(sqlite=(3, 40, 1)), ward.setting(MUSTER_POLICY__MARKING='{"follow_edits": true}'):
        visit = await ward.visit()
    notes = [note for one in visit.seen for note in one.finding.notes]

    assert visit.code == 0
    assert [note for note in notes if note.startswith("Slack does not say whether it sends message.channels")]
    assert "the plan has no responder requests: each page opens an incident of its own there" in notes
    assert "without the scopes groups:history, groups:read, groups:write no incident can be private" in notes
    assert "SQLite 3.40.1 has the WAL-reset bug, which Muster's one writer does not set off" in notes


async def test_before_the_first_start_only_the_database_is_not_there_yet(ward: Ward) -> None:
    ward.database.unlink()
    visit = await ward.visit()

    assert visit.code == 0
    assert "there is none yet: `muster serve` makes it" in [n for one in visit.seen for n in one.finding.notes]
    assert not ward.database.exists()


def test_a_place_belongs_to_the_mount_nearest_above_it() -> None:
    mounts = (Mount(Path("/"), "ext4"), Mount(Path("/data"), "nfs4"), Mount(Path("/data/local"), "xfs"))
    machine = Machine(mounts=lambda: mounts)

    assert machine.kind_of(Path("/data/x/muster.db")) == "nfs4"
    assert machine.kind_of(Path("/data/local/muster.db")) == "xfs"
    assert machine.kind_of(Path("/database/muster.db")) == "ext4"


@pytest.fixture
def on_postgres(ward: Ward, cluster: Cluster) -> Iterator[str]:
    """The set-up on PostgreSQL; its address."""
    url = cluster.fresh()
    with ward.setting(MUSTER_DATABASE_URL=url):
        yield url
    cluster.drop(url)


def done(url: str, *statements: str) -> None:
    server = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    server.dispose()


def as_role(url: str, role: str) -> str:
    return url.replace("//postgres:@", f"//{role}@")


async def test_a_sound_set_up_on_postgresql_has_nothing_to_mend(ward: Ward, on_postgres: str) -> None:
    assert await ward.wrong() == []


async def test_a_database_that_the_server_does_not_have_is_named(ward: Ward, on_postgres: str) -> None:
    with ward.setting(MUSTER_DATABASE_URL=re.sub(r"/test_\w+", "/nowhere", on_postgres)):
        (said,) = await ward.wrong()

    assert said == (
        "The database nowhere of postgres at the local socket cannot be used. It has no database of that name: "
        "make it with `createdb`."
    )


async def test_a_wrong_password_is_told_and_not_shown(ward: Ward, on_postgres: str, cluster: Cluster) -> None:
    rules = cluster._folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    done(on_postgres, "DROP ROLE IF EXISTS locked", "CREATE ROLE locked LOGIN PASSWORD 'right'")
    rules.write_text(f"local all locked scram-sha-256\n{before}")
    done(on_postgres, "SELECT pg_reload_conf()")
    try:
        with ward.setting(MUSTER_DATABASE_URL=as_role(on_postgres, "locked:not-this-one")):
            (said,) = await ward.wrong()
    finally:
        rules.write_text(before)
        done(on_postgres, "SELECT pg_reload_conf()", "DROP ROLE locked")

    assert "It refuses the user or the password there." in said
    assert "not-this-one" not in said


async def test_too_few_connections_are_counted(ward: Ward, on_postgres: str) -> None:
    done(
        on_postgres,
        "CREATE ROLE narrow LOGIN CONNECTION LIMIT 6",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow",
    )
    try:
        with ward.setting(MUSTER_DATABASE_URL=as_role(on_postgres, "narrow")):
            (said,) = await ward.wrong()
    finally:
        done(on_postgres, "DROP OWNED BY narrow", "DROP ROLE narrow")

    assert said == (
        "PostgreSQL lets Muster have 6 connections, and a process needs 11. "
        "Raise max_connections, or the limit of the role or database."
    )
