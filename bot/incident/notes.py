"""What people write down: notes, marked messages, and putting an entry right, out of sight or out of the world."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pydantic import AwareDatetime

from bot.incident.enclosures import NewBlob
from bot.incident.marks import Image
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.values import Actor, Amendment, RecentNote, Room

NOTE_LENGTH = 3000
GONE = "[redacted]"
SAME_NOTE = timedelta(minutes=1)
"""The same words by the same person within this time are one note: a double click is two clicks for the chat."""
LAST_NOTES = 20
"""As many are compared with: nobody writes more between the two halves of a double click."""


class Noted(Event, kind="noted"):
    """Someone wrote a note. `at`: when what it tells of happened; `typed`: what said so; `written`: when, if later."""

    text: str
    source: str = ""
    written: AwareDatetime | None = None
    typed: str = ""

    def apply(self, i: Incident) -> Incident:
        at = self.written or self.at
        words = fingerprint(self.text, self.at if self.written else None)
        recent = (n for n in i.recent_notes if at - n.at < SAME_NOTE)
        return i.but(recent_notes=(*recent, RecentNote(by=self.by.id, words=words, at=at))[-LAST_NOTES:])

    def line(self) -> str:
        return f"{self.by.name}: {self.text}"

    @property
    def said(self) -> str:
        """All that was typed, for where its time was a part of the words."""
        return f"{self.typed} {self.text}".strip()

    def redacted(self) -> "Noted":
        return self.model_copy(update={"text": GONE, "source": "", "typed": ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def link(self) -> str:
        return self.source


class MessageMarked(Event, kind="message_marked"):
    """Someone marked a chat message for the timeline: `by` marked it, `author` wrote it; `at` is its own time."""

    channel: str
    ts: str
    author: Actor
    text: str
    url: str = ""
    images: tuple[Image, ...] = ()

    def apply(self, i: Incident) -> Incident:
        images = {**i.images, i.seq + 1: self.images} if self.images else i.images
        return i.but(marked={**i.marked, self.ts: i.seq + 1}, images=images)

    def line(self) -> str:
        return f"{self.author.name}: {self.text}"

    def redacted(self) -> "MessageMarked":
        return self.model_copy(update={"text": GONE, "images": ()})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def link(self) -> str:
        return self.url


class MessageUnmarked(Event, kind="message_unmarked"):
    """The mark was taken away; the entry disappears from the timeline, the act stays on record."""

    shown = False
    ts: str
    entry: int

    def apply(self, i: Incident) -> Incident:
        return i.but(marked={ts: seq for ts, seq in i.marked.items() if ts != self.ts})

    def line(self) -> str:
        return f"{self.by.name} took a message off the timeline"


class MessageGone(Event, kind="message_gone"):
    """A marked message was deleted in the chat; the entry stays, and says so."""

    shown = False
    news = False
    entry: int

    def apply(self, i: Incident) -> Incident:
        return i.but(gone=(*i.gone, self.entry))

    def line(self) -> str:
        return "A message on the timeline was deleted in the chat"


class Corrected(Event, kind="corrected"):
    """An entry's words or its time were put right; None: left as it was.

    `followed`: nobody did it here; the author edited the message in the chat.
    """

    shown = False
    entry: int
    text: str | None = None
    happened: AwareDatetime | None = None
    followed: bool = False

    def apply(self, i: Incident) -> Incident:
        was = i.amended.get(self.entry, Amendment())
        now = Amendment(
            words=was.words if self.text is None else fingerprint(self.text),
            happened=self.happened or was.happened,
            by_hand=was.by_hand or (self.text is not None and not self.followed),
        )
        return i.but(amended={**i.amended, self.entry: now})

    def line(self) -> str:
        return f"{self.by.name} {'edited a message on the timeline' if self.followed else 'corrected an entry'}"

    def redacted(self) -> "Corrected":
        return self.model_copy(update={"text": GONE if self.text else None})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.text,) if self.text else ()

    @property
    def amends(self) -> int:
        return self.entry


class Hidden(Event, kind="hidden"):
    """An entry was taken out of the timeline's view (or put back); its words are still on record."""

    shown = False
    entry: int
    hidden: bool = True

    def apply(self, i: Incident) -> Incident:
        others = tuple(seq for seq in i.hidden if seq != self.entry)
        return i.but(hidden=(*others, self.entry) if self.hidden else others)

    def line(self) -> str:
        return f"{self.by.name} {'hid' if self.hidden else 'showed'} an entry"


class Redacted(Event, kind="redacted"):
    """An entry's words are gone for good; that they were there stays on record.

    `rooms`: which of the incident's rooms, the first is 1, were called by these words. `source`: the incident that the
    entry is of, where that was merged into this one; what of its words came over is gone here, and `entry` is none.
    """

    entry: int
    rooms: tuple[int, ...] = ()
    source: int | None = None
    of: int = 0
    """The entry in `source`."""

    def apply(self, i: Incident) -> Incident:
        if self.source is not None:
            return i.but(recent_notes=())
        amended = {seq: was for seq, was in i.amended.items() if seq != self.entry}
        images = {seq: kept for seq, kept in i.images.items() if seq != self.entry}
        return i.but(amended=amended, images=images, recent_notes=(), redacted=(*i.redacted, self.entry))

    def line(self) -> str:
        return f"{self.by.name} redacted an entry{f' of INC-{self.source}' if self.source else ''}"


class AddNote(Command):
    """Write something down. `at`: when it happened, if earlier than now; `typed`: what said so before the words."""

    text: str
    at: AwareDatetime | None = None
    source: str = ""
    typed: str = ""

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        text = self.text.strip()
        if not text:
            raise Refused("A note needs words: `/incident note rolled back to 4.2`.", field="text")
        if len(text) > NOTE_LENGTH:
            raise Refused(f"A note holds {NOTE_LENGTH} characters; this one has {len(text)}.", field="text")
        at = not_future(case.now, self.at)
        if _just_noted(i, case, fingerprint(text, self.at)):
            return []
        written = case.now if self.at else None
        return [Noted(**case.stamp(at), text=text, source=self.source, written=written, typed=self.typed)]

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        """Within one minute of the clock the first answer is given again; across two, `decide` knows the words."""
        return f"note/{self.incident}/{by.id}/{now:%Y%m%d%H%M}/{fingerprint(self.text.strip(), self.at)}"


class MarkMessage(Command):
    """Put a chat message on the timeline, with its pictures. A message that is there already stays there once."""

    channel: str
    ts: str
    author: Actor
    text: str
    at: AwareDatetime
    url: str = ""
    images: tuple[Image, ...] = ()
    enclosed: tuple[NewBlob, ...] = ()
    """The bytes of the images."""

    @property
    def blobs(self) -> tuple[NewBlob, ...]:
        return self.enclosed

    def decide(self, case: Case) -> list[Event]:
        if self.ts in case.incident.marked:
            return []
        return [
            MessageMarked(
                **case.stamp(self.at),
                channel=self.channel,
                ts=self.ts,
                author=self.author,
                text=self.text[:NOTE_LENGTH],
                url=self.url,
                images=self.images,
            )
        ]


class UnmarkMessage(Command):
    """Take a marked message off the timeline."""

    ts: str

    def decide(self, case: Case) -> list[Event]:
        entry = case.incident.marked.get(self.ts)
        return [] if entry is None else [MessageUnmarked(**case.stamp(), ts=self.ts, entry=entry)]


class RecordGone(Command):
    """A message was deleted in the chat: if it is on the timeline, its entry says so from now on."""

    ts: str

    def decide(self, case: Case) -> list[Event]:
        entry = case.incident.marked.get(self.ts)
        if entry is None or entry in case.incident.gone:
            return []
        return [MessageGone(**case.stamp(), entry=entry)]


class CorrectEntry(Command):
    """Put an entry's words or time right. `followed`: as its author did in the chat; what was put right here stays."""

    entry: int
    text: str | None = None
    happened: AwareDatetime | None = None
    followed: bool = False

    def names_entry(self) -> int | None:
        return self.entry

    def decide(self, case: Case) -> list[Event]:
        written = written_entry(case)
        was = case.incident.amended.get(self.entry, Amendment())
        if self.followed and (was.by_hand or self.entry in case.incident.redacted):
            return []
        if self.entry in case.incident.redacted:
            raise Refused("That entry was redacted: its words are gone for good.")
        if self.text is not None and not self.text.strip():
            raise Refused("An entry needs words. To take it away, hide it.", field="text")
        if self.happened is not None:
            not_future(case.now, self.happened)
        text = self.text.strip() if self.text is not None else None
        same_words = text is None or fingerprint(text) == (was.words or fingerprint(written.text))
        if same_words and self.happened in (None, was.happened or written.at):
            return []
        said = Corrected(**case.stamp(), entry=self.entry, text=text, happened=self.happened, followed=self.followed)
        return [said]


class HideEntry(Command):
    """Take an entry out of view, or put it back."""

    entry: int
    hidden: bool = True

    def names_entry(self) -> int | None:
        return self.entry

    def decide(self, case: Case) -> list[Event]:
        if case.entry is None or not case.entry.shown:
            raise Refused(NO_ENTRY)
        if self.hidden is (self.entry in case.incident.hidden):
            return []
        return [Hidden(**case.stamp(), entry=self.entry, hidden=self.hidden)]


class RedactEntry(Command):
    """Blank an entry's words everywhere, for good."""

    takes_out = True

    entry: int

    def names_entry(self) -> int | None:
        return self.entry

    def decide(self, case: Case) -> list[Event]:
        if case.entry is None:
            raise Refused(NO_ENTRY)
        if not case.entry.words:
            raise Refused("That entry holds nobody's words: there is nothing to redact. To take it away, hide it.")
        if self.entry in case.incident.redacted:
            return []
        elsewhere = {i.number: i for i in (*case.goes_on_in, *case.copied_to)}
        copies = [
            Redacted(
                **case.about(other).stamp(),
                entry=NOT_HERE,
                rooms=_called_so(case.entry, other),
                source=case.incident.number,
                of=self.entry,
            )
            for other in elsewhere.values()
        ]
        return [*copies, Redacted(**case.stamp(), entry=self.entry, rooms=_named_by(case.entry, case.incident))]


NOT_HERE = -1
"""The number of no entry."""
NO_ENTRY = "There is no such entry on the timeline. `/incident timeline` shows them with their numbers."


def written_entry(case: Case) -> Noted | MessageMarked:
    """The entry that a command names, if a person wrote it. Raises Refused."""
    if case.entry is None:
        raise Refused(NO_ENTRY)
    if not isinstance(case.entry, Noted | MessageMarked):
        raise Refused("Only notes and marked messages can be corrected; facts stay as they were.")
    return case.entry


def _named_by(entry: Event, i: Incident) -> tuple[int, ...]:
    """The numbers of the rooms, former ones first, that go by the entry's words."""
    called_so = _called_so(entry, i)
    return tuple(nth for nth, room in _rooms(i) if nth in called_so or entry.named(room.name))


def _called_so(entry: Event, i: Incident) -> tuple[int, ...]:
    """The rooms whose name was made of the incident's title, where the entry says it again."""
    if not any(i.title.split() == word.split() for word in entry.words):
        return ()
    return tuple(nth for nth, room in _rooms(i) if room.name.startswith(f"inc-{i.number}-"))


def _rooms(i: Incident) -> Iterator[tuple[int, Room]]:
    """Each with its number, from 1."""
    return enumerate((*i.former_rooms, *([i.room] if i.room else [])), start=1)


def pictures(event: Event) -> tuple[Image, ...]:
    """The pictures that came with a fact, and go when it is redacted."""
    return event.images if isinstance(event, MessageMarked) else ()


def fingerprint(text: str, at: datetime | None = None) -> str:
    """A short hash of words (and of the time they tell of), so that the state holds no copy of what may be redacted."""
    when = at.astimezone(UTC).isoformat() if at else ""
    return sha256(f"{when}|{text}".encode()).hexdigest()[:16]


def _just_noted(i: Incident, case: Case, words: str) -> bool:
    said = (n for n in i.recent_notes if (n.by, n.words) == (case.actor.id, words))
    return any(case.now - n.at < SAME_NOTE for n in said)


def not_future(now: datetime, at: datetime | None) -> datetime:
    """The moment something happened. Raises Refused for one that has not come yet."""
    if at is not None and at > now:
        raise Refused("That moment is in the future.", field="at")
    return at or now
