"""Killed at every commit and at every call, on both sides of it: each of two stories ends the same, each time."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bot.app import App
from bot.engine.effects import Answer, Attempt, Effect, InDoubt, Performer, Receipt, Retry
from bot.engine.outbox import UNSURE
from bot.integrations.calling_out import SYSTEM, CallOut
from tests.stories.conftest import BriefWorld
from tests.stories.deaths import Death, play, quietly
from tests.stories.long_night import LongNight, Shelved
from tests.stories.plot import CALLED, TRIED, Plot, differences, end_state
from tests.stories.world import Plan, World

ALL = os.environ.get("MUSTER_ALL_POINTS") == "1"
"""Each seam in a story of its own, on both databases: some ten minutes."""
SQLITE, POSTGRESQL = Plan("http", "sqlite"), Plan("socket", "postgresql")
CHUNKS = 6
EVERY = 0 if ALL else 110
"""Otherwise a story has a death at every so many seams: the first is one of as many, so that each seam has its turn."""
SAMPLE = {(Plot, "sqlite"): 5, (Plot, "postgresql"): 60, (LongNight, "sqlite"): 10, (LongNight, "postgresql"): 110}
"""Of the stories of each plot on each database one in so many is played."""
SEAMS = 2_000
"""More than a story has, with all that a death makes it do again."""
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
"""Connections that a dead process leaves to the system are in this one left to the garbage collector."""


async def how_it_ends(
    brief_world: BriefWorld,
    plan: Plan,
    kind: Callable[..., World] = World,
    death: Death | None = None,
    plot: type[Plot] = Plot,
) -> object:
    """The end of the story, with the deaths that came (or a life without any)."""
    async with brief_world(plan, kind) as world:
        await play(world, death or Death(0), plot)
        return await end_state(world)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("plan", [SQLITE, POSTGRESQL], ids=str)
@pytest.mark.parametrize("plot", [Plot, LongNight])
async def test_wherever_it_is_killed_the_story_ends_the_same(
    brief_world: BriefWorld, tmp_path: Path, plot: type[Plot], plan: Plan, chunk: int
) -> None:
    step = 1 if ALL else SAMPLE[plot, plan.database]
    firsts = range(1, (EVERY or SEAMS) + 1, step)[chunk::CHUNKS]
    kind = partial(Shelved, folder=tmp_path) if plot is LongNight else World
    wrong = {}
    with quietly():
        right = await how_it_ends(brief_world, plan, kind, plot=plot) if firsts else None
        for first in firsts:
            death = Death(first, EVERY)
            end = await how_it_ends(brief_world, plan, kind, death, plot)
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


class Called(Shelved):
    """A world that knows at once when the runbook's call was made."""

    made = False

    def furnish(self, app: App) -> None:
        super().furnish(app)
        self._calling = app.outbox._performers[SYSTEM]
        app.outbox._performers = {**app.outbox._performers, SYSTEM: self}

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        answer = await self._calling.perform(effect, attempt)
        self.made = True
        return answer

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | None:
        return None


class AtTheCall(Death):
    """Comes when the runbook's call was made and nobody has written down yet what it brought."""

    def __init__(self, world: Called) -> None:
        super().__init__(1, only="after-call")
        self._world = world

    def __call__(self, name: str) -> None:
        if self._state != "alive" or self._world.made:
            super().__call__(name)


async def the_call_is_cut_off(brief_world: BriefWorld, folder: Path) -> tuple[int, list[str]]:
    """How often it was made, and what was said of it."""
    async with brief_world(SQLITE, partial(Called, folder=folder)) as world:
        death = AtTheCall(world)
        await play(world, death, LongNight)
        assert death.places == ["after-call"]
        told = [line for line in await world.timeline() if TRIED in line and " ran " not in line]
        return len(await world.hands.heartbeats(CALLED)), told


async def test_a_call_of_a_runbook_that_was_cut_off_is_not_made_again_and_people_are_asked_to_look(
    brief_world: BriefWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with quietly():
        made, told = await the_call_is_cut_off(brief_world, tmp_path)
        assert made == 1
        assert [UNSURE in line for line in told] == [True]
        monkeypatch.setattr(CallOut, "in_doubt", InDoubt.REPEAT)
        made, _ = await the_call_is_cut_off(brief_world, tmp_path)
        assert made == 2, "the control: repeated by itself it is made twice"
