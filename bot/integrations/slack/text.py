"""Words on their way to and from Slack: escaped, tamed, cut, folded into channel names.

How Slack reads text: https://docs.slack.dev/messaging/formatting-message-text.
"""

import html
import re
import unicodedata
from datetime import datetime
from urllib.parse import quote, urlsplit

from bot.incident.values import Actor

PERSON_ID = re.compile(r"[UW][A-Z0-9]{2,}")
CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,}")
NAME_LENGTH = 80
PERSON_LENGTH = 80
"""Longer than any name in Slack; what PagerDuty calls somebody may be longer."""
SUFFIX_ROOM = 3
"""Kept free at the end of a channel's name for `-2` … `-99`."""

_TOKEN = re.compile(r"<([^<>]*)>")
_MARKED = re.compile(r"(?<![\w*_~`])(?P<mark>[*_~`])(?P<words>[^\s*_~`](?:[^*_~`\n]*[^\s*_~`])?)(?P=mark)(?![\w*_~`])")
"""Bold, italic, struck and code, as Slack reads them: https://docs.slack.dev/messaging/formatting-message-text."""
_UNFOLDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Unicode's embeddings, overrides and isolates: https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings."""
_CUT_TOKEN = re.compile(r"<[^<>]*$|&[a-z]{0,3}$")


def steady(text: str) -> str:
    """The text without the marks that turn the direction of whatever follows them (an override that is cut off before
    its end would turn our own words). Letters that run from right to left need none of them."""
    return text.translate(_TURNING)


def escape(text: str) -> str:
    """Untrusted words for mrkdwn, on one line: the three live characters escaped, no run-away code block.

    Only good inside text objects with `verbatim: true`: elsewhere Slack turns a bare `@here` into a ping by itself.
    """
    line = steady(" ".join(text.split())).replace("```", "'''")
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(captured: str) -> str:
    """Words captured from Slack (escaped, with live tokens) as the reader saw them: nothing in them is live any more.

    `<!here>` becomes `@here`, `<@U1|ada>` `@ada`, `<https://x|label>` `label (https://x)`.
    """
    return html.unescape(_TOKEN.sub(lambda found: _seen(found.group(1)), captured))


def spoken(said: str) -> str:
    """Our own mrkdwn as it is read aloud, on one line: without marks, moments and links in their words.

    People, groups and channels stay tokens, since only Slack knows what they are called; it names them everywhere.
    """
    named = _TOKEN.sub(lambda found: _aloud(found.group(0)), said)
    return " ".join(_MARKED.sub(lambda found: found["words"], named).split())


def _aloud(token: str) -> str:
    target, _, label = token[1:-1].partition("|")
    if target.startswith(("@", "#", "!subteam^")):
        return token
    return label or (f"@{target[1:]}" if target.startswith("!") else target)


def _seen(token: str) -> str:
    target, _, label = token.partition("|")
    if target.startswith("!date^"):
        return label
    if target.startswith("!subteam^"):
        return label or "@group"
    if target.startswith(("@", "!", "#")):
        return (target[0] if target[0] == "#" else "@") + (label or target[1:]).lstrip("@#")
    return f"{label} ({target})" if label and label != target else target


def mention(actor: Actor) -> str:
    """A live mention, which notifies; the bare name where the person is not known in Slack."""
    if actor.system == "slack" and PERSON_ID.fullmatch(actor.foreign_id):
        return f"<@{actor.foreign_id}>"
    return name(actor)


def name(actor: Actor) -> str:
    """The person's name, which notifies nobody."""
    return escape(cut(actor.name, PERSON_LENGTH))


def channel(channel_id: str, fallback: str) -> str:
    """A link to a channel, or its name where the id is none."""
    return f"<#{channel_id}>" if CHANNEL_ID.fullmatch(channel_id) else f"#{escape(fallback)}"


def moment(at: datetime, *, day: bool = False) -> str:
    """A time in the reader's own zone; `day`: with the date. Clients that cannot show it say it in UTC."""
    shown = "{date_short_pretty} {time}" if day else "{time}"
    return f"<!date^{int(at.timestamp())}^{shown}|{at:%Y-%m-%d %H:%M} UTC>"


def is_web(url: str) -> bool:
    """Whether a link may be shown as one: http or https with a host, nothing else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.split() == [parts.netloc] and url.isprintable()


def link(url: str, label: str) -> str:
    """A link with its label; only the label where the address is not a web page's."""
    words = escape(label).replace("|", "¦")
    if not is_web(url):
        return words
    return f"<{quote(url, safe=_URL_SAFE)}|{words or 'link'}>"


_URL_SAFE = ":/?#[]@!$&'()*+,;=%-._~"


def cut(text: str, most: int) -> str:
    """At most so many characters, the cut shown as `…` and never inside a token or an entity."""
    if len(text) <= most:
        return text
    kept = _CUT_TOKEN.sub("", text[: max(most - 1, 0)]).rstrip()
    return f"{kept}…"[:most]


def channel_name(number: int, title: str) -> str:
    """The war room's name: legal, stable, at most 77 characters, so that a suffix fits: `inc-42-checkout-errors`.

    Lower-case letters, digits and hyphens: https://docs.slack.dev/reference/methods/conversations.create.
    """
    folded = unicodedata.normalize("NFKD", title.casefold().translate(_UNFOLDED)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")
    whole = f"inc-{number}-{words}".rstrip("-")
    if len(whole) <= NAME_LENGTH - SUFFIX_ROOM:
        return whole
    head, _, _ = whole[: NAME_LENGTH - SUFFIX_ROOM + 1].rpartition("-")
    return head if len(head) > len(f"inc-{number}") else whole[: NAME_LENGTH - SUFFIX_ROOM]


def numbered(channel_name: str, nth: int) -> str:
    """The name of the nth try at it: the name itself, then `…-2`, `…-3`."""
    return channel_name if nth == 1 else f"{channel_name}-{nth}"
