"""Draws rich text: sections, lists, quotes, preformatted, and what stands in a line of them.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import dates, mrkdwn
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join

STYLES = {"code": "code", "bold": "strong", "italic": "em", "strike": "s", "underline": "u", "highlight": "mark"}


def rich_text(block: Json, eyes: Eyes) -> Markup:
    """A block or a cell of type `rich_text`."""
    return el("div", *(_part(part, eyes) for part in block.get("elements") or []), cls="rich")


def _part(part: Json, eyes: Eyes) -> Markup:
    kind, inner = part.get("type"), part.get("elements") or []
    if kind == "rich_text_list":
        return _list(part, eyes)
    if kind == "rich_text_quote":
        return el("blockquote", _line(inner, eyes))
    if kind == "rich_text_preformatted":
        return el("pre", el("code", _line(inner, eyes)))
    return el("p", _line(inner, eyes))


def _list(part: Json, eyes: Eyes) -> Markup:
    is_ordered = part.get("style") == "ordered"
    items = [el("li", _line(item.get("elements") or [], eyes)) for item in part.get("elements") or []]
    indent = min(max(int(part.get("indent") or 0), 0), 8)
    start = int(part.get("offset") or 0) + 1
    return el(
        "ol" if is_ordered else "ul", *items, cls=f"indent-{indent}", start=start if is_ordered and start > 1 else None
    )


def _line(elements: Sequence[Json], eyes: Eyes) -> Markup:
    return join(*(_element(element, eyes) for element in elements))


def _element(element: Json, eyes: Eyes) -> Markup:
    draw = INLINE.get(str(element.get("type")), _unknown)
    drawn = draw(element, eyes)
    for style, name in STYLES.items():
        if (element.get("style") or {}).get(style):
            drawn = el(name, drawn)
    return drawn


def _text(element: Json, eyes: Eyes) -> Markup:
    return el("br").join(str(element.get("text") or "").split("\n"))


def _link(element: Json, eyes: Eyes) -> Markup:
    address = str(element.get("url") or "")
    return mrkdwn.link(address, str(element.get("text") or address), eyes)


def _emoji(element: Json, eyes: Eyes) -> Markup:
    return mrkdwn.emoji_named(str(element.get("name") or ""))


def _broadcast(element: Json, eyes: Eyes) -> Markup:
    return mrkdwn.mention(f"@{element.get('range')}", "everybody", is_mine=True)


def _date(element: Json, eyes: Eyes) -> Markup:
    return dates.written(int(element["timestamp"]), str(element.get("format")), eyes, element.get("url"))


def _color(element: Json, eyes: Eyes) -> Markup:
    return el("code", str(element.get("value")))


def _unknown(element: Json, eyes: Eyes) -> Markup:
    return el("span", str(element.get("text") or element.get("fallback") or element.get("type")), cls="unknown")


INLINE: dict[str, Callable[[Json, Eyes], Markup]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "user": lambda element, eyes: mrkdwn.person(str(element.get("user_id")), eyes),
    "usergroup": lambda element, eyes: mrkdwn.group(str(element.get("usergroup_id")), eyes),
    "channel": lambda element, eyes: mrkdwn.channel(str(element.get("channel_id")), eyes),
    "broadcast": _broadcast,
    "date": _date,
    "color": _color,
}
