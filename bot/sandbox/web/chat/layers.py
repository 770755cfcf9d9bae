"""What floats above the page: the modal that the app opened for this person."""

from collections.abc import Iterator

from markupsafe import Markup

from bot.sandbox.slack.records import View
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes) -> Iterator[Region]:
    """The modal on top, if there is one."""
    if view := eyes.workspace.modal(eyes.viewer.id):
        face = (view.id, view.hash, tuple(view.errors.items()), repr(view.values))
        yield Region("modal", "layers", face, lambda: _modal(eyes, view))


def _modal(eyes: Eyes, view: View) -> Markup:
    return el("dialog", render(view.blocks, eyes, Place("modal")), id="modal", data_surface="modal", data_view=view.id)
