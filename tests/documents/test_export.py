"""The timeline as a file: nothing in people's words is markup, a formula or a second row."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.export import COLUMNS, exported
from bot.incident.exports import Format
from bot.incident.marks import Image
from bot.incident.timeline import Entry
from bot.incident.values import Actor

AT = datetime(2026, 11, 21, 2, 14, 5, tzinfo=UTC)
ADA = Actor(id="slack:UADA", name="Ada")
IMAGE = Image(digest="d", name="errors.png", media_type="image/png", size=9)


def entry(text: str = "Ada: rolled back", **more: object) -> Entry:
    told = {"incident": 42, "seq": 7, "at": AT, "recorded": AT, "by": ADA, "text": text, "kind": "noted"}
    return Entry(**{**told, **more})  # type: ignore[arg-type]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_markdown_reads_line_by_line_with_the_zone_the_source_and_what_became_of_an_entry() -> None:
    marked = entry(source="https://acme.slack.com/p1", corrected=True, gone=True, images=(IMAGE,))
    told = exported("INC-42", "Checkout *errors*", [marked], Format.MARKDOWN, "Europe/Berlin")
    assert told.splitlines() == [
        "# Timeline of INC-42: Checkout \\*errors\\*",
        "",
        "- **2026-11-21 03:14:05 CET** Ada: rolled back ([source](<https://acme.slack.com/p1>)) · images: errors.png"
        " *(corrected)* *(message deleted in the chat)*",
    ]


def test_an_empty_timeline_says_so() -> None:
    assert exported("INC-42", "x", [], Format.MARKDOWN).endswith("\n\nNothing is on the timeline yet.\n")


def test_a_table_has_a_row_for_each_entry_in_utc() -> None:
    (row,) = rows(exported("INC-42", "x", [entry(redacted=True, images=(IMAGE,))], Format.CSV))
    assert tuple(row) == COLUMNS
    assert (row["incident"], row["entry"], row["at"]) == ("INC-42", "7", "2026-11-21T02:14:05+00:00")
    assert (row["redacted"], row["images"]) == ("True", "errors.png")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_calculates_what_somebody_wrote(start: str) -> None:
    (row,) = rows(exported("INC-42", "x", [entry(f"{start}cmd|' /C calc'!A0")], Format.CSV))
    assert row["text"].startswith(f"'{start}")


@given(st.lists(st.text(max_size=60), max_size=5))
def test_whatever_people_write_is_one_row_and_one_entry(texts: list[str]) -> None:
    entries = [entry(text) for text in texts]
    assert len(rows(exported("INC-42", "x", entries, Format.CSV))) == len(texts)
    told = json.loads(exported("INC-42", "x", entries, Format.JSON))
    assert [one["text"] for one in told["entries"]] == texts
    assert len(exported("INC-42", "x", entries, Format.MARKDOWN).splitlines()) == 2 + max(1, len(texts))


def test_json_tells_which_incident_it_is_and_keeps_words_as_they_are() -> None:
    told = json.loads(exported("INC-42", "Ünï", [entry("=1+1")], Format.JSON))
    assert (told["incident"], told["title"], told["entries"][0]["text"]) == ("INC-42", "Ünï", "=1+1")
