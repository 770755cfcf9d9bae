"""A short run of the kill campaign; `python -m tests.campaign kill --runs 500` is the long one."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.campaign.kill import Campaign, Peace, Played, in_peace, theatre
from tests.campaign.killers import MODES, Tally
from tests.campaign.lives import Stillborn
from tests.campaign.mortal import kind_of
from tests.campaign.scene import Theatre
from tests.stories.plot import differences

KILLS = 5
SEED = 20261121


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theatre]:
    async with theatre(tmp_path_factory.mktemp("kills"), hurried=True) as opened:
        yield opened


@pytest.fixture(scope="module")
async def peace(place: Theatre) -> Peace:
    return await in_peace(place)


@pytest.mark.timeout(300)
async def test_killed_at_random_moments_and_at_seams_the_real_program_ends_every_story_the_same(
    place: Theatre, peace: Peace
) -> None:
    done = [Campaign(place, "sqlite", mode, SEED, {Played.MAIN: peace}, Tally(KILLS)) for mode in MODES]
    await asyncio.gather(*(campaign.run(side_by_side=1) for campaign in done))
    assert [wrong for campaign in done for wrong in campaign.wrong] == []
    assert all(campaign.tally.kills >= KILLS for campaign in done)
    assert set(done[1].tally.seams) <= peace.seams
    assert {"before-commit", "after-commit", "before conversations.create", "after chat.postMessage"} <= peace.seams


@pytest.mark.timeout(300)
async def test_one_process_and_two_replicas_end_the_story_with_the_same_books(place: Theatre, peace: Peace) -> None:
    several = await in_peace(place, "replicas")
    assert [*differences(several.end, peace.end)] == []


async def test_a_bot_that_ends_by_itself_is_told_and_what_there_is_to_see_is_kept(place: Theatre) -> None:
    async with place.scene("sqlite", "stillborn") as scene:
        (bot,) = scene.replicas
        bot.environment["MUSTER_SLACK__BOT_TOKEN"] = ""
        assert bot.life is not None
        await bot.life.kill()
        with pytest.raises(Stillborn, match="bot0 ended at once"):
            await bot.stand()
        scene.keep(["it ended"])
    assert "MUSTER_SLACK__BOT_TOKEN is not set" in bot.log.read_text()
    assert '"wrong"' in (scene.folder / "kept.json").read_text()


def test_seams_of_one_kind_are_one_whichever_incident_they_are_about() -> None:
    assert kind_of("before PUT /incidents/Q2TLKCIRD6AXKH") == kind_of("before PUT /incidents/Q9HZQZKSD1GEVF")
    assert kind_of("after-commit") == "after-commit"
