"""Draws messages: who, when, what, and what others made of it."""

import json
from collections.abc import Hashable
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel, File, Message
from bot.sandbox.slack.rooms import SYSTEM_LINES
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.blockkit.attachments import attachments
from bot.sandbox.web.blockkit.mrkdwn import emoji_named, mrkdwn
from bot.sandbox.web.chat.files import is_picture, size
from bot.sandbox.web.chat.people import avatar
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon, join
from bot.sandbox.web.windows import Region

TOGETHER = 300
"""Seconds within which messages of one author stand below one name."""


def region(eyes: Eyes, channel: Channel, message: Message, *, key: str, slot: str, before: Message | None) -> Region:
    """One message as a live part of the page; `before` is the one that stands above it."""
    is_compact = before is not None and follows(message, before)
    return Region(key, slot, _face(eyes, message, is_compact), partial(_draw, eyes, channel, message, key, is_compact))


def follows(message: Message, before: Message) -> bool:
    """Whether it goes on with what its author said a moment ago."""
    return (
        message.user == before.user
        and not message.subtype
        and not before.subtype
        and message.ephemeral_to == before.ephemeral_to
        and float(message.ts) - float(before.ts) < TOGETHER
    )


def _face(eyes: Eyes, message: Message, is_compact: bool) -> Hashable:
    """Everything that a drawing reads and that can change."""
    reactions = tuple((name, tuple(users)) for name, users in message.reactions.items())
    files = tuple((id, file.deleted) for id in message.files if (file := eyes.workspace.files.get(id)))
    replies = tuple(message.replies[-1:]), len(message.replies)
    return message.changed_ts, message.deleted, message.pinned is not None, reactions, replies, files, is_compact


def _draw(eyes: Eyes, channel: Channel, message: Message, key: str, is_compact: bool) -> Markup:
    if message.subtype in SYSTEM_LINES:
        words = el("p", mrkdwn(message.text, eyes), " ", _time(eyes, channel, message))
        return el("article", words, id=key, cls="message line", data_ts=message.ts)
    is_mine = message.user == eyes.viewer.id
    return el(
        "article",
        el("div", None if is_compact else _avatar(eyes, message), cls="gutter"),
        el(
            "div",
            None if is_compact else _head(eyes, channel, message),
            el("p", icon("pin"), " Pinned", cls="pinned") if message.pinned else None,
            _body(eyes, channel, message),
            _files(eyes, message),
            _reactions(eyes, message),
            _thread(eyes, channel, message, key),
            cls="content",
        ),
        None if message.deleted else _more(message),
        id=key,
        cls=" ".join(["message", *(["compact"] if is_compact else []), *(["whisper"] if message.ephemeral_to else [])]),
        tabindex=-1,
        data_surface="message",
        data_channel=channel.id,
        data_ts=message.ts,
        data_user=message.user,
        data_own=is_mine,
        data_whisper=bool(message.ephemeral_to),
        data_pinned=message.pinned is not None,
        data_text=message.text if is_mine else None,
    )


def _avatar(eyes: Eyes, message: Message) -> Markup:
    return avatar(eyes.workspace.people.get(message.user), eyes.person(message.user))


def _head(eyes: Eyes, channel: Channel, message: Message) -> Markup:
    return el(
        "header",
        el("b", eyes.person(message.user)),
        el("span", "app", cls="app") if message.bot_id else None,
        _time(eyes, channel, message),
        el("span", "Only you see this", cls="soft") if message.ephemeral_to else None,
    )


def _time(eyes: Eyes, channel: Channel, message: Message) -> Markup:
    at = eyes.moment(float(message.ts))
    time = el("time", f"{at:%H:%M}", datetime=at.isoformat(), title=f"{at:%A, %d %B %Y, %H:%M:%S %Z}")
    if message.ephemeral_to:
        return time
    return el("a", time, href=eyes.path(f"/c/{channel.id}?at={message.ts}"), cls="soft when")


def _body(eyes: Eyes, channel: Channel, message: Message) -> Markup:
    if message.deleted:
        return el("p", "This message was deleted.", cls="soft")
    at = Place("message", channel.id, message.ts)
    said = render(message.blocks, eyes, at) if message.blocks else el("div", mrkdwn(message.text, eyes), cls="words")
    edited = el("small", "(edited)", cls="soft") if message.edited else None
    return el("div", said, edited, attachments(message.fields.get("attachments") or [], eyes, at), cls="body")


def _files(eyes: Eyes, message: Message) -> Markup | None:
    shared = [eyes.workspace.files[id] for id in message.files if id in eyes.workspace.files]
    return el("div", *(_file(eyes, file) for file in shared), cls="files") if shared else None


def _file(eyes: Eyes, file: File) -> Markup:
    if file.deleted:
        return el("p", "This file was deleted.", cls="soft")
    name = file.title or file.name
    seen = el("img", src=f"/files/{file.id}", alt=name, loading="lazy") if is_picture(file) else icon("file")
    return el("a", seen, el("span", name), el("small", size(file), cls="soft"), href=eyes.path(f"/file/{file.id}"))


def _reactions(eyes: Eyes, message: Message) -> Markup | None:
    drawn = [_reaction(eyes, message, name, users) for name, users in message.reactions.items() if users]
    return el("div", *drawn, cls="reactions") if drawn else None


def _reaction(eyes: Eyes, message: Message, name: str, users: list[str]) -> Markup:
    is_mine = eyes.viewer.id in users
    who = ", ".join(eyes.person(user) for user in users)
    return el(
        "button",
        emoji_named(name),
        el("span", str(len(users))),
        type="button",
        cls="reaction",
        title=f"{who}: {name}",
        aria_pressed="true" if is_mine else "false",
        aria_label=f"{name}, {len(users)}: {who}",
        data_act="slack/unreact" if is_mine else "slack/react",
        data_args=json.dumps({"channel": message.channel, "ts": message.ts, "name": name}),
    )


def _thread(eyes: Eyes, channel: Channel, message: Message, key: str) -> Markup | None:
    if not message.replies or not key.startswith("m-"):
        return None
    count = len(message.replies)
    last = eyes.moment(float(message.replies[-1]))
    words = join(f"{count} {'reply' if count == 1 else 'replies'}", el("small", f" last at {last:%H:%M}", cls="soft"))
    return el("a", words, cls="thread-foot", href=eyes.path(f"/c/{channel.id}?thread={message.ts}"))


def _more(message: Message) -> Markup:
    return el("button", icon("more"), type="button", cls="plain more", data_menu=message.ts, aria_label="More actions")
