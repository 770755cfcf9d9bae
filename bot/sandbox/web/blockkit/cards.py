"""Draws the blocks that frame something: cards, tasks and plans, alerts, files, calls, videos.

https://docs.slack.dev/reference/block-kit/blocks
"""

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import elements, mrkdwn
from bot.sandbox.web.blockkit.place import Scene, part, parts
from bot.sandbox.web.blockkit.rich_text import rich_text
from bot.sandbox.web.blockkit.text import text
from bot.sandbox.web.markup import el, icon, join

LEVELS = {"info": "info", "warning": "info", "error": "close", "success": "check"}
STATUSES = {"pending": "Not begun", "in_progress": "Under way", "complete": "Done", "error": "Failed"}
SIGNS = {"complete": "check", "error": "close"}


def alert(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/alert-block"""
    level = str(block.get("level") or "default")
    known = level if level in LEVELS else "default"
    named = el("span", f"{known}: ", cls="quiet") if known != "default" else None
    words = el("div", named, text(block.get("text"), scene.eyes))
    return el("div", icon(LEVELS.get(known, "info")), words, cls=f"alert level-{known}", role="note")


def card(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/card-block"""
    hero, sign = part(block, "hero_image"), part(block, "icon")
    return el(
        "div",
        el("div", elements.picture(hero, scene), cls="hero") if hero else None,
        headed(block, sign, scene),
        el("div", text(block["body"], scene.eyes), cls="words") if block.get("body") else None,
        row(block, "actions", scene),
        cls="block-card",
    )


def carousel(block: Json, scene: Scene) -> Markup:
    """Cards beside each other, scrolled sideways: https://docs.slack.dev/reference/block-kit/blocks/carousel-block"""
    cards = [el("li", card(each, scene)) for each in parts(block, "elements")]
    return el("ul", *cards, cls="carousel", tabindex=0, aria_label=f"{len(cards)} cards")


def headed(block: Json, sign: Json, scene: Scene) -> Markup | None:
    """A title with what stands below it and beside it."""
    title = rich_text(part(block, "rich_text_title"), scene.eyes) if block.get("rich_text_title") else None
    title = title or (text(block["title"], scene.eyes) if block.get("title") else None)
    below = text(block["subtitle"], scene.eyes) if block.get("subtitle") else None
    if title is None and below is None and not sign:
        return None
    words = [el("b", title) if title else None, el("small", below, cls="soft") if below else None]
    drawn = el("span", elements.picture(sign, scene), cls="sign") if sign else None
    return el("div", drawn, el("div", *words), cls="headed")


def row(block: Json, name: str, scene: Scene) -> Markup | None:
    """Elements beside each other."""
    drawn = [elements.element(each, block, scene) for each in parts(block, name)]
    return el("div", *drawn, cls="actions") if drawn else None


def task(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/task-card-block"""
    status = str(block.get("status") or "pending")
    known = status if status in STATUSES else "pending"
    drawing = icon(SIGNS[known]) if known in SIGNS else None
    sign = el("span", drawing, cls="status", role="img", aria_label=STATUSES[known], title=STATUSES[known])
    title = el("b", text(block.get("title"), scene.eyes))
    told = [rich_text(part(block, name), scene.eyes) for name in ("details", "output") if part(block, name)]
    sources = [_source(each, scene) for each in parts(block, "sources")]
    listed = el("div", *sources, cls="sources") if sources else None
    return el("div", sign, el("div", title, *told, listed), cls=f"task task-{known}")


def plan(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/plan-block"""
    tasks = parts(block, "tasks")
    done = sum(each.get("status") == "complete" for each in tasks)
    head = el("div", el("b", text(block.get("title"), scene.eyes)), el("small", f"{done} of {len(tasks)}", cls="soft"))
    return el("div", head, *(task(each, scene) for each in tasks), cls="plan")


def file(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/file-block"""
    held = scene.eyes.workspace.files.get(str(block.get("file_id") or ""))
    words = join(icon("file"), el("span", (held.title or held.name) if held else "A file from elsewhere"))
    if held:
        return el("a", words, cls="framed", href=scene.eyes.path(f"/file/{held.id}"))
    return el("div", words, el("small", str(block.get("external_id") or ""), cls="soft"), cls="framed")


def call(block: Json, scene: Scene) -> Markup:
    """https://docs.slack.dev/apis/web-api/using-the-calls-api"""
    known = part(part(block, "call"), "v1")
    there = len(parts(known, "active_participants"))
    state = "The call has ended" if known.get("date_end") else f"{there} in the call" if there else "A call"
    name = el("b", str(known.get("name") or known.get("display_id") or block.get("call_id") or "Call"))
    target = scene.eyes.link(str(known.get("join_url") or ""))
    join_it = None
    if target and not known.get("date_end"):
        join_it = el("a", "Join", cls="button", href=target, **elements.outside(target))
    return el("div", el("div", name, el("small", state, cls="soft")), join_it, cls="framed call")


def video(block: Json, scene: Scene) -> Markup:
    """It is not played here, for nothing is loaded from elsewhere: its picture's words, and a link to it."""
    address = str(block.get("title_url") or block.get("video_url") or "")
    title = el("b", mrkdwn.link(address, text(block.get("title"), scene.eyes), scene.eyes))
    by = " · ".join(str(block[name]) for name in ("provider_name", "author_name") if block.get(name))
    about = el("p", text(block["description"], scene.eyes)) if block.get("description") else None
    picture = elements.picture(block, scene, name="thumbnail_url")
    return el("div", title, el("small", by, cls="soft") if by else None, about, picture, cls="block-card video")


def _source(source: Json, scene: Scene) -> Markup:
    address = str(source.get("url") or "")
    return mrkdwn.link(address, str(source.get("text") or address), scene.eyes)
