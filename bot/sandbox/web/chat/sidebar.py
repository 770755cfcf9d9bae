"""The conversations of one person, with what is unread in them, and the channels that they could join."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel
from bot.sandbox.web.chat.marks import COUNTED, Marks
from bot.sandbox.web.chat.people import avatar
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.windows import Region


@dataclass(frozen=True, slots=True)
class News:
    """What waits in a conversation: messages of others, and calls for this very person."""

    unread: int = 0
    mentions: int = 0


def regions(eyes: Eyes, marks: Marks, here: str) -> Iterator[Region]:
    """One region for each conversation of this person (channels, archived ones, direct messages) or open to them."""
    calls = marks.calls(eyes.viewer.id, reversed(eyes.workspace.pings))
    seen = filter(eyes.sees, list(eyes.workspace.channels.values()))
    for channel in sorted(seen, key=lambda each: named(eyes, each).lower()):
        is_here = channel.id == here
        if eyes.viewer.id in channel.members:
            news = News() if is_here else _news(eyes, marks, channel, calls[channel.id])
            slot, key = _place(channel)
            face = (channel.name, channel.is_private, news, is_here)
            yield Region(key, slot, face, partial(_row, eyes, channel, key, news, is_here))
        elif not channel.is_archived:
            shown = (channel.name, len(channel.members), is_here)
            yield Region(f"o-{channel.id}", "open", shown, partial(_open, eyes, channel, is_here))


def waiting(eyes: Eyes, marks: Marks) -> News:
    """What waits for somebody who has no page of theirs before their eyes."""
    calls = marks.calls(eyes.viewer.id, reversed(eyes.workspace.pings))
    theirs = [channel for channel in list(eyes.workspace.channels.values()) if eyes.viewer.id in channel.members]
    news = [_news(eyes, marks, channel, calls[channel.id]) for channel in theirs if eyes.sees(channel)]
    return News(sum(each.unread for each in news), sum(each.mentions for each in news))


def named(eyes: Eyes, channel: Channel) -> str:
    """What this person calls it: the channel's name, or the other one's in direct messages."""
    if not channel.is_im:
        return channel.name
    other = opposite(eyes, channel)
    return eyes.person(other) if other else f"{eyes.viewer.real_name} (you)"


def opposite(eyes: Eyes, channel: Channel) -> str | None:
    """Who else is in direct messages; None: nobody, these are notes to oneself."""
    return next((member for member in channel.members if member != eyes.viewer.id), None)


def sign(eyes: Eyes, channel: Channel) -> Markup:
    """The drawing before its name: of direct messages the other one's square."""
    if not channel.is_im:
        return icon("lock" if channel.is_private else "hash")
    other = opposite(eyes, channel) or eyes.viewer.id
    return avatar(eyes.workspace.people.get(other), eyes.person(other))


def _news(eyes: Eyes, marks: Marks, channel: Channel, calls: int) -> News:
    """In direct messages everything is said to oneself."""
    unread = marks.unread(eyes.viewer.id, channel)
    return News(unread, unread if channel.is_im else min(calls, COUNTED))


def _place(channel: Channel) -> tuple[str, str]:
    """Its slot and key. A region never moves, so one that is archived becomes another."""
    if channel.is_archived:
        return "archived", f"ca-{channel.id}"
    return ("directs" if channel.is_im else "sidebar"), f"c-{channel.id}"


def _row(eyes: Eyes, channel: Channel, key: str, news: News, is_here: bool) -> Markup:
    link = el(
        "a",
        sign(eyes, channel),
        el("span", named(eyes, channel), cls="name"),
        _badge(channel, news),
        href=eyes.path(f"/c/{channel.id}"),
        aria_current="page" if is_here else None,
        title=named(eyes, channel),
    )
    return el("li", link, id=key, data_channel=channel.id, data_name=named(eyes, channel))


def _badge(channel: Channel, news: News) -> Markup | None:
    """Calls for oneself stand out; what others say among themselves is only counted."""
    if news.mentions:
        at, said = (None, " unread") if channel.is_im else ("@", " mentions of you")
        return el("span", at, _counted(news.mentions), el("span", said, cls="quiet"), cls="unread calls")
    return el("span", _counted(news.unread), el("span", " unread", cls="quiet"), cls="unread") if news.unread else None


def _counted(count: int) -> str:
    return f"{count}+" if count >= COUNTED else str(count)


def _open(eyes: Eyes, channel: Channel, is_here: bool) -> Markup:
    count, args = len(channel.members), json.dumps({"channel": channel.id})
    return el(
        "li",
        el(
            "a",
            icon("hash"),
            el("span", channel.name, cls="name"),
            el("small", f"{count} {'member' if count == 1 else 'members'}", cls="soft"),
            href=eyes.path(f"/c/{channel.id}"),
            aria_current="page" if is_here else None,
        ),
        el("button", "Join", type="button", aria_label=f"Join #{channel.name}", data_act="slack/join", data_args=args),
        id=f"o-{channel.id}",
        data_channel=channel.id,
        data_name=channel.name,
    )
