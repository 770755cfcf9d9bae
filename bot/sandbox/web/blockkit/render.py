"""Draws a list of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join


@dataclass(frozen=True)
class Place:
    """Where blocks stand, which decides what a press on them names: a message, the home tab, or the modal on top."""

    kind: Literal["message", "modal", "home"]
    channel: str = ""
    ts: str = ""


def render(blocks: Sequence[Json], eyes: Eyes, at: Place) -> Markup:
    """The blocks, one below the other."""
    return join(*(el("pre", str(block), cls="unknown", data_kind=at.kind) for block in blocks))
