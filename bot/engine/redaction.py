"""Takes words out of the world for good: the one permitted rewrite of what is written."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import Connection, select, update

from bot.engine import tables as t
from bot.engine.effects import EFFECTS, parse_effect
from bot.engine.tables import LIVE, EffectState
from bot.incident.mirror import Alert
from bot.incident.model import Event, Incident, fold, parse_event
from bot.incident.notes import Corrected

GONE = "[redacted]"


def redact(connection: Connection, incident: int, seq: int) -> Incident:
    """Blanks the words of one fact wherever they were copied; the incident as its facts now tell it.

    Event, its corrections, the raw delivery it came from, the effects promised for it, documents, alerts' mirrors. What
    our own messages in the chat say is for the chat's announcer to change.
    """
    events = load_events(connection, incident)
    told = [place for place, event in enumerate(events, start=1) if place == seq or _corrects(event, seq)]
    texts = _Texts(word for place in told for word in events[place - 1].words)
    for place, event in enumerate(events, start=1):
        if place in told or texts.told_by(event):
            events[place - 1] = event.redacted()
            here = (t.event.c.incident == incident, t.event.c.seq == place)
            connection.execute(update(t.event).where(*here).values(body=events[place - 1].model_dump_json()))
    _blank_inbox(connection, incident, seq, texts)
    _blank_effects(connection, incident, seq, texts)
    _blank_documents(connection, incident, texts)
    _blank_alerts(connection, incident, texts)
    state = fold(events)
    if state is None:
        raise LookupError(f"incident {incident} has no facts")
    return state


def _corrects(event: Event, seq: int) -> bool:
    return isinstance(event, Corrected) and event.entry == seq


class _Texts:
    """Finds and blanks words, also where a document has escaped or wrapped them."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = [word for word in words if word.strip()]
        self._patterns = [re.compile(_pattern(word)) for word in self.words]

    def told_by(self, event: Event) -> bool:
        """Whether another fact says the very same (the note that also came back through PagerDuty)."""
        return any(word.split() == own.split() for word in event.words for own in self.words)

    def within(self, raw: bytes) -> bool:
        """Whether a raw delivery holds the words, as plain text, in JSON or in a form."""
        text = raw.decode(errors="replace")
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


def _blank_inbox(connection: Connection, incident: int, seq: int, texts: _Texts) -> None:
    """The delivery behind the fact loses its body; so do others of this incident in which the words are."""
    came = select(t.event.c.inbox, t.event.c.seq).where(t.event.c.incident == incident, t.event.c.inbox.is_not(None))
    sources = [(row.inbox, row.seq) for row in connection.execute(came)]
    own = {source for source, place in sources if place == seq}
    bodies = select(t.inbox.c.id, t.inbox.c.body).where(t.inbox.c.id.in_({source for source, _ in sources}))
    for row in connection.execute(bodies).all():
        if row.id in own or texts.within(bytes(row.body)):
            connection.execute(update(t.inbox).where(t.inbox.c.id == row.id).values(body=GONE.encode()))


def _blank_effects(connection: Connection, incident: int, seq: int, texts: _Texts) -> None:
    columns = (t.effect.c.id, t.effect.c.kind, t.effect.c.seq, t.effect.c.state, t.effect.c.body, t.effect.c.receipt)
    for row in connection.execute(select(*columns).where(t.effect.c.incident == incident)).all():
        changes = _blank_effect(row, row.seq == seq, texts)
        if changes:
            connection.execute(update(t.effect).where(t.effect.c.id == row.id).values(**changes))


def _blank_effect(row: Any, own: bool, texts: _Texts) -> dict[str, str]:
    """The columns that change: what was promised for the fact knows its own words, elsewhere they are found."""
    blanked = json.dumps(texts.blank_within(json.loads(row.body)))
    receipt = json.dumps(texts.blank_within(json.loads(row.receipt))) if row.receipt else ""
    changes = {"receipt": receipt} if receipt != row.receipt else {}
    live = row.state in LIVE
    if own and live and row.kind in EFFECTS:
        left = parse_effect(row.kind, json.loads(row.body)).redacted()
        if left is None and row.state != EffectState.CLAIMED:
            return {**changes, "body": blanked, "state": EffectState.DROPPED.value, "reason": "redacted"}
        blanked = blanked if left is None else left.model_dump_json()
    return {**changes, "body": blanked}


def _blank_documents(connection: Connection, incident: int, texts: _Texts) -> None:
    keys = (t.document.c.kind, t.document.c.version)
    for row in connection.execute(select(*keys, t.document.c.body).where(t.document.c.incident == incident)).all():
        here = (t.document.c.incident == incident, t.document.c.kind == row.kind, t.document.c.version == row.version)
        connection.execute(update(t.document).where(*here).values(body=texts.blank(row.body)))


def _blank_alerts(connection: Connection, incident: int, texts: _Texts) -> None:
    for body in connection.execute(select(t.alert.c.body).where(t.alert.c.incident == incident)).scalars().all():
        alert = Alert.model_validate_json(body)
        reports = tuple(r.model_copy(update={"text": texts.blank(r.text)}) for r in alert.reports)
        here = (t.alert.c.source == alert.source, t.alert.c.id == alert.id)
        left = alert.model_copy(update={"reports": reports}).model_dump_json()
        connection.execute(update(t.alert).where(*here).values(body=left))
