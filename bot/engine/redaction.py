"""Takes words out of the world for good: the one permitted rewrite of what is written."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, delete, false, or_, select, update

from bot.engine import tables as t
from bot.engine.dialects import holds
from bot.engine.effects import Effect, parse_effect
from bot.engine.tables import LIVE, EffectState, InboxState
from bot.incident.mirror import Alert, Report
from bot.incident.model import Event, Incident, fold, parse_event
from bot.incident.notes import GONE, pictures
from bot.incident.rooms import RoomOpened

FIRST = 1
"""The seq of the fact that an incident begins with, which brings its title."""
HANDLED_WITHIN = timedelta(hours=1)
"""Within this time a delivery becomes a fact. Facts do not name those of people who mention us, nor echoes of ours."""


def redact(connection: Connection, incident: int, seq: int) -> Incident:
    """Blanks the words of one fact wherever they were copied; the incident as its facts now tell it.

    Event, what was put anew in its place, the pictures that came with it, the raw deliveries it came from, the effects
    promised for it, documents, alerts' mirrors. What our own messages in the chat say is for the chat's announcer to
    change.
    """
    events = load_events(connection, incident)
    told = _told(events, seq)
    said = [events[place - 1] for place in told]
    return _take_out(connection, incident, events, told, said)


def redact_copies(connection: Connection, incident: int, source: int, seq: int) -> Incident:
    """The same in an incident that the one of that fact was merged into: what came over, and what tells of both.

    To be done before the fact itself is blanked.
    """
    events = load_events(connection, source)
    said = [events[place - 1] for place in _told(events, seq)]
    return _take_out(connection, incident, load_events(connection, incident), (), said)


def _told(events: Sequence[Event], seq: int) -> list[int]:
    """The fact of that seq, and those whose words go along."""
    return [place for place, event in enumerate(events, start=1) if place == seq or _goes_along(event, seq)]


def _take_out(
    connection: Connection, incident: int, events: list[Event], told: Collection[int], said: Sequence[Event]
) -> Incident:
    """Blanks the words of the facts `said` in all that is kept of one incident; `told`: which of them are its own.

    Where they are its title, the names of its rooms were made of them, too.
    """
    texts = _Texts(said)
    if texts.told_by(events[0]):
        called_so = _told(events, FIRST)
        told, texts = {*told, *called_so}, _Texts((*said, *(events[place - 1] for place in called_so)))
    gone = {place for place, event in enumerate(events, start=1) if place in told or texts.told_by(event)}
    for place, event in enumerate(events, start=1):
        left = event.redacted() if place in gone else texts.uncopied(event)
        if left != event:
            events[place - 1] = left
            here = (t.event.c.incident == incident, t.event.c.seq == place)
            connection.execute(update(t.event).where(*here).values(body=left.model_dump_json()))
    _blank_inbox(connection, incident, gone, texts)
    _blank_effects(connection, incident, gone, texts)
    _blank_documents(connection, incident, texts)
    _blank_alerts(connection, incident, texts)
    if texts.pictures:
        connection.execute(delete(t.blob).where(t.blob.c.incident == incident, t.blob.c.digest.in_(texts.pictures)))
    state = fold(events)
    if state is None:
        raise LookupError(f"incident {incident} has no facts")
    return state


def _goes_along(event: Event, seq: int) -> bool:
    """Whether a fact's words are those of another: put anew in its place, or a name made of the incident's title."""
    return event.amends == seq or (seq == FIRST and isinstance(event, RoomOpened))


class _Texts:
    """Finds and blanks words, also where a document has escaped or wrapped them."""

    def __init__(self, told: Iterable[Event]) -> None:
        events = list(told)
        rooms = [event.name for event in events if isinstance(event, RoomOpened)]
        said = (*(word for event in events for word in event.words), *rooms)
        self.words = [word for word in said if word.strip()]
        self.pictures = {picture.digest for event in events for picture in pictures(event)}
        self._patterns = [re.compile(_pattern(word)) for word in self.words]
        self.tokens = [max(re.findall("[a-zA-Z0-9]+", word), key=len, default="") for word in self.words]
        """A part of each that is the same in whatever form it came."""

    def told_by(self, event: Event) -> bool:
        """Whether another fact says or shows the very same (the note that also came back through PagerDuty).

        Of a message that is nothing but a picture the words are its file's name, which many bear: there the picture
        counts.
        """
        if any(picture.digest in self.pictures for picture in pictures(event)):
            return True
        words = () if pictures(event) and all(map(_is_file_name, event.words)) else event.words
        return any(self._is(word) for word in words)

    def uncopied(self, event: Event) -> Event:
        """The fact without the words that it repeats, as its alert's title; else the same."""
        repeated = [name for name in event.repeats if self._is(getattr(event, name))]
        return event.model_copy(update=dict.fromkeys(repeated, GONE)) if repeated else event

    def _is(self, word: str) -> bool:
        return any(word.split() == own.split() for own in self.words)

    def within(self, raw: bytes) -> bool:
        """Whether a raw delivery holds the words, as plain text, in JSON or in a form."""
        text = raw.decode(errors="replace")
        if not any(token in text for token in self.tokens):
            return False
        readings = [text, unquote_plus(text)]
        with suppress(ValueError, RecursionError):
            readings.append("\n".join(_leaves(json.loads(text))))
        return any(self.blank(reading) != reading for reading in readings)

    def blank(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(GONE, text)
        return text

    def blank_within(self, value: Any) -> Any:
        """The same JSON value with the words blanked in every text of it."""
        if isinstance(value, str):
            return self.blank(value)
        if isinstance(value, list):
            return [self.blank_within(item) for item in value]
        if isinstance(value, dict):
            return {key: self.blank_within(item) for key, item in value.items()}
        return value


def _pattern(words: str) -> str:
    """The words as a whole: with any white space between them, with Markdown's backslashes or HTML's entities."""
    parts = [_character(c) if not c.isspace() else r"[\s>]+" for c in re.sub(r"\s+", " ", words.strip())]
    return r"(?<!\w)" + "".join(parts) + r"(?!\w)"


def _is_file_name(words: str) -> bool:
    """`[image.png]`: what a message says that has no words."""
    return words.startswith("[") and words.endswith("]")


ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "(?:quot|#34)", "'": "(?:#39|#x27|apos)"}


def _character(c: str) -> str:
    if unicodedata.category(c).startswith("C"):
        return f"{re.escape(c)}?"  # documents leave out what cannot be seen
    plain = c if c.isalnum() else rf"\\?{re.escape(c)}"
    return f"(?:{plain}|&{ENTITIES[c]};)" if c in ENTITIES else plain


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))


def load_events(connection: Connection, incident: int) -> list[Event]:
    """Every fact of an incident, in the order of their recording."""
    query = select(t.event.c.kind, t.event.c.body).where(t.event.c.incident == incident).order_by(t.event.c.seq)
    return [parse_event(row.kind, json.loads(row.body)) for row in connection.execute(query)]


def _blank_inbox(connection: Connection, incident: int, gone: Collection[int], texts: _Texts) -> None:
    """The deliveries behind the facts lose their bodies; so do others, of this incident or heard since, that hold the
    words.

    Of those heard since only what is handled: what still waits may be about something that nobody has heard of yet.
    """
    came = select(t.event.c.inbox, t.event.c.seq, t.event.c.recorded_at).where(t.event.c.incident == incident)
    facts = connection.execute(came).all()
    own = {fact.inbox for fact in facts if fact.seq in gone}
    bodies = select(t.inbox.c.id, t.inbox.c.body)
    named = connection.execute(bodies.where(t.inbox.c.id.in_({fact.inbox for fact in facts} - {None}))).all()
    told = [fact.recorded_at for fact in facts if fact.seq in gone]
    later = connection.execute(bodies.where(*_like(connection, min(told), texts))).all() if told else []
    for number, body in {row.id: bytes(row.body) for row in (*named, *later)}.items():
        if number in own or texts.within(body):
            connection.execute(update(t.inbox).where(t.inbox.c.id == number).values(body=GONE.encode()))


def _like(connection: Connection, recorded: datetime, texts: _Texts) -> tuple[ColumnElement[bool], ...]:
    """What is handled, was heard about when a fact was recorded or since, and may hold the words."""
    alike = or_(false(), *(holds(connection, t.inbox.c.body, token.encode()) for token in texts.tokens))
    return t.inbox.c.state == InboxState.DONE.value, t.inbox.c.heard_at >= recorded - HANDLED_WITHIN, alike


def _blank_effects(connection: Connection, incident: int, gone: Collection[int], texts: _Texts) -> None:
    columns = (
        t.effect.c.id,
        t.effect.c.kind,
        t.effect.c.seq,
        t.effect.c.state,
        t.effect.c.body,
        t.effect.c.receipt,
        t.effect.c.reason,
        t.effect.c.doubt_since,
    )
    for row in connection.execute(select(*columns).where(t.effect.c.incident == incident)).all():
        changes = _blank_effect(row, row.seq in gone, texts)
        if changes:
            connection.execute(update(t.effect).where(t.effect.c.id == row.id).values(**changes))


def _blank_effect(row: Any, own: bool, texts: _Texts) -> dict[str, Any]:
    """The columns that change: what was promised for the fact knows its own words, elsewhere they are found.

    One that may have been done stays, so that it is looked for: what was posted must be known to be taken back.
    """
    receipt = json.dumps(texts.blank_within(json.loads(row.receipt))) if row.receipt else ""
    changes = {"receipt": receipt} if receipt != row.receipt else {}
    if (reason := texts.blank(row.reason)) != row.reason:
        changes["reason"] = reason
    body = json.loads(row.body)
    promised = _readable(row) if own else None
    if promised is not None:
        left = promised.redacted()
        body = body | dict.fromkeys({"text"} & set(body), GONE) if left is None else json.loads(left.model_dump_json())
        if left is None and row.state in LIVE and row.state != EffectState.CLAIMED and row.doubt_since is None:
            changes |= {"state": EffectState.DROPPED.value, "reason": "redacted"}
    return {**changes, "body": json.dumps(texts.blank_within(body))}


def _readable(row: Any) -> Effect | None:
    """The promise; None where this version cannot read it."""
    with suppress(KeyError, ValidationError):
        return parse_effect(row.kind, json.loads(row.body))
    return None


def _blank_documents(connection: Connection, incident: int, texts: _Texts) -> None:
    keys = (t.document.c.kind, t.document.c.version)
    for row in connection.execute(select(*keys, t.document.c.body).where(t.document.c.incident == incident)).all():
        here = (t.document.c.incident == incident, t.document.c.kind == row.kind, t.document.c.version == row.version)
        connection.execute(update(t.document).where(*here).values(body=texts.blank(row.body)))


def _blank_alerts(connection: Connection, incident: int, texts: _Texts) -> None:
    for body in connection.execute(select(t.alert.c.body).where(t.alert.c.incident == incident)).scalars().all():
        alert = Alert.model_validate_json(body)
        reports = tuple(_blank_report(report, texts) for report in alert.reports)
        here = (t.alert.c.source == alert.source, t.alert.c.id == alert.id)
        left = alert.model_copy(update={"reports": reports}).model_dump_json()
        connection.execute(update(t.alert).where(*here).values(body=left))


def _blank_report(report: Report, texts: _Texts) -> Report:
    title = None if report.title is None else texts.blank(report.title)
    return report.model_copy(update={"text": texts.blank(report.text), "title": title})
