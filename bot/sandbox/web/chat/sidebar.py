"""The conversations of one person, with what is unread in them."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel
from bot.sandbox.web.chat.marks import MOST, Marks
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, marks: Marks, here: str) -> Iterator[Region]:
    """One region for each conversation that this person is in: channels, archived ones, direct messages."""
    theirs = [channel for channel in list(eyes.workspace.channels.values()) if eyes.viewer.id in channel.members]
    for channel in sorted(filter(eyes.sees, theirs), key=lambda each: named(eyes, each).lower()):
        unread = 0 if channel.id == here else marks.unread(eyes.viewer.id, channel)
        face = (channel.name, channel.is_private, unread, channel.id == here)
        slot, key = _place(channel)
        yield Region(key, slot, face, partial(_row, eyes, channel, key, unread, channel.id == here))


def named(eyes: Eyes, channel: Channel) -> str:
    """What this person calls it: the channel's name, or the other one's in direct messages."""
    if not channel.is_im:
        return channel.name
    others = [member for member in channel.members if member != eyes.viewer.id]
    return eyes.person(others[0]) if others else f"{eyes.viewer.real_name} (you)"


def sign(channel: Channel) -> Markup:
    """The drawing before its name."""
    return icon("people" if channel.is_im else "lock" if channel.is_private else "hash")


def _place(channel: Channel) -> tuple[str, str]:
    """Its slot and key. A region never moves, so one that is archived becomes another."""
    if channel.is_archived:
        return "archived", f"ca-{channel.id}"
    return ("directs" if channel.is_im else "sidebar"), f"c-{channel.id}"


def _row(eyes: Eyes, channel: Channel, key: str, unread: int, is_here: bool) -> Markup:
    count = f"{unread}+" if unread >= MOST else str(unread)
    badge = el("span", count, el("span", " unread", cls="quiet"), cls="unread") if unread else None
    link = el(
        "a",
        sign(channel),
        el("span", named(eyes, channel), cls="name"),
        badge,
        href=eyes.path(f"/c/{channel.id}"),
        aria_current="page" if is_here else None,
    )
    return el("li", link, id=key, data_channel=channel.id, data_name=named(eyes, channel))
