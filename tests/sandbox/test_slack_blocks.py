"""How the refusal of a block points at what is wrong with it; the limits themselves are in conformance."""

from typing import Any

import pytest

from bot.sandbox.slack.blocks import Surface, problems

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(n: int) -> Json:
    return {"text": plain(f"option {n}"), "value": str(n)}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def menu(count: int, **more: Any) -> Json:
    options = [option(n) for n in range(count)]
    return {"type": "static_select", "action_id": "menu", "options": options, **more}


def section(**parts: Any) -> Json:
    return {"type": "section", **parts}


def field(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def buttons(count: int) -> list[Json]:
    return [button(action_id=f"go{n}") for n in range(count)]


FITS: list[tuple[Surface, list[Json]]] = [
    ("message", [section(text=plain("x"), accessory=button(style="danger"))]),
    ("modal", [field(menu(2, initial_option=option(1)))]),
    ("modal", [{"type": "alert", "text": plain("careful"), "level": "warning"}]),
]

BREAKS: list[tuple[Surface, list[Json], str]] = [
    ("message", [{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("home", [{"type": "divider"}] * 101, "no more than 100 items allowed [json-pointer:/blocks]"),
    ("message", [{"type": "blink"}], "unsupported type: blink [json-pointer:/blocks/0/type]"),
    ("message", [section()], "missing required field: text [json-pointer:/blocks/0]"),
    (
        "message",
        [section(text=plain("x" * 3001))],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    ("message", [section(text=plain(""))], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    (
        "message",
        [section(fields=[plain("x" * 2001)])],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ("message", [section(fields=[plain("x")] * 11)], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (
        "message",
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    (
        "message",
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    ("message", [actions(*buttons(26))], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    ("message", [actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    (
        "message",
        [actions(button(), button())],
        "`action_id` already exists: go [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    (
        "message",
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        "`block_id` already exists: a [json-pointer:/blocks/1/block_id]",
    ),
    (
        "message",
        [{"type": "context", "elements": [plain("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        "message",
        [actions(button(text=plain("x" * 76)))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        "message",
        [actions(button(value="x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    ("message", [actions(button(url="javascript:x"))], "Invalid url [json-pointer:/blocks/0/elements/0/url]"),
    (
        "message",
        [actions(button(style="loud"))],
        "value must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    ("message", [actions(menu(101))], "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    ("message", [actions(menu(0))], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (
        "modal",
        [field(menu(2, initial_option=option(7)))],
        "must be one of the provided options [json-pointer:/blocks/0/element/initial_option]",
    ),
    (
        "message",
        [actions({"type": "overflow", "action_id": "o", "options": [option(n) for n in range(6)]})],
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "modal",
        [field({"type": "plain_text_input", "action_id": "a", "max_length": 3001})],
        "must be between 1 and 3000 [json-pointer:/blocks/0/element/max_length]",
    ),
    (
        "modal",
        [field({"type": "plain_text_input", "action_id": "a"}, label=plain("x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ),
    ("modal", [field(button())], "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    (
        "message",
        [actions(button(confirm={"title": plain("x" * 101), "text": plain("sure?")}))],
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    (
        "message",
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "must be less than 12001 characters in total [json-pointer:/blocks/1/text]",
    ),
    (
        "message",
        [{"type": "table", "rows": [[]]}, {"type": "table", "rows": [[]]}],
        "only one table block is allowed in a message [json-pointer:/blocks/1]",
    ),
    (
        "message",
        [{"type": "alert", "text": plain("x")}],
        "unsupported type: alert [json-pointer:/blocks/0/type]",
    ),
    (
        "message",
        [{"type": "image", "image_url": "https://example.com/x.png"}],
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
]


@pytest.mark.parametrize(("surface", "blocks"), FITS)
def test_blocks_that_are_fine_are_accepted(surface: Surface, blocks: list[Json]) -> None:
    assert problems(blocks, surface) == []


@pytest.mark.parametrize(("surface", "blocks", "problem"), BREAKS)
def test_blocks_over_the_limit_are_refused_with_a_pointer(surface: Surface, blocks: list[Json], problem: str) -> None:
    assert problem in problems(blocks, surface)
