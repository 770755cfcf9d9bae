"""Draws Block Kit: blocks and elements as Slack documents them, as HTML. Pure: the same blocks, the same page."""

from bot.sandbox.web.blockkit.render import Place, render

__all__ = ["Place", "render"]
