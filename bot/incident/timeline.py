"""The timeline as people read it: facts in the order they happened, with corrections, hides and redactions applied."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.incident.model import Event
from bot.incident.notes import Corrected, Hidden, MessageMarked, MessageUnmarked, Noted, Redacted
from bot.incident.values import Actor


@dataclass(frozen=True)
class Stored:
    """A fact as the journal holds it; `recorded` is when it was written down (UTC)."""

    seq: int
    event: Event
    recorded: datetime


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `at` and `recorded` are UTC; `source` a link to where it came from, or empty."""

    seq: int
    at: datetime
    recorded: datetime
    by: Actor
    text: str
    kind: str
    source: str = ""
    written: bool = False
    """Whether a person wrote the words (then they are quoted, not told)."""
    corrected: bool = False
    redacted: bool = False


def timeline(stored: Sequence[Stored]) -> list[Entry]:
    """What the timeline shows, oldest first by when it happened."""
    entries = {s.seq: _entry(s) for s in stored if s.event.shown}
    gone: set[int] = set()
    for s in stored:
        _amend(s.event, entries, gone)
    return sorted((e for seq, e in entries.items() if seq not in gone), key=lambda e: (e.at, e.seq))


def _entry(s: Stored) -> Entry:
    written = isinstance(s.event, Noted | MessageMarked)
    return Entry(
        seq=s.seq,
        at=s.event.at,
        recorded=s.recorded,
        by=s.event.by,
        text=s.event.line(),
        kind=s.event.kind,
        source=getattr(s.event, "url", "") or getattr(s.event, "source", ""),
        written=written,
    )


def _amend(event: Event, entries: dict[int, Entry], gone: set[int]) -> None:
    """Applies what was said later about an earlier entry."""
    if isinstance(event, Hidden):
        (gone.add if event.hidden else gone.discard)(event.entry)
    elif isinstance(event, MessageUnmarked):
        gone.add(event.entry)
    elif isinstance(event, Corrected) and event.entry in entries:
        entries[event.entry] = _corrected(entries[event.entry], event)
    elif isinstance(event, Redacted) and event.entry in entries:
        entries[event.entry] = replace(entries[event.entry], redacted=True)


def _corrected(entry: Entry, c: Corrected) -> Entry:
    who = entry.text.partition(": ")[0]
    return replace(
        entry,
        text=f"{who}: {c.text}" if c.text is not None else entry.text,
        at=c.happened or entry.at,
        corrected=True,
    )
