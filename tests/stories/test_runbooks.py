"""A runbook at night: found by the alert, followed in the room, it does something outside, and is put right after."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.settings import Runbooks
from tests.stories.conftest import OpenWorld
from tests.stories.screen import buttons, labels, words
from tests.stories.world import Plan, World

BOOK = """---
title: Orders queue
owner: dev@example.com
reviewed: 2020-01-31
alerts: "*orders*queue*"
url: https://wiki.example/orders-queue
actions:
  scale:
    name: Add ten workers
    url: {url}/heartbeats/scale-{{incident}}
    headers: {{X-Token: "{{secret:OPS}}"}}
    roles: [commander]
    confirm: Add ten workers to orders?
  purge:
    name: Purge the queue
    url: {url}/nowhere
---
## Steps
1. **Does it grow?** Look twice:
   ```
   rabbitmqctl list_queues name messages
   ```
2. **Add workers.** Ten at a time. <!-- action: scale -->
3. **Purge what is stale.** Only with the owner's word. <!-- action: purge -->
"""
SECRET = "ops-canary-of-a-secret"
DEV = "dev"


@pytest.fixture
async def world(open_world: OpenWorld, tmp_path: Path) -> World:
    """With a runbook of the company's own, whose actions reach the sandbox."""
    world = await open_world(Plan())
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "orders-queue.md").write_text(BOOK.format(url=world.sandbox.url))
    told = {"folder": folder, "plain_http": True, "secrets": {"OPS": SECRET}}
    world.settings = world.settings.model_copy(update={"runbooks": Runbooks.model_validate(told)})
    await world.restart()
    await world.acquainted()
    return world


async def steps(world: World) -> Any:
    """The runbook's message."""
    said = [m for m in (await world.room())["messages"] if m["text"].startswith("Runbook Orders queue:")]
    assert len(said) == 1
    return said[0]


def until_work(world: World) -> float:
    """Minutes until the Monday after next at ten in Dev's morning."""
    now = world.clock().astimezone(ZoneInfo("Asia/Kolkata"))
    monday = now.replace(hour=10, minute=0) + timedelta(days=14 - now.weekday())
    return (monday - now).total_seconds() / 60


async def made(world: World) -> list[Any]:
    return await world.hands.heartbeats("scale-INC-1")


async def test_from_the_alert_to_the_last_step_and_the_morning_after(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "The orders queue has 120,000 messages", priority="P2")
    await world.settled()
    assert "Orders queue" in words(await world.card())
    assert "last looked at on 2020-01-31" in words(await world.card())
    await world.type("bo", "lead")
    listed = await world.type("bo", "runbook")
    (shown,) = listed["ephemerals"]
    assert labels(shown)[0] == "Open"
    await world.type("bo", "runbook orders")
    await world.settled()
    first = await steps(world)
    assert "rabbitmqctl list_queues" in words(first)

    await world.hands.slack.join("emi", (await world.room())["id"])
    await world.press("emi", "tick", value="1/1/1/done", times=2)
    await world.settled()
    assert (await steps(world))["ts"] == first["ts"]
    assert ":white_check_mark: *1.* Does it grow? · Emi" in words(await steps(world))

    refused = await world.press("emi", "run_action")
    assert "Only Incident Commander may run “Add ten workers”. Ask Bo Lind." in words(refused["ephemerals"][0])
    assert await made(world) == []
    await world.press("bo", "run_action", times=2)
    await world.settled()
    assert len(await made(world)) == 1
    assert "“Add ten workers” (step 2 of “Orders queue”) worked: 200 OK: OK" in "\n".join(await world.said())
    await world.press("bo", "tick", value="1/1/2/done")
    await world.settled()

    await world.press("bo", "run_action")
    await world.settled()
    assert "(step 3 of “Orders queue”) went wrong: 404" in "\n".join(await world.said())
    asked = await world.press("bo", "tick", value="1/1/3/failed")
    assert "What happened?" in words(asked["modal"])
    await world.hands.slack.submit("bo", {"note": "there is no such job any more"})
    await world.settled()
    told = await world.timeline()
    for line in (
        "Bo Lind opened the runbook “Orders queue”",
        "Emi Tanaka did step 1 of “Orders queue”",
        "Bo Lind ran “Add ten workers” (step 2 of “Orders queue”)",
        "“Add ten workers” (step 2 of “Orders queue”) worked: 200 OK: OK",
        "Bo Lind could not do step 3 of “Orders queue”: there is no such job any more",
    ):
        assert told.count(line) == 1, told
    assert "1 did not work. Page who knows the system" in words(await steps(world))

    await world.type("bo", "resolve drained by hand")
    await world.settled()
    assert buttons(await steps(world)) == []
    await world.pass_time(minutes=1)
    await world.pass_time(minutes=until_work(world))
    mail = "\n".join(words(m) for m in await world.hands.slack.dm(DEV))
    assert "Step 3 of the runbook “Orders queue” did not work. Please put the runbook right." in mail
    assert await world.unkept() == []
    assert SECRET not in str([call.args for call in world.sandbox.calls.all()])
