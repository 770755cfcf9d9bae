"""The head of a channel: topic, members, pins, bookmarks; and what keeps one from talking there."""

import json
from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack import rooms
from bot.sandbox.slack.records import Canvas, Channel
from bot.sandbox.web.blockkit.mrkdwn import emoji_named, link, mrkdwn
from bot.sandbox.web.chat.files import canvases
from bot.sandbox.web.chat.people import part
from bot.sandbox.web.chat.sidebar import named, opposite, sign
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, channel: Channel) -> Iterator[Region]:
    """The head, the bar of canvases and bookmarks, and a notice where one may not write."""
    topic, pins = channel.topic["value"], len(channel.pins)
    face = (channel.name, channel.is_private, topic, len(channel.members), pins, channel.is_ext_shared)
    yield Region("channel-head-only", "channel-head", face, partial(_head, eyes, channel, pins))
    for canvas in canvases(eyes.workspace, channel):
        yield Region(f"b-{canvas.id}", "bookmarks", canvas.title, partial(_canvas, eyes, canvas))
    for mark in list(channel.bookmarks.values()):
        drawn = partial(_bookmark, eyes, mark.id, mark.title, mark.link, mark.emoji)
        yield Region(f"b-{mark.id}", "bookmarks", (mark.title, mark.link, mark.emoji), drawn)
    if channel.is_archived or eyes.viewer.id not in channel.members:
        yield Region("notice-only", "notice", (channel.is_archived, channel.name), partial(_notice, eyes, channel))


def gone(eyes: Eyes) -> Region:
    """All that is left of a channel that one may not see any more."""
    back = el("a", "Go on", href=eyes.path(""), cls="button")
    drawn = el("p", el("span", "You are not in this channel any more."), back, id="notice-only")
    return Region("notice-only", "notice", "gone", lambda: drawn)


def _head(eyes: Eyes, channel: Channel, pins: int) -> Markup:
    topic = channel.topic["value"]
    return el(
        "div",
        el("h1", sign(eyes, channel), el("span", named(eyes, channel), cls="name")),
        el("span", "shared", el("span", " with another company"), cls="badge") if channel.is_ext_shared else None,
        el("p", mrkdwn(topic, eyes), cls="topic soft", title=topic) if topic else None,
        _other(eyes, channel) if channel.is_im else _facts(eyes, channel, pins),
        id="channel-head-only",
        cls="head",
    )


def _facts(eyes: Eyes, channel: Channel, pins: int) -> Markup:
    members = len(channel.members)
    facts = [f"{members} {'member' if members == 1 else 'members'}", *([f"{pins} pinned"] if pins else [])]
    return el(
        "a",
        icon("info"),
        el("span", " · ".join(facts)),
        cls="facts button plain",
        href=eyes.path(f"/c/{channel.id}?pane=details"),
        aria_label=f"About #{channel.name}: {', '.join(facts)}",
    )


def _other(eyes: Eyes, channel: Channel) -> Markup | None:
    other = eyes.workspace.people.get(opposite(eyes, channel) or "")
    return el("p", part(other), cls="topic soft") if other and part(other) else None


def _canvas(eyes: Eyes, canvas: Canvas) -> Markup:
    href = eyes.path(f"/file/{canvas.id}")
    return el("li", el("a", icon("file"), canvas.title or canvas.name, href=href), id=f"b-{canvas.id}")


def _bookmark(eyes: Eyes, id: str, title: str, address: str, emoji: str) -> Markup:
    drawing = emoji_named(emoji.strip(":")) if emoji else icon("link")
    return el("li", link(address, drawing + " " + title, eyes), id=f"b-{id}")


def _notice(eyes: Eyes, channel: Channel) -> Markup:
    args = json.dumps({"channel": channel.id})
    if channel.is_archived:
        words = "This channel is archived: it can be read, nothing can be added."
        back = el("button", "Bring it back", type="button", data_act="slack/unarchive", data_args=args)
        act = None if rooms.is_limited(eyes.viewer) else back
    else:
        words = f"You are looking at #{channel.name} without being in it."
        act = el("button", "Join", type="button", cls="primary", data_act="slack/join", data_args=args)
    return el("p", el("span", words), act, id="notice-only")
