"""Draws text objects: plain words, or words in mrkdwn."""

from markupsafe import Markup

from bot.sandbox.slack.records import Json
from bot.sandbox.web.blockkit import mrkdwn
from bot.sandbox.web.eyes import Eyes


def text(words: Json, eyes: Eyes) -> Markup:
    """A text object, `{"type": "plain_text" | "mrkdwn", "text": …}`.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    said = str(words.get("text") or "")
    if words.get("type") == "mrkdwn":
        return mrkdwn.mrkdwn(said, eyes, finds_links=not words.get("verbatim"))
    return mrkdwn.plain(said)


def words_of(words: Json | None, eyes: Eyes) -> str:
    """The same without any markup, for labels and questions."""
    return text(words, eyes).striptags() if words else ""
