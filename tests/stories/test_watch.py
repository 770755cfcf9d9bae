"""Who watches the watcher: a whole bot falls ill in every way, its owner is called, and told when it is over.

The watchman's own clock goes 120 times as fast, so that a minute of illness takes half a second.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from bot.app import App
from bot.engine.schema import sqlite_path
from bot.incident.values import MUSTER
from bot.integrations.watch import CONDITIONS
from bot.integrations.watch.alarms import Alarms
from bot.sandbox import Rule, SandboxClient, running
from bot.sandbox.pagerduty.seed import ROUTING_KEY
from bot.settings import Watch
from tests.stories.conftest import DatabaseUrl
from tests.stories.world import Plan, World

FAST = 120.0
STALL = 2.0 * FAST
"""For so long the bot may be silent: a busy machine stops a test for a second, too."""
CHECK = "muster"
"""Under which name somebody waits for signs of life."""


class WatchedWorld(World):
    """With a watchman, in a hurry."""

    def furnish(self, app: App) -> None:
        super().furnish(app)
        watchman, feeling = app._parts.watchman, app._parts.feeling
        assert watchman is not None
        assert feeling is not None
        watchman._clock = lambda: time.monotonic() * FAST
        watchman._alarms = Alarms([replace(c, over=STALL) if c.name == "silent" else c for c in CONDITIONS])
        watchman._step = feeling._every = 0.02
        feeling._patience = 1.0
        app._parts.slack.look_every = 0.05

    def alarms(self, name: str = "") -> list[str]:
        """The states of the owner's alarms, oldest first; of one condition if named."""
        found = [i for i in self.sandbox.pagerduty.incidents.values() if i.incident_key.startswith("muster/watch/")]
        return [i.status for i in found if i.incident_key.endswith(name)]

    async def alarmed(self, name: str) -> None:
        await until(lambda: self.alarms(name) == ["triggered"])

    async def cleared(self, name: str) -> None:
        await until(lambda: self.alarms(name) == ["resolved"])

    async def ready(self) -> int:
        async with httpx2.AsyncClient(base_url=self.url) as client:
            return (await client.get("/readyz")).status_code


async def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
async def world(database_url: DatabaseUrl) -> AsyncIterator[WatchedWorld]:
    with running() as sandbox:
        async with SandboxClient(sandbox.url) as hands:
            world = WatchedWorld(sandbox, hands, Plan(), database_url("sqlite"))
            watch = {
                "routing_key": ROUTING_KEY,
                "events_url": sandbox.events_url,
                "heartbeat_url": f"{sandbox.url}/heartbeats/{CHECK}",
            }
            world.settings = world.settings.model_copy(update={"watch": Watch.model_validate(watch)})
            await world.open()
            yield world
            await world.stop()


async def test_a_quiet_time_calls_nobody_and_shows_signs_of_life(world: WatchedWorld) -> None:
    await asyncio.sleep(1.6)

    assert world.alarms() == []
    assert 2 <= len(await world.hands.heartbeats(CHECK)) <= 5


async def test_a_revoked_slack_token_calls_the_owner_and_a_new_one_ends_it(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("slack", "*", "error", times=None, error="token_revoked"))
    await world.alarmed("slack_refuses")
    beats = len(await world.hands.heartbeats(CHECK))
    await asyncio.sleep(0.8)
    assert len(await world.hands.heartbeats(CHECK)) == beats
    assert await world.ready() == 200

    world.sandbox.faults.clear()
    await world.cleared("slack_refuses")
    await asyncio.sleep(0.8)
    assert len(await world.hands.heartbeats(CHECK)) > beats


async def test_a_page_that_cannot_leave_calls_the_owner_although_the_rest_api_is_down(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("pagerduty", "*", "503", times=None))
    await world.declare("Nobody can pay", severity=1, services=["PSPAYME"], settle=False)
    await asyncio.sleep(0.6)
    assert world.alarms() == []
    world.clock.advance(timedelta(seconds=61))
    await world.alarmed("page_waits")
    told = next(i for i in world.sandbox.pagerduty.incidents.values() if i.incident_key.endswith("page_waits"))
    details = next(a.details for a in world.sandbox.pagerduty.alerts.values() if a.incident == told.id)
    assert "Nobody can pay" not in f"{told}{details}"
    assert "INC-" not in f"{told}{details}"
    assert "muster outbox list" in str(details["what to do"])
    assert await world.ready() == 200

    world.sandbox.faults.clear()
    world.clock.advance(timedelta(seconds=60))
    await world.cleared("page_waits")


async def test_the_owners_alarm_comes_back_as_a_webhook_and_opens_no_incident(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("slack", "*", "error", times=None, error="token_revoked"))
    await world.alarmed("slack_refuses")
    world.sandbox.faults.clear()
    await world.cleared("slack_refuses")
    await world.hands.pagerduty.settle()
    await world.app.inbox.idle()
    [alarm] = [i for i in world.sandbox.pagerduty.incidents.values() if i.incident_key.startswith("muster/watch/")]

    heard = await world.app.engine.reading.alert("pagerduty", alarm.id)
    assert heard is not None
    assert heard.status == "resolved"
    assert await world.app.engine.reading.recent(MUSTER) == []
    assert not heard.wants_triage(world.settings.policy)


async def test_an_event_loop_that_stands_still_is_noticed_from_outside_it(world: WatchedWorld) -> None:
    await asyncio.sleep(0.3)
    time.sleep(STALL / FAST + 0.3)  # noqa: ASYNC251
    assert world.alarms("silent") == ["triggered"]
    await world.cleared("silent")


async def test_a_database_that_somebody_has_locked_calls_the_owner_and_turns_readiness_red(
    world: WatchedWorld, expected_errors: list[str]
) -> None:
    expected_errors.append("database_away")
    other = sqlite3.connect(sqlite_path(world.settings.database_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await world.alarmed("unwritable")
    assert await world.ready() == 503

    other.execute("ROLLBACK")
    other.close()
    await world.cleared("unwritable")
    await until_ready(world)


async def test_lost_sockets_call_the_owner_and_take_no_work_away(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("slack", "apps.connections.open", "503", times=None))
    for socket in list(world.app._parts.slack._sockets._open):  # type: ignore[union-attr]
        await socket.close()
    await world.alarmed("slack_lost")
    assert await world.ready() == 200

    world.sandbox.faults.clear()
    await until(lambda: "resolved" in world.alarms("slack_lost"), 45)


async def test_a_refused_pagerduty_token_calls_the_owner_by_another_key(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("pagerduty", "*", "error", times=None, error="2006"))
    room = world.app._parts.pagerduty
    assert room is not None
    await room.jobs[0].run()
    await world.alarmed("pagerduty_refuses")

    world.sandbox.faults.clear()
    await room.jobs[0].run()
    await world.cleared("pagerduty_refuses")


async def test_webhooks_that_do_not_arrive_call_the_owner_until_one_does(world: WatchedWorld) -> None:
    room = world.app._parts.pagerduty
    assert room is not None
    await world.hands.pagerduty.hold()
    await world.hands.advance(2)
    await world.hands.pagerduty.trigger("checkout", "Checkout is slow")
    world.clock.advance(timedelta(minutes=3))
    await room.jobs[0].run()
    await world.alarmed("unheard")

    await world.hands.pagerduty.release()
    await world.hands.pagerduty.settle()
    await room.jobs[0].run()
    await world.cleared("unheard")


async def test_an_alarm_waits_out_a_bad_day_of_the_events_api(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("events", "*", "429"), Rule("events", "*", "503"), Rule("events", "*", "reset"))
    world.sandbox.faults.add(Rule("slack", "*", "error", times=None, error="token_revoked"))
    await world.alarmed("slack_refuses")

    watchman = world.app._parts.watchman
    assert watchman is not None
    assert sum(count for (_, _, fate), count in watchman.sent.items() if fate == "later") == 3


async def test_the_next_life_clears_what_the_last_one_raised(world: WatchedWorld) -> None:
    world.sandbox.faults.add(Rule("slack", "*", "error", times=None, error="token_revoked"))
    await world.alarmed("slack_refuses")
    await world.stop()
    world.sandbox.faults.clear()
    assert world.alarms() == ["triggered"]

    await world.start()
    await world.cleared("slack_refuses")


async def until_ready(world: WatchedWorld) -> None:
    async with asyncio.timeout(10):
        while await world.ready() != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
