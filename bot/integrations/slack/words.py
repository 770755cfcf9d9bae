"""What people type, taken apart: mentions, incidents, severities, quotes, near misses. Pure, and sure or silent."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from html import unescape

from bot.incident.policy import Policy

REFERENCE = r"inc-?(?P<number>\d{1,9})"
FIRST = re.compile(rf"\s*{REFERENCE}(?![\w-])[\s:,]*", re.IGNORECASE)
LAST = re.compile(rf"(?:^|(?<=\s)){REFERENCE}\s*$", re.IGNORECASE)
SEVERITY = re.compile(r"(?:severity|sev|p|s)?[\s-]?(?P<level>[1-9])", re.IGNORECASE)
USER = re.compile(r"<@([UW]\w+)(?:\|([^<>]*))?>")
TOKEN = re.compile(r"<(?P<sign>[@#!]?)(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»", "`": "`"}


class Kind(StrEnum):
    """What a mention points to."""

    USER = "user"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Mention:
    """Someone or something that was mentioned; `name` is what Slack wrote beside the id, perhaps nothing."""

    kind: Kind
    id: str
    name: str


def mention(text: str) -> Mention | None:
    """The mention that the text is, if it is one and nothing else: `<@U0123|ada>`, `<!subteam^S1|@sre>`, `<#C1|ops>`.

    Slack writes mentions so in a command with `should_escape` and in messages
    (https://docs.slack.dev/interactivity/implementing-slash-commands/).
    """
    token = TOKEN.fullmatch(text.strip())
    if token is None:
        return None
    sign, target, name = token["sign"], token["target"], (token["label"] or "").lstrip("@#")
    if sign == "@" and re.fullmatch(r"[UW]\w+", target):
        return Mention(Kind.USER, target, name)
    if sign == "!" and (group := re.fullmatch(r"subteam\^(S\w+)", target)):
        return Mention(Kind.GROUP, group[1], name)
    if sign == "#" and re.fullmatch(r"[CG]\w+", target):
        return Mention(Kind.CHANNEL, target, name)
    return None


def web_page(text: str) -> tuple[str, str] | None:
    """The address and the label of the link that the text is, if it is one and nothing else; None otherwise.

    Slack sends `<https://x.example>` or `<https://x.example|label>`. A part of the address is no label: so Slack marks
    what it took for an address by itself.
    """
    token = TOKEN.fullmatch(text.strip())
    target, label = (token["target"], token["label"] or "") if token else (text.strip(), "")
    url = unescape(target)
    if not url.startswith(("https://", "http://")):
        return None
    return url, "" if unescape(label) in url else unescape(label)


def named(text: str, name_of: Callable[[str], str]) -> str:
    """Slack's wire text with a name beside each mentioned user's id: `<@U0123>` becomes `<@U0123|Ada>`.

    `name_of` tells the name of a user id, or the empty string.
    """
    return USER.sub(lambda token: f"<@{token[1]}|{_label(name_of(token[1])) or token[2] or token[1]}>", text)


def _label(name: str) -> str:
    """A name that cannot end the token it stands in."""
    return re.sub(r"[<>|]", "", name).replace("&", "&amp;")


def take_reference(text: str) -> tuple[int | None, str]:
    """The incident named first or last (`INC-42`), and the words without it."""
    if first := FIRST.match(text):
        return int(first["number"]), text[first.end() :].strip()
    if last := LAST.search(text):
        return int(last["number"]), text[: last.start()].strip()
    return None, text.strip()


def severity_level(word: str, policy: Policy) -> int | None:
    """The level that `1`, `sev1`, `SEV-1`, `P1` or a severity's own label means; None when it means none."""
    wanted = word.strip().casefold()
    labelled = next((s.level for s in policy.severities if s.label.casefold() == wanted), None)
    if labelled is not None:
        return labelled
    number = SEVERITY.fullmatch(wanted)
    return int(number["level"]) if number else None


def unquoted(text: str) -> str:
    """The words without the quotes around them, if there is one pair around them all."""
    words = text.strip()
    if len(words) > 1 and QUOTES.get(words[0]) == words[-1] and words[0] not in words[1:-1]:
        return words[1:-1].strip()
    return words


def first_word(text: str) -> tuple[str, str]:
    """The first word, or the first quoted words, and the rest."""
    words = text.strip()
    closing = QUOTES.get(words[:1])
    if closing and (end := words.find(closing, 1)) > 0:
        return words[1:end].strip(), words[end + 1 :].strip()
    head = re.match(r"<[^<>]*>|\S+", words)
    return (head[0], words[head.end() :].strip()) if head else ("", "")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one is probably a slip of; None when none is near."""
    typed, candidates = word.casefold(), list(known)
    alike = [k for k in candidates if k[:1] == typed[:1]]
    close = get_close_matches(typed, alike, n=1, cutoff=0.6) or get_close_matches(typed, candidates, n=1, cutoff=0.8)
    return close[0] if close else None
