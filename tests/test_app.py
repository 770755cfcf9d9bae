"""The wiring: a bot that starts, tells how it is, and stops, whatever failed in between."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, text

from bot.app import App, build
from bot.engine.db import AlreadyRunning, Database
from bot.engine.schema import Outdated, driver_url
from bot.engine.tables import EffectState
from bot.incident import Declare
from bot.incident.values import Actor
from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.pagerduty import seed as pagerduty
from bot.sandbox.slack import seed as slack
from bot.settings import Settings
from tests.engine.conftest import Cluster
from tests.engine.conftest import cluster as cluster  # the same server as the engine's tests

ADA = Actor(id=f"slack:{slack.ADA}", name="Ada Marsh")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    with running() as started:
        yield started


def settings(sandbox: Sandbox, folder: Path, **more: object) -> Settings:
    wanted: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'muster.db'}",
        "http": {"host": "127.0.0.1", "port": 0},
        "slack": {
            "base_url": sandbox.slack_url,
            "bot_token": slack.BOT_TOKEN,
            "app_token": slack.APP_TOKEN,
            "announce_channel": "#incidents",
        },
        "pagerduty": {
            "base_url": sandbox.pagerduty_url,
            "api_token": pagerduty.API_TOKEN,
            "from_email": pagerduty.FROM_EMAIL,
            "webhook_secrets": [pagerduty.WEBHOOK_SECRET],
        },
    }
    return Settings.model_validate(wanted | more)


@pytest.fixture
async def app(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[App]:
    built = await build(settings(sandbox, tmp_path))
    await built.start()
    yield built
    await built.stop()


async def test_it_says_it_is_ready_when_everything_stands(app: App) -> None:
    async with asyncio.timeout(10), httpx2.AsyncClient(base_url=app.url) as client:
        while "degraded" in (ready := await client.get("/readyz")).text:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # PagerDuty is read in the background
        counted = (await client.get("/metrics")).text

    assert ready.json() == {
        "ready": True,
        "checks": {"database": "fine", "clock": "fine", "workers": "fine", "slack": "fine", "pagerduty": "fine"},
    }
    assert "muster_slack_connected 1.0" in counted
    assert 'muster_outbox{lane="room",state="waiting",system="slack"} 0.0' in counted
    assert 'muster_webhooks_total{outcome="signature_mismatch"} 0.0' in counted


async def test_metrics_name_no_incident(app: App) -> None:
    await app.engine.handle(Declare(title="canary of a private matter", private=True), ADA)
    await app.outbox.idle()
    async with httpx2.AsyncClient(base_url=app.url) as client:
        for path in ("/metrics", "/readyz", "/"):
            told = (await client.get(path)).text
            assert "canary" not in told
            assert "INC-" not in told


async def test_a_role_that_only_acts_hears_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    worker = await build(settings(sandbox, tmp_path), role="worker")
    await worker.start()
    try:
        async with httpx2.AsyncClient(base_url=worker.url) as client:
            assert (await client.post("/webhooks/pagerduty")).status_code == 404
            assert "slack" not in (await client.get("/readyz")).json()["checks"]
    finally:
        await worker.stop()


async def test_a_role_that_only_hears_leaves_the_work_to_others(sandbox: Sandbox, tmp_path: Path) -> None:
    web = await build(settings(sandbox, tmp_path), role="web")
    await web.start()
    try:
        await web.engine.handle(Declare(title="left to others"), ADA)
        waiting = await web.engine.reading.effects(EffectState.WAITING)
        assert [step.tries for step in waiting if step.kind == "open_room"] == [0]
    finally:
        await web.stop()


async def test_roles_apart_on_one_database_do_one_bots_work(sandbox: Sandbox, tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.fresh()
    web, worker = [await build(settings(sandbox, tmp_path, database_url=url), role=role) for role in ("web", "worker")]
    await web.start()
    await worker.start()
    try:
        await web.engine.handle(Declare(title="heard here, done there"), ADA)
        async with asyncio.timeout(15), SandboxClient(sandbox.url) as hands:
            await hands.slack.wait_for_channel("inc-1-heard-here", seconds=14)
        assert web.engine.presence.name != worker.engine.presence.name
    finally:
        await web.stop()
        await worker.stop()
        cluster.drop(url)


async def test_a_shared_database_is_migrated_by_hand_and_never_by_a_start(
    sandbox: Sandbox, tmp_path: Path, cluster: Cluster
) -> None:
    url = cluster.fresh()
    old = create_engine(driver_url(url))
    with old.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    old.dispose()
    try:
        with pytest.raises(Outdated, match="muster migrate"):
            await build(settings(sandbox, tmp_path, database_url=url))
    finally:
        cluster.drop(url)


async def test_without_pagerduty_it_runs_incidents_and_hears_no_webhooks(sandbox: Sandbox, tmp_path: Path) -> None:
    alone = await build(settings(sandbox, tmp_path, pagerduty={}))
    await alone.start()
    try:
        async with httpx2.AsyncClient(base_url=alone.url) as client:
            assert (await client.post("/webhooks/pagerduty")).status_code == 404
            assert (await client.get("/readyz")).json()["ready"] is True
    finally:
        await alone.stop()


async def test_after_a_start_that_failed_everything_is_let_go(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        there = {"host": "127.0.0.1", "port": taken.getsockname()[1]}
        failed = await build(settings(sandbox, tmp_path, http=there))
        with pytest.raises(OSError, match="in use"):
            await failed.start()
        await failed.stop()
        await failed.stop()

    Database.open(f"sqlite:///{tmp_path / 'muster.db'}").close()


async def test_a_second_bot_on_the_same_file_is_refused(app: App, sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning):
        await build(settings(sandbox, tmp_path))


async def test_what_was_decided_before_a_stop_is_done_after_the_next_start(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.latency["slack"] = 0.2
    first = await build(settings(sandbox, tmp_path))
    await first.start()
    await first.engine.handle(Declare(title="across a restart"), ADA)
    await first.stop()

    second = await build(settings(sandbox, tmp_path))
    await second.start()
    await second.outbox.idle()
    await second.stop()

    rooms = [c.name for c in sandbox.slack.channels.values() if c.name.startswith("inc-")]
    assert rooms == ["inc-1-across-a-restart"]
