"""Each limit of Block Kit, at it and one beyond; the figures are those of slack_sdk's classes, where it has them."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.models import blocks as kit
from slack_sdk.models.views import View

from bot.sandbox.slack.blocks import Surface, problems
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.views import checked
from tests.sandbox import sources
from tests.sandbox.conformance.conftest import Json

fact = pytest.mark.fact


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def section(**parts: Any) -> list[Json]:
    return [{"type": "section", **({"text": plain(1)} | parts)}]


def actions(*elements: Json) -> list[Json]:
    return [{"type": "actions", "elements": list(elements)}]


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(1), "action_id": "go", **more}


def option(number: int = 0, **more: Any) -> Json:
    return {"text": plain(1), "value": str(number), **more}


def menu(count: int = 1, kind: str = "static_select", **more: Any) -> Json:
    return {"type": kind, "action_id": "menu", "options": [option(n) for n in range(count)], **more}


def grouped(*groups: Json) -> Json:
    return {"type": "static_select", "action_id": "menu", "option_groups": list(groups)}


def group(label: int = 1) -> Json:
    return {"label": plain(label), "options": [option()]}


def field(element: Json | None = None, **more: Any) -> list[Json]:
    text_input = {"type": "plain_text_input", "action_id": "a"}
    return [{"type": "input", "label": plain(1), "element": element or text_input, **more}]


def confirm(**parts: int) -> list[Json]:
    return actions(button(confirm={"title": plain(1), "text": plain(1), **{n: plain(x) for n, x in parts.items()}}))


def image(**more: Any) -> list[Json]:
    return [{"type": "image", "image_url": "https://x", "alt_text": "x", **more}]


def table(rows: int, cells: int, length: int = 0) -> list[Json]:
    return [{"type": "table", "rows": [[{"type": "raw_text", "text": "x" * length}] * cells] * rows}]


def several(count: int, **block: Any) -> list[Json]:
    return [dict(block)] * count


Make = Callable[[int], list[Json]]


def limit(name: str, most: int, source: str, make: Make, surface: Surface = "message") -> object:
    return pytest.param(most, make, surface, id=f"{name}: {most}", marks=fact(source))


TEXT, OPTION = sources.part("text-object"), sources.part("option-object")
CONFIRM = sources.part("confirmation-dialog-object/")
BUTTON = sources.element("button-element/")
SELECT = sources.element("select-menu-element#static_select")

LIMITS = [
    limit("blocks in a message", 50, sources.BLOCKS, lambda n: several(n, type="divider")),
    limit("blocks in a modal", View.blocks_max_length, sources.MODALS, lambda n: several(n, type="divider"), "modal"),
    limit("blocks in a home tab", View.blocks_max_length, sources.VIEWS, lambda n: several(n, type="divider"), "home"),
    limit("letters of a block_id", kit.Block.block_id_max_length, sources.BLOCKS, lambda n: section(block_id="x" * n)),
    limit("letters of a section", kit.SectionBlock.text_max_length, sources.SECTION, lambda n: section(text=plain(n))),
    limit(
        "fields of a section",
        kit.SectionBlock.fields_max_length,
        sources.SECTION,
        lambda n: section(fields=[plain(1)] * n),
    ),
    limit("letters of a section's field", 2000, sources.SECTION, lambda n: section(fields=[plain(n)])),
    limit(
        "letters of a header",
        kit.HeaderBlock.text_max_length,
        sources.block("header-block"),
        lambda n: [{"type": "header", "text": plain(n)}],
    ),
    limit(
        "elements of an actions block",
        kit.ActionsBlock.elements_max_length,
        sources.block("actions-block"),
        lambda n: actions(*(button(action_id=f"go{i}") for i in range(n))),
    ),
    limit(
        "elements of a context",
        kit.ContextBlock.elements_max_length,
        sources.block("context-block"),
        lambda n: [{"type": "context", "elements": [plain(1)] * n}],
    ),
    limit(
        "elements of context_actions",
        kit.ContextActionsBlock.elements_max_length,
        sources.block("context-actions-block"),
        lambda n: [
            {"type": "context_actions", "elements": [{"type": "icon_button", "action_id": str(i)} for i in range(n)]}
        ],
    ),
    limit(
        "letters of an input's label",
        kit.InputBlock.label_max_length,
        sources.block("input-block"),
        lambda n: field(label=plain(n)),
        "modal",
    ),
    limit(
        "letters of an input's hint",
        kit.InputBlock.hint_max_length,
        sources.block("input-block"),
        lambda n: field(hint=plain(n)),
        "modal",
    ),
    limit(
        "letters that a text input can ask for",
        3000,
        sources.element("plain-text-input-element"),
        lambda n: field({"type": "plain_text_input", "action_id": "a", "max_length": n}),
        "modal",
    ),
    limit(
        "letters of markdown",
        kit.MarkdownBlock.text_max_length,
        sources.block("markdown-block/"),
        lambda n: [{"type": "markdown", "text": "x" * n}],
    ),
    limit(
        "letters of markdown in all of a message",
        kit.MarkdownBlock.text_max_length,
        sources.method("chat.postMessage"),
        lambda n: [{"type": "markdown", "text": "x" * (n - 6000)}, {"type": "markdown", "text": "x" * 6000}],
    ),
    limit("rows of a table", 100, sources.block("table-block"), lambda n: table(n, 1)),
    limit("cells of a table's row", 20, sources.block("table-block"), lambda n: table(1, n)),
    limit("letters of a table", 10_000, sources.block("table-block"), lambda n: table(1, 1, n)),
    limit("tables in a message", 1, sources.block("table-block"), lambda n: table(1, 1) * n),
    limit(
        "letters of an alert",
        200,
        sources.block("alert-block"),
        lambda n: [{"type": "alert", "text": plain(n)}],
        "modal",
    ),
    limit(
        "letters of an image's description",
        kit.ImageBlock.alt_text_max_length,
        sources.block("image-block"),
        lambda n: image(alt_text="x" * n),
    ),
    limit(
        "letters of an image's address",
        kit.ImageBlock.image_url_max_length,
        sources.block("image-block"),
        lambda n: image(image_url="x" * n),
    ),
    limit(
        "letters of an image's title",
        kit.ImageBlock.title_max_length,
        sources.block("image-block"),
        lambda n: image(title=plain(n)),
    ),
    limit("letters on a button", kit.ButtonElement.text_max_length, BUTTON, lambda n: actions(button(text=plain(n)))),
    limit(
        "letters of a button's value",
        kit.ButtonElement.value_max_length,
        BUTTON,
        lambda n: actions(button(value="x" * n)),
    ),
    limit(
        "letters of a button's link",
        kit.ButtonElement.url_max_length,
        BUTTON,
        lambda n: actions(button(url="https://".ljust(n, "x"))),
    ),
    limit(
        "letters of an action_id",
        kit.InteractiveElement.action_id_max_length,
        sources.ELEMENTS,
        lambda n: actions(button(action_id="x" * n)),
    ),
    limit(
        "letters of a placeholder",
        kit.InputInteractiveElement.placeholder_max_length,
        SELECT,
        lambda n: actions(menu(placeholder=plain(n))),
    ),
    limit("options of a menu", kit.StaticSelectElement.options_max_length, SELECT, lambda n: actions(menu(n))),
    limit(
        "groups of a menu",
        kit.StaticSelectElement.option_groups_max_length,
        SELECT,
        lambda n: actions(grouped(*[group()] * n)),
    ),
    limit(
        "letters of a group's label",
        kit.OptionGroup.label_max_length,
        sources.part("option-group-object"),
        lambda n: actions(grouped(group(n))),
    ),
    limit(
        "letters of an option",
        kit.Option.label_max_length,
        OPTION,
        lambda n: actions(menu(options=[option(text=plain(n))])),
    ),
    limit(
        "letters of an option's value",
        kit.Option.value_max_length,
        OPTION,
        lambda n: actions(menu(options=[option(value="x" * n)])),
    ),
    limit(
        "options of an overflow menu",
        kit.OverflowMenuElement.options_max_length,
        sources.element("overflow-menu-element"),
        lambda n: actions(menu(n, "overflow")),
    ),
    limit(
        "options of radio buttons",
        10,
        sources.element("radio-button-group-element"),
        lambda n: actions(menu(n, "radio_buttons")),
    ),
    limit(
        "options of checkboxes", 10, sources.element("checkboxes-element/"), lambda n: actions(menu(n, "checkboxes"))
    ),
    limit("letters of a question's title", kit.ConfirmObject.title_max_length, CONFIRM, lambda n: confirm(title=n)),
    limit("letters of a question", kit.ConfirmObject.text_max_length, CONFIRM, lambda n: confirm(text=n)),
    limit("letters of its yes", kit.ConfirmObject.confirm_max_length, CONFIRM, lambda n: confirm(confirm=n)),
    limit("letters of its no", kit.ConfirmObject.deny_max_length, CONFIRM, lambda n: confirm(deny=n)),
]


@pytest.mark.parametrize(("most", "make", "surface"), LIMITS)
def test_at_most_so_many(most: int, make: Make, surface: Surface) -> None:
    assert problems(make(most), surface) == []
    assert problems(make(most + 1), surface) != []


@pytest.mark.parametrize(
    ("surface", "blocks"),
    [
        pytest.param("message", actions(), id="an actions block of none", marks=fact(sources.block("actions-block"))),
        pytest.param("message", actions(menu(0)), id="a menu of no options", marks=fact(SELECT)),
        pytest.param("message", section(text=plain(0)), id="an empty text", marks=fact(TEXT)),
        pytest.param(
            "message",
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            id="a header in mrkdwn",
            marks=fact(sources.block("header-block")),
        ),
        pytest.param(
            "message", section(text={**plain(1), "verbatim": True}), id="plain_text, verbatim", marks=fact(TEXT)
        ),
        pytest.param("message", section(block_id="a") * 2, id="a block_id twice", marks=fact(sources.BLOCKS)),
        pytest.param("message", actions(button(), button()), id="an action_id twice", marks=fact(sources.ELEMENTS)),
        pytest.param(
            "message",
            [{"type": "alert", "text": plain(1)}],
            id="an alert outside a modal",
            marks=fact(sources.block("alert-block")),
        ),
        pytest.param("modal", field(button()), id="a button as an input", marks=fact(sources.block("input-block"))),
        pytest.param("message", actions(button(style="loud")), id="a third style of button", marks=fact(BUTTON)),
        pytest.param(
            "message", actions(menu(initial_option=option(9))), id="a choice that is none", marks=fact(SELECT)
        ),
        pytest.param(
            "message",
            [{"type": "image", "image_url": "https://x"}],
            id="an image without a description",
            marks=fact(sources.block("image-block")),
        ),
    ],
)
def test_no_block_kit_has(surface: Surface, blocks: list[Json]) -> None:
    assert problems(blocks, surface) != []


def view(**more: Any) -> Json:
    return {"type": "modal", "title": plain(1), "blocks": section(), **more}


VIEW_LIMITS = [
    pytest.param("title", View.title_max_length, plain, id="title: 24", marks=fact(sources.MODALS)),
    pytest.param("submit", View.submit_max_length, plain, id="submit: 24", marks=fact(sources.MODALS)),
    pytest.param("close", View.close_max_length, plain, id="close: 24", marks=fact(sources.MODALS)),
    pytest.param(
        "private_metadata",
        View.private_metadata_max_length,
        "x".__mul__,
        id="private_metadata: 3000",
        marks=fact(sources.MODALS),
    ),
    pytest.param("callback_id", 255, "x".__mul__, id="callback_id: 255", marks=fact(sources.MODALS)),
    pytest.param("external_id", 255, "x".__mul__, id="external_id: 255", marks=fact(sources.MODALS)),
]


@pytest.mark.parametrize(("name", "most", "make"), VIEW_LIMITS)
def test_a_view_takes_at_most(name: str, most: int, make: Callable[[int], object]) -> None:
    assert checked(view(**{name: make(most)}), "modal")
    with pytest.raises(SlackError, match="invalid_arguments"):
        checked(view(**{name: make(most + 1)}), "modal")


@fact(sources.MODALS)
def test_a_form_without_a_button_to_send_it_is_refused() -> None:
    assert checked(view(blocks=field(), submit=plain(1)), "modal")
    with pytest.raises(SlackError):
        checked(view(blocks=field()), "modal")
