"""The weather in a window: what goes wrong, how the bot takes it, and the switches for both."""

from collections.abc import Iterator

from bot.sandbox.faults import Faults
from bot.sandbox.web.backstage import Backstage
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.weather import bot, sky
from bot.sandbox.web.windows import Region


class WeatherPage:
    """Sliders for two systems; with a bot backstage also its life and what it owes."""

    template = "weather.html.j2"
    title = "Weather"
    place = "weather"

    def __init__(self, eyes: Eyes, faults: Faults, backstage: Backstage | None) -> None:
        self._eyes, self._faults, self._backstage = eyes, faults, backstage

    def regions(self) -> Iterator[Region]:
        yield from sky.regions(self._faults)
        if self._backstage:
            yield from bot.regions(self._eyes, self._backstage)

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """All is shown."""
