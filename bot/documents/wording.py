"""Messages in a company's own words: short texts with `{placeholders}`, read once at the start, filled in once each.

    *Update {number}* by {person}[[ · put right by {editor}]]
    {condition}
    [[*Needed:* {needs}]]

What stands in `[[ ]]` is left out where one of its placeholders has nothing to say, and with it a line that held
nothing else. A comment `<!-- … -->` at the head is for readers. The rest is Slack's mrkdwn, as it will be read.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from bot.documents.library import shipped
from bot.incident.policy import Policy

LONGEST = 1_500
"""Characters of a file: with what is filled in, it still fits into one block of Slack's."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")
BRACE = re.compile(r"\{[^{}]*\}|[{}]")
"""Whatever stands in braces: none of it is anything but a placeholder."""
OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
BRACKETS = re.compile(r"\[\[|\]\]")
HEAD = re.compile(r"\A\s*<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Slots:
    """The placeholders of a message: those that always say something, and those that may have nothing to say."""

    always: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.always, *self.sometimes)


MESSAGES: Mapping[str, Slots] = {
    "declared": Slots(
        ("severity", "status", "incident", "title", "role", "commander", "since"), ("drill", "room", "impact", "update")
    ),
    "update": Slots(("number", "person", "condition"), ("editor", "actions", "needs", "next")),
    "resolved": Slots(("person", "incident"), ("took", "said", "draft")),
    "handover/given": Slots(("incident", "role", "person", "before"), ("tasks", "next")),
    "handover/taken": Slots(("incident", "role", "person", "before"), ("named_by", "tasks", "next")),
    "duties": Slots(("role", "incident"), ("room", "duties")),
    "catchup/joined": Slots(("incident", "room")),
    "catchup/command": Slots(("incident", "room", "role")),
}
"""What can be worded, and what can be said in it."""
OF_A_ROLE = Slots(("role", "incident", "emoji"), ("room",))
"""What `duties/<role>` may use: a file for each role, which fills `{duties}`."""


@dataclass(frozen=True)
class Phrase:
    """A piece of a line; left out where one of the placeholders that it `needs` has nothing to say."""

    text: str
    needs: tuple[str, ...] = ()

    def said(self, values: Mapping[str, str]) -> str:
        """Filled in, in one go: what stands in a value is never looked at again."""
        if not all(values[name] for name in self.needs):
            return ""
        return PLACEHOLDER.sub(lambda found: values[found[1]], self.text)


Line = tuple[Phrase, ...]


@dataclass(frozen=True)
class Wording:
    """Every message by its name, ready to be filled in; no file is read any more."""

    texts: Mapping[str, tuple[Line, ...]]

    def say(self, message: str, /, **values: str) -> str:
        """The message with its placeholders filled in; the values are mrkdwn already, foreign words in them escaped.

        Raises KeyError for a message that there is not, or a value that is missing.
        """
        said = ((line, "".join(phrase.said(values) for phrase in line)) for line in self.texts[message])
        return "\n".join(text for line, text in said if text.strip() or not any(p.needs for p in line))

    def duties(self, role: str, /, **values: str) -> str:
        """What comes with a role, by its key; nothing where nobody wrote any down."""
        message = f"duties/{role}"
        return self.say(message, **values) if message in self.texts else ""


@dataclass(frozen=True)
class Phrasebook:
    """The wording that is used, and a sentence for each thing that is wrong with what was to replace Muster's own."""

    wording: Wording
    problems: tuple[str, ...] = ()


@cache
def shipped_wording() -> Wording:
    """Muster's own words."""
    return load_wording(None, Policy()).wording


def load_wording(own: Path | None, policy: Policy) -> Phrasebook:
    """Muster's own words, a file of the company's in the place of each that it has; what cannot be used is told."""
    known = {**MESSAGES, **{f"duties/{role.key}": OF_A_ROLE for role in policy.roles}}
    ours = _files(shipped("templates") / "messages")
    texts = {name: _read(ours[name], slots) for name, slots in known.items() if name in ours}
    problems = [f"{own} is no folder of messages."] if own and not own.is_dir() else []
    for name, path in (_files(own) if own else {}).items():
        try:
            texts[name] = _read(path, _slots(name, path, known))
        except _Wrong as wrong:
            problems.append(str(wrong))
    return Phrasebook(Wording(MappingProxyType(texts)), tuple(problems))


class _Wrong(Exception):
    """A file cannot be used; one plain sentence that names it."""


def _files(folder: Path) -> dict[str, Path]:
    """The files of a folder and of those in it, by message: `update`, `duties/scribe`."""
    found = sorted([*folder.glob("*.md"), *folder.glob("*/*.md")])
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in found if path.stem != "README"}


def _slots(name: str, path: Path, known: Mapping[str, Slots]) -> Slots:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    meant = f"Did you mean {near[0]}.md?" if near else f"There are {', '.join(sorted(known))}."
    raise _Wrong(f"{path}: there is no message `{name}`. {meant}")


def _read(path: Path, slots: Slots) -> tuple[Line, ...]:
    """The message of a file. Raises _Wrong."""
    text = _text(path)
    head = HEAD.match(text)
    above = head[0].count("\n") if head else 0
    rows = (text[head.end() :] if head else text).rstrip().split("\n")
    for number, row in enumerate(rows, start=above + 1):
        for fault in _faults(row, slots):
            raise _Wrong(f"{path}, line {number}: {fault}")
    lines = tuple(_line(row) for row in rows)
    if not any(_says_something(phrase, slots) for line in lines for phrase in line):
        raise _Wrong(f"{path}, line {above + len(rows)}: all of it may be left out; put some words outside of [[ ]].")
    return lines[next(n for n, row in enumerate(rows) if row.strip()) :]


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise _Wrong(f"{path} cannot be read: {reason}.") from None
    if len(text) > LONGEST:
        raise _Wrong(f"{path}, line {text.count(chr(10)) + 1}: a message has at most {LONGEST:,} characters.")
    if not HEAD.sub("", text).strip():
        raise _Wrong(f"{path}, line 1: it is empty; write the message, or take the file away.")
    return text


def _faults(row: str, slots: Slots) -> Iterator[str]:
    """What is wrong with a line, a sentence each."""
    for brace in BRACE.findall(row):
        if brace.strip("{}") not in slots.names or len(brace) == 1:
            yield f"nothing is filled in for {brace[:60]}. There are {', '.join(f'{{{n}}}' for n in slots.names)}."
    if BRACKETS.search(OPTIONAL.sub("", row)):
        yield "[[ and ]] belong together, on one line."
    for inside in OPTIONAL.findall(row):
        if not PLACEHOLDER.search(inside) or BRACKETS.search(inside):
            yield "[[ ]] holds a placeholder, which says when it is left out, and no further [[ ]]."


def _line(row: str) -> Line:
    phrases, end = [], 0
    for found in OPTIONAL.finditer(row):
        phrases += [Phrase(row[end : found.start()]), Phrase(found[1], tuple(PLACEHOLDER.findall(found[1])))]
        end = found.end()
    return tuple(phrase for phrase in (*phrases, Phrase(row[end:])) if phrase.text)


def _says_something(phrase: Phrase, slots: Slots) -> bool:
    """Whether it is never left out, and never empty."""
    always = {name: "x" if name in slots.always else "" for name in slots.names}
    return not phrase.needs and bool(re.search(r"\w", phrase.said(always)))
