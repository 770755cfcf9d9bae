"""Draws messages: who, when, what, and what others made of it."""

import json
from collections.abc import Hashable
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.slack.rooms import SYSTEM_LINES
from bot.sandbox.web.blockkit import Place, render
from bot.sandbox.web.blockkit.attachments import attachments
from bot.sandbox.web.blockkit.mrkdwn import emoji_named, mrkdwn
from bot.sandbox.web.chat import files
from bot.sandbox.web.chat.people import avatar, standing
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon, join
from bot.sandbox.web.windows import Region

TOGETHER = 300
"""Seconds within which messages of one author stand below one name."""
FACES = 3
"""How many of those who replied are drawn."""


def region(eyes: Eyes, channel: Channel, message: Message, *, key: str, slot: str, before: Message | None) -> Region:
    """One message as a live part of the page; `before` is the one that stands above it."""
    is_compact = before is not None and follows(message, before)
    drawn = partial(_draw, eyes, channel, message, key, is_compact)
    return Region(key, slot, (_face(eyes, channel, message), is_compact), drawn)


def follows(message: Message, before: Message) -> bool:
    """Whether it goes on with what its author said a moment ago."""
    return (
        message.user == before.user
        and not message.subtype
        and not before.subtype
        and message.ephemeral_to == before.ephemeral_to
        and float(message.ts) - float(before.ts) < TOGETHER
    )


def replies(channel: Channel, message: Message) -> list[Message]:
    """What was said in its thread and still stands."""
    return [channel.messages[ts] for ts in message.replies if not channel.messages[ts].deleted]


def _face(eyes: Eyes, channel: Channel, message: Message) -> Hashable:
    """Everything that a drawing reads and that can change."""
    reactions = tuple((name, tuple(users)) for name, users in message.reactions.items())
    shared = tuple(files.face(file) for id in message.files if (file := eyes.workspace.files.get(id)))
    thread = tuple(reply.ts for reply in replies(channel, message))
    return message.changed_ts, message.deleted, message.pinned is not None, reactions, thread, shared


def _draw(eyes: Eyes, channel: Channel, message: Message, key: str, is_compact: bool) -> Markup:
    if message.subtype in SYSTEM_LINES:
        words = el("p", mrkdwn(message.text, eyes), " ", _time(eyes, channel, message))
        return el("article", words, id=key, cls="message line", data_ts=message.ts)
    is_mine, whispered = message.user == eyes.viewer.id, bool(message.ephemeral_to)
    return el(
        "article",
        el("div", None if is_compact else _avatar(eyes, message), cls="gutter"),
        el(
            "div",
            None if is_compact else _head(eyes, channel, message),
            _pinned(eyes, message),
            _body(eyes, channel, message, key),
            _files(eyes, message),
            _reactions(eyes, message),
            _thread(eyes, channel, message, key),
            cls="content",
        ),
        None if message.deleted else _more(message),
        id=key,
        cls="message" + " compact" * is_compact + " whisper" * whispered,
        tabindex="-1",
        data_surface="message",
        data_channel=channel.id,
        data_ts=message.ts,
        data_user=message.user,
        data_own=is_mine,
        data_whisper=whispered,
        data_pinned=message.pinned is not None,
        data_text=message.text if is_mine else None,
    )


def _pinned(eyes: Eyes, message: Message) -> Markup | None:
    if not message.pinned:
        return None
    return el("p", icon("pin"), f"Pinned by {eyes.person(message.pinned['user'])}", cls="pinned")


def _avatar(eyes: Eyes, message: Message) -> Markup:
    return avatar(eyes.workspace.people.get(message.user), eyes.person(message.user))


def _head(eyes: Eyes, channel: Channel, message: Message) -> Markup:
    kind = "app" if message.bot_id else standing(eyes.workspace.people.get(message.user))
    return el(
        "header",
        el("b", eyes.person(message.user)),
        el("span", kind, cls="app") if kind else None,
        _time(eyes, channel, message),
        el("span", "Only you see this", cls="soft only") if message.ephemeral_to else None,
        _elsewhere(eyes, channel, message),
    )


def _elsewhere(eyes: Eyes, channel: Channel, message: Message) -> Markup | None:
    """A reply that stands in the channel, too, leads to its thread."""
    if message.subtype != "thread_broadcast":
        return None
    return el("a", "from a thread", href=eyes.path(f"/c/{channel.id}?thread={message.thread_ts}"), cls="soft only")


def _time(eyes: Eyes, channel: Channel, message: Message) -> Markup:
    at = eyes.moment(float(message.ts))
    time = el("time", f"{at:%H:%M}", datetime=at.isoformat(), title=f"{at:%A, %d %B %Y, %H:%M:%S %Z}")
    if message.ephemeral_to:
        return time
    return el("a", time, href=eyes.path(f"/c/{channel.id}?at={message.ts}"), cls="soft when")


def _body(eyes: Eyes, channel: Channel, message: Message, key: str) -> Markup:
    if message.deleted:
        return el("p", "This message was deleted.", cls="soft")
    at = Place("message", channel.id, message.ts, key)
    edited = el("small", " (edited)", cls="soft") if message.edited else None
    if message.blocks:
        said = join(render(message.blocks, eyes, at), edited)
    else:
        said = el("div", mrkdwn(message.text, eyes), edited, cls="words") if message.text else join(edited)
    return el("div", said, attachments(message.fields.get("attachments") or [], eyes, at), cls="body")


def _files(eyes: Eyes, message: Message) -> Markup | None:
    shared = [eyes.workspace.files[id] for id in message.files if id in eyes.workspace.files]
    return el("div", *(files.card(eyes, file) for file in shared), cls="files") if shared else None


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
    """Below a message in the channel: how many replied, who, and when last."""
    said = replies(channel, message)
    if not said or not key.startswith("m-"):
        return None
    count, last = len(said), eyes.moment(float(said[-1].ts))
    who = list(dict.fromkeys(reply.user for reply in said))[:FACES]
    return el(
        "a",
        *(avatar(eyes.workspace.people.get(user), eyes.person(user)) for user in who),
        el("span", f"{count} {'reply' if count == 1 else 'replies'}"),
        el("small", f"last at {last:%H:%M}", cls="soft"),
        cls="thread-foot",
        href=eyes.path(f"/c/{channel.id}?thread={message.ts}"),
    )


def _more(message: Message) -> Markup:
    return el("button", icon("more"), type="button", cls="plain more", data_menu=message.ts, aria_label="More actions")
