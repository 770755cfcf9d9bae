"""What makes a control an act of whoever uses it: whom to tell, and what to ask before."""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit.place import Scene, part
from bot.sandbox.web.blockkit.text import words_of
from bot.sandbox.web.markup import Attribute

Attributes = dict[str, Attribute]


def press(element: Json, block: Json, scene: Scene, more: Mapping[str, Any] | None = None) -> Attributes:
    """The attributes of a control that tells the app when it is used; `more` goes along with the act."""
    names = {"action_id": element.get("action_id"), "block_id": block.get("block_id")}
    if "value" in element:
        names["value"] = element["value"]
    asked = part(element, "confirm")
    return {
        "data_act": "slack/click",
        "data_args": json.dumps({**names, **(more or {})}, ensure_ascii=False),
        "data_confirm": json.dumps(_question(asked, scene), ensure_ascii=False) if asked else None,
    }


def _question(asked: Json, scene: Scene) -> Json:
    words = {name: words_of(asked.get(name), scene.eyes) for name in ("title", "text", "confirm", "deny")}
    return {**words, "style": asked.get("style", "primary")}
