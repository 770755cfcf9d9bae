"""Holds Block Kit to Slack's limits and says, as Slack does, which place breaks which one.

The figures: https://docs.slack.dev/reference/block-kit/blocks and …/block-elements.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from bot.sandbox.slack.elements import Elements
from bot.sandbox.slack.pointers import Problems
from bot.sandbox.slack.records import Json

Surface = Literal["message", "modal", "home"]
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MARKDOWN_TOTAL = 12_000
# Types that are accepted as they stand: the bot sends none of them with anything that could break a limit.
UNCHECKED = frozenset(
    {"divider", "file", "call", "video", "card", "carousel", "container", "plan", "task_card", "data_table"}
)


def problems(blocks: object, surface: Surface) -> list[str]:
    """Every broken limit, as `sentence [json-pointer:/blocks/0/…]`; empty when the blocks are fine."""
    return _Blocks(surface).check(blocks)


class _Blocks:
    """One pass over one payload's blocks."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.found = Problems()
        self.elements = Elements(self.found)
        self.seen_ids: set[str] = set()
        self.markdown = 0
        self.tables = 0
        self.kinds: Mapping[str, Callable[[Json, str], None]] = {
            "section": self._section,
            "header": self._header,
            "image": self._image,
            "actions": self._actions,
            "context": self._context,
            "context_actions": self._context_actions,
            "input": self._input,
            "markdown": self._markdown,
            "rich_text": self._rich_text,
            "table": self._table,
            "alert": self._alert,
        }

    def check(self, blocks: object) -> list[str]:
        if not isinstance(blocks, list):
            return ["must be an array [json-pointer:/blocks]"]
        self.found.at_most(len(blocks), MOST_BLOCKS[self.surface], "/blocks")
        for index, block in enumerate(blocks):
            self._block(block, f"/blocks/{index}")
        return self.found.listed

    def _block(self, block: object, at: str) -> None:
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(block, dict) or not isinstance(kind, str):
            self.found.add("missing required field: type", at)
            return
        self._block_id(block, at)
        if check := self.kinds.get(kind):
            check(block, at)
        elif kind not in UNCHECKED:
            self.found.add(f"unsupported type: {kind}", f"{at}/type")

    def _block_id(self, block: Json, at: str) -> None:
        block_id = block.get("block_id")
        if not block_id or block.get("type") == "markdown":
            return
        self.found.length(block_id, 255, f"{at}/block_id")
        if block_id in self.seen_ids:
            self.found.add(f"`block_id` already exists: {block_id}", f"{at}/block_id")
        self.seen_ids.add(block_id)

    def _section(self, block: Json, at: str) -> None:
        if not block.get("text") and not block.get("fields"):
            self.found.add("missing required field: text", at)
        if block.get("text"):
            self.found.text(block["text"], f"{at}/text", 3000)
        fields = block.get("fields") or []
        self.found.at_most(len(fields), 10, f"{at}/fields")
        for index, text in enumerate(fields):
            self.found.text(text, f"{at}/fields/{index}", 2000)
        if accessory := block.get("accessory"):
            self.elements.one(accessory, f"{at}/accessory", "section")

    def _header(self, block: Json, at: str) -> None:
        self.found.text(block.get("text"), f"{at}/text", 150, plain=True)

    def _image(self, block: Json, at: str) -> None:
        self.elements.image(block, at)
        if block.get("title"):
            self.found.text(block["title"], f"{at}/title", 2000, plain=True)

    def _actions(self, block: Json, at: str) -> None:
        self.elements.several(block.get("elements"), f"{at}/elements", 25, "actions")

    def _context_actions(self, block: Json, at: str) -> None:
        if self.surface != "message":
            self.found.add("unsupported type: context_actions", f"{at}/type")
        self.elements.several(block.get("elements"), f"{at}/elements", 5, "context_actions")

    def _context(self, block: Json, at: str) -> None:
        elements = block.get("elements") or []
        self.found.between(len(elements), 1, 10, f"{at}/elements")
        for index, element in enumerate(elements):
            where = f"{at}/elements/{index}"
            if isinstance(element, dict) and element.get("type") == "image":
                self.elements.image(element, where)
            else:
                self.found.text(element, where, 3000)

    def _input(self, block: Json, at: str) -> None:
        self.found.text(block.get("label"), f"{at}/label", 2000, plain=True)
        if block.get("hint"):
            self.found.text(block["hint"], f"{at}/hint", 2000, plain=True)
        self.elements.one(block.get("element"), f"{at}/element", "input")

    def _markdown(self, block: Json, at: str) -> None:
        text = block.get("text")
        if not isinstance(text, str) or not text:
            self.found.add("missing required field: text", at)
            return
        self.markdown += len(text)
        if self.markdown > MARKDOWN_TOTAL:
            self.found.add(f"must be less than {MARKDOWN_TOTAL + 1} characters in total", f"{at}/text")

    def _rich_text(self, block: Json, at: str) -> None:
        if not isinstance(block.get("elements"), list):
            self.found.add("missing required field: elements", at)

    def _table(self, block: Json, at: str) -> None:
        self.tables += 1
        if self.tables > 1:
            self.found.add("only one table block is allowed in a message", at)
        rows = block.get("rows") or []
        self.found.between(len(rows), 1, 100, f"{at}/rows")
        for index, row in enumerate(rows):
            self.found.at_most(len(row), 20, f"{at}/rows/{index}")
        if sum(len(str(cell.get("text", ""))) for row in rows for cell in row) > 10_000:
            self.found.add("must be less than 10001 characters in total", at)

    def _alert(self, block: Json, at: str) -> None:
        if self.surface != "modal":
            self.found.add("unsupported type: alert", f"{at}/type")
        self.found.text(block.get("text"), f"{at}/text", 200)
        if block.get("level", "default") not in ("default", "info", "warning", "error", "success"):
            self.found.add("invalid value", f"{at}/level")
