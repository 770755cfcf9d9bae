"""What a person has entered in a view: the typed `state.values` that Slack sends, and what a form still lacks."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.control import Impossible
from bot.sandbox.slack.elements import CLICKS, options_of
from bot.sandbox.slack.numbering import everything
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

Values = dict[str, dict[str, Json]]

# How each kind of element reports its state: the key, and where its initial value stands.
STATE_KEYS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


def carried_over(values: Values, blocks: list[Json]) -> Values:
    """The state of these blocks: what was entered before, where block and action are still there."""
    carried: Values = {}
    for block, element in everything(blocks):
        if element["type"] in CLICKS or element["type"] not in STATE_KEYS:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        before = values.get(block_id, {}).get(action_id)
        kept = before if before and before["type"] == element["type"] else initial(element)
        carried.setdefault(block_id, {})[action_id] = kept
    return carried


def initial(element: Json) -> Json:
    """The state of an element that nobody has touched."""
    key, start = STATE_KEYS[element["type"]]
    empty: Any = [] if key.endswith("s") else None
    return {"type": element["type"], key: element.get(start) or empty}


def entered(
    workspace: Workspace, element: Json, value: Any, offered: list[Json] | None = None, zone: str = "UTC"
) -> Json:
    """The state of an element after a person chose or typed `value`.

    Options are named by their value or their words, people and channels by id or name; lists for what takes several.
    A moment is epoch seconds, or as the clocks in `zone` tell it: `2026-11-22T09:30`; rich text may be plain words.
    `offered` are the options that the app suggested for an external menu.
    """
    kind = element["type"]
    key = STATE_KEYS[kind][0]
    if value is None:
        return {"type": kind, key: [] if key.endswith("s") else None}
    if key in ("selected_option", "selected_options"):
        return {"type": kind, key: _each(value, key, lambda one: option(element, one, offered))}
    if key in ("selected_user", "selected_users"):
        return {"type": kind, key: _each(value, key, lambda one: workspace.person(one).id)}
    if key.startswith(("selected_conversation", "selected_channel")):
        return {"type": kind, key: _each(value, key, lambda one: workspace.channel(one).id)}
    if key == "value":
        _check_typed(element, str(value))
        return {"type": kind, key: str(value)}
    if key == "selected_date_time" and isinstance(value, str):
        return {"type": kind, key: _moment(value, zone)}
    if key == "rich_text_value" and isinstance(value, str):
        return {"type": kind, key: _rich(value)}
    return {"type": kind, key: value}


def missing(blocks: list[Json], values: Values) -> list[str]:
    """The labels of the inputs that Slack would not let a person leave empty."""
    labels = []
    for block in blocks:
        if block.get("type") != "input" or block.get("optional"):
            continue
        element = block["element"]
        state = values[block["block_id"]][element["action_id"]]
        if not state[STATE_KEYS[element["type"]][0]]:
            labels.append(block["label"]["text"])
    return labels


def _each(value: Any, key: str, find: Any) -> Any:
    if key.endswith("s"):
        return [find(one) for one in (value if isinstance(value, list) else [value])]
    return find(value)


def option(element: Json, wanted: Any, offered: list[Json] | None) -> Json:
    if isinstance(wanted, dict):
        return wanted
    options = list(options_of(element)) + (offered or [])
    for option in options:
        if wanted in (option["value"], option["text"]["text"]):
            return option
    shown = ", ".join(option["text"]["text"] for option in options)
    raise Impossible(f"{element['action_id']} offers no {wanted!r}, only: {shown}")


def _moment(written: str, zone: str) -> int:
    return int(datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).timestamp())


def _rich(words: str) -> Json:
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [line]}


def _check_typed(element: Json, typed: str) -> None:
    most, least = element.get("max_length"), element.get("min_length")
    if most is not None and len(typed) > most:
        raise Impossible(f"{element['action_id']} takes {most} characters at most")
    if least is not None and typed and len(typed) < least:
        raise Impossible(f"{element['action_id']} wants {least} characters at least")
    if "\n" in typed and element["type"] == "plain_text_input" and not element.get("multiline"):
        raise Impossible(f"{element['action_id']} is a single line")
