"""The story goes on from a backup, and from another database: nothing is lost, nothing is done twice."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from bot.engine.backup import back_up, restore
from bot.engine.copying import copy_database
from bot.incident.review import POSTMORTEM
from bot.incident.values import Status
from tests.stories.conftest import BriefWorld, DatabaseUrl
from tests.stories.world import VIEWER, Plan, World

STORM = ("checkout", "payments", "search", "identity")


async def marks(world: World) -> Counter[str]:
    """How often each message of ours is in Slack, by the mark it carries."""
    slack = world.hands.slack
    channels = [await slack.channel(channel["id"]) for channel in await slack.channels()]
    messages = [message for channel in channels for message in channel["messages"]]
    found = (message.get("metadata", {}).get("event_payload", {}).get("key") for message in messages)
    return Counter(key for key in found if key)


async def rooms(world: World) -> list[str]:
    return sorted(c["name"] for c in await world.hands.slack.channels() if c["name"].startswith("inc-"))


async def move(world: World, url: str) -> None:
    """The bot comes up on another database."""
    world.settings = world.settings.model_copy(update={"database_url": url})
    world.plan = replace(world.plan, database="sqlite" if url.startswith("sqlite") else "postgresql")
    await world.start()
    await world.acquainted()
    await world.settled()


async def finish(world: World, number: int) -> None:
    """The rest of a story: somebody takes it, says something, resolves it, and reads the draft."""
    await world.hands.slack.join("ada", (await world.room(number))["id"])
    await world.type("ada", "lead", number)
    await world.type("ada", "note Rolled back", number)
    await world.type("ada", "resolve Rolled back", number)
    await world.settled()
    assert (await world.incident(number)).status is Status.RESOLVED
    assert await world.app.engine.reading.document(number, POSTMORTEM) is not None


async def test_a_backup_made_in_a_storm_goes_on_elsewhere_and_what_was_done_since_is_found(
    world: World, tmp_path: Path
) -> None:
    copy, elsewhere = tmp_path / "copy.db", f"sqlite:///{tmp_path / 'elsewhere' / 'muster.db'}"
    await world.hands.set_latency("slack", 0.25)
    world.calm()
    alerts = [await world.hands.pagerduty.trigger(service, "Down", priority="P1") for service in STORM]
    while len(await world.app.engine.reading.open_incidents(VIEWER)) < len(STORM):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    assert any(step.tries == 0 for step in await world.app.engine.reading.effects()), "all of it is done already"
    await asyncio.to_thread(back_up, world.settings.database_url, copy)
    await world.hands.set_latency("slack", 0)
    await world.settled()
    there, opened = await marks(world), await rooms(world)
    await world.stop()

    done = await asyncio.to_thread(restore, copy, elsewhere)
    await move(world, elsewhere)

    assert done.doubts > 0, "the backup was made in the middle"
    assert await rooms(world) == opened
    assert len(opened) == len(STORM)
    after = await marks(world)
    assert set(after.values()) == {1}, "a message is there twice"
    assert set(after) >= set(there)
    assert await world.unkept() == []
    await finish(world, 1)
    statuses = [alert.status for alert in (await world.hands.pagerduty.state()).incidents if alert.id in alerts]
    assert sorted(statuses) == ["resolved", "triggered", "triggered", "triggered"]


@pytest.mark.parametrize("was", ["sqlite", "postgresql"])
async def test_a_story_begun_on_one_database_ends_on_the_other(
    brief_world: BriefWorld, database_url: DatabaseUrl, was: Literal["sqlite", "postgresql"]
) -> None:
    other = database_url("postgresql" if was == "sqlite" else "sqlite")
    async with brief_world(Plan(database=was)) as world:
        await world.hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
        await world.settled()
        await world.hands.slack.join("ada", (await world.room())["id"])
        await world.type("ada", "note On it")
        await world.settled()
        told = await world.timeline()
        await world.hands.set_latency("slack", 0.25)
        await world.type("ada", "note Killed in the middle of saying this", wait=0)
        await world.kill()
        await world.hands.set_latency("slack", 0)

        await asyncio.to_thread(copy_database, world.settings.database_url, other)
        await move(world, other)

        assert (await world.timeline())[: len(told)] == told
        await finish(world, 1)
        assert set((await marks(world)).values()) == {1}
        assert len(await rooms(world)) == 1
        assert await world.unkept() == []
