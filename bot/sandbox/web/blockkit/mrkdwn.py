"""Reads Slack's mrkdwn: emphasis, code, quotes, emoji, links, mentions, dates.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable
from itertools import groupby

from markupsafe import Markup

from bot.sandbox.web import emoji
from bot.sandbox.web.blockkit import dates
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join

FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
QUOTED = re.compile(r"^(?:&gt;|>) ?")
EMOJI = re.compile(r":([a-z0-9_+'-]+)(?:::skin-tone-([2-6]))?:")
EMPHASIS = {"*": "strong", "_": "em", "~": "s"}
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<token>[^<>\n]+)>"
    r"|(?<![\w*_~])(?P<mark>[*_~])(?=\S)(?P<marked>.+?)(?<=\S)(?P=mark)(?!\w)"
    r"|(?P<link>https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"])"
    r"|(?P<emoji>:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)"
)
BROADCASTS = {"here", "channel", "everyone"}


def mrkdwn(words: str, eyes: Eyes, *, finds_links: bool = True) -> Markup:
    """Words with `*bold*`, `<@U…>` and the like; `finds_links` makes links of bare addresses, too."""
    parts = FENCE.split(words)
    drawn = [
        el("pre", el("code", plainly(part))) if place % 2 else _lines(part, eyes, finds_links)
        for place, part in enumerate(parts)
    ]
    return join(*drawn)


def plain(words: str) -> Markup:
    """Words as they stand, but for emoji; a new line stays one."""
    return _broken(words, _emoji_only)


def plainly(words: str) -> str:
    """Slack escapes three characters, and only these: back to what was typed."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def emoji_named(name: str, tone: str | None = None) -> Markup:
    """One emoji; a name that nobody knows stays as it was written."""
    char = emoji.char(name)
    if char is None:
        return el("span", f":{name}:", cls="no-emoji")
    toned = char + chr(0x1F3FB + int(tone) - 2) if tone else char
    return el("span", toned, cls="emoji", role="img", aria_label=name.replace("_", " "), title=f":{name}:")


def mention(words: str, kind: str, *, is_mine: bool = False) -> Markup:
    """Somebody's or something's name, as a label of its own."""
    return el("span", words, cls=f"mention {kind}{' mine' if is_mine else ''}")


def person(id: str, eyes: Eyes) -> Markup:
    return mention(f"@{eyes.person(id)}", "person", is_mine=id == eyes.viewer.id)


def group(id: str, eyes: Eyes) -> Markup:
    found = eyes.workspace.groups.get(id)
    return mention(f"@{eyes.group(id)}", "group", is_mine=found is not None and eyes.viewer.id in found.users)


def channel(id: str, eyes: Eyes) -> Markup:
    name = eyes.channel(id)
    if name is None:
        return mention("private channel", "channel")
    return el("a", f"#{name}", cls="mention channel", href=eyes.path(f"/c/{id}"))


def link(address: str, words: str | Markup, eyes: Eyes) -> Markup:
    """A link where one may go there, else its words with the address beside them."""
    target = eyes.link(address)
    if target is None:
        return el("span", words, title=address)
    if target.startswith("/"):
        return el("a", words, href=target)
    return el("a", words, href=target, target="_blank", rel="noopener noreferrer")


def _lines(words: str, eyes: Eyes, finds_links: bool) -> Markup:
    def inline(line: str) -> Markup:
        return _inline(line, eyes, finds_links)

    drawn = []
    for is_quoted, lines in groupby(words.split("\n"), key=lambda line: bool(QUOTED.match(line))):
        block = "\n".join(QUOTED.sub("", line) for line in lines)
        drawn.append(el("blockquote", _broken(block, inline)) if is_quoted else _broken(block, inline))
    return join(*drawn)


def _broken(words: str, draw: Callable[[str], Markup]) -> Markup:
    return el("br").join(draw(line) for line in words.split("\n"))


def _inline(words: str, eyes: Eyes, finds_links: bool) -> Markup:
    drawn: list[str | Markup] = []
    end = 0
    for found in INLINE.finditer(words):
        if found["link"] and not finds_links:
            continue
        drawn += [plainly(words[end : found.start()]), _found(found, eyes, finds_links)]
        end = found.end()
    return join(*drawn, plainly(words[end:]))


def _found(found: re.Match[str], eyes: Eyes, finds_links: bool) -> Markup:
    if found["code"]:
        return el("code", plainly(found["code"]))
    if found["token"]:
        return _token(found["token"], eyes)
    if found["mark"]:
        return el(EMPHASIS[found["mark"]], _inline(found["marked"], eyes, finds_links))
    if found["link"]:
        address = plainly(found["link"])
        return link(address, address, eyes)
    return _emoji(found["emoji"])


def _emoji(written: str) -> Markup:
    found = EMOJI.fullmatch(written)
    return emoji_named(found[1], found[2]) if found else join(written)


def _emoji_only(words: str) -> Markup:
    parts = re.split(r"(:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)", words)
    return join(*(_emoji(part) if place % 2 else part for place, part in enumerate(parts)))


def _token(token: str, eyes: Eyes) -> Markup:
    """What stands between `<` and `>`: `@U…`, `#C…`, `!here`, `!subteam^S…`, `!date^…` or an address, then `|label`."""
    target, _, label = (plainly(part) for part in token.partition("|"))
    if target.startswith("@"):
        return person(target[1:], eyes)
    if target.startswith("#"):
        return channel(target[1:], eyes)
    if target.startswith("!subteam^"):
        return group(target.removeprefix("!subteam^"), eyes)
    if target.startswith("!date^"):
        return dates.token(target, label, eyes)
    if target.removeprefix("!") in BROADCASTS and target.startswith("!"):
        return mention(f"@{target[1:]}", "everybody", is_mine=True)
    if "://" in target or target.startswith("mailto:"):
        return link(target, _emoji_only(label) if label else target.removeprefix("mailto:"), eyes)
    return join(f"<{plainly(token)}>")
