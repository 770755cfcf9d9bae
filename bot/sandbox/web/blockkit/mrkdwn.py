"""Reads Slack's mrkdwn: emphasis, code, quotes, emoji, links, mentions, dates.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from markupsafe import Markup

from bot.sandbox.web import emoji
from bot.sandbox.web.blockkit import dates
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import Child, el, join

FENCE = re.compile(r"\n?```\n?(?P<fence>.+?)\n?```\n?", re.DOTALL)
BLOCK = re.compile(rf"{FENCE.pattern}|^(?:&gt;|>){{3}} ?(?P<rest>.*)", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"^(?:&gt;|>) ?")
EMOJI = re.compile(r":(?P<emoji>[a-z0-9_+'-]+)(?:::skin-tone-(?P<tone>[2-6]))?:")
TOKEN = re.compile(r"<(?P<token>[^<>\n]+)>")
LINK = re.compile(r"https?://(?:(?!&[lg]t;)[^\s<>|`])+")
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    rf"|{TOKEN.pattern}"
    rf"|(?P<link>{LINK.pattern})"
    rf"|{EMOJI.pattern}"
    r"|(?P<marks>\*+|_+|~+)"
)
AFTER_A_LINK = ".,;:!?'\"*_~"
EMPHASIS = {"*": "strong", "_": "em", "~": "s"}
BROADCASTS = {"!here", "!channel", "!everyone"}
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)


def mrkdwn(words: str, eyes: Eyes, *, finds_links: bool = True) -> Markup:
    """Words with `*bold*`, `<@U…>` and the like; `finds_links` makes links of bare addresses, too."""
    return _blocks(words, BLOCK, eyes, finds_links)


def plain(words: str, *, has_emoji: bool = True) -> Markup:
    """Words as they stand, but for emoji; a new line stays one."""
    return _broken(words, lambda line: join(*_with_emoji(line)) if has_emoji else join(line))


def addressed(words: str, eyes: Eyes, *, finds_links: bool = True) -> Markup:
    """Words of Markdown: bare addresses are links, and emoji have their names; the rest has been read before."""
    drawn: list[Child] = []
    end = 0
    for found in LINK.finditer(words) if finds_links else ():
        address = _address(found[0])
        drawn += [*_with_emoji(words[end : found.start()]), link(address, address, eyes)]
        end = found.start() + len(address)
    return join(*drawn, *_with_emoji(words[end:]))


def plainly(words: str) -> str:
    """Slack escapes three characters, and only these: back to what was typed."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def emoji_named(name: str, tone: str | None = None) -> Markup:
    """One emoji, `wave` or `wave::skin-tone-3`; a name that nobody knows stays as it was written."""
    name, _, named_tone = name.partition("::skin-tone-")
    tone = tone or named_tone or None
    char = emoji.char(name, tone)
    written = f":{name}::skin-tone-{tone}:" if tone else f":{name}:"
    if char is None:
        return join(written)
    return el("span", char, cls="emoji", role="img", aria_label=name.replace("_", " "), title=written)


def mention(words: str, *, is_mine: bool = False) -> Markup:
    """Somebody's or something's name, as a label of its own."""
    return el("span", words, cls="mention mine" if is_mine else "mention")


def person(id: str, eyes: Eyes) -> Markup:
    return mention(f"@{eyes.person(id)}", is_mine=id == eyes.viewer.id)


def group(id: str, eyes: Eyes) -> Markup:
    found = eyes.workspace.groups.get(id)
    return mention(f"@{eyes.group(id)}", is_mine=found is not None and eyes.viewer.id in found.users)


def channel(id: str, eyes: Eyes) -> Markup:
    name = eyes.channel(id)
    if name is None:
        return mention("private channel")
    return el("a", f"#{name}", cls="mention", href=eyes.path(f"/c/{id}"))


def link(address: str, words: str | Markup, eyes: Eyes) -> Markup:
    """A link where one may go there, else its words with the address beside them."""
    target = eyes.link(address)
    if target is None:
        return el("span", words, title=address)
    if target.startswith("/"):
        return el("a", words, href=target)
    return el("a", words, href=target, target="_blank", rel="noopener noreferrer")


class _Line:
    """A line while it is read: what is drawn so far, within each mark that is still open."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[Child]]] = [("", [])]

    def add(self, *drawn: Child) -> None:
        self._open[-1][1].extend(drawn)

    def mark(self, sign: str, before: str, after: str) -> None:
        """One `*`, `_` or `~`: it ends an emphasis, begins one, or is a sign like others."""
        stands_open = any(sign == each for each, _ in self._open)
        if stands_open and not before.isspace() and not after.isalnum():
            self._close(sign)
        elif not stands_open and sign in EMPHASIS and after and not after.isspace() and not before.isalnum():
            self._open.append((sign, []))
        else:
            self.add(sign)

    def drawn(self) -> Markup:
        while len(self._open) > 1:
            self._give_up()
        return join(*self._open[0][1])

    def _close(self, sign: str) -> None:
        while self._open[-1][0] != sign:
            self._give_up()
        _, inner = self._open.pop()
        self.add(el(EMPHASIS[sign], *inner))

    def _give_up(self) -> None:
        sign, inner = self._open.pop()
        self.add(sign, *inner)


def _blocks(words: str, kinds: re.Pattern[str], eyes: Eyes, finds_links: bool) -> Markup:
    """Fences, and `>>>` before a quote of all the rest, with the lines between them."""
    drawn: list[Markup] = []
    end = 0
    for found in kinds.finditer(words):
        drawn.append(_lines(words[end : found.start()], eyes, finds_links))
        if found["fence"]:
            drawn.append(el("pre", el("code", _in_code(found["fence"], eyes))))
        else:
            drawn.append(el("blockquote", _blocks(found["rest"], FENCE, eyes, finds_links)))
        end = found.end()
    return join(*drawn, _lines(words[end:], eyes, finds_links))


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
    line, place = _Line(), 0
    while found := INLINE.search(words, place):
        line.add(plainly(words[place : found.start()]))
        place = found.end()
        if found["marks"]:
            before = words[max(found.start() - 1, 0) : found.start()]
            line.mark(found["marks"], before, words[place : place + 1])
        elif found["link"]:
            address = _address(found["link"])
            place = found.start() + len(address)
            line.add(link(plainly(address), plainly(address), eyes) if finds_links else plainly(address))
        elif found["emoji"]:
            drawn, place = _emoji(found)
            line.add(drawn)
        elif found["code"]:
            line.add(el("code", _in_code(found["code"], eyes)))
        else:
            line.add(_token(found["token"], eyes))
    line.add(plainly(words[place:]))
    return line.drawn()


def _address(found: str) -> str:
    """Without the signs that belong to the sentence around it; a bracket stays that was opened within."""
    address = found.rstrip(AFTER_A_LINK)
    for opening, closing in ("()", "[]"):
        spare = address.count(closing) - address.count(opening)
        while spare > 0 and address.endswith(closing):
            address, spare = address[:-1].rstrip(AFTER_A_LINK), spare - 1
    return address


def _in_code(words: str, eyes: Eyes) -> Markup:
    """Within code only names and addresses are read."""
    pieces = TOKEN.split(words)
    return join(*(_token(piece, eyes) if place % 2 else plainly(piece) for place, piece in enumerate(pieces)))


def _emoji(found: re.Match[str]) -> tuple[Markup, int]:
    """The emoji, and where reading goes on: the colon behind a name that nobody knows may begin another."""
    if emoji.char(found["emoji"]) is None:
        return join(found[0][:-1]), found.end() - 1
    return emoji_named(found["emoji"], found["tone"]), found.end()


def _with_emoji(words: str) -> Iterator[Child]:
    place = 0
    while found := EMOJI.search(words, place):
        yield words[place : found.start()]
        drawn, place = _emoji(found)
        yield drawn
    yield words[place:]


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
    if target in BROADCASTS:
        return mention(f"@{target[1:]}", is_mine=True)
    if ADDRESS.match(target):
        words = join(*_with_emoji(label)) if label else target.removeprefix("mailto:")
        return link(target, words, eyes)
    return join(label if target.startswith("!") and label else f"<{plainly(token)}>")
