"""Where blocks stand, through whose eyes they are seen, and how their parts are taken out of what was sent."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from bot.sandbox.slack.records import Json
from bot.sandbox.web.eyes import Eyes

Values = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Place:
    """A message, the home tab, or the modal on top: what a press names depends on it.

    `key` tells two drawings of one message apart: in the channel, and beside it as the head of its thread.
    """

    kind: Literal["message", "modal", "home"]
    channel: str = ""
    ts: str = ""
    key: str = ""


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
        """An id that only this element has on the page; quoted, for a space in it would make two of one."""
        named = (self.at.key or self.at.kind, self.at.ts, block.get("block_id"), element.get("action_id"))
        return "/".join([what, *(quote(str(each), safe="", errors="replace") for each in named)])


def parts(holder: Json, name: str) -> list[Json]:
    """The objects in a list; nothing where there is no list: Slack checks some blocks less than others."""
    listed = holder.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def part(holder: Json, name: str) -> Json:
    """One object; an empty one where there is none."""
    held = holder.get(name)
    return held if isinstance(held, dict) else {}
