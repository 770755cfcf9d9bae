"""The weather in a window."""

from collections.abc import Iterator

from bot.sandbox.faults import Faults
from bot.sandbox.web.backstage import Backstage
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region


class WeatherPage:
    """What goes wrong, how the bot takes it, and the switches for both."""

    template = "weather.html.j2"
    title = "Weather"
    place = "weather"

    def __init__(self, eyes: Eyes, faults: Faults, backstage: Backstage | None) -> None:
        self.eyes, self.faults, self.backstage = eyes, faults, backstage

    def regions(self) -> Iterator[Region]:
        if self.backstage:
            life = self.backstage.life()
            yield Region("weather-bot-only", "weather-bot", life, lambda: el("p", life, id="weather-bot-only"))

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """All is shown."""
