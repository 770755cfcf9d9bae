"""A short run of the kill campaign; `python -m tests.campaign kill --runs 500` is the long one."""

import asyncio
from pathlib import Path

import pytest

from tests.campaign.kill import Campaign, in_peace, theatre
from tests.campaign.killers import Tally
from tests.campaign.lives import Stillborn
from tests.campaign.mortal import kind_of
from tests.stories.plot import differences

KILLS = 8
SEED = 20261121


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.timeout(300)
async def test_killed_at_random_moments_and_at_seams_the_real_program_ends_every_story_the_same(tmp_path: Path) -> None:
    async with theatre(tmp_path, hurried=True) as place:
        peace = await in_peace(place)
        done = [Campaign(place, "sqlite", mode, SEED, peace, Tally(KILLS)) for mode in ("moments", "seams")]
        await asyncio.gather(*(campaign.run(side_by_side=1) for campaign in done))
    assert [wrong for campaign in done for wrong in campaign.wrong] == []
    assert all(campaign.tally.kills >= KILLS for campaign in done)
    assert set(done[1].tally.seams) <= peace.seams
    assert {"before-commit", "after-commit", "before conversations.create", "after chat.postMessage"} <= peace.seams


@pytest.mark.timeout(300)
async def test_one_process_and_two_replicas_end_the_story_with_the_same_books(tmp_path: Path) -> None:
    async with theatre(tmp_path, hurried=True) as place:
        one, several = await asyncio.gather(in_peace(place), in_peace(place, "replicas"))
    assert [*differences(several.end, one.end)] == []


async def test_a_campaign_whose_bot_ends_by_itself_says_so_and_keeps_what_there_is_to_see(tmp_path: Path) -> None:
    async with theatre(tmp_path, hurried=True) as place, place.scene("sqlite", "stillborn") as scene:
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
