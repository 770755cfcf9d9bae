"""What each open window shows, and which parts of it are no longer true: the one engine that keeps pages live."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from markupsafe import Markup

MOST_WINDOWS = 64
_STALE, _MISSING = object(), object()


@dataclass(frozen=True, slots=True)
class Region:
    """A live part of a page: `key` is its element's id, `slot` its parent's.

    It is drawn anew when `face` differs, so a face holds everything that its drawing reads. A region never moves
    within its slot; regions stand there in the order in which the page names them.
    """

    key: str
    slot: str
    face: Hashable
    draw: Callable[[], Markup]


@dataclass(frozen=True, slots=True)
class Patch:
    """Put `html` in place of element `key`, else before element `before` in `slot`; without `html`: take it out."""

    key: str
    slot: str | None = None
    before: str | None = None
    html: str | None = None


class Page(Protocol):
    """What one window shows."""

    def regions(self) -> Iterable[Region]:
        """Its live parts, in the order in which they stand in their slots."""

    def looked_at(self) -> None:
        """Somebody has it before their eyes right now."""

    def earlier(self) -> None:
        """They want to see what came before the oldest that is shown."""


@dataclass
class Window:
    """A page in somebody's browser: `sent` holds the faces of what stands there."""

    id: str
    page: Page
    sent: dict[str, Hashable] = field(default_factory=dict)
    is_connected: bool = False

    def slots(self) -> dict[str, Markup]:
        """Every slot's content, for the first drawing."""
        drawn: dict[str, list[Markup]] = {}
        for region in self.page.regions():
            drawn.setdefault(region.slot, []).append(region.draw())
            self.sent[region.key] = region.face
        return {slot: Markup("\n").join(parts) for slot, parts in drawn.items()}

    def connected(self) -> None:
        """A stream begins. The first goes on from the drawing; before a later one nobody knows what arrived."""
        if self.is_connected:
            self.sent = dict.fromkeys(self.sent, _STALE)
        self.is_connected = True

    def patches(self) -> list[Patch]:
        """What makes the window true again. Last first, so that the element `before` is there."""
        now = list(self.page.regions())
        patches: list[Patch] = []
        following: dict[str, str] = {}
        for region in reversed(now):
            if self.sent.get(region.key, _MISSING) != region.face:
                patches.append(Patch(region.key, region.slot, following.get(region.slot), str(region.draw())))
            following[region.slot] = region.key
        faces = {region.key: region.face for region in now}
        gone = [Patch(key) for key in self.sent.keys() - faces.keys()]
        self.sent = faces
        return [*gone, *patches]


class Windows:
    """Those that are open; the oldest are forgotten, and a browser that still shows one loads it anew."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Window] = OrderedDict()

    def open(self, page: Page) -> Window:
        window = Window(secrets.token_urlsafe(12), page)
        self._open[window.id] = window
        if len(self._open) > MOST_WINDOWS:
            self._open.popitem(last=False)
        return window

    def find(self, window: str) -> Window | None:
        return self._open.get(window)
