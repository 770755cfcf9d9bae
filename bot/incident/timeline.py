"""The timeline as people read it: facts in the order they happened, with corrections, hides and redactions applied."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.incident.marks import Image
from bot.incident.model import Event
from bot.incident.notes import Corrected, Hidden, MessageGone, MessageMarked, MessageUnmarked, Noted, Redacted, pictures
from bot.incident.values import Actor


@dataclass(frozen=True)
class Stored:
    """A fact as the journal holds it; `recorded` is when it was written down (UTC)."""

    seq: int
    event: Event
    recorded: datetime


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `at` and `recorded` are UTC; `source` a link to where it came from, or empty.

    `incident` and `seq` say which fact it is: a timeline also tells what happened in those that were merged into it.
    """

    incident: int
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
    gone: bool = False
    """Whether the message that it came from was deleted in the chat."""
    images: tuple[Image, ...] = ()


def timeline(stored: Sequence[Stored]) -> list[Entry]:
    """What the timeline shows, oldest first by when it happened."""
    shown = {(s.event.incident, s.seq): s for s in stored if s.event.shown}
    entries = {fact: _entry(s) for fact, s in shown.items()}
    hidden: set[tuple[int, int]] = set()
    unmarked: set[tuple[int, int]] = set()
    for event in (s.event for s in stored):
        if not isinstance(event, Hidden | MessageUnmarked | MessageGone | Corrected | Redacted):
            continue
        fact = (event.incident, event.entry)
        if isinstance(event, Hidden):
            (hidden.add if event.hidden else hidden.discard)(fact)
        elif isinstance(event, MessageUnmarked):
            unmarked.add(fact)
        elif isinstance(event, MessageGone) and fact in entries:
            entries[fact] = replace(entries[fact], gone=True)
        elif isinstance(event, Corrected | Redacted) and fact in entries:
            entries[fact] = _amended(entries[fact], shown[fact].event, event)
    seen = [entry for fact, entry in entries.items() if fact not in hidden | unmarked]
    return sorted(seen, key=lambda e: (e.at, e.incident, e.seq))


def _entry(s: Stored) -> Entry:
    return Entry(
        incident=s.event.incident,
        seq=s.seq,
        at=s.event.at,
        recorded=s.recorded,
        by=s.event.by,
        text=s.event.line(),
        kind=s.event.kind,
        source=s.event.link,
        written=isinstance(s.event, Noted | MessageMarked),
        images=pictures(s.event),
    )


def _amended(entry: Entry, told: Event, later: Corrected | Redacted) -> Entry:
    """An entry after what was said later about it. Redaction is final, whatever a copy of the journal still holds."""
    if isinstance(later, Redacted):
        return replace(entry, text=told.redacted().line(), redacted=True, images=())
    text = entry.text
    if later.text is not None and not entry.redacted:
        text = told.model_copy(update={"text": later.text}).line()
    return replace(entry, text=text, at=later.happened or entry.at, corrected=True)
