"""A refresh may wait for more to become one with it: what comes by the hundred is drawn a few times."""

from collections.abc import Iterable
from datetime import timedelta

from bot.engine.effects import Promise
from bot.incident import HearAlert
from bot.incident.mirror import Alert
from bot.incident.policy import Policy
from tests.engine.conftest import House
from tests.engine.test_alerts import ASKS, PAGER, fired
from tests.engine.toys import Card

SECONDS = 4


class Drawing(Card, kind="test_drawing"):
    """A card that needs nothing."""

    @property
    def need(self) -> None:
        return None


def drawn_later(before: Alert | None, after: Alert, policy: Policy) -> Iterable[Promise]:
    yield Promise(Drawing(), f"card/{after.id}", gathers=timedelta(seconds=SECONDS))


async def test_what_gathers_is_kept_once_and_not_before_its_time(house: House) -> None:
    house.alerts = (drawn_later,)
    async with house.process(ASKS) as engine, house.outbox(engine) as outbox:
        for n in range(20):
            await engine.handle(HearAlert(report=fired(f"P{n}")), PAGER)
        await outbox.idle()
        (waiting,) = await engine.reading.effects()
        assert waiting.not_before == house.clock() + timedelta(seconds=SECONDS)
        house.clock.forward(SECONDS)
        outbox.wake()
        await outbox.idle()
        assert await engine.reading.effects() == []
        assert house.world.count("test_drawing") == 1
        await engine.handle(HearAlert(report=fired("later")), PAGER)
        assert len(await engine.reading.effects()) == 1, "what changes afterwards is drawn, too"
