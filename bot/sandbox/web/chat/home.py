"""The app's home tab."""

from collections.abc import Iterator

from markupsafe import Markup

from bot.sandbox.slack.records import View
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region


class HomePage:
    """What the app shows this person about themselves."""

    template = "home.html.j2"
    title = "Home"
    place = "home"

    def __init__(self, eyes: Eyes) -> None:
        self.eyes = eyes

    def regions(self) -> Iterator[Region]:
        view = self.eyes.workspace.views.get(self.eyes.workspace.homes.get(self.eyes.viewer.id, ""))
        yield Region("messages-only", "messages", (view.id, view.hash) if view else None, lambda: self._draw(view))

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """There is nothing before it."""

    def _draw(self, view: View | None) -> Markup:
        body = render(view.blocks, self.eyes, Place("home")) if view else el("p", "The app shows nothing here yet.")
        return el("section", body, id="messages-only", data_surface="home")
