"""Where blocks stand, and through whose eyes they are seen."""

from dataclasses import dataclass
from typing import Literal

from bot.sandbox.slack.records import Json
from bot.sandbox.web.eyes import Eyes

Values = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Place:
    """A message, the home tab, or the modal on top: what a press names depends on it."""

    kind: Literal["message", "modal", "home"]
    channel: str = ""
    ts: str = ""


@dataclass(frozen=True)
class Scene:
    """What drawing a block needs to know besides the block; `entered` by block_id and action_id."""

    eyes: Eyes
    at: Place
    entered: Values
    errors: tuple[tuple[str, str], ...] = ()

    def state(self, block: Json, element: Json) -> Json:
        """What is in a field by now: `{"type": …, "value": …}` and the like; empty: nobody touched it."""
        return self.entered.get(str(block.get("block_id")), {}).get(str(element.get("action_id")), {})

    def id(self, block: Json, element: Json, what: str) -> str:
        """An id that only this element has on the page."""
        return f"{what}-{self.at.kind}{self.at.ts}-{block.get('block_id')}-{element.get('action_id')}"
