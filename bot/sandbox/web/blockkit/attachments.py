"""Draws what hangs below a message: blocks or older fields beside a coloured line.

https://docs.slack.dev/reference/block-kit/block-elements and …/messaging/formatting-message-text#attachments
"""

import re
from collections.abc import Sequence

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import mrkdwn
from bot.sandbox.web.blockkit.place import Place
from bot.sandbox.web.blockkit.render import render
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join

NAMED = {"good": "#1c6b3c", "warning": "#7a5200", "danger": "#a92a22"}


def attachments(listed: Sequence[Json], eyes: Eyes, at: Place) -> Markup:
    """Each with its line; the colour is an attribute of a drawing, for pages have no styles of their own."""
    return join(*(_one(each, eyes, at) for each in listed))


def _one(attachment: Json, eyes: Eyes, at: Place) -> Markup:
    line = el("svg", el("rect", width="4", height="100%", fill=_colour(attachment)), cls="line", aria_hidden="true")
    body = render(attachment["blocks"], eyes, at) if attachment.get("blocks") else _older(attachment, eyes)
    return el("div", line, el("div", body), cls="attachment")


def _older(attachment: Json, eyes: Eyes) -> Markup:
    title, address = attachment.get("title"), str(attachment.get("title_link") or "")
    heading = el("b", mrkdwn.link(address, str(title), eyes) if address else str(title)) if title else None
    words = [mrkdwn.mrkdwn(str(attachment[name]), eyes) for name in ("pretext", "text") if attachment.get(name)]
    fields = [
        el("div", el("b", str(field.get("title") or "")), el("br"), mrkdwn.mrkdwn(str(field.get("value") or ""), eyes))
        for field in attachment.get("fields") or []
    ]
    footer = el("small", str(attachment["footer"])) if attachment.get("footer") else None
    return join(heading, *words, el("div", *fields, cls="fields") if fields else None, footer)


def _colour(attachment: Json) -> str:
    named = str(attachment.get("color") or "")
    colour = NAMED.get(named, named if named.startswith("#") else f"#{named}")
    return colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else "#7d8279"
