"""Appends facts and what follows from them, in the open transaction: state, promises, timers, documents, mirrors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from bot.engine import states
from bot.engine import tables as t
from bot.engine.case import Gathered, load_alert
from bot.engine.dialects import insert_new, upsert
from bot.engine.effects import AlertAnnouncer, FactAnnouncer, Promise
from bot.engine.firing import service_words
from bot.engine.prepared import run, run_each
from bot.engine.promises import Promised, promise
from bot.engine.redaction import redact, redact_copies
from bot.incident.alerts import moved
from bot.incident.dues import Due
from bot.incident.enclosures import NewBlob, NewDocument
from bot.incident.merging import alerts_moved
from bot.incident.mirror import Alert
from bot.incident.model import Event, Incident, advance
from bot.incident.notes import Redacted
from bot.incident.policy import Policy
from bot.incident.privacy import insiders
from bot.incident.values import Actor

DueRule = Callable[[Incident, Policy], Sequence[Due]]


_TIMERS = select(t.timer.c.key, t.timer.c.due_at).where(t.timer.c.incident == bindparam("number"))
_NO_TIMER = delete(t.timer).where(
    t.timer.c.incident == bindparam("number"), t.timer.c.key.in_(bindparam("keys", expanding=True))
)
_NEW_TIMER = insert(t.timer)
_NEW_EVENT = insert(t.event)


@dataclass
class Written:
    """What was written: the incidents as they are now, and the new promises."""

    incidents: dict[int, Incident]
    first_seq: int = 0
    promised: list[Promised] = field(default_factory=list)
    redacted: bool = False


@dataclass(frozen=True)
class Journal:
    """Who is told of facts and of alerts, and what falls due. Nobody else writes events."""

    policy: Policy
    facts: Sequence[FactAnnouncer]
    alerts: Sequence[AlertAnnouncer]
    due: DueRule

    def append(
        self, connection: Connection, gathered: Gathered, events: Sequence[Event], now: datetime, inbox: int | None
    ) -> Written:
        """Saves the facts in their order, then everything that follows from them."""
        written = Written(dict(gathered.incidents))
        wanted: list[tuple[Promise, int | None]] = []
        rows = []
        for event in events:
            before = written.incidents.get(event.incident)
            after = advance(before, event)
            written.incidents[event.incident] = after
            written.first_seq = written.first_seq or after.seq
            rows.append(_event_row(event, after.seq, now, inbox))
            wanted += [(p, after.seq) for announce in self.facts for p in announce(event, before, after, self.policy)]
        wanted += [(p, None) for p in self._mirror(connection, gathered, events, now)]
        if rows:
            run_each(connection, _NEW_EVENT, rows)
            self._project(connection, written, {e.incident for e in events})
        written.promised = promise(connection, wanted, now)
        self._redact(connection, written, events)
        return written

    def _project(self, connection: Connection, written: Written, touched: set[int]) -> None:
        for number in sorted(touched):
            project(connection, written.incidents[number])
            self._set_timers(connection, written.incidents[number])

    def _set_timers(self, connection: Connection, i: Incident) -> None:
        """What falls due, as the rules say now; rows that stand already stay as they are."""
        there: dict[str, datetime] = dict(run(connection, _TIMERS, {"number": i.number}))
        wanted = {due.key: due.at for due in self.due(i, self.policy)}
        gone = [key for key, at in there.items() if wanted.get(key) != at]
        new = [{"incident": i.number, "key": key, "due_at": at} for key, at in wanted.items() if there.get(key) != at]
        if gone:
            run(connection, _NO_TIMER, {"number": i.number, "keys": gone})
        if new:
            run_each(connection, _NEW_TIMER, new)

    def _mirror(
        self, connection: Connection, gathered: Gathered, events: Sequence[Event], now: datetime
    ) -> list[Promise]:
        """Saves alerts' mirrors that changed; one that belonged to no incident, or does not any more, is announced, and
        so is what somebody says that it was worth."""
        promises: list[Promise] = []
        for before, after in _mirrors(connection, gathered, events):
            save_alert(connection, after, self.policy, now)
            if before is None or before.incident is None or after.incident is None or before.worth != after.worth:
                promises += [p for announce in self.alerts for p in announce(before, after, self.policy)]
        return promises

    def _redact(self, connection: Connection, written: Written, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Redacted):
                again = (
                    redact(connection, event.incident, event.entry)
                    if event.source is None
                    else redact_copies(connection, event.incident, event.source, event.of)
                )
                written.incidents[event.incident] = again
                written.redacted = True
                project(connection, again)
                self._set_timers(connection, again)


def _mirrors(connection: Connection, gathered: Gathered, events: Sequence[Event]) -> list[tuple[Alert | None, Alert]]:
    """(before, after) of each mirror that changes."""
    named = gathered.case.alert
    moves: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        for alert in alerts_moved(event):
            moves.setdefault(alert, []).append(event)
    changed: list[tuple[Alert | None, Alert]] = []
    if named is not None:
        after = moved(named, moves.pop((named.source, named.id), ()))
        changed += [(gathered.mirror, after)] if after != gathered.mirror and after.reports else []
    for name, facts in moves.items():
        other = load_alert(connection, *name)
        if other is not None:
            changed.append((other, moved(other, facts)))
    return changed


def save_alert(connection: Connection, alert: Alert, policy: Policy, now: datetime) -> None:
    """The mirror, and the columns by which alerts are found and counted."""
    row = {
        "source": alert.source,
        "id": alert.id,
        "incident": alert.incident,
        "clear": alert.clear,
        "service": next(iter(service_words(alert.service)), ""),
        "fired_at": alert.fired_at(policy),
        "updated_at": now,
        "body": alert.model_dump_json(),
    }
    run(connection, upsert(connection, t.alert), row)


def save_document(
    connection: Connection, new: NewDocument, written: Written, number: int, by: Actor, now: datetime
) -> None:
    """The next version of its kind, beside the incident's state at which it was written."""
    same = (t.document.c.incident == number, t.document.c.kind == new.kind)
    latest: int | None = connection.execute(select(func.max(t.document.c.version)).where(*same)).scalar_one()
    row = {
        "incident": number,
        "kind": new.kind,
        "version": (latest or 0) + 1,
        "seq": written.incidents[number].seq,
        "format": new.format,
        "body": new.body,
        "by": by.name,
        "created_at": now,
    }
    connection.execute(insert(t.document), row)


def save_blobs(connection: Connection, new: Sequence[NewBlob], number: int, now: datetime) -> None:
    """Bytes under their digests; those that are kept already stay as they are."""
    rows = [
        {"digest": b.digest, "media_type": b.media_type, "incident": number, "body": b.body, "created_at": now}
        for b in new
    ]
    if rows:
        connection.execute(insert_new(connection, t.blob), rows)


def project(connection: Connection, i: Incident) -> None:
    """The incident's row: what is asked by, and the folded state."""
    owners = dict.fromkeys(task.to.id for task in i.tasks if task.is_open)
    words = dict.fromkeys(word for service in i.services for word in service_words(service))
    row = {
        "number": i.number,
        "status": i.status.value,
        "severity": i.severity.level,
        "private": i.private,
        "drill": i.drill,
        "storm": i.storm,
        "title": i.title,
        "services": between_breaks(words),
        "people": between_breaks(insiders(i)),
        "commander": i.commander.id if i.commander else "",
        "owners": between_breaks(owners),
        "declared_at": i.moments.declared or i.updated_at,
        "updated_at": i.updated_at,
        "seq": i.seq,
        "state": states.written(i),
    }
    run(connection, upsert(connection, t.incident, "declared_at"), row)


def between_breaks(words: Iterable[str]) -> str:
    """Words so that each can be found whole: a line break before and after each."""
    return "".join(f"\n{word}\n" for word in words)


def _event_row(event: Event, seq: int, now: datetime, inbox: int | None) -> dict[str, Any]:
    return {
        "incident": event.incident,
        "seq": seq,
        "kind": event.kind,
        "at": event.at,
        "recorded_at": now,
        "inbox": inbox,
        "body": event.model_dump_json(),
    }
