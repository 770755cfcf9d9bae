"""The machine's clock jumps, or the clocks of a country do: nobody is called early, late or twice because of it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine.clock import SteadyClock
from bot.incident.review import POSTMORTEM
from tests.campaign.faults_world import Brisk
from tests.campaign.weather_ground import SQLITE, Ground
from tests.stories.world import Clock

LEVELS = ["PUBO001", "PUDEV01"]
"""Who is called for checkout, level by level."""
ANSWER_WITHIN = 5.0
"""Minutes that each level has."""
BERLIN = "Europe/Berlin"


class Set(Clock):
    """The machine's clock, which can be set; what `advance` lets pass is real time."""

    def __init__(self) -> None:
        super().__init__()
        self._set = timedelta()
        self._steady = SteadyClock(self._wall, lambda: time.monotonic() + self._ahead.total_seconds())

    def __call__(self) -> datetime:
        return self._steady()

    def _wall(self) -> datetime:
        return super().__call__() + self._set

    def jump(self, by: timedelta) -> None:
        self._set += by


class Jumpy(Brisk):
    """A world on a machine whose clock can be set."""

    clock: Set

    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        self.clock = Set()


async def _called(world: Brisk) -> list[str]:
    return [page.user for page in await world.hands.pagerduty.pages()]


async def ladder_after(ground: Ground, hours: float) -> None:
    """A page at SEV1 is not answered; the clock jumps; the next level is called in time, once.

    After a jump ahead that time has passed: the next level is called at once, and no further one. After a jump back
    the wait lasts at most a ninth longer than it should.
    """
    async with ground.world(SQLITE, Jumpy) as world:
        assert isinstance(world, Jumpy)
        await world.declare("checkout is down", severity=1, services=["checkout"])
        assert await _called(world) == LEVELS[:1]
        world.clock.jump(timedelta(hours=hours))
        await world.pass_time(minutes=0.1)
        assert await _called(world) == (LEVELS if hours > 0 else LEVELS[:1]), "at once"
        await world.pass_time(minutes=ANSWER_WITHIN - 0.3)
        assert await _called(world) == (LEVELS if hours > 0 else LEVELS[:1]), "not before its time"
        await world.pass_time(minutes=ANSWER_WITHIN / 9 + 0.3)
        assert await _called(world) == LEVELS, "in time"
        await world.pass_time(minutes=2 * ANSWER_WITHIN)
        told = await world.timeline()
        assert told.count("Muster paged checkout, level 2: level 1 did not answer") == 1
        assert await world.unkept() == []


async def there_and_back(ground: Ground) -> None:
    """The clock is an hour ahead for a while and is put right: what came meanwhile came once, and all goes on."""
    async with ground.world(SQLITE, Jumpy) as world:
        assert isinstance(world, Jumpy)
        number = await world.declare("checkout is slow")
        for place, by in enumerate((1.0, -1.0, -25.0, 25.0)):
            world.clock.jump(timedelta(hours=by))
            await world.type("ada", f"note seen {place}")
            await world.pass_time(minutes=1)
        told = await world.timeline(number)
        notes = [line for line in told if "seen" in line]
        assert notes == [f"Ada Marsh: seen {place}" for place in range(4)], notes
        late = max(world.app.ticker.late().values())
        assert late < 5, f"the ticks are {late:.0f} s late"
        assert await world.unkept() == []


async def daylight_saving(ground: Ground, change: datetime) -> None:
    """An incident of twenty minutes across the change lasted twenty minutes, whatever the clocks on the wall say."""
    async with ground.world(SQLITE) as world:
        world.settings = world.settings.model_copy(
            update={"postmortem": world.settings.postmortem.model_copy(update={"zone": BERLIN})}
        )
        await world.restart()
        ahead = change - timedelta(minutes=10) - datetime.now(UTC)
        world.clock.advance(ahead)
        await world.hands.advance(ahead.total_seconds())
        await world.declare("checkout is down", severity=2)
        await world.pass_time(minutes=20)
        await world.type("ada", "resolve rolled back")
        await world.settled()
        draft = await world.app.engine.reading.document(1, POSTMORTEM)
        assert draft is not None, "there is no draft"
        assert "| Lasted | 20 min |" in draft.body, next(line for line in draft.body.splitlines() if "Lasted" in line)
        zones = {"CET", "CEST"} & set(draft.body.replace("|", " ").replace(")", " ").split())
        assert zones == {"CET", "CEST"}, f"the draft names the zones {zones}"
