"""Words of people and of alerts as Markdown that shows exactly these words: no markup, no link, no new row or line."""

import re
from urllib.parse import quote, urlsplit

INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Controls, and characters that change the direction or hide: they could make a line read as another."""
SPACE = re.compile(r"\s+")
MARKUP = re.compile(r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
"""What CommonMark, or GitHub for tables, strikethrough and formulas, takes as markup; `_` only at a word's edge."""
LINK = re.compile(r"(?<=http):(?=//)|(?<=https):(?=//)|(?<=ftp):(?=//)|(?<=www)\.|(?<=\w)@(?=\w)", re.IGNORECASE)
"""Where GitHub would make a link of bare words."""
BLOCK_START = re.compile(r"^(?:[#+=-]|\d{1,9}(?=[.)](?:\s|$)))")
"""What begins a heading, a list or a rule when it stands first."""
ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def text(words: object) -> str:
    """Any words as one line, to stand in prose, a list or a table's cell."""
    return BLOCK_START.sub(_held_down, _inline(words))


def quoted(words: object) -> str:
    """Words of several lines as a block quote, line by line."""
    return "\n".join(f"> {text(line)}".rstrip() for line in str(words).strip().splitlines())


def link(label: object, url: str) -> str:
    """The label as a link, where `url` is a web address; else the label alone."""
    return f"[{_inline(label)}](<{_address(url)}>)" if is_web_address(url) else text(label)


def _inline(words: object) -> str:
    line = SPACE.sub(" ", INVISIBLE.sub("", str(words))).strip()
    marked = MARKUP.sub(lambda m: ENTITIES.get(m[0], f"\\{m[0]}"), line)
    return LINK.sub(lambda m: f"\\{m[0]}", marked)


def is_web_address(url: str) -> bool:
    """Whether it may be linked: `http` and `https` only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _address(url: str) -> str:
    """The address with everything percent-encoded that could end the link or the table's cell."""
    return quote(INVISIBLE.sub("", url.strip()), safe="%/:?#@!$&'()*+,;=-._~", errors="replace")


def _held_down(start: re.Match[str]) -> str:
    """`1.` is a list by its dot, the others by themselves."""
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"
