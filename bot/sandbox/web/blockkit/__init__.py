"""Draws Block Kit: blocks and elements as Slack documents them, as HTML. Pure: the same blocks, the same page."""

from bot.sandbox.web.blockkit.place import Place
from bot.sandbox.web.blockkit.render import render
from bot.sandbox.web.blockkit.view import modal

__all__ = ["Place", "modal", "render"]
