"""Rich text, piece by piece.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import pytest

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit.rich_text import rich_text, typed_words
from tests.sandbox.web.blockkit.looking import NOON, Page, through


def words(said: str, **style: bool) -> Json:
    return {"type": "text", "text": said} | ({"style": style} if style else {})


def line(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def listed(style: str, *items: Json, **more: object) -> Json:
    return {"type": "rich_text_list", "style": style, "elements": list(items), **more}


def drawn(*pieces: Json) -> str:
    html = rich_text({"type": "rich_text", "elements": list(pieces)}, through())
    return str(html).removeprefix('<div class="rich">').removesuffix("</div>")


def test_the_styles_of_words_nest() -> None:
    assert drawn(line(words("a", bold=True, italic=True, code=True))) == (
        "<p><em><strong><code>a</code></strong></em></p>"
    )
    assert drawn(line(words("a", strike=True), words("b", underline=True), words("c", highlight=True))) == (
        "<p><s>a</s><u>b</u><mark>c</mark></p>"
    )


def test_marks_and_signs_in_words_are_words() -> None:
    assert drawn(line(words("*a* <b>\n:fire: &lt;"))) == "<p>*a* &lt;b&gt;<br>:fire: &amp;lt;</p>"


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ({"type": "user", "user_id": "U0BO000001"}, "@Bo Lind"),
        ({"type": "usergroup", "usergroup_id": "S0SRE00001"}, "@sre"),
        ({"type": "channel", "channel_id": "C0OPS00001"}, "#ops"),
        ({"type": "channel", "channel_id": "C0UNKNOWN0"}, "private channel"),
        ({"type": "broadcast", "range": "channel"}, "@channel"),
        ({"type": "emoji", "name": "fire"}, "🔥"),
        ({"type": "emoji", "name": "wave", "skin_tone": 4}, "👋🏽"),
        ({"type": "emoji", "name": "our-logo"}, ":our-logo:"),
        ({"type": "color", "value": "#F405B3"}, "#F405B3"),
        ({"type": "link", "url": "https://a.example", "text": "there"}, "there"),
        ({"type": "link", "url": "mailto:a@b.example"}, "a@b.example"),
        ({"type": "date", "timestamp": NOON, "format": "{date_num} at {time}"}, "2026-11-22 at 12:00"),
        ({"type": "date", "timestamp": "soon", "format": "{time}", "fallback": "then"}, "then"),
        ({"type": "date", "timestamp": 10**30, "format": "{time}", "fallback": "then"}, "then"),
        ({"type": "hologram", "text": "what it says"}, "what it says"),
        ({"type": "hologram"}, "hologram"),
    ],
)
def test_what_stands_in_a_line(element: Json, said: str) -> None:
    assert Page(drawn(line(element))).words == said


def test_a_colour_is_seen_and_nothing_else_becomes_one() -> None:
    assert Page(drawn(line({"type": "color", "value": "#F405B3"}))).one("rect")["fill"] == "#F405B3"
    assert Page(drawn(line({"type": "color", "value": 'x" onload="y'}))).one("rect")["fill"] == "#7d8279"


def test_a_link_to_a_script_is_none() -> None:
    assert Page(drawn(line({"type": "link", "url": "javascript:x", "text": "press"}))).all("a") == []


def test_lists_are_bulleted_or_numbered_and_go_on() -> None:
    assert drawn(listed("bullet", line(words("a")), line(words("b")))) == (
        '<ul class="list indent-0"><li>a</li><li>b</li></ul>'
    )
    assert drawn(listed("ordered", line(words("c")), indent=1, offset=2, border=1)) == (
        '<ol class="list indent-1 bordered" start="3"><li>c</li></ol>'
    )


def test_a_list_may_stand_in_a_list() -> None:
    assert drawn(listed("bullet", line(words("a")), listed("ordered", line(words("b"))))) == (
        '<ul class="list indent-0"><li>a</li><li><ol class="list indent-0"><li>b</li></ol></li></ul>'
    )


def test_an_indent_beyond_the_deepest_is_the_deepest() -> None:
    assert 'class="list indent-8"' in drawn(listed("bullet", line(words("a")), indent=99))
    assert 'class="list indent-0"' in drawn(listed("bullet", line(words("a")), indent=-1))


def test_quotes_and_code_may_have_a_border() -> None:
    assert drawn({"type": "rich_text_quote", "elements": [words("a\nb")], "border": 1}) == (
        '<blockquote class="bordered">a<br>b</blockquote>'
    )
    assert drawn({"type": "rich_text_preformatted", "elements": [words("x < 1")]}) == (
        "<pre><code>x &lt; 1</code></pre>"
    )


def test_what_was_typed_comes_back_in_a_form() -> None:
    block = {
        "type": "rich_text",
        "elements": [line(words("a "), words("b", bold=True)), listed("bullet", line(words("c")), line(words("d")))],
    }
    assert typed_words(block) == "a b\nc\nd"
