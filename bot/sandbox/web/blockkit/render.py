"""Draws a list of blocks, one below the other; what is not known is shown as what it is, never left out."""

import json
from collections.abc import Callable, Sequence
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import elements, inputs, tables
from bot.sandbox.web.blockkit.markdown import markdown
from bot.sandbox.web.blockkit.place import Place, Scene, Values
from bot.sandbox.web.blockkit.rich_text import rich_text
from bot.sandbox.web.blockkit.text import text
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join


def render(
    blocks: Sequence[Json],
    eyes: Eyes,
    at: Place,
    entered: Values | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Markup:
    """Blocks as they stand `at` a place.

    `entered` is what has been put into a form's fields so far; `errors` by block_id what the app found wrong with it.
    """
    scene = Scene(eyes, at, entered or {}, errors)
    return join(*(_block(block, scene) for block in blocks))


def _block(block: Json, scene: Scene) -> Markup:
    draw = BLOCKS.get(str(block.get("type")), unknown)
    return draw(block, scene)


def unknown(block: Json, scene: Scene) -> Markup:
    """A quiet box with the type of what cannot be drawn, and what was sent."""
    sent = json.dumps(block, indent=1, ensure_ascii=False)
    return el("details", el("summary", f"{block.get('type')} block"), el("pre", sent), cls="unknown")


def _section(block: Json, scene: Scene) -> Markup:
    words = el("div", text(block["text"], scene.eyes), cls="words") if block.get("text") else None
    fields = [el("div", text(field, scene.eyes), cls="field") for field in block.get("fields") or []]
    beside = elements.element(block["accessory"], block, scene) if block.get("accessory") else None
    grid = el("div", *fields, cls="fields") if fields else None
    accessory = el("div", beside, cls="accessory") if beside else None
    return el("div", el("div", words, grid, cls="told"), accessory, cls="section")


def _header(block: Json, scene: Scene) -> Markup:
    return el("h3", text(block["text"], scene.eyes), cls="header")


def _divider(block: Json, scene: Scene) -> Markup:
    return el("hr")


def _context(block: Json, scene: Scene) -> Markup:
    return el("div", *(_noted(part, block, scene) for part in block.get("elements") or []), cls="context")


def _noted(part: Json, block: Json, scene: Scene) -> Markup:
    return elements.element(part, block, scene) if part.get("type") == "image" else el("span", text(part, scene.eyes))


def _row(block: Json, scene: Scene) -> Markup:
    return el("div", *(elements.element(part, block, scene) for part in block.get("elements") or []), cls="actions")


def _image(block: Json, scene: Scene) -> Markup:
    caption = el("figcaption", text(block["title"], scene.eyes)) if block.get("title") else None
    return el("figure", elements.picture(block, scene), caption)


def _input(block: Json, scene: Scene) -> Markup:
    return inputs.field(block, scene)


def _rich_text(block: Json, scene: Scene) -> Markup:
    return rich_text(block, scene.eyes)


def _markdown(block: Json, scene: Scene) -> Markup:
    return markdown(str(block.get("text") or ""), scene.eyes)


def _table(block: Json, scene: Scene) -> Markup:
    return tables.table(block, scene.eyes)


def _alert(block: Json, scene: Scene) -> Markup:
    level = str(block.get("level") or "default")
    return el("div", el("b", ALERTS.get(level)), text(block["text"], scene.eyes), cls=f"alert {level}", role="note")


def _file(block: Json, scene: Scene) -> Markup:
    return el("p", f"File {block.get('external_id') or block.get('file_id') or ''}", cls="context")


def _inside(name: str, block: Json, scene: Scene) -> Markup:
    inner = [*(block.get(name) or [])]
    return el("div", *(_block(child, scene) for child in inner), cls="container")


ALERTS = {"info": "Note. ", "warning": "Careful. ", "error": "Wrong. ", "success": "Done. "}
BLOCKS: dict[str, Callable[[Json, Scene], Markup]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _row,
    "context_actions": _row,
    "image": _image,
    "input": _input,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
    "alert": _alert,
    "file": _file,
    "container": partial(_inside, "children"),
}
