"""Slack gives each block and each interactive element an id of its own where the app gave none."""

from collections.abc import Iterator

from bot.sandbox.slack.elements import CHOOSING, CLICKS, INPUTS
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

INTERACTIVE = CHOOSING | CLICKS | INPUTS | {"feedback_buttons", "icon_button"}


def number(workspace: Workspace, blocks: list[Json]) -> None:
    for block in blocks:
        if not block.get("block_id"):
            block["block_id"] = workspace.new_id("b")[-5:]
        for element in elements(block):
            if not element.get("action_id"):
                element["action_id"] = workspace.new_id("a")[-5:]
        number(workspace, _within(block))


def elements(block: Json) -> Iterator[Json]:
    """The interactive elements of one block, wherever in it they are."""
    nested = [
        block.get("accessory"),
        block.get("element"),
        *(block.get("elements") or []),
        *(block.get("actions") or []),
    ]
    for element in nested:
        if isinstance(element, dict) and element.get("type") in INTERACTIVE:
            yield element


def everything(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each interactive element with its block; those inside containers and carousels too."""
    for block in blocks:
        for element in elements(block):
            yield block, element
        yield from everything(_within(block))


def _within(block: Json) -> list[Json]:
    """The blocks in a container, the cards in a carousel."""
    cards = block.get("elements") if block.get("type") == "carousel" else []
    return [inner for inner in [*(cards or []), *(block.get("child_blocks") or [])] if isinstance(inner, dict)]
