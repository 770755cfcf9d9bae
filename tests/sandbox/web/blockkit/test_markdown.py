"""Markdown, as the block of that name, canvases and files have it.

https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.web.blockkit.markdown import markdown
from tests.sandbox.web.blockkit.looking import Page, through

OUT = 'target="_blank" rel="noopener noreferrer"'
TABLE = '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>'


def drawn(words: str) -> str:
    html = markdown(words, through())
    return str(html).removeprefix('<div class="rich markdown">').removesuffix("</div>").strip()


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("# a\n\n### b", "<h1>a</h1>\n<h3>b</h3>"),
        ("**a** _b_ ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("[a](https://b.example)", f'<p><a href="https://b.example" {OUT}>a</a></p>'),
        ("[https://b.example](https://b.example)", f'<p><a href="https://b.example" {OUT}>https://b.example</a></p>'),
        ("see https://b.example.", f'<p>see <a href="https://b.example" {OUT}>https://b.example</a>.</p>'),
        (
            "[a](https://b.example) https://c.example",
            f'<p><a href="https://b.example" {OUT}>a</a> <a href="https://c.example" {OUT}>https://c.example</a></p>',
        ),
        ("[a](/b)", "<p><a>a</a></p>"),
        ("[a](javascript:b)", "<p>[a](javascript:b)</p>"),
        ("[a](https://sandbox.slack.com/archives/C0OPS00001)", '<p><a href="/as/ada/c/C0OPS00001">a</a></p>'),
        ("![](@U0BO000001)", '<p><span class="mention">@Bo Lind</span></p>'),
        ("![](#C0OPS00001)", '<p><a class="mention" href="/as/ada/c/C0OPS00001">#ops</a></p>'),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("&lt; &amp;", "<p>&lt; &amp;</p>"),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>'),
        ("- [ ] a\n- [x] b", '<ul>\n<li class="todo">☐ a</li>\n<li class="todo">☑ b</li>\n</ul>'),
        ("1. a\n   - b", "<ol>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ol>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
    ],
)
def test_words_are_read_as_markdown(words: str, html: str) -> None:
    assert drawn(words) == html


def test_a_table_scrolls_and_aligns_without_styles() -> None:
    assert drawn("|a|b|\n|-|-:|\n|1|2|").replace("\n", "") == (
        f'{TABLE}<thead><tr><th>a</th><th class="right">b</th></tr></thead>'
        '<tbody><tr><td>1</td><td class="right">2</td></tr></tbody></table></div>'
    )


def test_emoji_have_their_names() -> None:
    assert Page(drawn("a :fire: `:fire:`")).words == "a 🔥 :fire:"


def test_a_picture_from_elsewhere_is_its_words_and_a_link() -> None:
    page = Page(drawn("![a graph](https://b.example/g.png)"))
    assert (page.words, page.one("a")["href"], page.all("img")) == ("a graph", "https://b.example/g.png", [])
    assert len(Page(drawn("[![a](https://b.example/g.png)](https://b.example)")).all("a")) == 1


@given(st.text(st.sampled_from("*_~`<>|&;:@#!-[]() \n\"'=/abxU1")))
def test_no_words_break_out_and_all_that_is_open_is_closed(words: str) -> None:
    page = Page(drawn(words))
    assert page.open == []
    known = {"href", "target", "rel", "class", "title", "start", "tabindex", "role", "aria-label"}
    assert all(set(its) <= known for _, its in page.elements)
