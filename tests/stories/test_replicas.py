"""Several Musters at once: the work is shared, everything counts once, and nothing goes backwards."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable

import pytest

from tests.stories import test_twice
from tests.stories.conftest import BriefWorld
from tests.stories.fleet import HANDLED, HEARD, KEPT, Apart, Fleet
from tests.stories.plot import Plot, differences, end_state
from tests.stories.screen import words
from tests.stories.world import Plan, World

SHARED = Plan("socket", "postgresql")
ONCE: list[Callable[[World], Awaitable[None]]] = [
    test_twice.test_one_form_sent_twice_at_once_declares_one_incident,
    test_twice.test_everything_delivered_again_changes_nothing,
    test_twice.test_webhooks_sent_three_times_each_open_one_room_and_page_nobody_again,
    test_twice.test_two_first_alerts_of_a_service_at_the_same_instant_open_one_room,
    test_twice.test_of_two_who_take_command_at_the_same_instant_one_has_it_and_the_other_is_asked,
]


@pytest.mark.parametrize("story", ONCE, ids=lambda story: story.__name__.removeprefix("test_"))
async def test_what_counts_once_with_one_process_counts_once_with_three(
    brief_world: BriefWorld, story: Callable[[World], Awaitable[None]]
) -> None:
    async with brief_world(SHARED, Fleet) as fleet:
        await story(fleet)


@pytest.mark.parametrize("kind", [Fleet, Apart])
async def test_a_story_that_several_share_ends_as_with_one(brief_world: BriefWorld, kind: type[Fleet]) -> None:
    async with brief_world(SHARED) as alone:
        await Plot(alone).play()
        await alone.settled()
        right = await end_state(alone)
    async with brief_world(SHARED, kind) as fleet:
        await Plot(fleet).play()
        await fleet.settled()
        assert [*differences(await end_state(fleet), right)] == []
        did = fleet.did
    if kind is Apart:
        web, worker = did
        assert (web[KEPT], worker[HEARD]) == (0, 0)
        assert web[HEARD] > 0
        assert worker[KEPT] > 0
    else:
        assert all(counts[HEARD] for counts in did), did


async def test_commands_are_spread_over_all(brief_world: BriefWorld) -> None:
    async with brief_world(SHARED, Fleet) as fleet:
        number = await fleet.declare("spread")
        await asyncio.gather(*(fleet.type("ada", f"note number {n}", number) for n in range(24)))
        await fleet.settled()
        assert sum("number" in line for line in await fleet.timeline(number)) == 24
        assert all(counts[HANDLED] for counts in fleet.did), fleet.did


async def test_a_card_that_several_render_never_goes_backwards(brief_world: BriefWorld) -> None:
    """Each version of the card that Slack was sent tells as much as the one before it."""
    chance = random.Random(7)
    async with brief_world(SHARED, Fleet) as fleet:
        number = await fleet.declare("changing")
        card = (await fleet.card(number))["ts"]
        since = fleet.sandbox.calls.last
        for n in range(1, 31):
            await fleet.type("ada", f"summary step {n:03d}", number)
            await fleet.hands.set_latency("slack", chance.choice([0.0, 0.01, 0.05]))
        await fleet.hands.set_latency("slack", 0.0)
        await fleet.settled()
        sent = [call for call in fleet.sandbox.calls.all("slack", "chat.update", since) if call.args.get("ts") == card]
        told = [re.findall(r"step (\d+)", str(call.args)) for call in sent]
        steps = [max(map(int, found)) for found in told if found]
        assert steps == sorted(steps)
        assert len(steps) > 3
        assert "step 030" in words(await fleet.card(number))
