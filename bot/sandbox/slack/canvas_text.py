"""The markdown of a canvas, cut into the sections that an edit can aim at, and what a canvas takes no part of.

https://docs.slack.dev/surfaces/canvases
"""

import functools
import itertools
import re
import secrets
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.sandbox.slack.records import Section

LARGEST = 2**20
"""Bytes of markdown in one call."""
MOST_CELLS = 300
LISTS = frozenset({"bullet_list", "ordered_list"})


def sections_of(markdown: str) -> list[Section]:
    """The parts in their order: each heading, paragraph, table, quote or block of code, and each item of a list."""
    if not markdown.strip():
        return []
    lines = re.split("\r\n|\r|\n", markdown)
    # What is no part (a link's definition) belongs to the one before it.
    marks = list(_marks(_parsed(markdown))) or [("paragraph", 0)]
    cuts = [0, *(start for _, start in marks[1:]), len(lines)]
    return [
        Section(f"temp:C:{secrets.token_hex(14)}", kind, "\n".join(lines[cut:following]).strip("\n"))
        for (kind, _), (cut, following) in zip(marks, itertools.pairwise(cuts), strict=True)
    ]


def joined(sections: Sequence[Section]) -> str:
    """The whole markdown again: a blank line between two parts, none between two items of one list."""
    parts: list[str] = []
    before = ""
    for section in sections:
        if parts:
            parts.append("\n" if before == section.kind == "list_item" else "\n\n")
        parts.append(section.markdown)
        before = section.kind
    return "".join(parts)


def problem(markdown: str) -> str | None:
    """What a canvas would not take, as Slack words it in `detail`; None where it takes all of it."""
    quotes, cells = 0, 0
    for token in _parsed(markdown):
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        cells = 0 if token.type == "table_open" else cells + (token.type in ("th_open", "td_open"))
        line = (token.map or [0])[0] + 1
        if quotes and token.type.removesuffix("_open") in LISTS:
            return f"'content' error: line {line}: Unsupported block type (List) within block quote"
        if cells > MOST_CELLS:
            return f"'content' error: a table has more than {MOST_CELLS} cells"
    return None


def words(markdown: str) -> str:
    """What of a section a search finds: its words without the marks before them."""
    return re.sub(r"^\s*(#{1,6}|[-*+]|\d+[.)]|>)\s+", "", markdown)


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _parsed(markdown: str) -> list[Token]:
    return _parser().parse(markdown)


def _marks(tokens: list[Token]) -> Iterator[tuple[str, int]]:
    """Each part's kind, and the line at which it begins."""
    for token in tokens:
        kind = token.type.removesuffix("_open")
        part = (token.level == 0 and kind not in LISTS) or (token.level == 1 and kind == "list_item")
        if part and token.map is not None and token.nesting >= 0:
            yield token.tag if kind == "heading" else kind, token.map[0]
