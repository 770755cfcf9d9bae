"""The head of a channel: topic, members, pins, bookmarks; and what keeps one from talking there."""

import json
from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel
from bot.sandbox.web.blockkit.mrkdwn import emoji_named, link, mrkdwn
from bot.sandbox.web.chat.sidebar import named, sign
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, channel: Channel) -> Iterator[Region]:
    """The head, the bar of bookmarks, and a notice where one may not write."""
    topic, pins = channel.topic["value"], len(channel.pins)
    face = (channel.name, topic, len(channel.members), pins, channel.is_ext_shared)
    yield Region("channel-head-only", "channel-head", face, partial(_head, eyes, channel, pins))
    for mark in list(channel.bookmarks.values()):
        drawn = partial(_bookmark, eyes, mark.id, mark.title, mark.link, mark.emoji)
        yield Region(f"b-{mark.id}", "bookmarks", (mark.title, mark.link, mark.emoji), drawn)
    is_member = eyes.viewer.id in channel.members
    if channel.is_archived or not is_member:
        yield Region("notice-only", "notice", channel.is_archived, partial(_notice, channel))


def _head(eyes: Eyes, channel: Channel, pins: int) -> Markup:
    members, topic = len(channel.members), channel.topic["value"]
    here = eyes.path(f"/c/{channel.id}")
    facts = [f"{members} {'member' if members == 1 else 'members'}", *([f"{pins} pinned"] if pins else [])]
    return el(
        "div",
        el("h1", sign(channel), named(eyes, channel)),
        el("span", "shared with another company", cls="badge") if channel.is_ext_shared else None,
        el("p", mrkdwn(topic, eyes), cls="topic soft", title=topic) if topic else None,
        None if channel.is_im else el("a", icon("people"), " · ".join(facts), cls="facts", href=f"{here}?pane=details"),
        id="channel-head-only",
        cls="head",
    )


def _bookmark(eyes: Eyes, id: str, title: str, address: str, emoji: str) -> Markup:
    sign_ = emoji_named(emoji.strip(":")) if emoji else icon("link")
    return el("li", link(address, sign_ + " " + title, eyes), id=f"b-{id}")


def _notice(channel: Channel) -> Markup:
    if channel.is_archived:
        return el("p", "This channel is archived: it can be read, nothing can be added.", id="notice-only")
    args = json.dumps({"channel": channel.id})
    join = el("button", "Join", type="button", cls="primary", data_act="slack/join", data_args=args)
    return el("p", el("span", f"You are looking at #{channel.name} without being in it."), join, id="notice-only")
