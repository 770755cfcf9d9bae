"""What is known about a channel, in the pane beside it: its members, what is pinned."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.slack.records import Channel
from bot.sandbox.web.chat.people import avatar, part
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, channel: Channel, pane: str | None) -> Iterator[Region]:
    """One region, where somebody asked for it."""
    if pane == "details":
        pins = tuple((message.ts, message.changed_ts) for message in channel.pins)
        face = (tuple(channel.members), pins, channel.topic["value"], channel.purpose["value"])
        yield Region("details-only", "details", face, partial(_draw, eyes, channel))


def _draw(eyes: Eyes, channel: Channel) -> Markup:
    here = eyes.path(f"/c/{channel.id}")
    return el(
        "div",
        el(
            "header",
            el("h2", "About this channel"),
            el("a", icon("close"), href=here, aria_label="Close", cls="button plain"),
        ),
        el("p", channel.purpose["value"], cls="soft") if channel.purpose["value"] else None,
        el("h3", f"Pinned ({len(channel.pins)})"),
        el("ul", *(_pin(eyes, channel, message.ts, message.text) for message in channel.pins)),
        el("h3", f"Members ({len(channel.members)})"),
        el("ul", *(_member(eyes, member) for member in channel.members), cls="members"),
        id="details-only",
    )


def _pin(eyes: Eyes, channel: Channel, ts: str, words: str) -> Markup:
    short = words if len(words) <= 120 else words[:119] + "…"
    return el("li", el("a", short or "A message", href=eyes.path(f"/c/{channel.id}?at={ts}")))


def _member(eyes: Eyes, id: str) -> Markup:
    person = eyes.workspace.people.get(id)
    role = "app" if person and person.is_bot else part(person) if person else ""
    name = eyes.person(id)
    return el("li", avatar(person, name), el("span", name, el("small", role, cls="soft") if role else None))
