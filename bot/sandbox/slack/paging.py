"""Cutting long lists into pages, with Slack's cursors."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError

Item = TypeVar("Item")


def page(args: Arguments, items: Sequence[Item], default: int = 100, most: int = 1000) -> tuple[list[Item], str]:
    """The page that `cursor` and `limit` ask for, and the cursor of the next one ("" on the last)."""
    limit = args.number("limit", default)
    if limit <= 0 or limit > most:
        raise SlackError("invalid_limit")
    start = _start(args.text("cursor"))
    rest = start + limit
    return list(items[start:rest]), _cursor(rest) if rest < len(items) else ""


def _cursor(offset: int) -> str:
    return base64.b64encode(f"next:{offset}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, offset = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if word != "next" or not offset.isdigit():
        raise SlackError("invalid_cursor")
    return int(offset)
