"""The story of the demo while the bot is killed again and again: `python -m tests.stories.kills --kills 100 --seed 1`.

The real program as a process of its own gets SIGKILL at random moments and is started again; people repeat what was
not answered, Slack and PagerDuty deliver again as they do. At the end the books of both sides are compared.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.sandbox import Impossible
from bot.terminal.books import examine
from bot.terminal.stage import Stage, set_up
from bot.terminal.story import Story

LATENCY = 0.02
"""Seconds that each call takes, so that kills also fall into the middle of calls."""
LIFE = (0.02, 0.7)
"""How long the bot lives after it is ready, in seconds: between these, at random."""
EACH = 12
"""Kills in one story."""
REST = 40.0
"""Seconds after the last kill until everything promised must be kept."""


@dataclass
class Campaign:
    """How it went: kills, stories, and what was wrong at the end of any of them."""

    kills: int = 0
    stories: int = 0
    wrong: list[str] = field(default_factory=list)


class Stubborn(Story):
    """People who type it again when Slack shows an error."""

    @property
    def acts(self) -> tuple[tuple[str, Callable[[], Awaitable[str]]], ...]:
        told = dict(super().acts)
        left_out = {self.killed, self.started_again}
        acts = [(title, act) for title, act in told.items() if act not in left_out]
        place = next(n for n, (_, act) in enumerate(acts) if act == self.resolve)
        return (*acts[:place], ("The cause is identified", self.identified), *acts[place:])

    async def identified(self) -> str:
        await self.say("ada", "status identified")
        return await self.seen("moved it to *identified*")

    async def notes(self) -> str:
        """Slack gives an event up after three tries: whoever sees that nothing came of a mark makes it again."""
        await self.say("ada", "note the errors began with the deploy of 4.2")
        await self.seen("noted at")
        slack = self.stage.hands.slack
        posted = await slack.post("dev", self.room, "Rolling back checkout to 4.1")
        for _ in range(5):
            await slack.react("dev", self.room, posted["ts"], "pushpin")
            if await self._within(10, "Rolling back checkout"):
                return "Both are on the timeline"
            if any(mark["acked"] for mark in await slack.deliveries("reaction_added")):
                raise Impossible("a mark that was heard is not on the timeline")
            await slack.unreact("dev", self.room, posted["ts"], "pushpin")
        raise Impossible("a mark was never heard")

    async def _within(self, seconds: float, words: str) -> bool:
        for _ in range(int(seconds * 10)):
            if await self.knows(words):
                return True
            await asyncio.sleep(0.1)
        return False

    async def say(self, user: str, words: str) -> None:
        self.newest = await self._newest()
        for _ in range(200):
            with contextlib.suppress(Impossible):
                answer = await self.stage.hands.slack.command(user, self.room, words, wait=0)
                if answer["acked"] and not answer["error"]:
                    return
            await asyncio.sleep(0.1)
        raise Impossible(f"/incident {words} was never answered")


async def run(kills: int, seed: int, told: Callable[[Campaign], None] = lambda _: None) -> Campaign:
    """Stories one after the other until the bot was killed so often. The same seed tries the same moments."""
    campaign, chance = Campaign(), random.Random(seed)
    while campaign.kills < kills and not campaign.wrong:
        await _story(campaign, min(EACH, kills - campaign.kills), chance)
        campaign.stories += 1
        told(campaign)
    return campaign


async def _story(campaign: Campaign, kills: int, chance: random.Random) -> None:
    async with set_up(0) as stage:
        await stage.hands.slack.configure(retry_scale=0.02)
        killer = asyncio.create_task(_kill(stage, campaign, kills, chance))
        try:
            story = Stubborn(stage)
            for title, act in story.acts:
                try:
                    await act()
                except Impossible as error:
                    campaign.wrong.append(f"{title}: {error}")
                    return
                await stage.hands.set_latency("slack", LATENCY)
                await stage.hands.set_latency("pagerduty", LATENCY)
            await killer
            campaign.wrong += await _disagreement(stage)
        finally:
            killer.cancel()
            await asyncio.gather(killer, return_exceptions=True)


async def _kill(stage: Stage, campaign: Campaign, kills: int, chance: random.Random) -> None:
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(*LIFE))
        await stage.bot.kill()
        campaign.kills += 1
        await stage.bot.start()


async def _disagreement(stage: Stage) -> list[str]:
    """What the books still disagree about when everything had time to come to rest."""
    end = time.monotonic() + REST
    while True:
        _, wrong = await examine(stage)
        if not wrong or time.monotonic() > end:
            return wrong
        await asyncio.sleep(0.3)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=100)
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = words.parse_args()
    begun = time.monotonic()
    print(f"seed {chosen.seed}")
    done = asyncio.run(run(chosen.kills, chosen.seed, lambda c: print(f"  {c.kills} kills, {c.stories} stories")))
    print(
        f"{done.kills} kills in {done.stories} stories, {time.monotonic() - begun:.0f} s: {done.wrong or 'all agree'}"
    )
    sys.exit(bool(done.wrong))


if __name__ == "__main__":
    main()
