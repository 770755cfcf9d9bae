"""Draws a modal: its title, its blocks with what was entered, the buttons at its foot."""

from markupsafe import Markup

from bot.sandbox.slack.records import View
from bot.sandbox.web.blockkit.place import Place
from bot.sandbox.web.blockkit.render import render
from bot.sandbox.web.blockkit.text import words_of
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon


def modal(view: View, depth: int, eyes: Eyes) -> Markup:
    """The whole dialog; `depth` counts the modals of its stack: above the first, Close leads back.

    https://docs.slack.dev/surfaces/modals
    """
    content = view.content
    close = words_of(content.get("close"), eyes) or "Close"
    submit = words_of(content.get("submit"), eyes)
    title = el("h2", words_of(content.get("title"), eyes), id="modal-title")
    back = el("button", icon("back"), type="button", cls="plain", data_close="one", aria_label="Back")
    cross = el("button", icon("close"), type="button", cls="plain", data_close="all", aria_label="Close all of it")
    foot = el(
        "footer",
        el("button", close, type="button", data_close="one"),
        el("button", submit, type="submit", cls="primary") if submit else None,
    )
    blocks = render(view.blocks, eyes, Place("modal"), view.values, tuple(view.errors.items()))
    form = el(
        "form",
        el("header", back if depth > 1 else None, title, cross),
        el("div", blocks, cls="body"),
        foot,
        id=f"form-{view.id}",
        novalidate=True,
    )
    return el("dialog", form, id="modal", data_surface="modal", data_view=view.id, aria_labelledby="modal-title")
