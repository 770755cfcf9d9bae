"""Makes any message or view of ours one that Slack takes: cuts kindly, drops what cannot be cut, never refuses."""

from collections.abc import Callable, Mapping

from bot.integrations.slack import limits
from bot.integrations.slack.blocks import Block, Message, context
from bot.integrations.slack.limits import list_of, shorter
from bot.integrations.slack.text import cut, spoken

NOTICE = 150
"""Characters of a notification: a phone shows some four lines; the blocks hold the rest."""
MORE = "… there is more than fits here."


def fit(message: Message) -> Message:
    """The same message within every limit: words cut with `…`, the last blocks left out, and a line that says so."""
    fitted = _within(list(message.blocks), limits.BLOCKS)
    text = _notice(message) if fitted else cut(message.text.strip() or "Muster", limits.TEXT)
    if limits.size(fitted) <= limits.SIZE:
        return Message(text, tuple(fitted))
    return Message(text, (*_until_full(fitted), context(MORE)))


def _notice(message: Message) -> str:
    """What a lock screen and a screen reader say of a message with blocks: plain words, and no more than are read."""
    return cut(spoken(message.notice or message.text) or "Muster", NOTICE)


def fit_view(view: Mapping[str, object]) -> Block:
    """The same modal or home view within every limit."""
    fitted = dict(view)
    for part in ("title", "submit", "close"):
        if part in fitted:
            fitted[part] = shorter(fitted[part], limits.VIEW_TITLE)
    return fitted | {"blocks": _within(list_of(view.get("blocks")), limits.VIEW_BLOCKS)}


def _within(blocks: list[Block], most: int) -> list[Block]:
    """Each block within its own limits, empty ones left out, and at most so many of them."""
    fitted = [f for block in blocks if (f := _block(block))]
    return fitted if len(fitted) <= most else [*fitted[: most - 1], context(MORE)]


def _until_full(blocks: list[Block]) -> list[Block]:
    """Blocks left out from the end, words before buttons, until the rest fits beside the closing line."""
    kept = list(blocks)
    while limits.size([*kept, context(MORE)]) > limits.SIZE:
        last = max((n for n, block in enumerate(kept) if block["type"] != "actions"), default=len(kept) - 1)
        del kept[last]
    return kept


def _block(block: Block) -> Block | None:
    cutter = _CUTS.get(str(block.get("type", "")))
    return cutter(block) if cutter else block


def _section(block: Block) -> Block:
    fitted = dict(block)
    if "text" in fitted:
        fitted["text"] = shorter(fitted["text"], limits.SECTION)
    if fields := list_of(block.get("fields")):
        fitted["fields"] = [shorter(f, limits.FIELD) for f in fields[: limits.FIELDS]]
    return _with_element(fitted, "accessory")


def _header(block: Block) -> Block:
    return block | {"text": shorter(block.get("text"), limits.HEADER)}


def _context(block: Block) -> Block | None:
    texts = list_of(block.get("elements"))[: limits.CONTEXT]
    return block | {"elements": [shorter(t, limits.CONTEXT_TEXT) for t in texts]} if texts else None


def _actions(block: Block) -> Block | None:
    several = [e for element in list_of(block.get("elements")) if (e := _element(element))]
    return block | {"elements": several[: limits.ACTIONS]} if several else None


def _input(block: Block) -> Block:
    fitted = block | {"label": shorter(block.get("label"), limits.LABEL)}
    if "hint" in fitted:
        fitted["hint"] = shorter(fitted["hint"], limits.LABEL)
    return _with_element(fitted, "element")


_CUTS: dict[str, Callable[[Block], Block | None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
}


def _with_element(block: Block, name: str) -> Block:
    """The block with its one element fitted, or without it where it cannot be."""
    made = block.get(name)
    fitted = _element(made) if isinstance(made, dict) else None
    rest = {key: value for key, value in block.items() if key != name}
    return rest | {name: fitted} if fitted else rest


def _element(element: Block) -> Block | None:
    """An element within its limits; None for a button whose value would have to be cut, or a menu without a choice."""
    fitted = dict(element)
    kind = element.get("type")
    if kind == "button":
        if len(str(element.get("value", ""))) > limits.VALUE or len(str(element.get("url", ""))) > limits.URL:
            return None
        fitted["text"] = shorter(element.get("text"), limits.BUTTON)
    if kind in limits.MENUS or kind in limits.FEW or kind == "overflow":
        return _menu(fitted)
    if kind == "plain_text_input" and "initial_value" in fitted:
        most = fitted.get("max_length")
        fitted["initial_value"] = cut(
            str(fitted["initial_value"]), most if isinstance(most, int) else limits.MAX_LENGTH
        )
    return _asking(fitted)


def _menu(element: Block) -> Block | None:
    most = limits.OVERFLOW if element["type"] == "overflow" else limits.OPTIONS
    most = limits.CHOICES if element["type"] in limits.FEW else most
    groups = [g | {"options": _options(g, most)} for g in list_of(element.get("option_groups")) if g.get("options")]
    if groups:
        return _asking(element | {"option_groups": groups})
    options = _options(element, most)
    return _asking(element | {"options": options}) if options else None


def _options(element: Block, most: int) -> list[Block]:
    """The choices; one whose value is too long could not be told apart and is left out."""
    fine = [o for o in list_of(element.get("options")) if len(str(o.get("value", ""))) <= limits.OPTION_VALUE]
    return [o | {"text": shorter(o.get("text"), limits.OPTION)} for o in fine[:most]]


def _asking(element: Block) -> Block:
    """The placeholder and the question before acting, cut."""
    fitted = dict(element)
    if "placeholder" in fitted:
        fitted["placeholder"] = shorter(fitted["placeholder"], limits.PLACEHOLDER)
    if isinstance(confirm := fitted.get("confirm"), dict):
        fitted["confirm"] = {
            "title": shorter(confirm.get("title"), limits.CONFIRM_TITLE),
            "text": shorter(confirm.get("text"), limits.CONFIRM_TEXT),
            "confirm": shorter(confirm.get("confirm"), limits.CONFIRM_BUTTON),
            "deny": shorter(confirm.get("deny"), limits.CONFIRM_BUTTON),
        }
    return fitted
