"""At the most that life can put into it, every message and form is one that Slack takes, and looks as reviewed.

`python -m tests.integrations.slack.extremes` writes the files anew; the difference is what a reviewer reads.
"""

import asyncio
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import pytest

from bot.integrations import slack
from bot.integrations.slack.modals import Memo
from bot.integrations.slack.prompts import BUTTONS
from bot.integrations.slack.verbs import FORMS
from bot.sandbox.slack.blocks import problems
from bot.sandbox.slack.content import checked_blocks
from bot.sandbox.slack.pings import named
from tests.integrations.slack.crowd import Shown
from tests.integrations.slack.extremes import FOLDER, everything, written

MAKERS = ("Message", "Form")
"""What a function returns, alone or with None, that makes something for people to look at."""
SHORT = {
    "_form_button": "a sentence of ours with one button",
    "_opening": "a sentence of ours",
    "_private": "an edited update, with the words of one that was posted",
}
"""Makers of which there need be no snapshot, and why."""


@dataclass
class Drawing:
    """Everything as it was drawn, and the code of all that ran for it."""

    shown: dict[str, list[Shown]] = field(default_factory=dict)
    ran: set[CodeType] = field(default_factory=set)

    def draw(self) -> None:
        def heard(frame: FrameType, event: str, arg: object) -> None:
            if event == "call":
                self.ran.add(frame.f_code)

        before = sys.getprofile()
        sys.setprofile(heard)
        try:
            self.shown = asyncio.run(everything())
        finally:
            sys.setprofile(before)


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    made = Drawing()
    made.draw()
    return made


@pytest.fixture(scope="module")
def shown(drawing: Drawing) -> dict[str, list[Shown]]:
    return drawing.shown


def makers() -> Iterator[tuple[str, CodeType]]:
    """Every function of ours for Slack that returns a message or a form."""
    for found in pkgutil.iter_modules(slack.__path__):
        module = importlib.import_module(f"{slack.__name__}.{found.name}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and _makes(function):
                yield name, function.__code__


def _makes(function: Any) -> bool:
    returned = function.__annotations__.get("return")
    kinds = getattr(returned, "__args__", (returned,))
    return any(getattr(kind, "__name__", "") in MAKERS for kind in kinds)


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


def mrkdwn(made: Any) -> Iterator[str]:
    """Every text in it in which tokens are live."""
    if isinstance(made, dict) and made.get("type") == "mrkdwn":
        yield made["text"]
    elif isinstance(made, dict | list):
        for inner in made.values() if isinstance(made, dict) else made:
            yield from mrkdwn(inner)


def test_in_angle_brackets_stands_nothing_but_people_rooms_times_and_links(shown: dict[str, list[Shown]]) -> None:
    known = re.compile(r"@[UW]\w+|#[CG]\w+|!date\^\d+\^.*|https?://.*", re.DOTALL)
    for name, one in each(shown):
        tokens = [token for text in mrkdwn(one.blocks) for token in re.findall(r"<([^<>]*)>", text)]
        assert [token for token in tokens if not known.fullmatch(token)] == [], name


def test_each_looks_as_it_was_reviewed(shown: dict[str, list[Shown]]) -> None:
    there = {str(p.relative_to(FOLDER).with_suffix("")): p.read_text("utf-8") for p in FOLDER.rglob("*.json")}
    now = {name: written(one) for name, one in each(shown)}
    assert set(there) == set(now)
    assert [name for name in now if now[name] != there[name]] == []


def test_whatever_makes_a_message_or_a_form_is_among_them(drawing: Drawing) -> None:
    assert sorted({name for name, code in makers() if code not in drawing.ran}) == sorted(SHORT)


def test_every_form_and_every_prompt_is_among_them(shown: dict[str, list[Shown]]) -> None:
    views = [one.what for _, one in each(shown) if isinstance(one.what, dict) and one.what["type"] == "modal"]
    forms = {Memo.model_validate_json(str(view["private_metadata"])).verb for view in views}
    assert set(FORMS) == forms
    assert {one.name for one in shown["prompts"]} == set(BUTTONS)


def test_no_row_of_buttons_is_too_long_and_at_most_one_of_a_message_is_bold_for_the_next_step(
    shown: dict[str, list[Shown]],
) -> None:
    for name, one in each(shown):
        rows = [block["elements"] for block in one.blocks if block["type"] == "actions"]
        assert max(map(len, rows), default=0) <= 5, name
        bold = [e for row in rows for e in row if e.get("style") == "primary"]
        assert len(bold) <= 1, name


def test_no_prompt_ends_peoples_words_twice(shown: dict[str, list[Shown]]) -> None:
    assert [one.name for one in shown["prompts"] if "…." in str(one.blocks)] == []
