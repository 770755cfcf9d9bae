"""Emoji have Slack's names."""

import json

import pytest

from bot.sandbox.web import emoji
from bot.sandbox.web.blockkit.mrkdwn import emoji_named


@pytest.mark.parametrize(
    ("name", "tone", "char"),
    [
        ("thumbsup", None, "👍"),
        ("+1", None, "👍"),
        ("email", None, "✉️"),
        ("satellite", None, "🛰️"),
        ("flag-fr", None, "🇫🇷"),
        ("v", "6", "✌🏿"),
        ("fire", "3", "🔥"),
        ("skin-tone-3", None, "🏼"),
        ("our-logo", None, None),
        ("", None, None),
    ],
)
def test_a_name_stands_for_a_character(name: str, tone: str | None, char: str | None) -> None:
    assert emoji.char(name, tone) == char


def test_a_reaction_bears_its_tone_in_its_name() -> None:
    assert ">👋🏽<" in emoji_named("wave::skin-tone-4")


def test_a_name_that_nobody_knows_stays_as_it_was_written() -> None:
    assert emoji_named("<b>") == ":&lt;b&gt;:"


async def test_the_picker_is_given_every_name_with_its_group() -> None:
    response = await emoji.table(None)  # type: ignore[arg-type]
    rows = json.loads(bytes(response.body))
    assert ["fire", "🔥", "Travel & Places"] in rows
    assert all(emoji.char(name) == char for name, char, _ in rows)
