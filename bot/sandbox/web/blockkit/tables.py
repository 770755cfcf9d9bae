"""Draws tables: the plain one, and the one with a caption.

https://docs.slack.dev/reference/block-kit/blocks/table-block and …/data-table-block
"""

from collections.abc import Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit.place import Scene, parts
from bot.sandbox.web.blockkit.rich_text import rich_text
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el

NUMBERS = "raw_number"
PAGE = 5
"""Rows of a data table that are seen at once where the app does not say how many."""


def table(block: Json, scene: Scene) -> Markup:
    """The first row is the head; `column_settings` align the columns."""
    settings = block.get("column_settings")
    columns = [each if isinstance(each, dict) else {} for each in settings] if isinstance(settings, list) else []
    return el("div", _drawn(_rows(block), columns, None, scene.eyes), cls="wide", **_named("Table"))


def data_table(block: Json, scene: Scene) -> Markup:
    """With a caption, and a column whose cells name their rows; what exceeds a page is scrolled to."""
    rows, caption = _rows(block), str(block.get("caption") or "Table")
    naming = block.get("row_header_column_index", 0)
    page = block.get("page_size")
    is_long = len(rows) - 1 > (page if isinstance(page, int) else PAGE)
    drawn = _drawn(rows, [], naming if isinstance(naming, int) else 0, scene.eyes)
    count = el("small", f"{len(rows) - 1} rows", cls="soft")
    frame = el("div", drawn, cls="wide long" if is_long else "wide", **_named(caption))
    return el("figure", el("figcaption", el("b", caption), " ", count), frame, cls="data-table")


def _named(words: str) -> dict[str, str | int]:
    """A part of the page that one can scroll by keyboard, under a name."""
    return {"tabindex": 0, "role": "group", "aria_label": words}


def _rows(block: Json) -> list[list[Json]]:
    given = block.get("rows")
    rows = [parts({"cells": row}, "cells") for row in given] if isinstance(given, list) else []
    return rows or [[]]


def _drawn(rows: Sequence[Sequence[Json]], columns: Sequence[Json], naming: int | None, eyes: Eyes) -> Markup:
    head, *rest = rows
    drawn_head = el("thead", el("tr", *(_cell("th", cell, place, columns, eyes) for place, cell in enumerate(head))))
    body = [
        el("tr", *(_cell("th" if at == naming else "td", cell, at, columns, eyes) for at, cell in enumerate(row)))
        for row in rest
    ]
    return el("table", drawn_head, el("tbody", *body))


def _cell(name: str, cell: Json, place: int, columns: Sequence[Json], eyes: Eyes) -> Markup:
    column = columns[place] if place < len(columns) else {}
    align = column.get("align") or ("right" if cell.get("type") == NUMBERS else None)
    classes = [str(align)] if align in ("center", "right") else []
    classes += [] if column.get("is_wrapped", True) else ["unbroken"]
    words = rich_text(cell, eyes) if cell.get("type") == "rich_text" else _said(cell)
    return el(name, words, cls=" ".join(classes) or None)


def _said(cell: Json) -> str:
    said = next((cell[name] for name in ("text", "value", "number") if cell.get(name) is not None), "")
    return str(said)
