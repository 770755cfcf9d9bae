"""Slack's limits on messages and views: what breaks them (`violations`), and a kind cut that never does (`fit`).

The figures: https://docs.slack.dev/reference/block-kit/blocks, …/block-elements, …/composition-objects and the
refusals of chat.postMessage and chat.update. The total size of the blocks is documented nowhere and was measured at
13,172 to 13,297 characters (https://github.com/slackapi/bolt-js/issues/2509).
"""

import json
from collections.abc import Callable, Iterator, Mapping

from bot.integrations.slack.blocks import Block, Message
from bot.integrations.slack.text import cut

TEXT = 4_000
"""Of the text beside the blocks: chat.postMessage would bear 40,000, chat.update refuses more than this."""
BLOCKS = 50
VIEW_BLOCKS = 100
SIZE = 12_800
MARKDOWN = 12_000
VIEW_SIZE = 250_000
SECTION, FIELDS, FIELD, HEADER = 3_000, 10, 2_000, 150
ACTIONS, CONTEXT, CONTEXT_TEXT = 25, 10, 3_000
BUTTON, VALUE, URL = 75, 2_000, 3_000
ID = 255
OPTIONS, OVERFLOW, CHOICES = 100, 5, 10
OPTION, OPTION_VALUE, PLACEHOLDER = 75, 150, 150
LABEL, MAX_LENGTH = 2_000, 3_000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
VIEW_TITLE, PRIVATE_METADATA = 24, 3_000
MENUS = ("static_select", "multi_static_select")
FEW = ("radio_buttons", "checkboxes")

Breaks = Iterator[str]


def violations(message: Message) -> list[str]:
    """Every limit that a message breaks, each in one line; empty when Slack takes it."""
    return [*_message(message)]


def view_violations(view: Mapping[str, object]) -> list[str]:
    """The same of a modal or home view, as it goes to views.open."""
    return [*_view(view)]


def _message(message: Message) -> Breaks:
    if not message.text.strip():
        yield "text: empty"
    yield from _longer("text", message.text, TEXT)
    yield from _blocks(message.blocks, BLOCKS)
    if size(message.blocks) > SIZE:
        yield f"blocks: {size(message.blocks)} characters in all, at most {SIZE}"


def _view(view: Mapping[str, object]) -> Breaks:
    blocks = list_of(view.get("blocks"))
    if view.get("type") == "modal":
        if not text_of(view.get("title")):
            yield "title: missing"
        if any(b.get("type") == "input" for b in blocks) and not text_of(view.get("submit")):
            yield "submit: missing beside inputs"
    for part in ("title", "submit", "close"):
        yield from _longer(part, text_of(view.get(part)), VIEW_TITLE)
    yield from _longer("private_metadata", str(view.get("private_metadata", "")), PRIVATE_METADATA)
    yield from _longer("callback_id", str(view.get("callback_id", "")), ID)
    yield from _blocks(blocks, VIEW_BLOCKS)
    if len(json.dumps(view)) > VIEW_SIZE:
        yield f"view: larger than {VIEW_SIZE} bytes"


def _blocks(blocks: tuple[Block, ...] | list[Block], most: int) -> Breaks:
    if len(blocks) > most:
        yield f"blocks: {len(blocks)}, at most {most}"
    seen: set[str] = set()
    markdown = 0
    for n, block in enumerate(blocks):
        kind = str(block.get("type", ""))
        check = _CHECKS.get(kind)
        if check is None:
            yield f"blocks/{n}: a {kind or 'nameless'} block is none of ours"
        else:
            yield from (f"blocks/{n}/{broken}" for broken in (*check(block), *_ids(block, seen)))
        markdown += len(str(block.get("text", ""))) if kind == "markdown" else 0
    if markdown > MARKDOWN:
        yield f"blocks: {markdown} characters of Markdown, at most {MARKDOWN}"


def _ids(block: Block, seen: set[str]) -> Breaks:
    """Ids are short; a block's is unique in the message, an action's in its block."""
    if named := str(block.get("block_id", "")):
        yield from _longer("block_id", named, ID)
        if named in seen:
            yield f"block_id: {named} is there twice"
        seen.add(named)
    acting = [str(e["action_id"]) for e in elements(block) if "action_id" in e]
    for one in acting:
        yield from _longer("action_id", one, ID)
    if len(set(acting)) < len(acting):
        yield "action_id: one is there twice"


def _section(block: Block) -> Breaks:
    if block.get("text") is None and not block.get("fields"):
        yield "neither text nor fields"
    if block.get("text") is not None:
        yield from _text("text", block["text"], SECTION)
    fields = list_of(block.get("fields"))
    if len(fields) > FIELDS:
        yield f"fields: {len(fields)}, at most {FIELDS}"
    for one in fields:
        yield from _text("fields", one, FIELD)
    yield from _elements(block)


def _header(block: Block) -> Breaks:
    yield from _text("text", block.get("text"), HEADER, plain=True)


def _context(block: Block) -> Breaks:
    texts = list_of(block.get("elements"))
    if not 1 <= len(texts) <= CONTEXT:
        yield f"elements: {len(texts)}, 1 to {CONTEXT}"
    for one in texts:
        yield from _text("elements", one, CONTEXT_TEXT)


def _actions(block: Block) -> Breaks:
    several = elements(block)
    if not 1 <= len(several) <= ACTIONS:
        yield f"elements: {len(several)}, 1 to {ACTIONS}"
    yield from _elements(block)


def _input(block: Block) -> Breaks:
    yield from _text("label", block.get("label"), LABEL, plain=True)
    if block.get("hint") is not None:
        yield from _text("hint", block["hint"], LABEL, plain=True)
    yield from _elements(block)


def _markdown(block: Block) -> Breaks:
    if not block.get("text"):
        yield "text: empty"


def _fine(block: Block) -> Breaks:
    return iter(())


_CHECKS: dict[str, Callable[[Block], Breaks]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "markdown": _markdown,
    "divider": _fine,
    "rich_text": _fine,
}


def _elements(block: Block) -> Breaks:
    for element in elements(block):
        yield from _element(element)


def _element(element: Block) -> Breaks:
    kind = element.get("type")
    if kind == "button":
        yield from _text("button", element.get("text"), BUTTON, plain=True)
        yield from _longer("button value", str(element.get("value", "")), VALUE)
        yield from _longer("button url", str(element.get("url", "")), URL)
    if kind in MENUS or kind in FEW or kind == "overflow":
        yield from _options(element, OVERFLOW if kind == "overflow" else CHOICES if kind in FEW else OPTIONS)
    if kind == "plain_text_input":
        most = element.get("max_length", MAX_LENGTH)
        if not isinstance(most, int) or not 1 <= most <= MAX_LENGTH:
            yield f"max_length: {most}, 1 to {MAX_LENGTH}"
        elif len(str(element.get("initial_value", ""))) > most:
            yield f"initial_value: longer than {most}"
    if element.get("placeholder") is not None:
        yield from _text("placeholder", element["placeholder"], PLACEHOLDER, plain=True)
    if isinstance(confirm := element.get("confirm"), dict):
        yield from _text("confirm title", confirm.get("title"), CONFIRM_TITLE, plain=True)
        yield from _text("confirm text", confirm.get("text"), CONFIRM_TEXT)
        for part in ("confirm", "deny"):
            yield from _text(f"confirm {part}", confirm.get(part), CONFIRM_BUTTON, plain=True)


def _options(element: Block, most: int) -> Breaks:
    groups = list_of(element.get("option_groups"))
    for options in [list_of(g.get("options")) for g in groups] or [list_of(element.get("options"))]:
        if not 1 <= len(options) <= most:
            yield f"options: {len(options)}, 1 to {most}"
        for option in options:
            yield from _text("option", option.get("text"), OPTION)
            yield from _longer("option value", str(option.get("value", "")), OPTION_VALUE)


def _text(what: str, made: object, most: int, *, plain: bool = False) -> Breaks:
    if not isinstance(made, dict) or not str(made.get("text", "")).strip():
        yield f"{what}: empty"
        return
    if plain and made.get("type") != "plain_text":
        yield f"{what}: only plain text may stand here"
    if made.get("type") == "mrkdwn" and made.get("verbatim") is not True:
        yield f"{what}: without verbatim, a bare @here in it pings"
    yield from _longer(what, str(made["text"]), most)


def _longer(what: str, text: str, most: int) -> Breaks:
    if len(text) > most:
        yield f"{what}: {len(text)} characters, at most {most}"


def size(blocks: tuple[Block, ...] | list[Block]) -> int:
    """The characters of the blocks as they travel, an emoji counted as two: never less than what Slack counts."""
    return len(json.dumps(blocks, ensure_ascii=False).encode("utf-16-le")) // 2


def elements(block: Block) -> list[Block]:
    """The interactive elements of one block, wherever it keeps them."""
    several = list_of(block.get("elements")) if block.get("type") == "actions" else []
    single = [e for e in (block.get("accessory"), block.get("element")) if isinstance(e, dict)]
    return [*several, *single]


def list_of(made: object) -> list[Block]:
    """The objects in a list, or none."""
    return [m for m in made if isinstance(m, dict)] if isinstance(made, list | tuple) else []


def text_of(made: object) -> str:
    """The words of a text object, or none."""
    return str(made.get("text", "")) if isinstance(made, dict) else ""


def shorter(made: object, most: int) -> Block:
    """A text object cut to a length; what says nothing says `–`, since Slack refuses empty text."""
    block = dict(made) if isinstance(made, dict) else {"type": "plain_text"}
    return block | {"text": cut(str(block.get("text", "")).strip() or "–", most)}
