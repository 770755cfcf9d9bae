"""What hands do on the workspace page: write, correct, react, ask again, find their way."""

import re
from typing import Any

from playwright.async_api import expect
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.slack import seed
from tests.browser.conftest import Open
from tests.sandbox.conftest import Connect

Json = dict[str, Any]
CONFIRM = {
    "title": {"type": "plain_text", "text": "Page them all?"},
    "text": {"type": "plain_text", "text": "At night."},
}


def button(action_id: str, words: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": words}, **more}


async def test_words_are_kept_sent_corrected_and_reacted_to(
    app: AsyncApp, connect: Connect, web: AsyncWebClient, sandbox: Sandbox, screen: Open
) -> None:
    pressed: list[Json] = []

    @app.action(re.compile("page|nudge"))
    async def page_them(ack: AsyncAck, body: Json) -> None:
        pressed.append(body)
        await ack()

    await connect(app)
    blocks = [{"type": "actions", "elements": [button("page", "Page", confirm=CONFIRM), button("nudge", "Nudge")]}]
    await web.chat_postMessage(channel=seed.INCIDENTS, text="What now?", blocks=blocks)
    page = await screen(f"{sandbox.url}/as/ada/c/{seed.OPS}")
    press = page.keyboard.press

    box = page.get_by_role("textbox", name="Message #ops")
    await box.press_sequentially("Ask @fin")
    await expect(page.get_by_role("option", name="@finn")).to_be_visible()
    await press("Tab")
    await press("Control+k")
    await page.keyboard.type("inci")
    await press("Enter")
    await expect(page.get_by_role("textbox", name="Message #incidents")).to_have_value("")
    await page.get_by_role("button", name="Nudge").dblclick()
    await page.get_by_role("button", name="Page").click()
    await page.get_by_role("dialog", name="Page them all?").get_by_role("button", name="Cancel").click()
    await press("Alt+ArrowDown")

    await expect(box).to_have_value("Ask @finn ")
    await box.press("End")
    await page.keyboard.type("<b> /x")
    await press("Enter")
    message = page.get_by_role("log", name="Messages").get_by_role("article").last
    await expect(message).to_contain_text("Ask @Finn Okafor <b> /x")
    await press("ArrowUp")
    await expect(box).to_have_value("Ask @finn <b> /x")
    await box.fill("Ask @finn twice")
    await press("Enter")
    await expect(message).to_contain_text("Ask @Finn Okafor twice")
    await expect(message).to_contain_text("(edited)")

    await box.fill("/nothing now")
    await press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("There is no /nothing here")
    await expect(box).to_have_value("/nothing now")
    await message.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="React with another emoji").click()
    await page.keyboard.type("fire_eng")
    await expect(page.get_by_role("heading", name="Found")).to_be_visible()
    await press("Enter")
    await expect(message.get_by_role("button", name="fire_engine, 1: Ada Marsh")).to_be_visible()
    assert [body["actions"][0]["action_id"] for body in pressed] == ["nudge", "nudge"]
