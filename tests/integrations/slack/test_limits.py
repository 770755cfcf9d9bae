"""Every message of ours is one that Slack takes, whatever was written into it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.documents.wording import shipped_wording
from bot.incident.mirror import Alert
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.integrations.slack import cards, limits, panels
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Block, Message, actions, button, context, header, mrkdwn, section, sentence
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fitting import MORE, NOTICE, fit, fit_view
from bot.sandbox.slack.content import checked_blocks
from bot.sandbox.slack.pings import named
from tests.integrations.slack import states

THOROUGH = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def accepted(message: Message) -> None:
    """Holds a message to our own limits and to the sandbox's, which were written apart from each other."""
    assert limits.violations(message) == []
    checked_blocks(list(message.blocks))


@THOROUGH
@given(states.incidents, st.text(max_size=60))
def test_any_incident_gives_a_card_that_slack_takes_and_that_pings_nobody(i: Incident, bridge: str) -> None:
    troubles = tuple(cards.Trouble(step, why, effect=7) for step, why in i.failed_steps.items())
    message = fit(cards.room_card(cards.CardState(i, Policy(), bridge, troubles)))
    accepted(message)
    assert list(named({"text": message.text, "blocks": list(message.blocks)})) == []


@THOROUGH
@given(states.incidents)
def test_any_incident_gives_an_announcement_and_a_panel_that_slack_takes(i: Incident) -> None:
    for message in (announcement(i, Policy(), shipped_wording()), panels.panel(i, Policy())):
        accepted(fit(message))
        assert list(named({"text": message.text, "blocks": list(message.blocks)})) == []


@THOROUGH
@given(st.lists(states.incidents, max_size=3).map(lambda few: few * 12))
def test_any_number_of_open_incidents_gives_a_list_that_slack_takes(several: list[Incident]) -> None:
    accepted(fit(panels.open_list(several)))


@THOROUGH
@given(states.alerts, st.lists(states.incidents, max_size=2), st.none() | states.incidents)
def test_any_alert_gives_a_triage_card_that_slack_takes(
    alert: Alert, near: list[Incident], joined: Incident | None
) -> None:
    message = fit(cards.triage_card(alert, near, joined))
    accepted(message)
    assert list(named({"text": message.text, "blocks": list(message.blocks)})) == []


@THOROUGH
@given(states.incidents)
def test_a_topic_is_short_and_plain(i: Incident) -> None:
    topic = cards.topic(i, Policy())
    assert len(topic) <= 250
    assert not set("<>&") & set(topic)


def shapes() -> st.SearchStrategy[Block]:
    """Blocks with anything in them, too long and too many included."""
    buttons = st.builds(Button, label=states.words, action=st.sampled_from("ab"), value=states.words, yes=states.words)
    menus = st.lists(st.fixed_dictionaries({"text": states.words.map(mrkdwn), "value": states.words}), max_size=120)
    return st.one_of(
        states.words.map(section),
        states.words.map(header),
        st.lists(states.words, max_size=12).map(lambda texts: context(*texts)),
        st.lists(buttons, max_size=30).map(actions),
        st.tuples(states.words, buttons).map(lambda made: section(made[0], accessory=button(made[1]))),
        menus.map(lambda o: {"type": "actions", "elements": [{"type": "static_select", "options": o}]}),
        st.lists(states.words, min_size=1, max_size=12).map(
            lambda texts: {"type": "section", "fields": [mrkdwn(t) for t in texts]}
        ),
    )


@THOROUGH
@given(states.words, st.lists(shapes(), max_size=60))
def test_whatever_the_blocks_the_fitted_message_breaks_no_limit(text: str, blocks: list[Block]) -> None:
    accepted(fit(Message(text, tuple(blocks))))


@given(states.words, states.words)
def test_what_fits_is_left_as_it_is(text: str, label: str) -> None:
    message = sentence(text[:100].strip() or "hello", [Button(label=label[:20].strip() or "Go", action="a", value="1")])
    assert fit(message).blocks == message.blocks


def test_a_lock_screen_reads_plain_words_and_no_more_than_a_few_lines() -> None:
    told = "*INC-1* since <!date^1^{time}|02:10 UTC>: `/incident show` or <https://x.example|a page>, <@U1>\nnow 2*3*4"
    read = "INC-1 since 02:10 UTC: /incident show or a page, <@U1> now 2*3*4"
    assert fit(sentence(told)).text == read
    assert fit(Message(told)).text == told, "where there are no blocks, it is what people see"
    assert len(fit(sentence("so many words " * 50)).text) == NOTICE
    assert fit(replace(sentence(told), notice="INC-1 · private")).text == "INC-1 · private"


def test_what_is_left_out_is_said() -> None:
    fitted = fit(Message("much", tuple(section("x" * 2_900) for _ in range(6))))
    assert fitted.blocks[-1] == context(MORE)
    assert len(fitted.blocks) > 2


def test_words_go_before_buttons_do() -> None:
    row = actions([Button(label="Resolve", action="a", value="1")])
    fitted = fit(Message("much", (*(section("x" * 2_900) for _ in range(6)), row)))
    assert row in fitted.blocks


def test_a_button_whose_value_would_have_to_be_cut_is_left_out() -> None:
    fitted = fit(sentence("hello", [Button(label="Go", action="a", value="1" * 2_001)]))
    assert [b["type"] for b in fitted.blocks] == ["section"]


def broken() -> Iterator[tuple[str, Message]]:
    go = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "a"}
    yield "text", Message("x" * 4_001)
    yield "text", Message(" ")
    yield "blocks", Message("t", tuple(section("x") for _ in range(51)))
    yield "characters in all", Message("t", tuple(section("x" * 2_900) for _ in range(5)))
    yield "text", Message("t", (section("x" * 3_001),))
    yield "text: empty", Message("t", (section(""),))
    yield "verbatim", Message("t", ({"type": "section", "text": {"type": "mrkdwn", "text": "x"}},))
    yield "only plain text", Message("t", ({"type": "header", "text": mrkdwn("x")},))
    yield "text: 151", Message("t", (header("x" * 151),))
    yield "fields: 11", Message("t", ({"type": "section", "fields": [mrkdwn("x")] * 11},))
    yield "fields: 2001", Message("t", ({"type": "section", "fields": [mrkdwn("x" * 2_001)]},))
    yield "neither", Message("t", ({"type": "section"},))
    yield (
        "elements: 26",
        Message("t", ({"type": "actions", "elements": [go | {"action_id": f"a{n}"} for n in range(26)]},)),
    )
    yield "elements: 0", Message("t", ({"type": "actions", "elements": []},))
    yield "twice", Message("t", ({"type": "actions", "elements": [go, go]},))
    yield "twice", Message("t", (section("x") | {"block_id": "b"}, section("y") | {"block_id": "b"}))
    yield "id: 256", Message("t", ({"type": "actions", "elements": [go | {"action_id": "a" * 256}]},))
    yield (
        "button: 76",
        Message("t", ({"type": "actions", "elements": [go | {"text": {"type": "plain_text", "text": "x" * 76}}]},)),
    )
    yield "button value", Message("t", ({"type": "actions", "elements": [go | {"value": "x" * 2_001}]},))
    yield "elements: 11", Message("t", (context(*"abcdefghijk"),))
    yield "elements: 3001", Message("t", (context("x" * 3_001),))
    yield "none of ours", Message("t", ({"type": "carousel"},))
    yield (
        "Markdown",
        Message("t", ({"type": "markdown", "text": "x" * 6_500}, {"type": "markdown", "text": "x" * 5_501})),
    )
    yield "options: 0", Message("t", (section("x", accessory={"type": "static_select", "options": []}),))
    many = [{"text": mrkdwn("x"), "value": str(n)} for n in range(101)]
    yield "options: 101", Message("t", (section("x", accessory={"type": "static_select", "options": many}),))
    yield "options: 6", Message("t", (section("x", accessory={"type": "overflow", "options": many[:6]}),))
    yield "options: 11", Message("t", (section("x", accessory={"type": "checkboxes", "options": many[:11]}),))
    long = [{"text": mrkdwn("x"), "value": "v" * 151}]
    yield "option value", Message("t", (section("x", accessory={"type": "static_select", "options": long}),))


@pytest.mark.parametrize(("said", "message"), list(broken()))
def test_each_limit_is_noticed_and_mended(said: str, message: Message) -> None:
    assert any(said in broken for broken in limits.violations(message)), limits.violations(message)
    if said not in ("none of ours", "verbatim", "only plain text", "twice", "neither", "id: 256", "Markdown"):
        assert limits.violations(fit(message)) == []


def test_the_limits_of_a_form_are_noticed_and_mended() -> None:
    label = {"type": "plain_text", "text": "L" * 2_001}
    typed = {"type": "plain_text_input", "action_id": "a", "initial_value": "x" * 3_001}
    blocks = [{"type": "input", "label": label, "element": typed}, *(section("x") for _ in range(100))]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T" * 25}, "blocks": blocks}
    said = " ".join(limits.view_violations(view))
    for noticed in ("title: 25", "submit: missing", "blocks: 101", "label: 2001", "initial_value"):
        assert noticed in said
    fitted = fit_view(view | {"submit": {"type": "plain_text", "text": "Go"}})
    assert limits.view_violations(fitted) == []


def test_the_size_counts_what_travels() -> None:
    assert limits.size([section("🔥" * 100)]) - limits.size([section("")]) == 200
    assert limits.size([section("x")]) >= len(json.dumps([section("x")], separators=(",", ":")))
