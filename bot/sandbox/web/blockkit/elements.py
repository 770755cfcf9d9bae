"""Draws what can be pressed or chosen: buttons, menus, pickers, and the pictures that stand among them.

https://docs.slack.dev/reference/block-kit/block-elements
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import inputs
from bot.sandbox.web.blockkit.place import Scene
from bot.sandbox.web.blockkit.text import text, words_of
from bot.sandbox.web.markup import Attribute, el, icon

STYLES = {"primary": "primary", "danger": "danger"}


def element(part: Json, block: Json, scene: Scene) -> Markup:
    """One element of a block; what takes a value is drawn as it stands in a form, and tells the app at once."""
    draw = ELEMENTS.get(str(part.get("type")))
    if draw is not None:
        return draw(part, block, scene)
    if part.get("type") in inputs.CONTROLS:
        return inputs.control(part, block, scene, act=press(part, block, scene), label=_purpose(part, scene))
    return el("span", f"{part.get('type')} element", cls="unknown", title=json.dumps(part, ensure_ascii=False))


def press(part: Json, block: Json, scene: Scene, more: Mapping[str, Any] | None = None) -> dict[str, Attribute]:
    """The attributes that make a control an act of whoever uses it."""
    names = {"action_id": part.get("action_id"), "block_id": block.get("block_id")}
    if "value" in part:
        names["value"] = part["value"]
    asked = part.get("confirm")
    return {
        "data_act": "slack/click",
        "data_args": json.dumps({**names, **(more or {})}, ensure_ascii=False),
        "data_confirm": json.dumps(_question(asked, scene), ensure_ascii=False) if asked else None,
    }


def picture(part: Json, scene: Scene) -> Markup:
    """A picture that is here, else its words and where it would come from: nothing is fetched from outside."""
    words = str(part.get("alt_text") or "picture")
    address = str(part.get("image_url") or "")
    file = (part.get("slack_file") or {}).get("id")
    if file in scene.eyes.workspace.files:
        return el("img", src=f"/files/{file}", alt=words, loading="lazy")
    if address.startswith(("data:image/", f"{scene.eyes.workspace.url}/")):
        return el("img", src=address, alt=words, loading="lazy")
    target = scene.eyes.link(address)
    name = el("span", words, cls="picture", role="img", aria_label=words)
    return el("a", name, href=target, target="_blank", rel="noopener noreferrer") if target else name


def _button(part: Json, block: Json, scene: Scene) -> Markup:
    words, style = text(part["text"], scene.eyes), STYLES.get(str(part.get("style")), "")
    label = part.get("accessibility_label")
    target = scene.eyes.link(str(part["url"])) if part.get("url") else None
    act = press(part, block, scene)
    if target is None:
        return el("button", words, type="button", cls=style or None, aria_label=label, **act)
    outside: dict[str, Attribute] = {} if target.startswith("/") else {"target": "_blank", "rel": "noopener noreferrer"}
    return el("a", words, cls=f"button {style}".strip(), href=target, aria_label=label, **outside, **act)


def _overflow(part: Json, block: Json, scene: Scene) -> Markup:
    menu = scene.id(block, part, "more")
    rows = [
        el("button", text(option["text"], scene.eyes), type="button", **press(part, block, scene, {"selected": value}))
        for option in part.get("options") or []
        for value in [option.get("value")]
    ]
    opens = el("button", icon("more"), type="button", cls="plain", popovertarget=menu, aria_label="More")
    return el("span", opens, el("div", *rows, id=menu, popover="auto", cls="menu"), cls="overflow")


def _image(part: Json, block: Json, scene: Scene) -> Markup:
    return picture(part, scene)


def _icon(part: Json, block: Json, scene: Scene) -> Markup:
    words = text(part["text"], scene.eyes) if part.get("text") else "Act"
    return el("button", words, type="button", cls="plain", **press(part, block, scene))


def _feedback(part: Json, block: Json, scene: Scene) -> Markup:
    given = [part[name] for name in ("positive_button", "negative_button") if part.get(name)]
    buttons = [
        el("button", text(each["text"], scene.eyes), type="button", **press({**part, **each}, block, scene))
        for each in given
    ]
    return el("span", *buttons, cls="feedback")


def _question(asked: Json, scene: Scene) -> Json:
    return {name: words_of(asked.get(name), scene.eyes) for name in ("title", "text", "confirm", "deny")} | {
        "style": asked.get("style", "primary")
    }


def _purpose(part: Json, scene: Scene) -> str:
    return words_of(part.get("placeholder"), scene.eyes) or str(part.get("action_id"))


ELEMENTS: dict[str, Callable[[Json, Json, Scene], Markup]] = {
    "button": _button,
    "workflow_button": _button,
    "overflow": _overflow,
    "image": _image,
    "icon_button": _icon,
    "feedback_buttons": _feedback,
}
