"""Draws the fields of forms, with what stands in them and what the app found wrong.

A field is named `{block_id}/{action_id}` and says its kind: who collects the form needs no more.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from bot.sandbox.slack.elements import options_of
from bot.sandbox.slack.forms import STATE_KEYS, initial
from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit.place import Scene
from bot.sandbox.web.blockkit.text import text, words_of
from bot.sandbox.web.markup import Attribute, el

Attributes = dict[str, Attribute]
MANY_CHOICES = 8


def field(block: Json, scene: Scene) -> Markup:
    """An `input` block: label, control, hint, and the error that the app put beside it."""
    part, id = block["element"], scene.id(block, block["element"], "field")
    label = words_of(block["label"], scene.eyes)
    error, hint = dict(scene.errors).get(str(block.get("block_id"))), block.get("hint")
    describes = " ".join(name for name, there in ((f"error-{id}", error), (f"hint-{id}", hint)) if there)
    act = _dispatched(part, block) if block.get("dispatch_action") else {}
    more: Attributes = {
        "id": id,
        "aria_describedby": describes or None,
        "aria_invalid": "true" if error else None,
        "aria_required": None if block.get("optional") else "true",
    }
    name = el("label", label, el("span", " (optional)", cls="soft") if block.get("optional") else None, for_=id)
    return el(
        "div",
        name,
        control(part, block, scene, act={**act, **more}, label=label),
        el("p", error, id=f"error-{id}", cls="error", role="alert") if error else None,
        el("p", text(hint, scene.eyes), id=f"hint-{id}", cls="hint") if hint else None,
        cls="input",
        data_block=block.get("block_id"),
    )


def control(part: Json, block: Json, scene: Scene, *, act: Attributes, label: str) -> Markup:
    """The control alone; `act` are attributes for it, `label` its name where it stands without one."""
    kind = str(part.get("type"))
    state = scene.state(block, part) or initial(part)
    common: Attributes = {
        "name": f"{block.get('block_id')}/{part.get('action_id')}",
        "data_kind": kind,
        "aria_label": label,
        **act,
    }
    return CONTROLS[kind](part, state.get(STATE_KEYS[kind][0]), common, scene)


def _dispatched(part: Json, block: Json) -> Attributes:
    names = {"action_id": part.get("action_id"), "block_id": block.get("block_id")}
    return {"data_act": "slack/click", "data_args": json.dumps(names)}


def _typed(type: str, part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    limits: Attributes = {"maxlength": part.get("max_length"), "minlength": part.get("min_length")}
    numbers: Attributes = {}
    if type == "number":
        step = "any" if part.get("is_decimal_allowed") else 1
        numbers, limits = {"min": part.get("min_value"), "max": part.get("max_value"), "step": step}, {}
    held = words_of(part.get("placeholder"), scene.eyes) or None
    if part.get("multiline"):
        return el("textarea", f"\n{value or ''}", rows=4, placeholder=held, **limits, **common)
    return el(
        "input", type=type, value=value or "", placeholder=held, autocomplete="off", **limits, **numbers, **common
    )


def _rich(part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    return el("textarea", f"\n{_words_in(value)}", rows=4, **common)


def _picked(type: str, part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    return el("input", type=type, value=value or "", **common)


def _moment(part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    shown = f"{scene.eyes.moment(int(value)):%Y-%m-%dT%H:%M}" if value else ""
    return el("input", type="datetime-local", value=shown, **common)


def _file(part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    return el("input", type="file", multiple=int(part.get("max_files") or 10) > 1, **common)


def _select(options: "Options", part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    chosen = value.get("value") if isinstance(value, dict) else value
    held = words_of(part.get("placeholder"), scene.eyes) or "Choose"
    first = el("option", held, value="", selected=chosen is None)
    return el("select", first, *_grouped(options(part, scene), chosen), **common)


def _grouped(options: Iterable["Option"], chosen: Any) -> list[Markup]:
    drawn: list[Markup] = []
    groups: dict[str, list[Markup]] = {}
    for group, value, words in options:
        row = el("option", words, value=value, selected=value == chosen)
        groups.setdefault(group, []).append(row)
    for group, rows in groups.items():
        drawn += [el("optgroup", *rows, label=group)] if group else rows
    return drawn


def _several(options: "Options", part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    """A list of boxes that folds away; a long one can be searched."""
    chosen = [each.get("value") if isinstance(each, dict) else each for each in value or []]
    offered = list(options(part, scene))
    rows = [_box("checkbox", value, words, value in chosen, common) for _, value, words in offered]
    names = ", ".join(words for _, value, words in offered if value in chosen)
    held = words_of(part.get("placeholder"), scene.eyes) or "Choose"
    search = el("input", type="search", placeholder="Find", aria_label="Find", data_filter=True)
    return el(
        "details",
        el("summary", names or held),
        search if len(offered) > MANY_CHOICES else None,
        el("div", *rows, cls="boxes"),
        cls="several",
        **_group(common),
    )


def _boxes(type: str, part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    given = value if isinstance(value, list) else [value] if value else []
    chosen = [each.get("value") for each in given]
    rows = [
        _box(
            type,
            str(option.get("value")),
            text(option["text"], scene.eyes),
            option.get("value") in chosen,
            common,
            text(option["description"], scene.eyes) if option.get("description") else None,
        )
        for option in part.get("options") or []
    ]
    return el("div", *rows, cls="boxes", **_group(common))


def _box(
    type: str, value: str, words: str | Markup, is_chosen: bool, common: Attributes, more: Markup | None = None
) -> Markup:
    kept = {name: common[name] for name in ("name", "data_kind", "data_act", "data_args") if name in common}
    box = el("input", type=type, value=value, checked=is_chosen, **kept)
    return el("label", box, el("span", words, el("small", more) if more else None), cls="box")


def _group(common: Attributes) -> Attributes:
    """What the frame around several boxes bears: its name, not theirs."""
    kept: Attributes = {
        name: value
        for name, value in common.items()
        if name not in ("name", "data_kind", "data_act", "data_args", "data_confirm", "aria_required")
    }
    return {"role": "group", **kept}


def _external(part: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    """A field that asks the app what it offers while one types."""
    chosen = value if isinstance(value, list) else [value] if value else []
    chips = [
        el("button", words_of(each["text"], scene.eyes), type="button", cls="chip", data_chosen=each.get("value"))
        for each in chosen
    ]
    held = words_of(part.get("placeholder"), scene.eyes) or "Type to find"
    least = part.get("min_query_length", 3)
    box = el("input", type="text", role="combobox", aria_expanded="false", placeholder=held, data_least=least, **common)
    is_many = str(part.get("type")).startswith("multi_")
    return el("div", *chips, box, cls="external", data_suggest=part.get("action_id"), data_many=is_many)


def _words_in(value: Any) -> str:
    if isinstance(value, dict):
        inner = value.get("elements")
        return str(value.get("text") or "") + "".join(_words_in(each) for each in inner or [])
    return ""


Option = tuple[str, str, str]
"""An option's group (or nothing), value and words."""
Options = Callable[[Json, Scene], Iterable[Option]]


def _static(part: Json, scene: Scene) -> Sequence[Option]:
    groups = part.get("option_groups")
    if not groups:
        return [_option("", each, scene) for each in options_of(part)]
    return [_option(words_of(group["label"], scene.eyes), each, scene) for group in groups for each in group["options"]]


def _option(group: str, option: Json, scene: Scene) -> Option:
    return group, str(option.get("value")), words_of(option.get("text"), scene.eyes)


def _people(part: Json, scene: Scene) -> Iterable[Option]:
    everybody = scene.eyes.workspace.people.values()
    return [("", person.id, person.real_name) for person in everybody if not person.deleted and not person.is_bot]


def _channels(part: Json, scene: Scene) -> Iterable[Option]:
    return [
        ("", channel.id, f"#{channel.name}")
        for channel in list(scene.eyes.workspace.channels.values())
        if scene.eyes.sees(channel) and not channel.is_im and not channel.is_archived
    ]


Control = Callable[[Json, Any, Attributes, Scene], Markup]
_CHOICES: dict[str, Options] = {
    "static": _static,
    "users": _people,
    "conversations": _channels,
    "channels": _channels,
}
CONTROLS: dict[str, Control] = {
    "plain_text_input": partial(_typed, "text"),
    "url_text_input": partial(_typed, "url"),
    "email_text_input": partial(_typed, "email"),
    "number_input": partial(_typed, "number"),
    "rich_text_input": _rich,
    "file_input": _file,
    "datepicker": partial(_picked, "date"),
    "timepicker": partial(_picked, "time"),
    "datetimepicker": _moment,
    "checkboxes": partial(_boxes, "checkbox"),
    "radio_buttons": partial(_boxes, "radio"),
    "external_select": _external,
    "multi_external_select": _external,
    **{f"{kind}_select": partial(_select, options) for kind, options in _CHOICES.items()},
    **{f"multi_{kind}_select": partial(_several, options) for kind, options in _CHOICES.items()},
}
