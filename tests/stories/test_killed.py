"""Killed at every commit and at every call, on both sides of it: the story ends the same, each time."""

import os

import pytest

from bot.app import App
from bot.engine.effects import Answer, Attempt, Effect, Performer, Receipt, Retry
from tests.stories.conftest import BriefWorld
from tests.stories.deaths import Death, play, quietly
from tests.stories.plot import differences, end_state
from tests.stories.world import Plan, World

ALL = os.environ.get("MUSTER_ALL_POINTS") == "1"
"""Each seam in a story of its own, on both databases: some ten minutes."""
SQLITE, POSTGRESQL = Plan("http", "sqlite"), Plan("socket", "postgresql")
CHUNKS = 10
EVERY = 0 if ALL else 110
"""Otherwise a story has a death at every so many seams: the first is one of as many, so that each seam has its turn."""
SAMPLE = {"sqlite": 1 if ALL else 3, "postgresql": 1 if ALL else 30}
"""Of the stories on each database one in so many is played."""
SEAMS = 600
"""More than a story has."""
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
"""Connections that a dead process leaves to the system are in this one left to the garbage collector."""


async def how_it_ends(
    brief_world: BriefWorld, plan: Plan, kind: type[World] = World, death: Death | None = None
) -> object:
    """The end of the story, with the deaths that came (or a life without any)."""
    async with brief_world(plan, kind) as world:
        await play(world, death or Death(0))
        return await end_state(world)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("plan", [SQLITE, POSTGRESQL], ids=str)
async def test_wherever_it_is_killed_the_story_ends_the_same(brief_world: BriefWorld, plan: Plan, chunk: int) -> None:
    step = CHUNKS * SAMPLE[plan.database]
    wrong = {}
    with quietly():
        right = await how_it_ends(brief_world, plan)
        for first in range(1 + chunk * step // CHUNKS, (EVERY or SEAMS) + 1, step):
            death = Death(first, EVERY)
            end = await how_it_ends(brief_world, plan, death=death)
            if not death.places:
                break
            if end != right:
                wrong[first, *death.places] = [*differences(end, right)]
    assert not wrong, "\n".join(f"killed at {where}: {line}" for where, lines in wrong.items() for line in lines)


async def test_a_clean_life_passes_seams_on_both_sides_of_everything(brief_world: BriefWorld) -> None:
    names: set[str] = set()

    class Walk(Death):
        def __call__(self, name: str) -> None:
            names.add(name.partition(" /")[0])
            super().__call__(name)

    walk = Walk(0)
    await how_it_ends(brief_world, SQLITE, death=walk)
    assert EVERY < walk.passed < SEAMS
    both = {"commit", "finish", "call", "read", "upload", "conversations.create", "chat.postMessage", "POST", "PUT"}
    assert {f"{side}-{name}" for side in ("before", "after") for name in both} <= {n.replace(" ", "-") for n in names}


class Hasty(World):
    """A world whose bot does not look before it does again what it may have done."""

    def furnish(self, app: App) -> None:
        super().furnish(app)
        app.outbox._performers = {name: Unlooking(one) for name, one in app.outbox._performers.items()}


class Unlooking:
    """A performer that never finds its mark."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        return await self._performer.perform(effect, attempt)

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | None:
        return None


@pytest.mark.parametrize(
    "seam",
    [
        "after conversations.create",
        "after chat.postMessage",
        "after bookmarks.add",
        "after files.completeUploadExternal",
        "after POST /incidents",
    ],
)
async def test_without_the_look_before_a_repeat_something_is_there_twice(brief_world: BriefWorld, seam: str) -> None:
    """The control of this campaign: it can fail."""
    with quietly():
        right = await how_it_ends(brief_world, SQLITE)
        assert await how_it_ends(brief_world, SQLITE, death=Death(1, only=seam)) == right
        assert await how_it_ends(brief_world, SQLITE, Hasty, Death(1, only=seam)) != right
