"""At the most that life can put into it, every message and form is one that Slack takes, and looks as reviewed.

`python -m tests.integrations.slack.extremes` writes the files anew; the difference is what a reviewer reads.
"""

import asyncio
from collections.abc import Iterator

import pytest

from bot.sandbox.slack.blocks import problems
from bot.sandbox.slack.content import checked_blocks
from bot.sandbox.slack.pings import named
from tests.integrations.slack.extremes import FOLDER, Shown, everything, written


@pytest.fixture(scope="module")
def shown() -> dict[str, list[Shown]]:
    return asyncio.run(everything())


def each(shown: dict[str, list[Shown]]) -> Iterator[tuple[str, Shown]]:
    for folder, several in shown.items():
        yield from ((f"{folder}/{one.name}", one) for one in several)


def test_slack_takes_every_one_of_them(shown: dict[str, list[Shown]]) -> None:
    for name, one in each(shown):
        assert one.broken() == [], name
        if isinstance(one.what, dict):
            assert list(problems(one.blocks, "modal" if one.what["type"] == "modal" else "home")) == [], name
        elif one.blocks:
            checked_blocks(one.blocks)


def test_none_of_them_pings_whom_the_words_name(shown: dict[str, list[Shown]]) -> None:
    for name, one in each(shown):
        assert not set(named(one.fields)) & {"channel", "here", "everyone", "U0EVE00001"}, name


def test_each_looks_as_it_was_reviewed(shown: dict[str, list[Shown]]) -> None:
    there = {str(p.relative_to(FOLDER).with_suffix("")): p.read_text("utf-8") for p in FOLDER.rglob("*.json")}
    now = {name: written(one) for name, one in each(shown)}
    assert set(there) == set(now)
    assert [name for name in now if now[name] != there[name]] == []
