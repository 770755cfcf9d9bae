"""Words from outside stay words."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bot.sandbox.web.markup import el, join


class Seen(HTMLParser):
    """What a browser would see: every start of an element with its attributes, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")))
def test_no_words_make_an_element_or_an_attribute(words: str) -> None:
    seen = Seen(el("p", words, title=words, data_args=words))
    assert seen.elements == [("p", {"title": words, "data-args": words})]
    assert seen.words == words


def test_what_is_markup_already_is_not_escaped_twice() -> None:
    assert el("p", el("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert join("<", Markup("<br>"), None) == "&lt;<br>"


def test_attributes_are_left_out_or_bare() -> None:
    assert el("input", checked=True, disabled=False, title=None, for_="x", tabindex=0) == (
        '<input checked for="x" tabindex="0">'
    )


def test_an_empty_element_has_no_end() -> None:
    assert el("br") == "<br>"
