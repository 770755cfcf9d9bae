"""What is known about a channel, in the pane beside it: topic, canvases, pins, members, and what one may change."""

import json
from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack import rooms
from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.web.blockkit.mrkdwn import mrkdwn
from bot.sandbox.web.chat.files import canvases
from bot.sandbox.web.chat.people import avatar, part
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import Child, el, icon
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, channel: Channel, pane: str | None) -> Iterator[Region]:
    """One region, where somebody asked for it."""
    if pane == "details" and not channel.is_im:
        pins = tuple((message.ts, message.changed_ts) for message in channel.pins)
        papers = tuple((canvas.id, canvas.title) for canvas in canvases(eyes.workspace, channel))
        said = channel.topic["value"], channel.purpose["value"]
        face = (channel.name, channel.is_archived, tuple(channel.members), pins, papers, said)
        yield Region("details-only", "details", face, partial(_draw, eyes, channel))


def _draw(eyes: Eyes, channel: Channel) -> Markup:
    is_member = eyes.viewer.id in channel.members and not channel.is_archived
    may_change = is_member and not rooms.is_limited(eyes.viewer)
    purpose, close = channel.purpose["value"], eyes.path(f"/c/{channel.id}")
    return el(
        "div",
        el(
            "header",
            el("h2", f"About #{channel.name}"),
            el("a", icon("close"), href=close, aria_label="Close", cls="button plain"),
        ),
        el("p", mrkdwn(purpose, eyes), cls="soft") if purpose else None,
        *_topic(eyes, channel, may_change),
        *_papers(eyes, channel),
        *_pinned(eyes, channel, is_member),
        el("h3", f"Members ({len(channel.members)})"),
        _add(eyes, channel) if may_change else None,
        el("ul", *(_member(eyes, channel, member, may_change) for member in channel.members), cls="members"),
        _closing(channel, may_change) if is_member else None,
        id="details-only",
    )


def _topic(eyes: Eyes, channel: Channel, may_change: bool) -> Iterator[Child]:
    topic = channel.topic["value"]
    yield el("h3", "Topic")
    if not may_change:
        yield el("p", mrkdwn(topic, eyes) if topic else "There is none.", cls=None if topic else "soft")
        return
    field = el(
        "input",
        name="topic",
        value=topic,
        maxlength=250,
        aria_label="Topic",
        placeholder="What is this channel about right now?",
        autocomplete="off",
    )
    save = el("button", "Set", type="submit")
    args = json.dumps({"channel": channel.id})
    yield el("form", field, save, cls="inline", data_act="slack/set_topic", data_args=args)


def _papers(eyes: Eyes, channel: Channel) -> Iterator[Child]:
    if papers := canvases(eyes.workspace, channel):
        yield el("h3", "Canvases")
        yield el("ul", *(_paper(eyes, paper.id, paper.title) for paper in papers))


def _paper(eyes: Eyes, id: str, title: str) -> Markup:
    return el("li", el("a", icon("file"), el("span", title), cls="row", href=eyes.path(f"/file/{id}")))


def _pinned(eyes: Eyes, channel: Channel, is_member: bool) -> Iterator[Child]:
    yield el("h3", f"Pinned ({len(channel.pins)})")
    if channel.pins:
        yield el("ul", *(_pin(eyes, channel, message, is_member) for message in channel.pins), cls="pins")
    else:
        yield el("p", "Nothing yet. What is pinned to the channel is found here.", cls="soft")


def _pin(eyes: Eyes, channel: Channel, message: Message, is_member: bool) -> Markup:
    at = eyes.moment(float(message.ts))
    who = f"{eyes.person(message.user)}, {at.day} {at:%B}, {at:%H:%M}"
    about = el("a", who, href=eyes.path(f"/c/{channel.id}?pane=details&at={message.ts}"))
    args = json.dumps({"channel": channel.id, "ts": message.ts})
    label = "Take this pin out"
    out = el(
        "button",
        icon("close"),
        type="button",
        cls="plain",
        title=label,
        aria_label=label,
        data_act="slack/unpin",
        data_args=args,
    )
    words = el("p", mrkdwn(message.text, eyes) if message.text else "A message without words")
    return el("li", el("div", about, words), out if is_member else None)


def _add(eyes: Eyes, channel: Channel) -> Markup | None:
    """Whom one can invite: the app, too; people of another company only where the channel is shared with it."""
    absent = [
        person
        for person in eyes.workspace.people.values()
        if not person.deleted and person.id not in channel.members and (channel.is_ext_shared or not person.is_stranger)
    ]
    if not absent:
        return None
    options = (el("option", person.real_name, value=person.id) for person in absent)
    return el(
        "form",
        el("select", *options, name="whom", aria_label="Whom to add"),
        el("button", "Add", type="submit"),
        cls="inline",
        data_act="slack/invite",
        data_args=json.dumps({"channel": channel.id}),
    )


def _member(eyes: Eyes, channel: Channel, id: str, may_change: bool) -> Markup:
    person, name = eyes.workspace.people.get(id), eyes.person(id)
    role = part(person) if person else ""
    is_me = id == eyes.viewer.id
    who = el("span", f"{name} (you)" if is_me else name, el("small", role, cls="soft") if role else None)
    acts = [] if is_me else [_act("Message", f"Message {name}", "chat", "slack/open_direct", {"whom": id})]
    if may_change and not is_me:
        question = {"title": f"Remove {name}?", "text": f"From #{channel.name}.", "confirm": "Remove"}
        args = {"channel": channel.id, "whom": id}
        acts.append(_act("Remove", f"Remove {name}", "close", "slack/kick", args, question))
    return el("li", avatar(person, name), who, *acts)


def _act(title: str, label: str, drawing: str, act: str, args: object, question: object = None) -> Markup:
    return el(
        "button",
        icon(drawing),
        type="button",
        cls="plain",
        title=title,
        aria_label=label,
        data_act=act,
        data_args=json.dumps(args),
        data_confirm=json.dumps(question) if question else None,
    )


def _closing(channel: Channel, may_change: bool) -> Markup:
    args = json.dumps({"channel": channel.id})
    question = {"title": f"Archive #{channel.name}?", "text": "It can be read and brought back.", "confirm": "Archive"}
    leave = el("button", "Leave", type="button", data_act="slack/leave", data_args=args)
    archive = el(
        "button",
        "Archive",
        type="button",
        data_act="slack/archive",
        data_args=args,
        data_confirm=json.dumps(question),
    )
    return el("p", leave, archive if may_change and not channel.is_general else None, cls="closing")
