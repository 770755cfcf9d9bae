"""Draws rich text: sections, lists, quotes, preformatted, and what stands in a line of them.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import dates, mrkdwn
from bot.sandbox.web.blockkit.colours import swatch
from bot.sandbox.web.blockkit.place import part, parts
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join

STYLES = {"code": "code", "bold": "strong", "italic": "em", "strike": "s", "underline": "u", "highlight": "mark"}
DEEPEST = 8


def rich_text(block: Json, eyes: Eyes) -> Markup:
    """A block or a cell of type `rich_text`."""
    return el("div", *(_piece(piece, eyes) for piece in parts(block, "elements")), cls="rich")


def typed_words(block: Json) -> str:
    """The words of rich text as one would type them: a line for each piece and each item."""
    inner = parts(block, "elements")
    said = [str(block.get("text") or ""), *(typed_words(each) for each in inner)]
    return ("\n" if block.get("type") in ("rich_text", "rich_text_list") else "").join(filter(None, said))


def _piece(piece: Json, eyes: Eyes) -> Markup:
    kind, inner = piece.get("type"), parts(piece, "elements")
    bordered = "bordered" if piece.get("border") else None
    if kind == "rich_text_list":
        return _list(piece, eyes)
    if kind == "rich_text_quote":
        return el("blockquote", _line(inner, eyes), cls=bordered)
    if kind == "rich_text_preformatted":
        return el("pre", el("code", _line(inner, eyes)), cls=bordered)
    return el("p", _line(inner, eyes))


def _list(piece: Json, eyes: Eyes) -> Markup:
    is_ordered = piece.get("style") == "ordered"
    items = [el("li", *_item(item, eyes)) for item in parts(piece, "elements")]
    indent, start = min(_count(piece, "indent"), DEEPEST), _count(piece, "offset") + 1
    classes = f"list indent-{indent}{' bordered' if piece.get('border') else ''}"
    return el("ol" if is_ordered else "ul", *items, cls=classes, start=start if is_ordered and start > 1 else None)


def _item(item: Json, eyes: Eyes) -> list[Markup]:
    """A line; or a list within the list."""
    return [_list(item, eyes)] if item.get("type") == "rich_text_list" else [_line(parts(item, "elements"), eyes)]


def _count(piece: Json, name: str) -> int:
    given = piece.get(name)
    return max(given, 0) if isinstance(given, int) else 0


def _line(elements: Sequence[Json], eyes: Eyes) -> Markup:
    return join(*(_element(element, eyes) for element in elements))


def _element(element: Json, eyes: Eyes) -> Markup:
    drawn = INLINE.get(str(element.get("type")), _unknown)(element, eyes)
    worn = part(element, "style")
    for style, name in STYLES.items():
        if worn.get(style):
            drawn = el(name, drawn)
    return drawn


def _text(element: Json, eyes: Eyes) -> Markup:
    return el("br").join(str(element.get("text") or "").split("\n"))


def _link(element: Json, eyes: Eyes) -> Markup:
    address = str(element.get("url") or "")
    return mrkdwn.link(address, str(element.get("text") or address.removeprefix("mailto:")), eyes)


def _emoji(element: Json, eyes: Eyes) -> Markup:
    tone = element.get("skin_tone")
    return mrkdwn.emoji_named(str(element.get("name") or ""), str(tone) if tone else None)


def _broadcast(element: Json, eyes: Eyes) -> Markup:
    return mrkdwn.mention(f"@{element.get('range')}", is_mine=True)


def _date(element: Json, eyes: Eyes) -> Markup:
    seconds = dates.seconds_of(element.get("timestamp"))
    if seconds is None:
        return join(str(element.get("fallback") or element.get("timestamp")))
    return dates.written(seconds, str(element.get("format") or "{date_num}"), eyes, str(element.get("url") or ""))


def _color(element: Json, eyes: Eyes) -> Markup:
    value = str(element.get("value") or "")
    return el("code", swatch(value), value)


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
