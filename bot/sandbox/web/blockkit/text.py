"""Draws text objects: plain words, or words in mrkdwn."""

from markupsafe import Markup

from bot.sandbox.web.blockkit import mrkdwn
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el

PARTING = (el("br"), Markup("</blockquote>"), Markup("</pre>"))
"""What parts words on the screen, and would not once its markup is gone."""


def text(words: object, eyes: Eyes) -> Markup:
    """A text object, `{"type": "plain_text" | "mrkdwn", "text": …}`; a string alone is plain words.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    if not isinstance(words, dict):
        return mrkdwn.plain(words if isinstance(words, str) else "")
    said = str(words.get("text") or "")
    if words.get("type") == "mrkdwn":
        return mrkdwn.mrkdwn(said, eyes, finds_links=not words.get("verbatim"))
    return mrkdwn.plain(said, has_emoji=words.get("emoji") is not False)


def words_of(words: object, eyes: Eyes) -> str:
    """The same on one line and without any markup, for labels and questions."""
    drawn = text(words, eyes)
    for end in PARTING:
        drawn = drawn.replace(end, end + " ")
    return drawn.striptags()
