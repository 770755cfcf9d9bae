"""Canvases: made for a channel or alone, edited a section at a time, found again, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from bot.sandbox.slack import seed
from bot.sandbox.slack.canvas_text import joined, sections_of
from tests.sandbox import sources
from tests.sandbox.conformance.conftest import PAGES, Json, outcome

fact = pytest.mark.fact
DRAFT = """# Status
On track.

- [ ] tell support
- [x] roll back

## Timeline

| When | What |
|---|---|
| 10:02 | errors rise |

> It was the deploy.

```
kubectl rollout undo
```"""
CREATE, EDIT = sources.method("canvases.create"), sources.method("canvases.edit")


def content(markdown: str) -> Json:
    return {"type": "markdown", "markdown": markdown}


@pytest.fixture
def canvas(slack: WebClient) -> str:
    return str(slack.canvases_create(title="Draft", document_content=content(DRAFT))["canvas_id"])


def text_of(sandbox: Sandbox, canvas: str) -> str:
    return sandbox.slack.files[canvas].content.decode()


def section(slack: WebClient, canvas: str, **criteria: Any) -> str:
    [found] = slack.canvases_sections_lookup(canvas_id=canvas, criteria=criteria)["sections"]
    return str(found["id"])


def edit(slack: WebClient, canvas: str, operation: str, markdown: str | None = None, **more: Any) -> None:
    change: Json = {"operation": operation, **more}
    if markdown is not None:
        change["document_content"] = content(markdown)
    assert slack.canvases_edit(canvas_id=canvas, changes=[change])["ok"]


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        pytest.param("insert_at_start", "new\n\none\n\ntwo", id="insert_at_start", marks=fact(EDIT)),
        pytest.param("insert_at_end", "one\n\ntwo\n\nnew", id="insert_at_end", marks=fact(EDIT)),
        pytest.param("replace", "new", id="replace without a section takes the whole", marks=fact(EDIT)),
    ],
)
def test_an_edit_of_the_whole(sandbox: Sandbox, slack: WebClient, operation: str, after: str) -> None:
    canvas = slack.canvases_create(document_content=content("one\n\ntwo"))["canvas_id"]
    edit(slack, canvas, operation, "new")
    assert text_of(sandbox, canvas) == after


@pytest.mark.parametrize(
    ("operation", "markdown", "after"),
    [
        pytest.param("insert_before", "new", "one\n\nnew\n\ntwo\n\nthree", id="insert_before", marks=fact(EDIT)),
        pytest.param("insert_after", "new", "one\n\ntwo\n\nnew\n\nthree", id="insert_after", marks=fact(EDIT)),
        pytest.param("replace", "new", "one\n\nnew\n\nthree", id="replace", marks=fact(EDIT)),
        pytest.param("delete", None, "one\n\nthree", id="delete", marks=fact(EDIT)),
    ],
)
def test_an_edit_at_a_section(
    sandbox: Sandbox, slack: WebClient, operation: str, markdown: str | None, after: str
) -> None:
    canvas = slack.canvases_create(document_content=content("one\n\ntwo\n\nthree"))["canvas_id"]
    edit(slack, canvas, operation, markdown, section_id=section(slack, canvas, contains_text="two"))
    assert text_of(sandbox, canvas) == after


@fact(EDIT)
def test_one_item_of_a_checklist_is_ticked_off_by_itself(sandbox: Sandbox, slack: WebClient, canvas: str) -> None:
    edit(slack, canvas, "replace", "- [x] tell support\n", section_id=section(slack, canvas, contains_text="support"))
    assert text_of(sandbox, canvas) == DRAFT.replace("[ ]", "[x]").replace("# Status\n", "# Status\n\n")


@fact(EDIT)
def test_a_canvas_is_renamed_without_naming_a_section(slack: WebClient, canvas: str) -> None:
    edit(slack, canvas, "rename", title_content=content("What happened"))
    assert slack.files_info(file=canvas)["file"]["title"] == "What happened"


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        pytest.param({"section_types": ["any_header"]}, 2, id="every heading"),
        pytest.param({"section_types": ["h2"]}, 1, id="headings of one level"),
        pytest.param({"section_types": ["h1", "h2"], "contains_text": "Time"}, 1, id="headings with these words"),
        pytest.param({"contains_text": "deploy"}, 1, id="any part with these words"),
        pytest.param({"contains_text": "nowhere"}, 0, id="nothing"),
    ],
)
@fact(sources.method("canvases.sections.lookup"))
def test_sections_are_found_by_kind_and_words(slack: WebClient, canvas: str, criteria: Json, found: int) -> None:
    sections = slack.canvases_sections_lookup(canvas_id=canvas, criteria=criteria)["sections"]
    assert [set(one) for one in sections] == [{"id"}] * found


@fact(sources.method("conversations.canvases.create"))
def test_a_channel_has_one_canvas_of_its_own(
    sandbox: Sandbox, slack: WebClient, ada: WebClient, new_room: Callable[[], str]
) -> None:
    room = new_room()
    made = slack.conversations_canvases_create(channel_id=room, document_content=content("# Notes"))["canvas_id"]
    again = outcome(slack, "conversations.canvases.create", {"channel_id": room})
    assert again == "channel_canvas_already_exists"
    properties = slack.conversations_info(channel=room)["channel"]["properties"]
    assert properties == {"canvas": {"file_id": made, "is_empty": False}}
    slack.conversations_invite(channel=room, users=seed.ADA)
    edit(ada, made, "insert_at_end", "Ada was here")
    assert text_of(sandbox, made) == "# Notes\n\nAda was here"
    slack.canvases_delete(canvas_id=made)
    assert "properties" not in slack.conversations_info(channel=room)["channel"]
    assert slack.conversations_canvases_create(channel_id=room, document_content=content("x"))["canvas_id"] != made


@fact(CREATE)
def test_a_canvas_is_untitled_and_empty_where_nothing_is_said(sandbox: Sandbox, slack: WebClient) -> None:
    made = slack.canvases_create()["canvas_id"]
    assert slack.files_info(file=made)["file"]["title"] == "Untitled"
    assert text_of(sandbox, made) == ""


@fact(CREATE)
def test_a_canvas_made_with_a_channel_is_shared_with_it(slack: WebClient, new_room: Callable[[], str]) -> None:
    room = new_room()
    made = slack.canvases_create(title="Plan", channel_id=room)["canvas_id"]
    assert slack.files_info(file=made)["file"]["channels"] == [room]


def test_a_canvas_is_a_file_of_type_quip(slack: WebClient, canvas: str) -> None:
    file = slack.files_info(file=canvas)["file"]
    assert (file["id"], file["filetype"], file["pretty_type"]) == (canvas, "quip", "Canvas")
    assert file["size"] == len(DRAFT.encode()) + 1


REFUSALS: list[tuple[str, str, Json, str]] = [
    (
        "an edit of what is not there",
        "canvases.edit",
        {"canvas_id": "F0", "changes": [{"operation": "insert_at_end"}]},
        "canvas_not_found",
    ),
    (
        "an edit at a section that is not there",
        "canvases.edit",
        {"changes": [{"operation": "delete", "section_id": "temp:C:0"}]},
        "canvas_editing_failed",
    ),
    (
        "an edit without content",
        "canvases.edit",
        {"changes": [{"operation": "insert_at_end"}]},
        "canvas_editing_failed",
    ),
    (
        "an edit with a list in a quote",
        "canvases.edit",
        {"changes": [{"operation": "insert_at_end", "document_content": content("> - no")}]},
        "canvas_editing_failed",
    ),
    (
        "an edit of more than a mebibyte",
        "canvases.edit",
        {"changes": [{"operation": "replace", "document_content": content("x" * (2**20 + 1))}]},
        "canvas_too_large",
    ),
    (
        "content that is no markdown",
        "canvases.create",
        {"document_content": {"type": "html", "markdown": "x"}},
        "canvas_creation_failed",
    ),
    ("a list in a quote", "canvases.create", {"document_content": content("> - no")}, "canvas_creation_failed"),
    ("a deletion of what is not there", "canvases.delete", {"canvas_id": "F0"}, "canvas_not_found"),
    (
        "a search in what is not there",
        "canvases.sections.lookup",
        {"canvas_id": "F0", "criteria": {"contains_text": "x"}},
        "canvas_not_found",
    ),
    (
        "a tab of a channel that one is not in",
        "conversations.canvases.create",
        {"channel_id": seed.OPS},
        "restricted_action",
    ),
]


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        pytest.param(method, args, error, id=f"{name}: {error}", marks=fact(sources.method(method)))
        for name, method, args, error in REFUSALS
    ],
)
def test_a_canvas_refuses(slack: WebClient, canvas: str, method: str, args: Json, error: str) -> None:
    assert outcome(slack, method, {"canvas_id": canvas, **args}) == error
    assert error in PAGES[method].errors


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("canvases.create", {"document_content": content("x" * (2**20 + 1))}, "canvas_creation_failed"),
        ("canvases.create", {"channel_id": "C0NOWHERE"}, "canvas_creation_failed"),
        ("conversations.canvases.create", {"channel_id": "C0NOWHERE"}, "channel_canvas_creation_failed"),
    ],
)
def test_what_no_page_says_is_refused_with_a_code_of_the_page(
    slack: WebClient, method: str, args: Json, error: str
) -> None:
    assert outcome(slack, method, args) == error
    assert error in PAGES[method].errors


@pytest.mark.parametrize(
    "changes",
    [[], [{"operation": "delete"}] * 2, [{"operation": "shuffle"}], "nonsense"],
    ids=["not none", "not two", "not one of its own", "not words"],
)
@fact(EDIT)
def test_an_edit_is_one_known_operation(slack: WebClient, canvas: str, changes: object) -> None:
    assert outcome(slack, "canvases.edit", {"canvas_id": canvas, "changes": changes}) in (
        "invalid_arguments",
        "canvas_editing_failed",
    )


@fact(EDIT)
def test_what_a_canvas_does_not_take_is_named_with_its_line(slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack.canvases_create(document_content=content("# One\n\n> quoted\n> - list"))
    detail = caught.value.response["detail"]
    assert detail == "'content' error: line 4: Unsupported block type (List) within block quote"


@pytest.mark.parametrize(("rows", "said"), [(99, "ok"), (100, "canvas_creation_failed")])
@fact(sources.CANVASES)
def test_a_table_in_a_canvas_has_at_most_300_cells(slack: WebClient, rows: int, said: str) -> None:
    table = "|a|b|c|\n|-|-|-|\n" + "|1|2|3|\n" * rows
    assert outcome(slack, "canvases.create", {"document_content": content(table)}) == said


@fact(sources.CANVASES)
def test_a_canvas_takes_one_mebibyte_at_a_time(sandbox: Sandbox, slack: WebClient) -> None:
    made = slack.canvases_create(document_content=content("x" * 2**20))["canvas_id"]
    edit(slack, made, "insert_at_end", "y" * 2**20)
    assert len(text_of(sandbox, made)) > 2**21


@fact(sources.method("canvases.sections.lookup"))
def test_a_deleted_canvas_is_said_to_be_deleted(slack: WebClient, canvas: str) -> None:
    slack.canvases_delete(canvas_id=canvas)
    assert outcome(slack, "canvases.delete", {"canvas_id": canvas}) == "canvas_not_found"
    sought = {"canvas_id": canvas, "criteria": {"contains_text": "x"}}
    assert outcome(slack, "canvases.sections.lookup", sought) == "canvas_deleted"


@fact(EDIT)
def test_a_canvas_of_somebody_else_is_not_found(slack: WebClient, ada: WebClient) -> None:
    adas = ada.canvases_create(document_content=content("mine"))["canvas_id"]
    change = {"operation": "insert_at_end", "document_content": content("x")}
    assert outcome(slack, "canvases.edit", {"canvas_id": adas, "changes": [change]}) == "canvas_not_found"


@fact(sources.method("canvases.delete"))
def test_only_its_owner_deletes_a_canvas(slack: WebClient, ada: WebClient, new_room: Callable[[], str]) -> None:
    room = new_room()
    made = slack.conversations_canvases_create(channel_id=room, document_content=content("x"))["canvas_id"]
    slack.conversations_invite(channel=room, users=seed.ADA)
    assert outcome(ada, "canvases.delete", {"canvas_id": made}) == "restricted_action"


@given(st.lists(st.sampled_from([*DRAFT.splitlines(), "", "[a]: https://example.com", "1. one", "  nested", "---"])))
def test_cutting_a_canvas_into_sections_loses_no_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    whole = joined(sections_of(text))
    assert [line for line in whole.splitlines() if line.strip()] == [line for line in text.splitlines() if line.strip()]
