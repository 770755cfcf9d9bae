"""Draws Markdown: the block of that name, canvases, and files that end in .md."""

import functools
import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from bot.sandbox.web.blockkit import mrkdwn
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el

TASK = re.compile(r"<li>(\n<p>)?\[([ xX])\] ")
ALIGNED = {"text-align:right": ' class="right"', "text-align:center": ' class="center"'}


def markdown(words: str, eyes: Eyes) -> Markup:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""
    drawn = _reader().render(words, {"eyes": eyes, "links": 0})
    drawn = TASK.sub(_task, drawn)
    return el("div", Markup(drawn), cls="rich markdown")  # noqa: S704  (the reader escapes all that it was given)


def _task(found: re.Match[str]) -> str:
    return f'<li class="todo">{found[1] or ""}{"☐" if found[2] == " " else "☑"} '


@functools.cache
def _reader() -> MarkdownIt:
    """CommonMark with tables and strikethrough; HTML in it is words; pictures from elsewhere are not fetched."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    rules = {
        "text": _text,
        "image": _picture,
        "link_open": _link,
        "link_close": _link_end,
        "table_open": _table,
        "table_close": _table_end,
        "th_open": _cell,
        "td_open": _cell,
    }
    for name, draw in rules.items():
        reader.add_render_rule(name, draw)
    return reader


def _text(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return str(mrkdwn.addressed(tokens[place].content, env["eyes"], finds_links=not env["links"]))


def _picture(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    """In canvases `![](@U…)` and `![](#C…)` are people and channels: https://docs.slack.dev/surfaces/canvases"""
    source, words, eyes = str(tokens[place].attrs.get("src", "")), tokens[place].content, env["eyes"]
    if source.startswith("@"):
        return str(mrkdwn.person(source[1:], eyes))
    if source.startswith("#"):
        return str(mrkdwn.channel(source[1:], eyes))
    frame = el("span", words or "picture", cls="picture", title=source)
    return str(frame if env["links"] else mrkdwn.link(source, frame, eyes))


def _link(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    env["links"] += 1
    target = env["eyes"].link(str(tokens[place].attrs.get("href", "")))
    if target is None:
        return "<a>"
    outside = "" if target.startswith("/") else ' target="_blank" rel="noopener noreferrer"'
    return str(Markup('<a href="{}"').format(target)) + f"{outside}>"


def _link_end(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    env["links"] -= 1
    return "</a>"


def _table(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>'


def _table_end(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return "</table></div>"


def _cell(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    """Its alignment as a class: pages have no styles of their own."""
    style = str(tokens[place].attrs.get("style", ""))
    return f"<{tokens[place].tag}{ALIGNED.get(style, '')}>"
