"""Every block that Slack documents is drawn, with all that it says.

https://docs.slack.dev/reference/block-kit/blocks
"""

import json

import pytest

from bot.sandbox.slack import seed
from bot.sandbox.slack.blocks import UNCHECKED, Surface, problems
from bot.sandbox.slack.records import File, Json
from bot.sandbox.web.blockkit.render import BLOCKS
from tests.sandbox.web.blockkit.looking import mrkdwn, page, plain, through

SURFACES: tuple[Surface, ...] = ("message", "modal", "home")
KNOWN = {
    "section",
    "header",
    "image",
    "actions",
    "context",
    "context_actions",
    "input",
    "markdown",
    "rich_text",
    "table",
    "alert",
}


def raw(words: str) -> Json:
    return {"type": "raw_text", "text": words}


def rich(words: str) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}],
    }


def button(words: str) -> Json:
    return {"type": "button", "text": plain(words), "action_id": words}


def test_every_block_that_the_sandbox_accepts_is_drawn() -> None:
    assert set(BLOCKS) == KNOWN | UNCHECKED
    for kind in KNOWN:
        refusals = [problem for surface in SURFACES for problem in problems([{"type": kind}], surface)]
        assert sum("unsupported type" in each for each in refusals) < len(SURFACES), kind


def test_a_block_that_nobody_knows_is_shown_with_what_was_sent() -> None:
    seen = page({"type": "hologram", "said": "<b>"})
    assert "hologram block" in seen.words
    assert json.loads(seen.words.removeprefix("hologram block")) == {"type": "hologram", "said": "<b>"}


def test_a_section_has_words_fields_and_something_beside_them() -> None:
    fields = [mrkdwn("*One*\n1"), plain("*Two*")]
    seen = page({"type": "section", "text": mrkdwn("a *b*"), "fields": fields, "accessory": button("Go")})
    assert seen.words == "a bOne\n1*Two*Go"
    assert len(seen.all("div", class_="field")) == 2
    assert seen.all("div", class_="accessory")


@pytest.mark.parametrize("count", [1, 2, 3, 9, 10])
def test_a_section_has_as_many_fields_as_were_sent(count: int) -> None:
    seen = page({"type": "section", "fields": [plain(str(number)) for number in range(count)]})
    assert len(seen.all("div", class_="field")) == count
    assert seen.words == "".join(map(str, range(count)))


def test_a_long_section_is_folded_unless_the_app_says_expand() -> None:
    for words in ("x " * 500, "x\n" * 20):
        folded = page({"type": "section", "text": plain(words)})
        assert folded.words.endswith("See more")
        assert folded.words.count("x") == words.count("x")
        assert "See more" not in page({"type": "section", "text": plain(words), "expand": True}).words
    assert "See more" not in page({"type": "section", "text": plain("x " * 400)}).words


def test_a_text_says_whether_its_emoji_are_emoji() -> None:
    assert page({"type": "header", "text": plain(":fire:")}).words == "🔥"
    assert page({"type": "header", "text": plain(":fire:", emoji=True)}).words == "🔥"
    assert page({"type": "header", "text": plain(":fire:", emoji=False)}).words == ":fire:"


def test_headers_dividers_context_and_rows() -> None:
    picture = {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "logo"}
    seen = page(
        {"type": "header", "text": plain("Head")},
        {"type": "divider"},
        {"type": "context", "elements": [picture, mrkdwn("*b*"), plain("c")]},
        {"type": "actions", "elements": [button("one"), button("two")]},
    )
    assert seen.words == "Headlogobconetwo"
    assert [name for name, _ in seen.elements if name in ("h3", "hr", "strong", "button")] == [
        "h3",
        "hr",
        "strong",
        "button",
        "button",
    ]


def test_an_image_has_a_title_and_another_words_for_it() -> None:
    seen = page(
        {"type": "image", "title": plain("Errors"), "image_url": "data:image/png;base64,", "alt_text": "a graph"}
    )
    assert (seen.words, seen.one("img")["alt"]) == ("Errors", "a graph")


def test_a_table_has_a_head_aligns_its_columns_and_scrolls() -> None:
    columns = [{"is_wrapped": False}, None, {"align": "right"}, {"align": "<x>"}]
    rows = [[raw("a"), raw("b"), raw("c"), raw("d")], [raw("1"), rich("2"), raw("3"), raw("4")]]
    seen = page({"type": "table", "rows": rows, "column_settings": columns})
    assert [its.get("class") for its in seen.all("th")] == ["unbroken", None, "right", None]
    assert [its.get("class") for its in seen.all("td")] == ["unbroken", None, "right", None]
    assert seen.one("div", class_="wide")["tabindex"] == "0"
    assert seen.words == "abcd1234"


def test_a_data_table_has_a_caption_numbers_and_names_of_rows() -> None:
    rows = [[raw("Name"), raw("Minutes")], *([raw(f"INC-{n}"), {"type": "raw_number", "value": n}] for n in range(7))]
    seen = page({"type": "data_table", "caption": "Open", "rows": rows, "page_size": 5})
    assert seen.words.startswith("Open 7 rowsNameMinutesINC-00INC-11")
    assert len(seen.all("th")) == 2 + 7
    assert seen.all("td")[0]["class"] == "right"
    assert seen.one("div", role="group")["aria-label"] == "Open"


def test_an_alert_says_its_level_in_words_too() -> None:
    assert page({"type": "alert", "text": mrkdwn("*a*")}).words == "a"
    for level in ("info", "warning", "error", "success"):
        assert page({"type": "alert", "text": plain("a"), "level": level}).words == f"{level}: a"
    assert (
        page({"type": "alert", "text": plain("a"), "level": "<x>"}).one("div", role="note")["class"]
        == "alert level-default"
    )


def test_a_card_and_cards_beside_each_other() -> None:
    picture = {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "logo"}
    given = {
        "type": "card",
        "hero_image": picture,
        "icon": picture,
        "title": mrkdwn("*T*"),
        "subtitle": plain("S"),
        "body": mrkdwn("B"),
        "actions": [button("Go")],
    }
    assert page(given).words == "logologoTSBGo"
    seen = page({"type": "carousel", "elements": [given, given]})
    assert seen.words == "logologoTSBGo" * 2
    assert seen.one("ul")["aria-label"] == "2 cards"
    assert page({"type": "card", "title": "T"}).words == "T"


def test_a_plan_counts_what_is_done_and_says_how_each_task_stands() -> None:
    statuses = ("complete", "in_progress", "pending", "error")
    tasks: list[Json] = [{"type": "task_card", "task_id": each, "title": each, "status": each} for each in statuses]
    tasks[0] |= {
        "details": rich("how"),
        "output": rich("what"),
        "sources": [{"type": "url", "url": "https://a.example", "text": "there"}],
    }
    seen = page({"type": "plan", "title": "Plan", "tasks": tasks})
    assert seen.words == "Plan1 of 4completehowwhattherein_progresspendingerror"
    assert [its["aria-label"] for its in seen.all("span", role="img")] == ["Done", "Under way", "Not begun", "Failed"]


def test_a_container_holds_blocks_and_may_fold() -> None:
    given = {
        "type": "container",
        "title": plain("T"),
        "subtitle": mrkdwn("*S*"),
        "width": "narrow",
        "child_blocks": [{"type": "header", "text": plain("H")}],
    }
    assert page(given).words == "TSH"
    assert page(given).all("div", class_="container narrow")
    assert "open" in page({**given, "is_collapsible": True}).one("details")
    assert "open" not in page({**given, "is_collapsible": True, "default_collapsed": True}).one("details")
    assert page({**given, "rich_text_title": rich("R")}).words == "RSH"


def test_a_call_can_be_joined_until_it_ends() -> None:
    known = {"name": "Bridge", "join_url": "https://a.example", "active_participants": [{}, {}]}
    seen = page({"type": "call", "call_id": "R1", "call": {"v1": known}})
    assert (seen.words, seen.one("a")["href"]) == ("Bridge2 in the callJoin", "https://a.example")
    assert (
        page({"type": "call", "call_id": "R1", "call": {"v1": {**known, "date_end": 1}}}).words
        == "BridgeThe call has ended"
    )
    assert page({"type": "call", "call_id": "R1"}).words == "R1A call"


def test_a_video_is_a_link_with_its_words() -> None:
    given = {
        "type": "video",
        "title": plain("T"),
        "video_url": "https://a.example/v",
        "thumbnail_url": "https://a.example/t",
        "alt_text": "A",
        "description": plain("D"),
        "provider_name": "P",
        "author_name": "N",
    }
    seen = page(given)
    assert seen.words == "TP · NDA"
    assert [its["href"] for its in seen.all("a")] == ["https://a.example/v", "https://a.example/t"]


def test_a_file_of_ours_leads_to_its_page() -> None:
    eyes = through()
    eyes.workspace.files["F1"] = File("F1", "log.txt", 1, seed.ADA)
    seen = page({"type": "file", "file_id": "F1", "source": "remote"}, eyes=eyes)
    assert (seen.words, seen.one("a")["href"]) == ("log.txt", "/as/ada/file/F1")
    assert page({"type": "file", "external_id": "E1", "source": "remote"}).words == "A file from elsewhereE1"
