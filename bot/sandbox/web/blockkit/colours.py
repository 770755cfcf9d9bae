"""Shows a colour that the app chose: as an attribute of a drawing, for pages have no styles of their own."""

import re

from markupsafe import Markup

from bot.sandbox.web.markup import el

NAMED = {"good": "#1c6b3c", "warning": "#7a5200", "danger": "#a92a22"}
NONE = "#7d8279"


def shown(colour: str) -> str:
    """`#rrggbb` for `good`, `danger`, `ff8800` and the like; grey for what is no colour."""
    written = NAMED.get(colour, colour if colour.startswith("#") else f"#{colour}")
    return written if re.fullmatch(r"#[0-9a-fA-F]{6}", written) else NONE


def swatch(colour: str) -> Markup:
    """A small square before a colour's name."""
    return el("svg", el("rect", width="100%", height="100%", fill=shown(colour)), cls="swatch", aria_hidden="true")
