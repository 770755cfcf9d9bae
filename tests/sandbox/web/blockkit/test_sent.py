"""All that the bot sends, as the reviewed files have it: drawn, with all its words, under names.

https://docs.slack.dev/reference/block-kit
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import Place, render
from tests.sandbox.web.blockkit.looking import MESSAGE, Page, through

ADA = through()
GOLDEN = Path(__file__).parents[3] / "golden" / "blocks"
SENT = sorted(GOLDEN.rglob("*.json"))
WORD = re.compile(r"[^\W_]+")
TOKENS = r"<[^<>]*>|:[a-z0-9_+'-]+:|&amp;|&lt;|&gt;"


def said(node: object) -> Iterator[str]:
    """The words of every text in what was sent."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str) and "type" in node:
            yield node["text"]
        for inner in node.values():
            yield from said(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from said(inner)


def words_in(text: str) -> set[str]:
    return set(WORD.findall(re.sub(TOKENS, " ", text)))


def drawn(path: Path) -> tuple[Json, Page]:
    sent = json.loads(path.read_text())
    at = {"modal": Place("modal"), "home": Place("home")}.get(sent.get("type"), MESSAGE)
    return sent, Page(render(sent["blocks"], ADA, at))


def test_all_that_the_bot_sends_is_drawn_with_all_its_words() -> None:
    assert len(SENT) > 150
    for path in SENT:
        sent, seen = drawn(path)
        shown = " ".join([*seen.pieces, *(value for _, its in seen.elements for value in its.values())])
        assert seen.open == [], path
        assert not [its for _, its in seen.elements if its.get("class") == "unknown"], path
        missing = {word for text in said(sent["blocks"]) for word in words_in(text)} - set(WORD.findall(shown))
        assert not missing, (path, missing)


def test_every_control_that_the_bot_sends_has_a_name_and_every_id_is_one() -> None:
    for path in SENT:
        _, seen = drawn(path)
        check_names(seen)


CONTROLS = ("input", "select", "textarea")


def check_names(seen: Page) -> None:
    """Each field has a label of its own or around it; ids are unique, and what is referred to is there."""
    ids = [its["id"] for _, its in seen.elements if "id" in its]
    assert len(ids) == len(set(ids))
    pointed = [
        id
        for _, its in seen.elements
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget")
        for id in its.get(name, "").split()
    ]
    assert set(pointed) <= set(ids)
    labelled = {its.get("for") for its in seen.all("label")}
    for place, (tag, its) in enumerate(seen.elements):
        if tag in CONTROLS:
            within = seen.elements[place - 1][0] == "label"
            assert its.get("aria-label") or its.get("aria-labelledby") or its.get("id") in labelled or within, its
