"""Slack or PagerDuty failing at each call in turn, in every way: the story ends the same, and nobody had to help."""

import asyncio
import os
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest

from bot.app import App
from bot.engine.finish import Patience
from bot.engine.tables import EffectState
from bot.sandbox import Rule
from bot.sandbox.faults import CallFault, System
from tests.stories.conftest import BriefWorld
from tests.stories.plot import Plot, differences, end_state
from tests.stories.screen import words
from tests.stories.world import PATIENCE, Plan, World

ALL = os.environ.get("MUSTER_ALL_POINTS") == "1"
"""Each call alone at its later occurrence too, and on both databases."""
SQLITE, POSTGRESQL = Plan("http", "sqlite"), Plan("socket", "postgresql")
NIGHTS = [(SQLITE, 0), (SQLITE, 1), (POSTGRESQL, 0), *([(POSTGRESQL, 1)] if ALL else ())]
"""On which database, and at which occurrence of each call."""
KINDS: tuple[CallFault, ...] = ("429", "500", "500_after", "reset", "reset_after", "hang", "malformed")
SAMPLE = 3
"""Otherwise each call fails alone in a third of the ways; in one night with all others it fails in every way."""
UNDER_WAY = (EffectState.WAITING, EffectState.CLAIMED)
Named = tuple[System, str]


class Brisk(World):
    """A world in which calls have a fraction of a second, pauses are short, and the bot's time flies."""

    def furnish(self, app: App) -> None:
        super().furnish(app)
        app.outbox._finishing = replace(app.outbox._finishing, patience=Patience(first=0.02, most=0.1))

    async def open(self) -> None:
        """The calls of the start have their usual time."""
        await super().open()
        app = self.app
        if app._parts.pagerduty and app._parts.pagerduty._first:
            await app._parts.pagerduty._first
        app._parts.connection.session._timeout = aiohttp.ClientTimeout(total=0.3)
        for line in app._parts.pagerduty._lines if app._parts.pagerduty else ():
            line._manner = replace(line._manner, read=0.2, whole=0.3)

    async def fly(self) -> None:
        """Ten seconds of the bot's time in one of ours, as far as what it puts off is concerned."""
        while True:
            await asyncio.sleep(0.01)
            self.clock.advance(timedelta(seconds=0.1))
            self.app.outbox.wake()
            self.app.inbox.wake()

    async def all_kept(self) -> None:
        """Returns once everything promised is kept and everything heard is handled."""
        end = time.monotonic() + PATIENCE
        await self.settled()
        while (waiting := [s for s in await self.unkept() if s.state in UNDER_WAY]) or await self._unread():
            assert time.monotonic() < end, f"never at rest: {waiting}, {await self._marks()}"
            await asyncio.sleep(0.01)
            await self.settled()

    async def _unread(self) -> bool:
        return bool((await self.app.engine.reading.health()).inbox.get("waiting"))


async def lived(brief_world: BriefWorld, plan: Plan, *rules: Rule) -> tuple[dict[str, object], Counter[Named]]:
    """How the story ends with these faults on the way, and which calls it took."""
    async with brief_world(plan, Brisk) as world:
        before = world.sandbox.calls.last
        world.sandbox.faults.add(*rules)
        flight = world.people(world.fly())
        await Plot(world).play()
        await world.all_kept()
        flight.cancel()
        calls = Counter[Named]((c.system, c.method) for c in world.sandbox.calls.all(since=before))
        return await end_state(world), calls


def rule(call: Named, kind: CallFault, after: int = 0) -> Rule:
    return Rule(*call, kind=kind, after=after, retry_after=0.1)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
async def test_each_call_may_fail_once_and_the_story_ends_the_same(brief_world: BriefWorld, kind: CallFault) -> None:
    right, calls = await lived(brief_world, SQLITE)
    wrong = {}
    mine = [call for n, call in enumerate(sorted(calls)) if ALL or n % SAMPLE == KINDS.index(kind) % SAMPLE]
    for call in mine:
        for after in (0, 1) if ALL and calls[call] > 1 else (0,):
            fault = rule(call, kind, after)
            end, _ = await lived(brief_world, SQLITE, fault)
            if end != right or not fault.struck:
                wrong[call, after] = [*differences(end, right)]
    assert not wrong, "\n".join(f"{where} failed: {line}" for where, lines in wrong.items() for line in lines or ["-"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("plan", "after"), NIGHTS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
async def test_every_call_may_fail_in_one_night_and_the_story_ends_the_same(
    brief_world: BriefWorld, kind: CallFault, after: int, plan: Plan
) -> None:
    right, calls = await lived(brief_world, plan)
    faults = [rule(call, kind, after) for call, times in calls.items() if times > after]
    end, made = await lived(brief_world, plan, *faults)
    assert not [*differences(end, right)]
    assert all(fault.struck for fault in faults if made[fault.system, fault.method] > after)


@dataclass(frozen=True)
class Refusal:
    """What is refused and how, which step that parks, and in what words people read it."""

    method: str
    code: str
    step: str
    reason: str

    def __str__(self) -> str:
        return f"{self.method} {self.code}"


REFUSALS = (
    Refusal("conversations.create", "restricted_action", "open_room", "ask an admin, then Retry"),
    Refusal("conversations.create", "missing_scope", "open_room", "reinstall, then Retry"),
    Refusal("conversations.invite", "restricted_action", "invite", "ask an admin, then Retry"),
    Refusal("conversations.setTopic", "is_archived", "set_topic", "unarchive it, then Retry"),
    Refusal("chat.postMessage", "channel_not_found", "post_card", "invite @Muster, then Retry"),
    Refusal("pins.add", "not_in_channel", "pin_card", "invite @Muster, then Retry"),
    Refusal("bookmarks.add", "missing_scope", "add_bookmark", "reinstall, then Retry"),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
async def test_what_is_refused_is_parked_with_a_plain_reason_and_retry_works(
    brief_world: BriefWorld, refusal: Refusal
) -> None:
    async with brief_world(SQLITE, Brisk) as world:
        world.sandbox.faults.add(Rule("slack", refusal.method, "error", times=None, error=refusal.code))
        await world.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P2")
        await world.all_kept()
        parked = [s for s in await world.unkept() if s.state is EffectState.PARKED]
        assert refusal.step in {s.kind for s in parked}
        assert all(refusal.reason in s.reason for s in parked if s.kind == refusal.step), parked
        told = await world.timeline()
        assert any(line.startswith("Could not ") and refusal.reason in line for line in told), told
        world.sandbox.faults.clear()
        for step in (*parked, *await world.app.engine.reading.effects(EffectState.SKIPPED)):
            assert await world.app.outbox.retry(step.effect)
        await world.all_kept()
        assert await world.unkept() == []
        room = await world.room()
        (card,) = [words(m) for m in room["messages"] if m["ts"] in room["pins"]]
        assert ":warning:" not in card
        assert room["topic"]["value"].startswith("SEV2")
        assert len(room["bookmarks"]) == 1


async def test_who_is_unknown_to_slack_is_named_and_the_others_come(brief_world: BriefWorld) -> None:
    async with brief_world(SQLITE, Brisk) as world:
        world.sandbox.faults.add(Rule("slack", "conversations.invite", "error", error="user_not_found"))
        await world.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P2")
        await world.all_kept()
        assert await world.unkept() == []
        assert any("Bo Lind could not be invited: Slack does not know them" in line for line in await world.timeline())


async def test_with_a_revoked_token_everything_waits_and_goes_out_once_it_is_back(brief_world: BriefWorld) -> None:
    async with brief_world(SQLITE, Brisk) as world:
        await world.hands.slack.revoke_token()
        await world.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P2")
        await world.settled()
        (waiting,) = [s for s in await world.unkept() if s.kind == "open_room"]
        assert waiting.state is EffectState.WAITING
        assert "the bot token was revoked" in waiting.reason
        await world.hands.slack.restore_token()
        await world.pass_time(minutes=1.1)
        await world.all_kept()
        assert await world.unkept() == []
        assert (await world.room())["pins"]
