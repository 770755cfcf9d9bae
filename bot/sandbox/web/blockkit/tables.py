"""Draws tables.

https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

from collections.abc import Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit.rich_text import rich_text
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el


def table(block: Json, eyes: Eyes) -> Markup:
    """The first row is the head; `column_settings` align the columns."""
    head, *rows = [list(row) for row in block.get("rows") or [[]]]
    settings = [setting or {} for setting in block.get("column_settings") or []]
    drawn_head = el("thead", el("tr", *_cells("th", head, settings, eyes)))
    drawn_rows = el("tbody", *(el("tr", *_cells("td", row, settings, eyes)) for row in rows))
    return el("div", el("table", drawn_head, drawn_rows), cls="wide", tabindex=0, role="region", aria_label="Table")


def _cells(name: str, row: Sequence[Json], settings: Sequence[Json], eyes: Eyes) -> list[Markup]:
    aligned = [setting.get("align") for setting in settings] + [None] * len(row)
    return [
        el(name, _cell(cell, eyes), cls=align if align in ("center", "right") else None)
        for cell, align in zip(row, aligned, strict=False)
    ]


def _cell(cell: Json, eyes: Eyes) -> Markup:
    return rich_text(cell, eyes) if cell.get("type") == "rich_text" else el("span", str(cell.get("text") or ""))
