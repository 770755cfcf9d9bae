"""The channels and direct messages of one person, with what is unread."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel
from bot.sandbox.web.chat.marks import Marks
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, marks: Marks, here: str) -> Iterator[Region]:
    """One region for each conversation that this person is in."""
    for channel in list(eyes.workspace.channels.values()):
        if eyes.viewer.id in channel.members and eyes.sees(channel):
            unread = marks.unread(eyes.viewer.id, channel)
            face = (channel.name, channel.is_archived, unread, channel.id == here)
            yield Region(f"c-{channel.id}", "sidebar", face, partial(_row, eyes, channel, unread, channel.id == here))


def _row(eyes: Eyes, channel: Channel, unread: int, is_here: bool) -> Markup:
    name = el("span", f"# {channel.name}" if not channel.is_im else _other(eyes, channel))
    badge = el("span", str(unread), cls="unread") if unread and not is_here else None
    link = el("a", name, badge, href=eyes.path(f"/c/{channel.id}"), aria_current="page" if is_here else None)
    return el("li", link, id=f"c-{channel.id}")


def _other(eyes: Eyes, channel: Channel) -> str:
    others = [member for member in channel.members if member != eyes.viewer.id]
    return eyes.person(others[0]) if others else eyes.viewer.real_name
