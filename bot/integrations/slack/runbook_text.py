"""A runbook's Markdown as Slack shows it: commands stay commands, and nothing in them is live. Pure.

Bold, links, lists and code are what steps are written in; how Slack writes them:
https://docs.slack.dev/messaging/formatting-message-text.
"""

import re

from bot.integrations.slack.text import cut, escape, link

FENCED = re.compile(r"^[ \t]*(?P<fence>```|~~~)[^\n]*\n(?P<code>.*?)^[ \t]*(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
MARKED = re.compile(r"`(?P<code>[^`\n]+)`|\[(?P<label>[^\]\n]+)\]\((?P<url>[^)\s]+)\)|\*\*(?P<bold>[^*\n]+)\*\*")
BULLET = re.compile(r"^\s*[-*+]\s+")
SENTENCE = re.compile(r"(?<=[.:?!])\s")
BLOCK = "```"
HEADLINE = 100


def as_slack(markdown: str, most: int) -> str:
    """A step as mrkdwn, at most so many characters of it."""
    told, end = [], 0
    for fenced in FENCED.finditer(markdown):
        told += [_prose(markdown[end : fenced.start()]), _code(fenced["code"])]
        end = fenced.end()
    told.append(_prose(markdown[end:]))
    shown = cut("\n".join(filter(None, told)), most)
    return f"{shown}\n{BLOCK}" if shown.count(BLOCK) % 2 else shown


def headline(markdown: str) -> str:
    """What a step is about in a few words: what is bold at its head, else its first sentence (mrkdwn)."""
    first = next((line for line in markdown.splitlines() if line.strip()), "")
    bold = re.match(r"\*\*([^*\n]+)\*\*", first)
    words = bold[1] if bold else SENTENCE.split(first, maxsplit=1)[0]
    plain = MARKED.sub(lambda m: m["code"] or m["label"] or m["bold"], words).strip().rstrip(".:")
    return escape(cut(plain, HEADLINE))


def _prose(markdown: str) -> str:
    """Paragraphs and lists; a line that only goes on where the file's line ended is the same line."""
    lines: list[str] = []
    goes_on = False
    for line in markdown.splitlines():
        if not line.strip():
            goes_on = False
        elif BULLET.match(line):
            lines.append(f"• {_marked(BULLET.sub('', line))}")
            goes_on = True
        elif goes_on:
            lines[-1] += f" {_marked(line)}"
        else:
            lines.append(_marked(line))
            goes_on = True
    return "\n".join(lines)


def _marked(line: str) -> str:
    """A line with its code, links and bold words as Slack writes them, the rest as words."""
    told, end = [], 0
    for mark in MARKED.finditer(line):
        told += [_safe(line[end : mark.start()]), _mark(mark)]
        end = mark.end()
    return "".join([*told, _safe(line[end:])]).strip()


def _mark(mark: re.Match[str]) -> str:
    if mark["code"]:
        return f"`{_safe(mark['code'])}`"
    return f"*{escape(mark['bold'])}*" if mark["bold"] else link(mark["url"], mark["label"])


def _code(code: str) -> str:
    """A block as it was written: commands are copied from it."""
    return f"{BLOCK}\n{_safe(code.rstrip())}\n{BLOCK}"


def _safe(words: str) -> str:
    return words.replace(BLOCK, "'''").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
