"""Draws what hangs below a message: blocks or older fields beside a coloured line.

https://docs.slack.dev/reference/messaging/attachments
"""

from collections.abc import Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import elements, mrkdwn
from bot.sandbox.web.blockkit.colours import shown
from bot.sandbox.web.blockkit.dates import seconds_of, written
from bot.sandbox.web.blockkit.place import Place, Scene, parts
from bot.sandbox.web.blockkit.render import render
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join


def attachments(listed: Sequence[Json], eyes: Eyes, at: Place) -> Markup:
    """Each with its line in the colour that the app gave it, below what is said before it."""
    return join(*(_one(each, eyes, at) for each in listed))


def _one(attachment: Json, eyes: Eyes, at: Place) -> Markup:
    before = attachment.get("pretext")
    colour = shown(str(attachment.get("color") or ""))
    line = el("svg", el("rect", width="4", height="100%", fill=colour), cls="side-line", aria_hidden="true")
    blocks = parts(attachment, "blocks")
    body = render(blocks, eyes, at) if blocks else _older(attachment, Scene(eyes, at, {}))
    said = el("div", mrkdwn.mrkdwn(str(before), eyes), cls="words") if before else None
    return join(said, el("div", line, el("div", body), cls="attachment"))


def _older(attachment: Json, scene: Scene) -> Markup:
    eyes = scene.eyes
    author, words = attachment.get("author_name"), attachment.get("text") or attachment.get("fallback")
    fields = [_field(field, eyes) for field in parts(attachment, "fields")]
    pictures = [
        elements.picture({**attachment, "alt_text": attachment.get("fallback")}, scene, name=name)
        for name in ("image_url", "thumb_url")
        if attachment.get(name)
    ]
    return join(
        el("small", _linked(attachment, "author_name", "author_link", eyes)) if author else None,
        el("b", _linked(attachment, "title", "title_link", eyes)) if attachment.get("title") else None,
        el("div", mrkdwn.mrkdwn(str(words), eyes), cls="words") if words else None,
        el("div", *fields, cls="fields") if fields else None,
        *pictures,
        _foot(attachment, eyes),
    )


def _linked(attachment: Json, name: str, address: str, eyes: Eyes) -> Markup:
    words = mrkdwn.plain(str(attachment.get(name) or ""))
    return mrkdwn.link(str(attachment[address]), words, eyes) if attachment.get(address) else words


def _field(field: Json, eyes: Eyes) -> Markup:
    value = mrkdwn.mrkdwn(str(field.get("value") or ""), eyes)
    return el("div", el("b", str(field.get("title") or "")), el("br"), value, cls="field")


def _foot(attachment: Json, eyes: Eyes) -> Markup | None:
    seconds = seconds_of(str(attachment.get("ts") or "").partition(".")[0])
    told = [mrkdwn.plain(str(attachment["footer"]))] if attachment.get("footer") else []
    told += [written(seconds, "{date_short} {time}", eyes)] if seconds is not None else []
    return el("small", Markup(" · ").join(told), cls="soft") if told else None
