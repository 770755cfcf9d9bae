"""Everything that the bot says, hung up in a sandbox: its reviewed messages, and its forms behind `/incident`."""

import json
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]
FOLDER = Path(__file__).parents[1] / "golden/blocks"


def said() -> dict[str, Json]:
    """Messages by name: "cards/room-card"."""
    return {name: content for name, content in _all().items() if "text" in content}


def forms() -> dict[str, Json]:
    """Modals by name: "verbs/declare"."""
    return {name: content for name, content in _all().items() if content.get("type") == "modal"}


def _all() -> dict[str, Json]:
    found = sorted(FOLDER.glob("*/*.json"))
    return {f"{path.parent.name}/{path.stem}": json.loads(path.read_text("utf-8")) for path in found}


def shows_forms(app: AsyncApp) -> None:
    """`/incident verbs/declare` opens that form, in this app."""
    known = forms()

    @app.command("/incident")
    async def opens(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=known[body["text"]])


async def hang_up(web: AsyncWebClient, channel: str) -> None:
    """Posts all messages."""
    for content in said().values():
        await web.chat_postMessage(channel=channel, text=content["text"], blocks=content["blocks"])
