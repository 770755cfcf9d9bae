"""What people choose and type, as the app hears of it: menus that the app fills, moments, rich text."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources
from tests.sandbox.conftest import Connect

Json = dict[str, Any]
SERVICES = ("checkout", "search")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def offer(app: AsyncApp, heard: list[Json]) -> None:
    @app.options("service")
    async def services(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        fitting = [name for name in SERVICES if body["value"] in name]
        await ack(options=[{"text": plain(name.title()), "value": name} for name in fitting])

    @app.action("service")
    async def chosen(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()


@pytest.mark.fact(sources.element("select-menu-element#external_select"))
async def test_an_external_menu_in_a_message_is_filled_by_the_app(
    app: AsyncApp, connect: Connect, web: AsyncWebClient, hands: SandboxClient
) -> None:
    heard: list[Json] = []
    offer(app, heard)
    await connect(app)
    menu = {"type": "external_select", "action_id": "service"}
    block = {"type": "actions", "block_id": "which", "elements": [menu]}
    said = await web.chat_postMessage(channel=seed.INCIDENTS, text="Which?", blocks=[block])
    place: Json = {"channel": "#incidents", "ts": str(said["ts"])}
    offered = await hands.slack.suggest("ada", "service", "ch", **place, block_id="which")
    assert [each["value"] for each in offered] == ["checkout", "search"]
    assert heard[0]["container"] == {
        "type": "message",
        "message_ts": said["ts"],
        "channel_id": seed.INCIDENTS,
        "is_ephemeral": False,
    }
    assert heard[0]["message"]["ts"] == said["ts"]
    assert heard[0]["value"] == "ch"
    assert "view" not in heard[0]
    await hands.slack.click("ada", "service", **place, selected=offered[1], wait=0)
    assert [body["type"] for body in heard] == ["block_suggestion", "block_actions"]
    assert heard[1]["actions"][0]["selected_option"]["value"] == "search"


async def test_moments_are_told_by_the_clock_of_whoever_enters_them_and_words_become_rich(
    app: AsyncApp, connect: Connect, hands: SandboxClient
) -> None:
    @app.command("/incident")
    async def incident(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        fields = {"when": "datetimepicker", "what": "rich_text_input"}
        blocks = [
            {"type": "input", "block_id": name, "label": plain(name), "element": {"type": kind, "action_id": "value"}}
            for name, kind in fields.items()
        ]
        await ack()
        view = {"type": "modal", "title": plain("Note"), "submit": plain("Go"), "blocks": blocks}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    await connect(app)
    await hands.slack.command("dev", "#ops", "x")
    view = await hands.slack.fill("dev", {"when/value": "2026-11-22T09:30", "what": "Cache emptied"})
    values = view["state"]["values"]
    assert values["when"]["value"] == {"type": "datetimepicker", "selected_date_time": 1_795_320_000}
    section = values["what"]["value"]["rich_text_value"]["elements"][0]
    assert section["elements"] == [{"type": "text", "text": "Cache emptied"}]


async def test_buttons_in_carousels_and_containers_and_feedback_can_be_pressed(
    app: AsyncApp, connect: Connect, web: AsyncWebClient, hands: SandboxClient
) -> None:
    heard: list[Json] = []

    @app.action({"type": "block_actions", "action_id": "press"})
    async def pressed(ack: AsyncAck, body: Json) -> None:
        heard.append(body["actions"][0])
        await ack()

    def button(value: str) -> Json:
        return {"type": "button", "action_id": "press", "text": plain(value), "value": value}

    thumbs = {
        "positive_button": {"text": plain("Good"), "value": "up"},
        "negative_button": {"text": plain("Bad"), "value": "down"},
    }
    blocks: list[Json] = [
        {
            "type": "carousel",
            "elements": [{"type": "card", "title": plain(n), "actions": [button(n)]} for n in ("a", "b")],
        },
        {"type": "container", "title": plain("c"), "child_blocks": [{"type": "actions", "elements": [button("c")]}]},
        {
            "type": "context_actions",
            "block_id": "f",
            "elements": [{"type": "feedback_buttons", "action_id": "press", **thumbs}],
        },
    ]
    await connect(app)
    said = await web.chat_postMessage(channel=seed.INCIDENTS, text="Look", blocks=blocks)
    place: Json = {"channel": "#incidents", "ts": str(said["ts"])}
    for value in ("a", "b", "c"):
        await hands.slack.click("ada", "press", **place, value=value, wait=0)
    await hands.slack.click("ada", "press", **place, block_id="f", selected="down", wait=0)
    assert [action["value"] for action in heard] == ["a", "b", "c", "down"]
    assert len({action["block_id"] for action in heard}) == 4
