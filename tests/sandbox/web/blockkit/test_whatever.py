"""Whatever stands in blocks, the page stays whole: no words make an element, an attribute or a way to a script."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.blockkit.render import BLOCKS
from tests.sandbox.web.blockkit.looking import Page, field, mrkdwn, option, page, plain, through

ADA = through()
TRICKS = st.text(st.sampled_from("<>\"'&;=/ abo:*_`~|#@!\n\\(){}")) | st.sampled_from(
    [
        "<script>x</script>",
        '" onclick="x',
        "javascript:x",
        "</textarea><b>",
        "<!date^1^{time}^javascript:x|y>",
        '<https://a" onerror="x|y>',
    ]
)
TEXTS = st.builds(plain, TRICKS) | st.builds(mrkdwn, TRICKS)
LEAVES = TRICKS | TEXTS | st.none() | st.booleans() | st.integers() | st.sampled_from(["primary", "rich_text", "image"])
FIELDS = re.findall(
    r"\w+",
    """
    type text elements fields accessory title subtitle body icon hero_image actions child_blocks tasks sources details
    output rows caption column_settings page_size call v1 url image_url alt_text value style placeholder options hint
    option_groups label description confirm border indent offset timestamp format status level width name user_id
    initial_option initial_options initial_value focus_on_load is_collapsible slack_file id filter visible_to_user_ids
    positive_button thumbnail_url join_url row_header_column_index
""",
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=12,
)
FORM = {"div", "label", "span", "input", "select", "option", "details", "summary", "small", "button", "p", "br"}
SAFE = {"http", "https", "mailto"}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted({*BLOCKS, "hologram"})), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_no_block_whatever_is_in_it_breaks_the_page(kind: str, rest: Json) -> None:
    block = {**rest, "type": kind, "block_id": "b"}
    if kind == "input":
        block |= {
            "element": {
                "type": "plain_text_input",
                "action_id": "a",
                **{k: v for k, v in rest.items() if k == "placeholder"},
            }
        }
    check_safe(page(block, eyes=ADA))


@given(
    TRICKS,
    st.sampled_from(
        ["static_select", "checkboxes", "radio_buttons", "multi_static_select", "plain_text_input", "external_select"]
    ),
)
def test_no_text_in_any_field_makes_an_element(words: str, kind: str) -> None:
    element = {
        "type": kind,
        "placeholder": plain(words),
        "options": [option(words, words, words)],
        "initial_value": words,
        "initial_option": option(words, words),
        "initial_options": [option(words, words)],
    }
    block = {**field(element, hint=plain(words)), "label": plain(words)}
    seen = Page(render([block], ADA, Place("modal"), errors=(("b", words),)))
    check_safe(seen)
    assert words in seen.words  # The error stands as it was written.
    assert {tag for tag, _ in seen.elements} <= FORM


def check_safe(seen: Page) -> None:
    assert seen.open == []
    for tag, its in seen.elements:
        assert tag not in ("script", "style", "iframe", "object")
        assert not [name for name in its if name.startswith("on") or name == "style"]
        if address := its.get("href"):
            assert tag == "use" or address.startswith("/") or address.partition(":")[0].lower() in SAFE
