"""Draws Markdown: the block of that name, canvases, and files that end in .md."""

import functools
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el


@functools.cache
def _reader() -> MarkdownIt:
    """CommonMark with tables and strikethrough; HTML in it is words; pictures from elsewhere are not fetched."""
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    reader.add_render_rule("image", _picture)
    reader.add_render_rule("link_open", _link)
    return reader


def markdown(words: str, eyes: Eyes) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""
    drawn = Markup(_reader().render(words, {"eyes": eyes}))  # noqa: S704  (the reader escapes all that it was given)
    return el("div", drawn, cls="rich markdown")


def _picture(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return str(el("span", tokens[place].content or "picture", cls="picture"))


def _link(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    target = env["eyes"].link(str(tokens[place].attrs.get("href", ""))) or ""
    more = "" if target.startswith("/") else ' target="_blank" rel="noopener noreferrer"'
    return f'<a href="{escape(target)}"{more}>'
