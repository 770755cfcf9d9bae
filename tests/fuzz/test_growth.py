"""Four times the words cost about four times the work, whatever they are made of: nobody can make us think for long."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.documents import markdown
from bot.incident.lifecycle import clean_title
from bot.incident.policy import Policy
from bot.integrations.pagerduty.signatures import Signatures
from bot.integrations.slack import commands, text, times, words
from bot.integrations.slack.verbs import VERBS

NOW = datetime(2026, 3, 4, 3, 10, tzinfo=UTC)
POLICY = Policy()
SHORT, LONG = 5_000, 20_000
TOO_MUCH = 9.0
"""Between the 4 of what is linear and the 16 of what is quadratic."""
NOTHING = 0.005
"""Seconds of the processor that nobody notices."""
READERS: dict[str, Callable[[str], object]] = {
    "parse in a room": lambda typed: commands.parse(typed, POLICY, in_room=True),
    "parse a note": lambda typed: commands.parse(f"note {typed}", POLICY, in_room=False),
    "take_reference": words.take_reference,
    "named": lambda typed: words.named(typed, str),
    "mention": words.mention,
    "first_word": words.first_word,
    "unquoted": words.unquoted,
    "nearest": lambda typed: words.nearest(typed, VERBS),
    "severity_level": lambda typed: words.severity_level(typed, POLICY),
    "leading_time": lambda typed: times.leading_time(typed, "Europe/Berlin", NOW),
    "span": times.span,
    "escape": text.escape,
    "plain": text.plain,
    "link": lambda typed: text.link(f"https://x.test/{typed}", typed),
    "cut": lambda typed: text.cut(typed, len(typed) - 5),
    "channel_name": lambda typed: text.channel_name(1, typed),
    "clean_title": clean_title,
    "markdown text": markdown.text,
    "markdown quote": markdown.quoted,
    "markdown link": lambda typed: markdown.link(typed, f"https://x.test/{typed}"),
    "signatures": lambda typed: Signatures(["secret"]).verdict(b"", [typed.encode()]),
}
PIECES = (
    *(
        "a",
        " ",
        "\t",
        "\n",
        "<",
        ">",
        "&",
        "&amp;",
        "<@U1",
        "<@U1|",
        "<!date^",
        "`",
        "```",
        '"',
        "“",
        "'",
        "|",
        "[",
        "_",
    ),
    *("INC-1 ", "inc-", "1", "1:", "12:30", "1d", "-", "..", "#", "1. ", "> \n", "a_", "http://", "www.", "@", "a@"),
    *("v1=", "v1=,", ",", "=", "٣", "ﷺ", "e\u0301", "\u202e", "👩\u200d"),
)


@pytest.mark.parametrize("name", READERS)
def test_long_words_cost_what_they_weigh(name: str) -> None:
    dear = {piece: grown for piece in PIECES if (grown := _growth(READERS[name], piece)) > TOO_MUCH}
    assert dear == {}


def test_what_is_quadratic_would_be_noticed() -> None:
    assert _growth(lambda typed: [typed.count("b", n) for n in range(0, len(typed), 4)], "a") > TOO_MUCH


def _growth(read: Callable[[str], object], piece: str) -> float:
    """How many times as much four times the words cost; 1 where it is nothing in either case."""
    long = _cost(read, piece, LONG)
    return long / max(_cost(read, piece, SHORT), 1e-6) if long > NOTHING else 1.0


def _cost(read: Callable[[str], object], piece: str, size: int) -> float:
    """Seconds of the processor, the least of two, so that other processes count little."""
    typed = piece * (size // len(piece))
    costs = []
    for _ in range(2):
        begun = time.thread_time()
        read(typed)
        costs.append(time.thread_time() - begun)
    return min(costs)
