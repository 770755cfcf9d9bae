"""The real program under SIGKILL: one story of the campaign; `python -m tests.stories.kills --kills 100` plays many."""

import os

import pytest

from tests.stories.kills import run

KILLS = int(os.environ.get("MUSTER_KILLS", "12"))


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_killed_at_random_moments_the_real_program_ends_every_story_the_same() -> None:
    done = await run(KILLS, seed=20261121)
    assert done.wrong == []
    assert done.kills == KILLS
