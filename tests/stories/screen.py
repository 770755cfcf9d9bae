"""What a person reads on the screen: messages, whispers and forms as plain words, and the buttons on them."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


def words(shown: Mapping[str, Any]) -> str:
    """Everything that a message or a form says, block by block; the bare text where it has no blocks."""
    blocks = shown.get("blocks") or []
    if not blocks:
        return str(shown.get("text") or "")
    return "\n".join(line for block in blocks if (line := " ".join(_texts(block))))


def _texts(piece: Any) -> Iterator[str]:
    """The words in a piece of a block, in the order in which they stand there."""
    if isinstance(piece, list):
        for one in piece:
            yield from _texts(one)
    elif isinstance(piece, dict):
        text = piece.get("text")
        if isinstance(text, str):
            yield text
        for key in ("text", "label", "fields", "elements", "element", "accessory", "hint", "placeholder", "options"):
            if not isinstance(piece.get(key), str):
                yield from _texts(piece.get(key))


def buttons(shown: Mapping[str, Any]) -> list[Json]:
    """Whatever can be pressed or chosen in a message or a form, in order."""
    return [element for block in shown.get("blocks") or [] for element in _elements(block)]


def _elements(block: Mapping[str, Any]) -> Iterator[Json]:
    for piece in (block.get("accessory"), *(block.get("elements") or []), block.get("element")):
        if isinstance(piece, dict) and "action_id" in piece:
            yield piece


def button_of(shown: Mapping[str, Any], action: str, value: str | None = None) -> Json | None:
    """The button of that action (and value, if it is told); repeats in a row are numbered `take_role#2`."""
    for element in buttons(shown):
        same = str(element["action_id"]).partition("#")[0] == action
        if same and value in (None, element.get("value")):
            return element
    return None


def labels(shown: Mapping[str, Any]) -> list[str]:
    """What stands on the buttons."""
    return [element["text"]["text"] for element in buttons(shown) if element.get("type") == "button"]


def whispers(result: Mapping[str, Any]) -> str:
    """What came of a command or a click, for that person's eyes: ephemeral answers, and the form's words."""
    shown = [words(message) for message in result["ephemerals"]]
    modal = result["modal"]
    return "\n".join([*shown, *([f"{modal['title']['text']}\n{words(modal)}"] if modal else [])])
