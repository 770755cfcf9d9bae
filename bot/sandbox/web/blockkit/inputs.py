"""Draws the fields of forms, with what stands in them and what the app found wrong.

A field is named `{block_id}/{action_id}` and says its kind: who collects the form needs no more.
"""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from markupsafe import Markup

from bot.sandbox.slack.forms import STATE_KEYS, initial
from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import choices
from bot.sandbox.web.blockkit.acts import Attributes, press
from bot.sandbox.web.blockkit.choices import Options
from bot.sandbox.web.blockkit.dates import seconds_of
from bot.sandbox.web.blockkit.place import Scene, part, parts
from bot.sandbox.web.blockkit.rich_text import typed_words
from bot.sandbox.web.blockkit.text import text, words_of
from bot.sandbox.web.markup import el

MANY_CHOICES = 8
OF_THE_BOX = ("name", "data_kind", "data_act", "data_args", "data_confirm", "aria_invalid")
"""What each of several boxes bears; the rest is their frame's."""
OF_NO_FRAME = ("autofocus", "aria_required")


def field(block: Json, scene: Scene) -> Markup:
    """An `input` block: label, control, hint, and the error that the app put beside it."""
    element, optional = part(block, "element"), bool(block.get("optional"))
    if element.get("type") not in CONTROLS:
        return el("p", f"{element.get('type')} input", cls="unknown")
    id = scene.id(block, element, "field")
    error, hint = dict(scene.errors).get(str(block.get("block_id"))), block.get("hint")
    describes = " ".join(f"{name}-{id}" for name, there in (("error", error), ("hint", hint)) if there)
    is_group = element["type"] in GROUPS
    common: Attributes = {
        **(press(element, block, scene) if block.get("dispatch_action") else {}),
        "id": None if is_group else id,
        "aria_labelledby": f"label-{id}" if is_group else None,
        "aria_describedby": describes or None,
        "aria_invalid": "true" if error else None,
        "aria_required": None if optional else "true",
    }
    words = [words_of(block.get("label"), scene.eyes), el("span", " (optional)", cls="soft") if optional else None]
    name = el("span", *words, id=f"label-{id}", cls="label") if is_group else el("label", *words, for_=id, cls="label")
    return el(
        "div",
        name,
        control(element, block, scene, common),
        el("p", error, id=f"error-{id}", cls="error", role="alert") if error else None,
        el("p", text(hint, scene.eyes), id=f"hint-{id}", cls="hint") if hint else None,
        cls="input",
        data_block=block.get("block_id"),
    )


def control(element: Json, block: Json, scene: Scene, more: Attributes) -> Markup:
    """The control alone; `more` are attributes for it, its name among them."""
    kind = str(element.get("type"))
    state = scene.state(block, element) or initial(element)
    # Browsers take radio buttons of one name for one question, unless a form parts them: modals are forms.
    is_alone = kind != "radio_buttons" or scene.at.kind == "modal"
    common: Attributes = {
        "name": f"{block.get('block_id')}/{element.get('action_id')}" if is_alone else scene.id(block, element, "of"),
        "data_kind": kind,
        "autofocus": bool(element.get("focus_on_load")),
        **more,
    }
    return CONTROLS[kind](element, state.get(STATE_KEYS[kind][0]), common, scene)


def _typed(type: str, element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    written = str(value or "")
    held = words_of(element.get("placeholder"), scene.eyes) or None
    limits: Attributes = {"maxlength": element.get("max_length"), "minlength": element.get("min_length")}
    if type == "number":
        step = "any" if element.get("is_decimal_allowed") else 1
        limits = {"min": element.get("min_value"), "max": element.get("max_value"), "step": step}
    if element.get("multiline"):
        return el("textarea", f"\n{written}", rows=4, placeholder=held, **limits, **common)
    return el("input", type=type, value=written, placeholder=held, autocomplete="off", **limits, **common)


def _rich(element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    held = words_of(element.get("placeholder"), scene.eyes) or None
    words = typed_words(value) if isinstance(value, dict) else ""
    return el("textarea", f"\n{words}", rows=4, placeholder=held, **common)


def _picked(type: str, element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    zone = element.get("timezone")
    box = el("input", type=type, value=str(value or ""), **common)
    return el("span", box, el("small", str(zone), cls="soft"), cls="zoned") if zone else box


def _moment(element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    seconds = seconds_of(value)
    shown = "" if seconds is None else f"{scene.eyes.moment(seconds):%Y-%m-%dT%H:%M}"
    return el("input", type="datetime-local", value=shown, **common)


def _file(element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    types = element.get("filetypes")
    accepted = ",".join(f".{each}" for each in types) if isinstance(types, list) else None
    return el("input", type="file", multiple=element.get("max_files") != 1, accept=accepted, **common)


def _select(options: Options, element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    chosen = value.get("value") if isinstance(value, dict) else value
    held = words_of(element.get("placeholder"), scene.eyes) or "Choose"
    rows: list[Markup] = []
    for group, offered in groupby(options(element, scene), key=lambda option: option.group):
        drawn = [el("option", each.words, value=each.value, selected=each.value == chosen) for each in offered]
        rows += [el("optgroup", *drawn, label=group)] if group else drawn
    return el("select", el("option", held, value="", selected=chosen is None), *rows, **common)


def _several(options: Options, element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    """A list of boxes that folds away; a long one can be searched."""
    given = value if isinstance(value, list) else []
    chosen = [each.get("value") if isinstance(each, dict) else each for each in given]
    offered = list(options(element, scene))
    names = ", ".join(each.words for each in offered if each.value in chosen)
    held = words_of(element.get("placeholder"), scene.eyes) or "Choose"
    most = element.get("max_selected_items")
    return el(
        "details",
        el("summary", names or held, autofocus=common.get("autofocus"), data_placeholder=held),
        el("input", type="search", placeholder="Find", aria_label="Find", data_filter=True)
        if len(offered) > MANY_CHOICES
        else None,
        el("p", f"{most} at most", cls="hint") if most else None,
        el("div", *(_box("checkbox", each, each.value in chosen, common) for each in offered), cls="boxes"),
        cls="several",
        open=bool(common.get("aria_invalid")),
        **_frame(common),
    )


def _boxes(type: str, element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    given = value if isinstance(value, list) else [value]
    chosen = [each.get("value") for each in given if isinstance(each, dict)]
    rows = [
        _box(type, option, option.value in chosen, {**common, "autofocus": place == 0 and common.get("autofocus")})
        for place, option in enumerate(choices.described(element, scene))
    ]
    return el("div", *rows, cls="boxes", role="radiogroup" if type == "radio" else "group", **_frame(common))


def _box(type: str, option: choices.Option, is_chosen: bool, common: Attributes) -> Markup:
    kept = {name: common[name] for name in (*OF_THE_BOX, "autofocus") if name in common}
    box = el("input", type=type, value=option.value, checked=is_chosen, **kept)
    about = el("small", option.about) if option.about else None
    return el("label", box, el("span", option.drawn or option.words, about), cls="box")


def _frame(common: Attributes) -> Attributes:
    return {name: value for name, value in common.items() if name not in (*OF_THE_BOX, *OF_NO_FRAME)}


def _external(element: Json, value: Any, common: Attributes, scene: Scene) -> Markup:
    """A field that asks the app what it offers while one types."""
    given = {"chosen": value if isinstance(value, list) else [value]}
    chosen = [(words_of(each.get("text"), scene.eyes), each.get("value")) for each in parts(given, "chosen")]
    chips = [
        el("button", words, type="button", cls="chip", data_chosen=value, title="Take away") for words, value in chosen
    ]
    box = el(
        "input",
        type="text",
        role="combobox",
        autocomplete="off",
        aria_expanded="false",
        aria_autocomplete="list",
        placeholder=words_of(element.get("placeholder"), scene.eyes) or "Type to find",
        data_least=element.get("min_query_length", 3),
        **common,
    )
    is_many = str(element.get("type")).startswith("multi_")
    return el("div", *chips, box, cls="external", data_suggest=element.get("action_id"), data_many=is_many)


Control = Callable[[Json, Any, Attributes, Scene], Markup]
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
    **{f"{kind}_select": partial(_select, options) for kind, options in choices.MENUS.items()},
    **{f"multi_{kind}_select": partial(_several, options) for kind, options in choices.MENUS.items()},
}
GROUPS = {"checkboxes", "radio_buttons", *(f"multi_{kind}_select" for kind in choices.MENUS)}
