"""The account's memory: what there is, what happened, who was paged, and whom to tell."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.pagerduty import events
from bot.sandbox.pagerduty.directory import Directory
from bot.sandbox.pagerduty.events import Event
from bot.sandbox.pagerduty.links import Links
from bot.sandbox.pagerduty.problems import not_found
from bot.sandbox.pagerduty.records import (
    Alert,
    Incident,
    LogEntry,
    Note,
    Page,
    PageKind,
    Responder,
    Service,
    State,
    StatusUpdate,
    Task,
)
from bot.sandbox.pagerduty.seed import ABILITIES, directory

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Account:
    """State and its bookkeeping; the rules live in `lifecycle`, `responding` and `details`."""

    def __init__(self, clock: Clock, base: str) -> None:
        self._clock = clock
        # Ids are random, not counted: a bot that remembers yesterday's event ids must not take today's for echoes.
        self._random = random.Random()
        self._number = 0
        self.directory: Directory = directory(self.now())
        self.incidents: dict[str, Incident] = {}
        self.alerts: dict[str, Alert] = {}
        self.notes: dict[str, Note] = {}
        self.status_updates: list[StatusUpdate] = []
        self.responders: list[Responder] = []
        self.pages: list[Page] = []
        self.tasks: dict[str, Task] = {}
        self.roles: dict[tuple[str, str], str] = {}
        self.log: list[LogEntry] = []
        self.events: list[Event] = []
        self.abilities: list[str] = list(ABILITIES)
        self.listeners: list[Callable[[Event], None]] = []
        self.links = Links(base, self.directory, self.incidents)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def new_id(self, prefix: str, length: int = 14) -> str:
        return prefix + "".join(self._random.choices(_ALPHABET, k=length - len(prefix)))

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def incident(self, ref: str) -> Incident:
        """The incident with this id or number, else the newest (open first) with this key or title; or a 404."""
        if ref in self.incidents:
            return self.incidents[ref]
        newest_first = sorted(self.incidents.values(), key=lambda i: (i.is_open, i.number), reverse=True)
        for incident in newest_first:
            if ref in (str(incident.number), incident.incident_key, incident.title):
                return incident
        raise not_found(f"no incident is called {ref!r}")

    def alerts_of(self, incident: str) -> list[Alert]:
        return [alert for alert in self.alerts.values() if alert.incident == incident]

    def put(self, incident: Incident, by: str | None, **changes: Any) -> Incident:
        """Store a changed incident and return it."""
        fresh = incident.model_copy(update={"updated_at": self.now(), "changed_by": by, **changes})
        self.incidents[fresh.id] = fresh
        return fresh

    def record(
        self,
        kind: str,
        incident: Incident,
        by: str | None,
        summary: str,
        channel: dict[str, Any] | None = None,
        **extra: Any,
    ) -> LogEntry:
        """Write one log entry; `kind` without its `_log_entry`."""
        entry = LogEntry(
            id=self.new_id("R", 26),
            kind=f"{kind}_log_entry",
            incident=incident.id,
            at=self.now(),
            agent=by,
            summary=summary,
            channel=channel or {"type": "website" if by else "auto"},
            extra=extra,
        )
        self.log.append(entry)
        return entry

    def page(self, kind: PageKind, user: str, incident: Incident, message: str) -> None:
        """Somebody's phone rings."""
        self.pages.append(
            Page(
                kind=kind,
                user=user,
                incident=incident.id,
                incident_key=incident.incident_key,
                at=self.now(),
                message=message,
            )
        )
        name = self.directory.users[user].name
        self.record(
            "notify",
            incident,
            None,
            f"Notified {name} by phone.",
            {"type": "auto", "notification": {"type": "phone", "status": "success"}},
            user=self.links.user(user),
        )

    def tell(self, event_type: str, incident: Incident, by: str | None, data: dict[str, Any] | None = None) -> None:
        """Emit an event about an incident; its data is the incident itself unless given."""
        shown = events.incident(self.links, incident) if data is None else data
        self._emit(event_type, shown, by, incident.id, incident.service)

    def tell_service(self, event_type: str, service: Service, by: str | None, data: dict[str, Any]) -> None:
        self._emit(event_type, data, by, service.id, service.id)

    def _emit(self, event_type: str, data: dict[str, Any], by: str | None, subject: str, service: str) -> None:
        agent = self.links.user(by) if by else None
        event = Event(self.new_id("01", 26), event_type, self.now(), agent, data, subject, service)
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    def state(self) -> State:
        """A snapshot of everything."""
        return State(
            incidents=tuple(self.incidents.values()),
            alerts=tuple(self.alerts.values()),
            notes=tuple(self.notes.values()),
            status_updates=tuple(self.status_updates),
            responders=tuple(self.responders),
            pages=tuple(self.pages),
            tasks=tuple(self.tasks.values()),
            log=tuple(self.log),
        )
