"""Private stays private on every surface; and whichever guard is taken away, something is seen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from bot.pulse import counts
from bot.web.vitals import Sample
from tests.privacy.asking import typed
from tests.privacy.guards import GUARDS, Guard
from tests.privacy.night import SECRET, told
from tests.privacy.stage import ADA, Night, stage
from tests.privacy.surfaces import SURFACES, Leaks

AT_DECISION, AT_SHOWING = [g for g in GUARDS if g.told], [g for g in GUARDS if not g.told]


@pytest.fixture(scope="module")
async def night(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> AsyncIterator[Night]:
    """A night that is over, with every guard in its place."""
    async with stage(tmp_path_factory.mktemp("night"), migrated) as begun:
        await told(begun)
        yield begun


async def test_nothing_private_is_seen_on_any_surface(tmp_path: Path, migrated: Path) -> None:
    seen: dict[str, Leaks] = {}
    async with stage(tmp_path, migrated) as night:
        await told(night)
        for name, looked_at in SURFACES.items():
            seen |= {name: leaks} if (leaks := await looked_at(night)) else {}
    assert seen == {}


async def test_whoever_is_in_it_sees_it_so_there_is_something_to_hide(night: Night) -> None:
    for text in ("list", "INC-1 show", "INC-2 timeline", "INC-2 show"):
        assert SECRET in await typed(night, ADA, text), text
    for number in (1, 2):
        room = (await night.incident(number)).room
        assert room is not None
        assert SECRET in str(await night.hands.slack.messages(room.channel))


@pytest.mark.parametrize("guard", AT_SHOWING, ids=str)
async def test_without_a_guard_where_it_is_shown_it_is_seen(
    guard: Guard, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = SURFACES[guard.surface]
    before = await looked_at(night)
    guard.take_away(monkeypatch)
    assert await looked_at(night) - before


@pytest.mark.parametrize("guard", AT_DECISION, ids=str)
async def test_without_a_guard_where_it_is_decided_it_is_seen(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated: Path
) -> None:
    guard.take_away(monkeypatch)
    async with stage(tmp_path, migrated, in_slack=guard.surface == "channels") as night:
        await told(night)
        assert await SURFACES[guard.surface](night)


async def test_a_line_of_the_log_or_a_label_with_a_title_in_it_is_seen(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No guard keeps titles out of these two: nobody puts them there."""
    structlog.get_logger("bot").info("decided", title=SECRET)
    monkeypatch.setattr(counts, "_outbox", lambda queues: [Sample("muster_outbox", "…", 1.0, {"incident": SECRET})])
    assert await SURFACES["log"](night)
    assert await SURFACES["figures"](night)


def test_each_surface_is_one_on_which_something_was_seen() -> None:
    assert {guard.surface for guard in GUARDS} | {"log", "figures"} == set(SURFACES)
