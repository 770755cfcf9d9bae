"""Fields of forms: what stands in them, what they are called, what the app found wrong."""

import pytest

from bot.sandbox.slack import seed
from bot.sandbox.slack.elements import INPUTS
from bot.sandbox.slack.forms import STATE_KEYS
from bot.sandbox.slack.records import Channel, Json, View
from bot.sandbox.web.blockkit import Place, modal, render
from bot.sandbox.web.blockkit.inputs import CONTROLS, GROUPS
from tests.sandbox.web.blockkit.looking import NOON, Page, field, mrkdwn, option, page, plain, through

MODAL = Place("modal")
TWO = [option("One", "1"), option("Two", "2", "the second")]


def shown(element: Json, entered: Json | None = None, **more: object) -> Page:
    values = {"b": {"a": entered}} if entered else {}
    return Page(render([field(element, **more)], through(), MODAL, values))


def offered(element: Json) -> list[str]:
    eyes = through()
    eyes.workspace.channels["C1"] = Channel("C1", "secret", seed.BO, 0, is_private=True, members={seed.BO: None})
    eyes.workspace.channels["C2"] = Channel("C2", "mine", seed.ADA, 0, is_private=True, members={seed.ADA: None})
    eyes.workspace.channels["C3"] = Channel("C3", "old", seed.ADA, 0, is_archived=True)
    eyes.workspace.channels["C4"] = Channel("C4", "shared", seed.ADA, 0, is_ext_shared=True)
    eyes.workspace.channels["D1"] = Channel("D1", "", seed.ADA, 0, im_with=seed.BO, members=dict.fromkeys([seed.ADA]))
    seen = Page(render([field(element)], eyes, MODAL))
    return [its["value"] for its in (seen.all("option") or seen.all("input", type="checkbox")) if its["value"]]


def test_every_element_that_keeps_a_state_can_be_drawn() -> None:
    assert set(CONTROLS) == set(STATE_KEYS)
    assert set(CONTROLS) >= INPUTS


@pytest.mark.parametrize("kind", sorted(STATE_KEYS))
def test_every_field_says_its_kind_its_name_its_label_its_error_and_its_hint(kind: str) -> None:
    block = field({"type": kind, "options": TWO}, hint=plain("as you like"))
    seen = Page(render([block], through(), MODAL, errors=(("b", "That is not it."),)))
    controls = [its for _, its in seen.elements if its.get("data-kind") == kind]
    assert controls
    assert {its["name"] for its in controls} == {"b/a"}
    assert {its["aria-invalid"] for its in controls} == {"true"}
    if kind in GROUPS:
        label = seen.one("span", class_="label")["id"]
        assert [its for _, its in seen.elements if its.get("aria-labelledby") == label]
    else:
        assert seen.one("label", class_="label")["for"] == controls[0]["id"]
    described = next(its["aria-describedby"] for _, its in seen.elements if "aria-describedby" in its).split()
    assert described == [seen.one("p", class_="error")["id"], seen.one("p", class_="hint")["id"]]
    assert "That is not it." in seen.words
    assert "as you like" in seen.words


@pytest.mark.parametrize(
    ("element", "tag", "wanted"),
    [
        (
            {"type": "plain_text_input", "initial_value": "x", "min_length": 2, "max_length": 9},
            "input",
            {"value": "x", "minlength": "2", "maxlength": "9", "type": "text"},
        ),
        ({"type": "plain_text_input", "placeholder": plain("Say :fire:")}, "input", {"placeholder": "Say 🔥"}),
        ({"type": "plain_text_input", "multiline": True}, "textarea", {"rows": "4"}),
        (
            {"type": "number_input", "initial_value": "0", "min_value": "0", "max_value": "9"},
            "input",
            {"value": "0", "min": "0", "max": "9", "step": "1"},
        ),
        ({"type": "number_input", "is_decimal_allowed": True}, "input", {"step": "any", "value": ""}),
        ({"type": "url_text_input", "initial_value": "https://a"}, "input", {"type": "url", "value": "https://a"}),
        ({"type": "email_text_input"}, "input", {"type": "email"}),
        ({"type": "datepicker", "initial_date": "2026-11-22"}, "input", {"type": "date", "value": "2026-11-22"}),
        ({"type": "timepicker", "initial_time": "09:30"}, "input", {"type": "time", "value": "09:30"}),
        (
            {"type": "datetimepicker", "initial_date_time": NOON},
            "input",
            {"type": "datetime-local", "value": "2026-11-22T12:00"},
        ),
        ({"type": "file_input", "filetypes": ["png", "pdf"]}, "input", {"accept": ".png,.pdf", "multiple": ""}),
        ({"type": "plain_text_input", "focus_on_load": True}, "input", {"autofocus": ""}),
        ({"type": "external_select", "min_query_length": 1}, "input", {"role": "combobox", "data-least": "1"}),
    ],
)
def test_what_the_app_says_of_a_field(element: Json, tag: str, wanted: dict[str, str]) -> None:
    assert wanted.items() <= shown(element).one(tag).items()


def test_one_file_at_most_is_one_file() -> None:
    assert "multiple" not in shown({"type": "file_input", "max_files": 1}).one("input")


def test_the_first_of_several_boxes_takes_the_focus() -> None:
    for kind in ("checkboxes", "radio_buttons"):
        boxes = shown({"type": kind, "options": TWO, "focus_on_load": True}).all("input")
        assert ["autofocus" in box for box in boxes] == [True, False]
    assert "autofocus" in shown({"type": "multi_static_select", "options": TWO, "focus_on_load": True}).one("summary")


def test_what_was_entered_stands_before_what_was_given() -> None:
    element = {"type": "plain_text_input", "initial_value": "given"}
    assert shown(element).one("input")["value"] == "given"
    assert shown(element, {"type": "plain_text_input", "value": "typed"}).one("input")["value"] == "typed"
    assert shown(element, {"type": "plain_text_input", "value": None}).one("input")["value"] == ""


def test_words_of_many_lines_keep_their_first_empty_line() -> None:
    html = render([field({"type": "plain_text_input", "multiline": True, "initial_value": "\nx"})], through(), MODAL)
    assert ">\n\nx</textarea>" in html


def test_the_chosen_option_is_chosen() -> None:
    element = {"type": "static_select", "options": TWO, "initial_option": TWO[1]}
    assert [("selected" in each) for each in shown(element).all("option")] == [False, False, True]
    entered = {"type": "static_select", "selected_option": TWO[0]}
    assert [("selected" in each) for each in shown(element, entered).all("option")] == [False, True, False]
    assert shown(element).words == "LabelChooseOneTwo — the second"


def test_options_in_groups() -> None:
    groups = [{"label": plain(name), "options": [option(name + "1", name)]} for name in ("A", "B")]
    seen = shown({"type": "static_select", "option_groups": groups})
    assert [its["label"] for its in seen.all("optgroup")] == ["A", "B"]


def test_ticked_boxes_are_ticked_and_described() -> None:
    for kind, key, type in (
        ("checkboxes", "initial_options", "checkbox"),
        ("radio_buttons", "initial_option", "radio"),
    ):
        given = [TWO[1]] if key.endswith("s") else TWO[1]
        seen = shown({"type": kind, "options": TWO, key: given})
        assert [("checked" in box) for box in seen.all("input", type=type)] == [False, True]
        assert "the second" in seen.words
    assert "<strong>x</strong>" in render(
        [field({"type": "checkboxes", "options": [{"text": mrkdwn("*x*"), "value": "x"}]})], through(), MODAL
    )


def test_a_menu_of_many_says_what_is_chosen_and_can_be_searched_when_it_is_long() -> None:
    few = shown({"type": "multi_static_select", "options": TWO, "initial_options": TWO, "max_selected_items": 2})
    assert "One, Two" in few.words
    assert "2 at most" in few.words
    assert not few.all("input", type="search")
    many = [option(str(number), str(number)) for number in range(9)]
    assert shown({"type": "multi_static_select", "options": many}).all("input", type="search")


def test_what_was_found_by_typing_stands_as_chips() -> None:
    seen = shown({"type": "multi_external_select", "initial_options": TWO})
    assert [chip["data-chosen"] for chip in seen.all("button")] == ["1", "2"]
    assert seen.one("div", class_="external")["data-many"] == ""


def test_menus_of_people_and_channels_offer_what_one_may_know() -> None:
    assert seed.BOT_USER not in offered({"type": "users_select"})
    assert seed.BO in offered({"type": "multi_users_select"})
    assert offered({"type": "channels_select"}) == [seed.GENERAL, seed.INCIDENTS, seed.OPS, "C4"]
    everywhere = offered({"type": "conversations_select"})
    assert {"C2", "D1", "C4", seed.OPS} <= set(everywhere)
    assert not {"C1", "C3"} & set(everywhere)


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"include": ["private"]}, {"C2"}),
        ({"include": ["im"]}, {"D1"}),
        ({"include": ["im", "private"], "exclude_bot_users": True}, {"C2"}),
        ({"include": ["public"], "exclude_external_shared_channels": True}, {seed.GENERAL, seed.INCIDENTS, seed.OPS}),
    ],
)
def test_a_menu_of_conversations_can_be_narrowed(filter: Json, found: set[str]) -> None:
    assert set(offered({"type": "multi_conversations_select", "filter": filter})) == found


def test_a_field_that_may_stay_empty_says_so() -> None:
    assert "Label (optional)" in shown({"type": "plain_text_input"}, optional=True).words
    assert "aria-required" not in shown({"type": "plain_text_input"}, optional=True).one("input")
    assert shown({"type": "plain_text_input"}).one("input")["aria-required"] == "true"


def test_a_field_tells_the_app_at_once_only_where_it_is_asked_to() -> None:
    assert "data-act" not in shown({"type": "plain_text_input"}).one("input")
    assert shown({"type": "plain_text_input"}, dispatch_action=True).one("input")["data-act"] == "slack/click"


def test_rich_text_comes_back_as_one_would_type_it() -> None:
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": "a b"}]}
    seen = shown({"type": "rich_text_input", "initial_value": {"type": "rich_text", "elements": [line]}})
    assert seen.words == "Label\na b"


def view(**more: object) -> View:
    content = {"type": "modal", "title": plain("Title"), "blocks": [field({"type": "plain_text_input"})], **more}
    return View(
        "V1", seed.ADA, "modal", content, "h", "V1", values={"b": {"a": {"value": "typed"}}}, errors={"b": "No."}
    )


def test_a_modal_has_a_title_its_fields_and_its_buttons() -> None:
    seen = Page(modal(view(submit=plain("Send"), close=plain("Not now")), 1, through()))
    dialog = seen.one("dialog", id="modal", data_view="V1", data_surface="modal")
    assert dialog["aria-labelledby"] == seen.one("h2")["id"]
    assert seen.one("input")["value"] == "typed"
    assert seen.words == "TitleLabelNo.Not nowSend"
    assert [its.get("data-close") or its["type"] for its in seen.all("button")] == ["all", "one", "submit"]


def test_a_modal_above_another_leads_back_and_one_without_submit_has_no_such_button() -> None:
    seen = Page(modal(view(), 2, through()))
    assert [its["data-close"] for its in seen.all("button")] == ["one", "all", "one"]
    assert "Close" in seen.words


def test_two_blocks_whose_names_run_together_share_no_id() -> None:
    first = {**field({"type": "plain_text_input"}), "block_id": "a b"}
    second = {**field({"type": "plain_text_input", "action_id": "b/a"}), "block_id": "a"}
    ids = [its["id"] for its in page(first, second, at=MODAL).all("input")]
    assert len(set(ids)) == 2
    assert not any(" " in id for id in ids)
