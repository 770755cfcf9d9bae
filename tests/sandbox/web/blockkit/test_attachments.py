"""What hangs below a message, beside a coloured line.

https://docs.slack.dev/reference/messaging/attachments
"""

import pytest

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit.attachments import attachments
from tests.sandbox.web.blockkit.looking import MESSAGE, NOON, Page, mrkdwn, through


def drawn(*listed: Json) -> Page:
    return Page(attachments(listed, through(), MESSAGE))


def test_the_older_fields_all_stand_there() -> None:
    seen = drawn(
        {
            "pretext": "*before*",
            "author_name": "Author",
            "title": "Title <b>",
            "title_link": "https://a.example",
            "text": "_words_",
            "fields": [{"title": "Service", "value": "`checkout`"}, {"title": "Since", "value": "03:12"}],
            "image_url": "https://a.example/i.png",
            "footer": "Foot",
            "ts": NOON,
        }
    )
    assert seen.words == "beforeAuthorTitle <b>wordsService\ncheckoutSince\n03:12pictureFoot · Nov 22, 2026 12:00"
    assert [its["href"] for its in seen.all("a")] == ["https://a.example", "https://a.example/i.png"]
    assert [name for name, _ in seen.elements if name in ("strong", "em", "code")] == ["strong", "em", "code"]


def test_blocks_stand_before_older_fields() -> None:
    blocks = [{"type": "section", "text": mrkdwn("*a*")}]
    assert drawn({"blocks": blocks, "text": "not this"}).words == "a"


def test_the_fallback_stands_where_nothing_else_is() -> None:
    assert drawn({"fallback": "in short"}, {"text": "at length", "fallback": "in short"}).words == "in shortat length"


@pytest.mark.parametrize(
    ("colour", "shown"),
    [
        ("good", "#1c6b3c"),
        ("danger", "#a92a22"),
        ("#3355ff", "#3355ff"),
        ("3355FF", "#3355FF"),
        ('"><script>', "#7d8279"),
        (None, "#7d8279"),
    ],
)
def test_the_line_has_the_colour_that_the_app_gave_it(colour: str | None, shown: str) -> None:
    assert drawn({"color": colour, "text": "x"}).one("rect")["fill"] == shown
