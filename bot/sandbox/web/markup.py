"""Makes HTML elements whose words and attributes cannot break out of their place."""

from markupsafe import Markup, escape

from bot.sandbox.web import assets

Child = str | Markup | None
Attribute = str | int | bool | None
VOID = {"img", "input", "br", "hr"}


def el(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """`el("button", "Take", cls="primary", data_act="x/y")` → `<button class="primary" data-act="x/y">Take</button>`.

    Words are escaped unless they are `Markup` already; `None` children are left out. An attribute's `_` becomes `-`;
    `None` and `False` leave it out, `True` writes the bare name. `cls` is `class`, `for_` is `for`.
    """
    written = Markup("").join(_attribute(key, value) for key, value in attributes.items())
    opening = Markup("<{}{}>").format(name, written)
    if name in VOID:
        return opening
    return opening + join(*children) + Markup("</{}>").format(name)


def join(*children: Child) -> Markup:
    """One after the other, escaped where they must be."""
    return Markup("").join(escape(child) for child in children if child is not None)


def icon(name: str) -> Markup:
    """A drawing from `static/icons.svg`; it says nothing to a screen reader, so what bears it needs words."""
    return el(
        "svg",
        el("use", href=f"/static/{assets.version()}/icons.svg#{name}"),
        cls="icon",
        aria_hidden="true",
        focusable="false",
    )


def _attribute(key: str, value: Attribute) -> Markup:
    name = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return Markup("")
    return Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)
