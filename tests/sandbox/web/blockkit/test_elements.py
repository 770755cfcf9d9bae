"""What can be pressed or chosen says whom it tells, and asks before where it must.

https://docs.slack.dev/reference/block-kit/block-elements
"""

import json
from dataclasses import replace

import pytest

from bot.sandbox.slack import seed
from bot.sandbox.slack.records import File, Json
from bot.sandbox.web.blockkit import Place
from tests.sandbox.web.blockkit.looking import MESSAGE, URL, mrkdwn, option, page, plain, section, through


def test_a_button_names_its_act_and_its_value() -> None:
    seen = page(section({"type": "button", "text": plain("Take :fire:"), "value": "1/x", "style": "primary"}))
    button = seen.one("button", class_="primary", type="button", data_act="slack/click")
    assert json.loads(button["data-args"]) == {"action_id": "a", "block_id": "b", "value": "1/x"}
    assert seen.words == "wordsTake 🔥"


def test_a_button_without_a_value_sends_none() -> None:
    button = page(section({"type": "button", "text": plain("Take")})).one("button")
    assert json.loads(button["data-args"]) == {"action_id": "a", "block_id": "b"}
    assert "data-confirm" not in button


def test_a_button_may_ask_before() -> None:
    asked = {"title": plain("Sure?"), "text": mrkdwn("*All* of\nit"), "confirm": plain("Yes"), "deny": plain("No")}
    button = page(section({"type": "button", "text": plain("x"), "confirm": {**asked, "style": "danger"}})).one(
        "button"
    )
    assert json.loads(button["data-confirm"]) == {
        "title": "Sure?",
        "text": "All of it",
        "confirm": "Yes",
        "deny": "No",
        "style": "danger",
    }


def test_a_button_with_an_address_leads_there_and_tells_the_app() -> None:
    link = page(section({"type": "button", "text": plain("x"), "url": "https://a.example", "style": "danger"})).one("a")
    assert (link["href"], link["class"], link["data-act"]) == ("https://a.example", "button danger", "slack/click")
    ours = page(section({"type": "button", "text": plain("x"), "url": f"{URL}/pagerduty/web/incidents/P1"})).one("a")
    assert ours["href"] == "/as/ada/pager/P1"
    assert "target" not in ours


def test_a_button_to_where_one_may_not_go_is_a_button() -> None:
    assert page(section({"type": "button", "text": plain("x"), "url": "slack://open"})).one("button")["data-act"]


def test_a_button_may_have_another_name_for_who_does_not_see_it() -> None:
    given = {"type": "button", "text": plain("✓"), "accessibility_label": "Done"}
    assert page(section(given)).one("button")["aria-label"] == "Done"


def test_dots_open_a_menu_each_of_whose_rows_is_an_act() -> None:
    options = [option("Close", "c", "for good"), {**option("Look", "l"), "url": "https://a.example"}]
    seen = page(section({"type": "overflow", "options": options}))
    dots, row = seen.all("button")
    menu = seen.one("div", popover="auto")
    assert dots["popovertarget"] == row["popovertarget"] == menu["id"]
    assert row["popovertargetaction"] == "hide"
    assert json.loads(row["data-args"])["selected"] == "c"
    assert json.loads(seen.one("a")["data-args"])["selected"] == "l"
    assert seen.words == "wordsClosefor goodLook"


def test_two_drawings_of_one_message_share_no_id() -> None:
    block = section({"type": "overflow", "options": [option("x", "x")]})
    ids = [page(block, at=replace(MESSAGE, key=key)).one("div", popover="auto")["id"] for key in ("m-1", "t-1")]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("kind", "tag", "more"),
    [
        ("static_select", "select", {"options": [option("x", "x")]}),
        ("users_select", "select", {}),
        ("conversations_select", "select", {}),
        ("channels_select", "select", {}),
        ("datepicker", "input", {"initial_date": "2026-11-22"}),
        ("timepicker", "input", {}),
        ("datetimepicker", "input", {}),
        ("external_select", "input", {}),
    ],
)
def test_a_choice_in_a_message_is_an_act(kind: str, tag: str, more: Json) -> None:
    control = page(section({"type": kind, "confirm": {"text": plain("?")}, **more})).one(tag)
    assert (control["data-act"], control["name"], control["data-kind"]) == ("slack/click", "b/a", kind)
    assert json.loads(control["data-args"]) == {"action_id": "a", "block_id": "b"}
    assert control["aria-label"]
    assert control["data-confirm"]


@pytest.mark.parametrize("kind", ["checkboxes", "radio_buttons", "multi_static_select"])
def test_each_box_of_a_choice_in_a_message_is_an_act(kind: str) -> None:
    seen = page(
        section({"type": kind, "options": [option("x", "x"), option("y", "y")], "placeholder": plain("Which?")})
    )
    boxes = seen.all("input")
    assert [(box["value"], box["data-act"], box["data-kind"]) for box in boxes] == [
        ("x", "slack/click", kind),
        ("y", "slack/click", kind),
    ]
    assert any(its.get("aria-label") == "Which?" for _, its in seen.elements)


def test_questions_of_two_messages_are_two_questions() -> None:
    block = section({"type": "radio_buttons", "options": [option("x", "x")]})
    names = [page(block, at=Place("message", "C", ts)).one("input")["name"] for ts in ("1", "2")]
    assert len(set(names)) == 2


def test_pictures_are_shown_where_they_are_here_and_named_where_not() -> None:
    eyes = through()
    eyes.workspace.files["F1"] = File("F1", "g.png", 1, seed.ADA)

    def drawn(**more: object) -> Json:
        return section({"type": "image", "alt_text": "a graph", **more})

    assert page(drawn(slack_file={"id": "F1"}), eyes=eyes).one("img")["src"] == "/files/F1"
    assert page(drawn(image_url=f"{URL}/files/F1")).one("img")["src"] == "/files/F1"
    assert page(drawn(image_url="data:image/png;base64,")).one("img")["alt"] == "a graph"
    outside = page(drawn(image_url="https://a.example/g.png"))
    assert (outside.words, outside.one("a")["href"]) == ("wordsa graph", "https://a.example/g.png")
    assert not outside.all("img")
    assert not page(drawn(image_url="javascript:x")).all("a")


def test_feedback_and_icons() -> None:
    feedback = {
        "type": "feedback_buttons",
        "action_id": "f",
        "positive_button": {"text": plain("Good"), "value": "p", "accessibility_label": "It helped"},
        "negative_button": {"text": plain("Bad"), "value": "n"},
    }
    icon = {"type": "icon_button", "icon": "trash", "text": plain("Remove"), "action_id": "i", "value": "v"}
    hidden = {**icon, "visible_to_user_ids": [seed.BO]}
    seen = page({"type": "context_actions", "block_id": "b", "elements": [feedback, icon, hidden]})
    sent = [json.loads(button["data-args"]) for button in seen.all("button")]
    assert [(each["action_id"], each.get("selected"), each.get("value")) for each in sent] == [
        ("f", "p", None),
        ("f", "n", None),
        ("i", None, "v"),
    ]
    assert seen.all("button")[0]["aria-label"] == "It helped"


def test_an_element_that_nobody_knows_is_shown_as_what_it_is() -> None:
    assert page(section({"type": "hologram"})).words == "wordshologram element"
