"""What people write is shown as they wrote it: as words, never as markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.documents.markdown import INVISIBLE, is_web_address, link, quoted, text

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKUP = st.text(st.sampled_from(list("ab1 \t\n`*_[]()<>|~!#&;:/\\-+=.\"'{}$@")) | st.characters(), max_size=60)


def inside(markdown: str) -> tuple[list[str], str]:
    """The kinds of blocks and inline pieces that a reader sees, and the words shown."""
    blocks = READER.parse(markdown)
    pieces = [piece for block in blocks for piece in block.children or []]
    return [b.type for b in blocks], "".join(map(_shown, pieces))


def _shown(piece: Token) -> str:
    assert piece.type in ("text", "text_special", "softbreak"), piece
    return "\n" if piece.type == "softbreak" else piece.content


def as_one_line(words: str) -> str:
    return " ".join(INVISIBLE.sub("", words).split())


@given(MARKUP)
def test_any_words_are_shown_as_themselves_in_a_paragraph(words: str) -> None:
    kinds, shown = inside(text(words))

    if as_one_line(words):
        assert kinds == ["paragraph_open", "inline", "paragraph_close"]
    assert shown == as_one_line(words)


@given(MARKUP)
def test_any_words_stay_in_their_cell(words: str) -> None:
    table = f"| a | b |\n|---|---|\n| {text(words)} | end |\n"
    cells = [token for token in READER.parse(table) if token.type == "inline"]

    assert [c.content for c in cells][-1] == "end"
    assert len(cells) == 4
    assert "".join(map(_shown, cells[2].children or [])) == as_one_line(words)


@given(MARKUP)
def test_any_words_stay_in_their_quote(words: str) -> None:
    kinds, shown = inside(f"{quoted(words)}\n\nafter")

    assert set(kinds) <= {"blockquote_open", "paragraph_open", "inline", "paragraph_close", "blockquote_close"}
    assert kinds[-3:] == ["paragraph_open", "inline", "paragraph_close"]
    assert shown.endswith("after")


@given(MARKUP, MARKUP)
def test_a_link_has_its_words_and_leads_where_it_says(label: str, tail: str) -> None:
    url = f"https://acme.example/{tail}"
    blocks = READER.parse(f"| {link(label, url)} |\n|---|")
    pieces = [p for b in blocks for p in b.children or []]

    assert [p.type for p in pieces if p.type.startswith("link")] == ["link_open", "link_close"]
    assert str(pieces[0].attrs["href"]).startswith("https://acme.example/")
    assert "".join(p.content for p in pieces[1:-1]) == as_one_line(label)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//acme.example", "https://", "", "acme", "http://[", "file:///etc"],
)
def test_only_web_addresses_are_linked(url: str) -> None:
    assert not is_web_address(url)
    assert link("label", url) == "label"


@pytest.mark.parametrize(
    "words", ["https://evil.example/x", "HTTP://evil.example", "www.evil.example", "a@evil.example"]
)
def test_bare_addresses_are_not_made_links_by_github(words: str) -> None:
    """GitHub links bare `http://`, `www.` and `a@b`, not escaped ones: https://github.github.com/gfm/#autolinks-extension-"""
    marked = text(words)

    assert not re.search(r"\w://|www\.|\w@", marked, re.IGNORECASE)
    assert inside(marked)[1] == words


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\x1b", "\x00", "\ufeff"])
def test_what_turns_or_hides_words_is_taken_out(hidden: str) -> None:
    assert text(f"a{hidden}b") == "ab"


def test_common_words_keep_their_looks() -> None:
    assert text("Rolled back checkout_api to v4.2 (50 % of traffic); 3 x slower!") == (
        "Rolled back checkout_api to v4.2 (50 % of traffic); 3 x slower!"
    )
