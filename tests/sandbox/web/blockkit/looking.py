"""Somebody who looks at blocks, at a moment that stands still, and what they find there."""

from html.parser import HTMLParser

from bot.sandbox.clock import Clock
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import VOID

URL = "http://127.0.0.1:8080"
NOON = 1_795_345_200
"""Sunday, 22 November 2026, 12:00 in Berlin."""
MESSAGE = Place("message", seed.OPS, "1795345200.000100", "m-1")


class Standing(Clock):
    """A clock that stands."""

    def __init__(self, now: float) -> None:
        super().__init__()
        self._now = now

    def now(self) -> float:
        return self._now


class Page(HTMLParser):
    """What a browser would see: each element with its attributes, and the words; with what is open at the end."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.feed(str(html))  # Markup would escape its own pieces.
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID and tag not in ("use", "rect"):
            self.open.append(tag)
        if tag == "br":
            self.words += "\n"

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words += data
        self.pieces.append(data)

    def all(self, tag: str, **having: str) -> list[dict[str, str]]:
        """The attributes of each such element; `having` names attributes with `_` for `-`."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in having.items()}
        return [its for name, its in self.elements if name == tag and wanted.items() <= its.items()]

    def one(self, tag: str, **having: str) -> dict[str, str]:
        found = self.all(tag, **having)
        assert len(found) == 1, (tag, having, self.elements)
        return found[0]


def through(person: str = seed.ADA, now: float = NOON) -> Eyes:
    """The eyes of one of the seed's people."""
    workspace = Workspace(Standing(now), URL)
    return Eyes(workspace, workspace.people[person])


def page(*blocks: Json, eyes: Eyes | None = None, at: Place = MESSAGE) -> Page:
    return Page(render(blocks, eyes or through(), at))


def plain(words: str, **more: object) -> Json:
    return {"type": "plain_text", "text": words, **more}


def mrkdwn(words: str, **more: object) -> Json:
    return {"type": "mrkdwn", "text": words, **more}


def option(words: str, value: str, about: str | None = None) -> Json:
    return {"text": plain(words), "value": value} | ({"description": plain(about)} if about else {})


def section(element: Json) -> Json:
    return {"type": "section", "block_id": "b", "text": mrkdwn("words"), "accessory": {"action_id": "a", **element}}


def field(element: Json, **more: object) -> Json:
    return {"type": "input", "block_id": "b", "label": plain("Label"), "element": {"action_id": "a", **element}, **more}
