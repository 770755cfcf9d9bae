"""Words survive the way to Slack, and nothing in them becomes live on it."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incident.values import Actor
from bot.integrations.slack import text

LIVE = re.compile(r"<(?:[@#!]|https?:)")


@given(st.text())
def test_escaped_words_hold_no_live_token(words: str) -> None:
    escaped = text.escape(words)
    assert "<" not in escaped
    assert ">" not in escaped
    assert "\n" not in escaped


def test_escaping_keeps_the_words_as_they_read() -> None:
    assert text.escape("a < b & c > d\n\nnext") == "a &lt; b &amp; c &gt; d next"


def test_a_code_fence_in_a_title_swallows_nothing_after_it() -> None:
    assert "```" not in text.escape("oops ``` here")


@pytest.mark.parametrize(
    ("captured", "seen"),
    [
        ("<!here> look", "@here look"),
        ("<!channel|channel>", "@channel"),
        ("<@U123|ada> and <@U456>", "@ada and @U456"),
        ("<#C1|ops>", "#ops"),
        ("<!subteam^S1|@sre>", "@sre"),
        ("<https://x.example/a|the board>", "the board (https://x.example/a)"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("<!date^1700000000^{time}|14:05>", "14:05"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
    ],
)
def test_captured_words_read_as_they_did_and_ping_nobody(captured: str, seen: str) -> None:
    assert text.plain(captured) == seen
    assert not LIVE.search(text.escape(text.plain(captured)))


@given(st.text())
def test_captured_and_escaped_again_nothing_is_live(words: str) -> None:
    assert not LIVE.search(text.escape(text.plain(words)))


@given(st.text(), st.integers(1, 200))
def test_a_cut_is_short_enough_and_leaves_no_half_entity(words: str, most: int) -> None:
    cut = text.cut(text.escape(words), most)
    assert len(cut) <= most
    assert not re.search(r"&(?!amp;|lt;|gt;)", cut)


def test_a_cut_never_splits_a_mention() -> None:
    assert text.cut("hello <@U0ADA00001> there", 12) == "hello…"


@given(st.integers(1, 99_999), st.text(max_size=300))
def test_every_title_gives_a_legal_channel_name_with_room_for_a_suffix(number: int, title: str) -> None:
    name = text.channel_name(number, title)
    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert name.startswith(f"inc-{number}")
    assert not name.endswith("-")
    assert len(text.numbered(name, 99)) <= 80


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Checkout errors", "inc-42-checkout-errors"),
        ("Zahlungen für Ærø fehlgeschlagen", "inc-42-zahlungen-fur-aero-fehlgeschlagen"),
        ("Straße", "inc-42-strasse"),
        ("障害", "inc-42"),
        ("  --- ", "inc-42"),
        ("@channel <!here>", "inc-42-channel-here"),
        ("x" * 200, f"inc-42-{'x' * 70}"),
    ],
)
def test_a_channel_is_named_after_its_incident(title: str, name: str) -> None:
    assert text.channel_name(42, title) == name


def test_a_long_name_is_cut_between_words() -> None:
    name = text.channel_name(42, "payment " * 20)
    assert name.endswith("-payment")
    assert len(name) <= 77


def test_only_known_ids_become_mentions() -> None:
    assert text.mention(Actor(id="slack:U0ADA00001", name="Ada")) == "<@U0ADA00001>"
    assert text.mention(Actor(id="pagerduty:P1", name="Ben <x>")) == "Ben &lt;x&gt;"
    assert text.mention(Actor(id="slack:!channel", name="Eve")) == "Eve"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "slack://x", "https://", "http://a b", "ftp://x", "http://[x", ""]
)
def test_what_is_no_web_address_is_never_a_link(url: str) -> None:
    assert text.link(url, "label") == "label"


def test_a_link_cannot_be_broken_out_of() -> None:
    made = text.link("https://x.example/?a=1|<!here>", "the | label > <!channel>")
    assert made == "<https://x.example/?a=1%7C%3C!here%3E|the ¦ label &gt; &lt;!channel&gt;>"


def test_times_are_told_in_the_readers_zone_with_a_fallback() -> None:
    at = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    assert text.moment(at) == f"<!date^{int(at.timestamp())}^{{time}}|2026-11-21 14:05 UTC>"


def test_words_that_turn_the_direction_of_what_follows_are_without_that_mark() -> None:
    assert text.escape("safe \u202egnp.exe") == "safe gnp.exe"
    assert text.escape("שלום עולם") == "שלום עולם"


def test_a_name_without_end_leaves_room_for_the_sentence() -> None:
    assert len(text.name(Actor(id="pagerduty:P1", name="x" * 4_000))) <= 80
