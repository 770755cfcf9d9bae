"""What a person would see in Slack, as lines for a terminal: messages, forms, and the buttons that can be pressed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.documents.markdown import INVISIBLE

Json = dict[str, Any]
MENTION = re.compile(r"<@(\w+)>")
DATE = re.compile(r"<!date\^(\d+)\^[^|>]*(?:\|([^>]*))?>")
LINK = re.compile(r"<([^|>]*)\|([^>]*)>|<(https?:[^>]*)>")


@dataclass(frozen=True)
class Press:
    """A button, and what pressing it needs to name."""

    label: str
    action: str
    value: str
    channel: str
    ts: str


def message_lines(message: Json, names: dict[str, str]) -> list[str]:
    """Who says what; cards and forms as far as words go."""
    who = names.get(message.get("user", ""), "?")
    words = [line for block in message.get("blocks") or [] for line in _block(block, names)]
    return [f"{who}: {line}" if n == 0 else f"    {line}" for n, line in enumerate(words or _lines(message, names))]


def form_lines(view: Json, names: dict[str, str]) -> list[str]:
    """A form: its title, its fields by the names that `submit` takes, with what they begin with."""
    fields = [_field(block) for block in view["blocks"] if block["type"] == "input"]
    told = [line for block in view["blocks"] if block["type"] != "input" for line in _block(block, names)]
    return [f"┌ {view['title']['text']}", *(f"│ {line}" for line in (*told, *fields)), "└ submit field=value … · close"]


def chosen(view: Json | None, values: dict[str, str]) -> dict[str, str]:
    """Typed values, with options by the beginning of their words."""
    fields = {block["block_id"]: block["element"] for block in (view or {"blocks": []})["blocks"] if "element" in block}
    return {name: _option(fields.get(name, {}), value) for name, value in values.items()}


def _option(element: Json, typed: str) -> str:
    offered = [str(option["text"]["text"]) for option in element.get("options") or []]
    return next((words for words in offered if words.casefold().startswith(typed.casefold())), typed)


def buttons(message: Json, channel: str) -> Iterator[Press]:
    """Every button below a message."""
    for block in message.get("blocks") or []:
        for element in block.get("elements") or []:
            if element.get("type") == "button" and "action_id" in element:
                label = element["text"]["text"]
                yield Press(label, element["action_id"], element.get("value", ""), channel, message["ts"])


def plain(text: str, names: dict[str, str]) -> str:
    """Slack's markup as a terminal can show it."""
    text = MENTION.sub(lambda m: f"@{names.get(m[1], m[1])}", text)
    text = DATE.sub(lambda m: f"{datetime.fromtimestamp(int(m[1]), UTC):%H:%M} UTC", text)
    text = LINK.sub(lambda m: m[2] or m[3] or m[1], text)
    return INVISIBLE.sub("", text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _lines(message: Json, names: dict[str, str]) -> list[str]:
    files = [f"📎 {file.get('title') or file.get('name', 'a file')}" for file in message.get("files") or []]
    return [*plain(message.get("text", ""), names).splitlines(), *files]


def _block(block: Json, names: dict[str, str]) -> list[str]:
    match block["type"]:
        case "header" | "section":
            texts = [block["text"]] if block.get("text") else []
            return [
                line for text in [*texts, *block.get("fields", [])] for line in plain(text["text"], names).splitlines()
            ]
        case "context":
            return [plain(" ".join(e.get("text", "") for e in block["elements"]), names)]
        case "markdown":
            return plain(block["text"], names).splitlines()
        case "actions":
            menus = [_placeholder(element) for element in block["elements"] if element["type"] != "button"]
            return [f"[{' | '.join(menus)}]"] if menus else []
        case "divider":
            return ["—"]
    return []


def _placeholder(element: Json) -> str:
    return str(element.get("placeholder", {}).get("text", element["type"]))


def _field(block: Json) -> str:
    element = block["element"]
    begun = element.get("initial_value") or (element.get("initial_option") or {}).get("text", {}).get("text", "")
    begun = begun or ", ".join(o["text"]["text"] for o in element.get("initial_options", []))
    return f"{block['block_id']}: {block['label']['text']}" + (f" = {begun}" if begun else "")
