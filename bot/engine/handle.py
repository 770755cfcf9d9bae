"""The one way in: a command is decided, written down and promised in one transaction, and answered after its commit."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from sqlalchemy import Connection, bindparam, select, update

from bot.engine import tables as t
from bot.engine.case import gather, load_incidents
from bot.engine.columns import clean
from bot.engine.db import Database
from bot.engine.dialects import insert_new, notify
from bot.engine.directory import Directory
from bot.engine.effects import AlertAnnouncer, FactAnnouncer, Promise
from bot.engine.journal import DueRule, Journal, save_blobs, save_document
from bot.engine.line import Urgency
from bot.engine.prepared import run, run_each
from bot.engine.presence import Life, Presence
from bot.engine.promises import Promised, promise
from bot.engine.reading import Reading
from bot.engine.seams import point
from bot.engine.tables import InboxState
from bot.engine.wakes import DIRECTORY, INBOX, OUTBOX, Wakes
from bot.incident.model import Command, Event, Incident, Refused, parse_event
from bot.incident.nudges import due
from bot.incident.policy import Policy
from bot.incident.values import Actor

log = structlog.get_logger()

SAID = "said"
"""The source under which the inbox keeps the keys of commands."""
SUPERSEDED = "Muster is being updated just now, so nothing was changed. Please try again in a minute."


_STORE = (
    update(t.inbox)
    .where(t.inbox.c.source == SAID, t.inbox.c.key.in_(bindparam("keys", expanding=True)))
    .values(outcome=bindparam("stored"))
)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outcome:
    """What a command led to. `again`: its key was heard before, and this is the answer it got then."""

    incident: Incident | None
    events: tuple[Event, ...]
    first_seq: int
    again: bool = False


@dataclass(frozen=True)
class Decision:
    """An outcome inside the transaction, with what is to be done once it is committed."""

    outcome: Outcome
    promised: tuple[Promised, ...] = ()
    redacted: bool = False


class Engine:
    """Handles commands and hears deliveries; `reading` and `directory` are its memory for everyone else.

    `facts` and `alerts` say what each system makes of them; `due` says what falls due.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        *,
        facts: Sequence[FactAnnouncer] = (),
        alerts: Sequence[AlertAnnouncer] = (),
        due: DueRule = due,
        clock: Callable[[], datetime] = utc_now,
        life: Life = Life(),
    ) -> None:
        self.database = database
        self.policy = policy
        self.clock = clock
        self.wakes = Wakes()
        self.presence = Presence(database, self.wakes, life)
        self.reading = Reading(database, clock)
        self.directory = Directory(database)
        self._journal = Journal(policy, facts, alerts, due)
        self.counted: Callable[[Outcome], None] = lambda outcome: None
        """Told of each outcome that brought facts, once it is committed."""

    async def start(self) -> None:
        """Fills the directory and, on a shared database, listens for the other processes."""
        self.wakes.attach()
        await self.presence.start()
        await self.directory.load()
        self.wakes.on(DIRECTORY, self.directory.reload_soon)
        self.database.listen(self.wakes.called)

    async def stop(self) -> None:
        self.wakes.detach()
        await self.directory.settle()
        await self.presence.stop()

    async def handle(
        self,
        command: Command,
        by: Actor,
        *,
        key: str = "",
        urgency: Urgency = Urgency.PERSON,
        along: Sequence[Promise] = (),
    ) -> Outcome:
        """Decides and saves; returns after the commit. Raises Refused (nothing saved, the key may be used again) and
        Unavailable. `key`: what makes two deliveries of one click one; the second gets the first one's answer. `along`:
        what is promised in the same transaction, whatever the command leads to."""
        if self.presence.superseded:
            raise Refused(SUPERSEDED)
        now = self.clock()
        key = key or _once(self.database)

        def work(connection: Connection) -> Decision:
            return _along(connection, self.answer(connection, command, by, now, key=key), along, now)

        decision = await self.database.write(work, urgency)
        await self.committed(decision)
        return decision.outcome

    async def hear(self, source: str, key: str, group: str, body: bytes) -> None:
        """Keeps a delivery; durable when this returns. A key that is known is fine. Raises Unavailable."""
        await self.database.insert_heard(source, key, group, body, self.clock())
        log.debug("heard", source=source, key=key, group=group)
        point("after-heard")
        self.wakes.wake(INBOX)

    def answer(
        self,
        connection: Connection,
        command: Command,
        by: Actor,
        now: datetime,
        *,
        key: str = "",
        inbox: int | None = None,
    ) -> Decision:
        """In the open transaction: the stored answer where a key is known, a new decision where none is."""
        keys = _keys(command, by, key, now)
        known = _known(connection, keys, now)
        if known:
            answer = _stored(connection, known[0])
            _store(connection, [k for k in keys if k not in known], answer)
            return Decision(answer)
        decision = self.decide(connection, command, by, now, inbox)
        _store(connection, keys, decision.outcome)
        return decision

    def decide(
        self, connection: Connection, command: Command, by: Actor, now: datetime, inbox: int | None = None
    ) -> Decision:
        """Decides and writes in the open transaction. Raises Refused before anything is written."""
        gathered = gather(connection, command, by, self.policy, now, self.directory.zone_of)
        events = command.decide(gathered.case)
        written = self._journal.append(connection, gathered, events, now, inbox)
        main = _main(gathered.case.found, events)
        if events and main is not None:
            if command.document is not None:
                save_document(connection, command.document, written, main, by, now)
            save_blobs(connection, command.blobs, main, now)
        if written.promised:
            notify(connection, OUTBOX)
        incident = written.incidents.get(main) if main is not None else None
        outcome = Outcome(incident, tuple(events), written.first_seq)
        return Decision(outcome, tuple(written.promised), written.redacted)

    async def committed(self, decision: Decision) -> None:
        """Wakes who keeps what was promised, and cleans up after a redaction. The log is told once whoever waits for
        the answer has it."""
        asyncio.get_running_loop().call_soon(self._tell, decision)
        if decision.promised:
            self.wakes.wake(OUTBOX)
            self.wakes.wake_at(OUTBOX, [one.later for one in decision.promised], self.clock())
        if decision.redacted:
            await self.database.scrub()

    def _tell(self, decision: Decision) -> None:
        outcome = decision.outcome
        if outcome.events and not outcome.again:
            self.counted(outcome)
            log.info("decided", incident=outcome.events[0].incident, facts=[e.kind for e in outcome.events])
        if decision.promised:
            log.info("promised", keys=[one.key for one in decision.promised])


def _along(connection: Connection, decision: Decision, along: Sequence[Promise], now: datetime) -> Decision:
    """The decision with what is promised beside it, of which an earlier time promised it none is new."""
    promised = promise(connection, [(one, None) for one in along], now)
    if not promised:
        return decision
    notify(connection, OUTBOX)
    return replace(decision, promised=(*decision.promised, *promised))


def _main(found: Incident | None, events: Sequence[Event]) -> int | None:
    """The incident that the answer is about: the one named, else the one that the first fact is about."""
    if found is not None:
        return found.number
    return events[0].incident if events else None


def _once(database: Database) -> str:
    """Where a commit may be lost on the wire, every command has a key: its second run finds its first one's answer."""
    return f"once/{uuid4().hex}" if database.shared else ""


def _keys(command: Command, by: Actor, key: str, now: datetime) -> list[str]:
    """The click's key and the command's natural one; the latter digested, since it may hold people's words."""
    natural = command.natural_key(by, now)
    digest = hashlib.sha256(natural.encode(errors="replace")).hexdigest() if natural else ""
    return [k for k in (clean(key), f"natural/{digest}" if digest else "") if k]


def _known(connection: Connection, keys: Sequence[str], now: datetime) -> list[str]:
    """Those of the keys that were heard before; the others are kept from here on."""
    said = {"source": SAID, "body": b"", "heard_at": now, "handled_at": now, "state": InboxState.DONE.value}
    rows = [{**said, "key": key} for key in keys]
    new = {row.key for row in run_each(connection, insert_new(connection, t.inbox, "key"), rows)} if rows else ()
    return [key for key in keys if key not in new]


def _store(connection: Connection, keys: Sequence[str], outcome: Outcome) -> None:
    if not keys:
        return
    number = outcome.incident.number if outcome.incident else None
    about = outcome.events[0].incident if outcome.events else None
    stored = json.dumps({"incident": number, "about": about, "first": outcome.first_seq, "count": len(outcome.events)})
    run(connection, _STORE, {"keys": list(keys), "stored": stored})


def _stored(connection: Connection, key: str) -> Outcome:
    """The answer that a known key got: the same facts, and the incident as it is now."""
    query = select(t.inbox.c.outcome).where(t.inbox.c.source == SAID, t.inbox.c.key == key)
    stored = json.loads(connection.execute(query).scalar_one() or "{}")
    number, first, count = stored.get("incident"), stored.get("first", 0), stored.get("count", 0)
    incident = load_incidents(connection, [number]).get(number) if number is not None else None
    facts = select(t.event.c.kind, t.event.c.body).where(
        t.event.c.incident == stored.get("about"), t.event.c.seq >= first, t.event.c.seq < first + count
    )
    events = [parse_event(r.kind, json.loads(r.body)) for r in connection.execute(facts.order_by(t.event.c.seq))]
    return Outcome(incident, tuple(events), first, again=True)
