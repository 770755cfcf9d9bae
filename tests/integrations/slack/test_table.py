"""What every verb answers, wherever and however it is asked, stands in a file of its own that people have read.

`python -m tests.integrations.slack.table <verb>` answers a file's rows anew; the difference is what a reviewer reads.
"""

import asyncio
from pathlib import Path

import pytest

from bot.integrations.slack import commands
from bot.integrations.slack.verbs import VERBS
from tests.integrations.slack.table import COLUMNS, FOLDER, Asked, Page, answered, begin, read, written

assert commands.TOPICS
ENOUGH = 200
FILES = sorted(FOLDER.glob("*.txt"))


def page_of(verb: str) -> Page:
    return read((FOLDER / f"{verb}.txt").read_text("utf-8"))


def rows(page: Page, section: str) -> list[Asked]:
    return [one for one in page[section] if isinstance(one, Asked)]


def said(asked: Asked) -> str:
    """What was typed, the incident named before the verb left out."""
    head, _, rest = asked.row.last.partition(" ")
    return rest if head.startswith("INC-") and rest else asked.row.last


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The night in which every row is asked, told once."""
    folder = tmp_path_factory.mktemp("night")
    asyncio.run(begin(folder))
    return folder


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_row_is_answered_as_it_stands_in_the_file(path: Path, begun: Path) -> None:
    text = path.read_text("utf-8")
    assert written(asyncio.run(answered(read(text), begun))) == text


def test_every_verb_has_its_file_and_every_file_its_verb() -> None:
    assert {path.stem for path in FILES} == set(VERBS)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_is_asked_in_each_of_the_seven_ways(verb: str) -> None:
    page = page_of(verb)
    assert tuple(page)[: len(COLUMNS)] == COLUMNS
    assert all(asked for asked in page.values()), "a section without rows says why"
    for section in ("bare", "outside a room", "not allowed", "resolved"):
        assert rows(page, section), section


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_row_stands_where_it_belongs(verb: str) -> None:
    page, known = page_of(verb), VERBS[verb]
    assert all(said(a) == verb for a in rows(page, "bare"))
    assert all(said(a).startswith(f"{verb} ") for a in rows(page, "words"))
    assert any(a.row.place == "outside" for a in rows(page, "outside a room"))
    assert any(a.row.who == "gil" for a in rows(page, "not allowed"))
    assert all(a.row.place == "resolved" for a in rows(page, "resolved"))
    others = {said(a).partition(" ")[0].casefold() for a in rows(page, "alias")}
    assert others >= {*known.aliases, *known.shorthand}, "each alias is typed once"


def test_the_files_hold_enough_rows_to_be_a_table() -> None:
    assert sum(len(rows(page, section)) for page in map(page_of, VERBS) for section in page) >= ENOUGH


def test_no_answer_is_a_failure_of_ours() -> None:
    for path in FILES:
        text = path.read_text("utf-8")
        assert "Something went wrong inside Muster" not in text, path.stem
        assert "cannot write anything down" not in text, path.stem
