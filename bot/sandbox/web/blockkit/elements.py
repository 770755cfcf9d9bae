"""Draws what can be pressed or chosen: buttons, menus, pickers, and the pictures that stand among them.

https://docs.slack.dev/reference/block-kit/block-elements
"""

import json
from collections.abc import Callable

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import inputs
from bot.sandbox.web.blockkit.acts import Attributes, press
from bot.sandbox.web.blockkit.place import Scene, part, parts
from bot.sandbox.web.blockkit.text import text, words_of
from bot.sandbox.web.markup import el, icon

STYLES = {"primary": "primary", "danger": "danger"}
ICONS = {"trash": "bin"}
PURPOSES = {"datepicker": "Date", "timepicker": "Time", "datetimepicker": "Date and time"}


def element(given: Json, block: Json, scene: Scene) -> Markup | None:
    """One element of a block; what takes a value is drawn as it stands in a form, and tells the app at once."""
    kind = str(given.get("type"))
    if draw := ELEMENTS.get(kind):
        return draw(given, block, scene)
    if kind in inputs.CONTROLS:
        purpose = words_of(given.get("placeholder"), scene.eyes) or PURPOSES.get(kind, "Choice")
        return inputs.control(given, block, scene, {**press(given, block, scene), "aria_label": purpose})
    return el("span", f"{kind} element", cls="unknown", title=json.dumps(given, ensure_ascii=False))


def picture(given: Json, scene: Scene, *, name: str = "image_url") -> Markup:
    """A picture that is here, else its words and where it would come from: nothing is fetched from outside."""
    words = str(given.get("alt_text") or "picture")
    address = str(given.get(name) or "")
    file = str(part(given, "slack_file").get("id"))
    if file in scene.eyes.workspace.files:
        return el("img", src=f"/files/{file}", alt=words, loading="lazy")
    if address.startswith("data:image/"):
        return el("img", src=address, alt=words, loading="lazy")
    if address.startswith(f"{scene.eyes.workspace.url}/"):
        return el("img", src=address.removeprefix(scene.eyes.workspace.url), alt=words, loading="lazy")
    target = scene.eyes.link(address)
    frame = el("span", words, cls="picture", role="img", aria_label=words, title=address or None)
    return el("a", frame, href=target, target="_blank", rel="noopener noreferrer") if target else frame


def outside(target: str) -> Attributes:
    """A link to another site opens beside the page, a link within it does not."""
    return {} if target.startswith("/") else {"target": "_blank", "rel": "noopener noreferrer"}


def _button(given: Json, block: Json, scene: Scene) -> Markup:
    words, style = text(given.get("text"), scene.eyes), STYLES.get(str(given.get("style")), "")
    label = given.get("accessibility_label")
    target = scene.eyes.link(str(given["url"])) if given.get("url") else None
    act = press(given, block, scene)
    if target is None:
        return el("button", words, type="button", cls=style or None, aria_label=label, **act)
    return el("a", words, cls=f"button {style}".strip(), href=target, aria_label=label, **outside(target), **act)


def _overflow(given: Json, block: Json, scene: Scene) -> Markup:
    menu = scene.id(block, given, "more")
    rows = [_offer(option, given, block, scene, menu) for option in parts(given, "options")]
    opens = el("button", icon("more"), type="button", cls="plain", popovertarget=menu, aria_label="More")
    group = el("div", *rows, id=menu, popover="auto", cls="menu", role="group", aria_label="More")
    return el("span", opens, group, cls="overflow")


def _offer(option: Json, given: Json, block: Json, scene: Scene, menu: str) -> Markup:
    about = text(option["description"], scene.eyes) if option.get("description") else None
    words = el("span", text(option.get("text"), scene.eyes), el("small", about) if about else None)
    act = press(given, block, scene, {"selected": option.get("value")})
    target = scene.eyes.link(str(option["url"])) if option.get("url") else None
    if target:
        return el("a", words, cls="button", href=target, **outside(target), **act)
    return el("button", words, type="button", popovertarget=menu, popovertargetaction="hide", **act)


def _image(given: Json, block: Json, scene: Scene) -> Markup:
    return picture(given, scene)


def _icon(given: Json, block: Json, scene: Scene) -> Markup | None:
    seen_by = given.get("visible_to_user_ids")
    if isinstance(seen_by, list) and seen_by and scene.eyes.viewer.id not in seen_by:
        return None
    drawing = ICONS.get(str(given.get("icon")))
    words = text(given.get("text"), scene.eyes) or "Act"
    label = given.get("accessibility_label")
    act = press(given, block, scene)
    return el("button", icon(drawing) if drawing else None, words, type="button", cls="plain", aria_label=label, **act)


def _feedback(given: Json, block: Json, scene: Scene) -> Markup:
    buttons = [
        el(
            "button",
            text(each.get("text"), scene.eyes),
            type="button",
            aria_label=each.get("accessibility_label"),
            **press(given, block, scene, {"selected": each.get("value")}),
        )
        for name in ("positive_button", "negative_button")
        if (each := part(given, name))
    ]
    return el("span", *buttons, cls="feedback")


ELEMENTS: dict[str, Callable[[Json, Json, Scene], Markup | None]] = {
    "button": _button,
    "workflow_button": _button,
    "overflow": _overflow,
    "image": _image,
    "icon_button": _icon,
    "feedback_buttons": _feedback,
}
