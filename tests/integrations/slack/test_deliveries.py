"""What Slack delivers is held to its shape before anybody reads it, by HTTP and by sockets alike."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.types import Message

from bot.integrations.slack.deliveries import read_json, sound
from bot.integrations.slack.endpoint import Endpoint, _read
from tests.fuzz.badness import spoiled
from tests.fuzz.examples import MESSAGE, command, event, slack

ROOM = "C0ROOM00001"
EVERY = slack(ROOM)


@pytest.mark.parametrize("name", EVERY)
def test_what_slack_sends_passes_as_it_is(name: str) -> None:
    assert sound(EVERY[name]) == EVERY[name]


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("command", ("trigger_id",), ""),
        ("command", ("trigger_id",), None),
        ("command", ("user_id",), {}),
        ("button", ("trigger_id",), "x" * 201),
        ("button", ("actions",), []),
        ("button", ("actions", 0), None),
        ("button", ("user",), "U0ADA00001"),
        ("button", ("container",), True),
        ("form note", ("view", "id"), ""),
        ("form note", ("view", "state", "values"), []),
        ("form note", ("view", "blocks", 0), 7),
        ("shortcut mark", ("message", "ts"), "yesterday"),
        ("shortcut mark", ("message", "ts"), "١.٢"),
        ("pin_added", ("event_id",), ""),
        ("pin_added", ("event", "item", "message"), True),
        ("app_mention", ("event", "user"), True),
        ("app_mention", ("authorizations",), [7]),
    ],
)
def test_what_has_another_shape_is_none_of_slack_s(name: str, place: tuple[str | int, ...], value: Any) -> None:
    assert sound(spoiled(EVERY[name], place, value)) is None


def test_half_an_emoji_becomes_a_question_mark_and_a_whole_one_stays() -> None:
    said = sound(event({"type": "app_mention", "text": "\U0001f525 \ud83d"}))
    assert said is not None
    assert said["event"]["text"] == "\U0001f525 ?"


def test_unknown_fields_and_files_are_no_hindrance() -> None:
    message = MESSAGE | {"files": [{"name": "graph.png"}], "blocks": [{"type": "rich_text"}], "edited": {}}
    assert sound(EVERY["shortcut mark"] | {"message": message, "new_in_2027": [1]}) is not None


def test_a_nest_too_deep_for_the_stack_is_a_refusal() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        read_json("[" * 200_000)


async def test_a_body_that_never_comes_to_its_end_holds_no_line_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.integrations.slack.endpoint.SLOWEST", 0.05)

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    endpoint = Endpoint(AsyncApp(token="xoxb-none", signing_secret="secret"), "secret")
    scope = {"type": "http", "method": "POST", "path": "/slack/events", "query_string": b"", "headers": []}
    async with asyncio.timeout(2):
        assert (await endpoint.answer(Request(scope, receive))).status_code == 408


def test_a_command_about_a_payload_reaches_us_whole() -> None:
    """Bolt reads nothing from a form in which somebody's words hold "payload": over HTTP such a command was lost."""
    sent = command(ROOM, "declare payload of checkout is rejected")
    request = _read(urlencode(sent).encode(), {})
    assert request is not None
    assert request.body["text"] == "declare payload of checkout is rejected"
    assert request.context.user_id == sent["user_id"]
