"""Draws a list of blocks, one below the other; what is not known is shown as what it is, never left out."""

import json
from collections.abc import Callable, Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import cards, elements, inputs, tables
from bot.sandbox.web.blockkit.markdown import markdown
from bot.sandbox.web.blockkit.place import Place, Scene, Values, part, parts
from bot.sandbox.web.blockkit.rich_text import rich_text
from bot.sandbox.web.blockkit.text import text
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join

LONG_TEXT, MANY_LINES = 900, 14
"""Characters and lines above which a section that does not `expand` shows its beginning only."""
WIDTHS = {"narrow", "standard", "wide", "full"}


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


def _block(block: Json, scene: Scene) -> Markup | None:
    draw = BLOCKS.get(str(block.get("type")), unknown)
    return draw(block, scene)


def unknown(block: Json, scene: Scene) -> Markup:
    """A quiet box with the type of what cannot be drawn, and what was sent."""
    sent = json.dumps(block, indent=1, ensure_ascii=False)
    return el("details", el("summary", f"{block.get('type')} block"), el("pre", sent), cls="unknown")


def _section(block: Json, scene: Scene) -> Markup:
    words = _words(block, scene) if block.get("text") else None
    fields = [el("div", text(field, scene.eyes), cls="field") for field in parts(block, "fields")]
    beside = elements.element(part(block, "accessory"), block, scene) if part(block, "accessory") else None
    grid = el("div", *fields, cls="fields") if fields else None
    accessory = el("div", beside, cls="accessory") if beside else None
    return el("div", el("div", words, grid, cls="told"), accessory, cls="section")


def _words(block: Json, scene: Scene) -> Markup:
    """A section's text; a long one is folded, unless the app says `expand`."""
    drawn = text(block["text"], scene.eyes)
    said = str(part(block, "text").get("text") or "")
    if block.get("expand") or (len(said) <= LONG_TEXT and said.count("\n") < MANY_LINES):
        return el("div", drawn, cls="words")
    more = el("label", el("input", type="checkbox", cls="quiet"), "See more", cls="see-more")
    return el("div", el("div", drawn, cls="words"), more, cls="folded")


def _header(block: Json, scene: Scene) -> Markup:
    return el("h3", text(block.get("text"), scene.eyes), cls="header")


def _divider(block: Json, scene: Scene) -> Markup:
    return el("hr")


def _context(block: Json, scene: Scene) -> Markup:
    return el("div", *(_noted(each, block, scene) for each in parts(block, "elements")), cls="context")


def _noted(noted: Json, block: Json, scene: Scene) -> Markup:
    return elements.picture(noted, scene) if noted.get("type") == "image" else el("span", text(noted, scene.eyes))


def _row(block: Json, scene: Scene) -> Markup | None:
    return cards.row(block, "elements", scene)


def _image(block: Json, scene: Scene) -> Markup:
    caption = el("figcaption", text(block["title"], scene.eyes)) if block.get("title") else None
    return el("figure", caption, elements.picture(block, scene))


def _rich_text(block: Json, scene: Scene) -> Markup:
    return rich_text(block, scene.eyes)


def _markdown(block: Json, scene: Scene) -> Markup:
    return markdown(str(block.get("text") or ""), scene.eyes)


def _container(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/container-block"""
    width = str(block.get("width"))
    classes = (
        f"container {width if width in WIDTHS else 'standard'}{' divided' if block.get('has_header_divider') else ''}"
    )
    head = cards.headed(block, part(block, "icon"), scene)
    inner = el("div", *(_block(child, scene) for child in parts(block, "child_blocks")), cls="blocks")
    if not block.get("is_collapsible"):
        return el("div", head, inner, cls=classes)
    return el("details", el("summary", head or "More"), inner, open=not block.get("default_collapsed"), cls=classes)


BLOCKS: dict[str, Callable[[Json, Scene], Markup | None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _row,
    "context_actions": _row,
    "image": _image,
    "input": inputs.field,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": tables.table,
    "data_table": tables.data_table,
    "alert": cards.alert,
    "card": cards.card,
    "carousel": cards.carousel,
    "task_card": cards.task,
    "plan": cards.plan,
    "container": _container,
    "file": cards.file,
    "call": cards.call,
    "video": cards.video,
}
