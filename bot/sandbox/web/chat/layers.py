"""What floats above the page: the modal that the app opened for this person."""

from collections.abc import Iterator
from functools import partial

from bot.sandbox.web.blockkit import modal
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes) -> Iterator[Region]:
    """The modal on top, if there is one."""
    if view := eyes.workspace.modal(eyes.viewer.id):
        face = (view.id, view.hash, tuple(view.errors.items()), repr(view.values))
        depth = len(eyes.workspace.modals[eyes.viewer.id])
        yield Region("modal", "layers", (*face, depth), partial(modal, view, depth, eyes))
