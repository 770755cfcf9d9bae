"""Draws messages."""

from markupsafe import Markup

from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el


def draw(eyes: Eyes, channel: Channel, message: Message, key: str) -> Markup:
    """One message of a channel or a thread, as the element `key`."""
    at = Place("message", channel.id, message.ts)
    body = render(message.blocks, eyes, at) if message.blocks else el("p", message.text)
    head = el("header", el("b", eyes.person(message.user)), el("time", f"{eyes.moment(float(message.ts)):%H:%M}"))
    return el(
        "article",
        head,
        body,
        cls="message",
        id=key,
        data_surface="message",
        data_channel=channel.id,
        data_ts=message.ts,
        data_user=message.user,
        data_own=message.user == eyes.viewer.id,
    )
