"""The timeline as a file to take away: Markdown to read, CSV for a table, JSON for a program; pure."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.documents import markdown
from bot.documents.times import when
from bot.incident.exports import Format
from bot.incident.timeline import Entry

COLUMNS = (
    *("incident", "entry", "at", "recorded", "by", "kind", "text", "source"),
    *("corrected", "redacted", "deleted_in_chat", "images"),
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes as the beginning of a formula: https://owasp.org/www-community/attacks/CSV_Injection."""


def exported(name: str, title: str, entries: Sequence[Entry], format: Format, zone: str = "UTC") -> str:
    """The whole file. `zone`: for Markdown alone; tables and programs get UTC in ISO 8601."""
    match format:
        case Format.MARKDOWN:
            return _as_markdown(name, title, entries, zone)
        case Format.CSV:
            return _as_csv(entries)
        case Format.JSON:
            told = {"incident": name, "title": title, "entries": [_row(entry) for entry in entries]}
            return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _as_markdown(name: str, title: str, entries: Sequence[Entry], zone: str) -> str:
    lines = [f"# Timeline of {markdown.text(name)}: {markdown.text(title)}", ""]
    lines += [_line(entry, zone) for entry in entries] or ["Nothing is on the timeline yet."]
    return "\n".join(lines) + "\n"


def _line(entry: Entry, zone: str) -> str:
    source = f" ({markdown.link('source', entry.source)})" if markdown.is_web_address(entry.source) else ""
    images = f" · images: {markdown.text(_names(entry))}" if entry.images else ""
    marks = "".join(f" *({mark})*" for mark in _marks(entry))
    return f"- **{when(entry.at, zone, seconds=True)}** {markdown.text(entry.text)}{source}{images}{marks}"


def _marks(entry: Entry) -> list[str]:
    said = {"corrected": entry.corrected, "message deleted in the chat": entry.gone}
    return [word for word, holds in said.items() if holds]


def _as_csv(entries: Sequence[Entry]) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS)
    table.writeheader()
    for entry in entries:
        row = _row(entry) | {"images": _names(entry)}
        table.writerow({name: _cell(value) for name, value in row.items()})
    return written.getvalue()


def _cell(value: object) -> object:
    """People's words as words: what a spreadsheet would calculate gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def _row(entry: Entry) -> dict[str, object]:
    return {
        "incident": f"INC-{entry.incident}",
        "entry": entry.seq,
        "at": _iso(entry.at),
        "recorded": _iso(entry.recorded),
        "by": entry.by.name,
        "kind": entry.kind,
        "text": entry.text,
        "source": entry.source,
        "corrected": entry.corrected,
        "redacted": entry.redacted,
        "deleted_in_chat": entry.gone,
        "images": [image.name for image in entry.images],
    }


def _names(entry: Entry) -> str:
    return ", ".join(image.name for image in entry.images)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
