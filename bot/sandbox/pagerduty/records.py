"""What the sandbox's PagerDuty account holds: people, services, incidents and everything that happened to them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

Status = Literal["triggered", "acknowledged", "resolved"]
Urgency = Literal["high", "low"]
Reply = Literal["pending", "joined", "declined", "cancelled"]
PageKind = Literal["incident", "escalation", "reassignment", "reopened", "unacknowledged", "responder_request"]


class Record(BaseModel):
    """A value: it is replaced, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ContactMethod(Record):
    """How somebody is reached. `kind` is PagerDuty's type name, such as `phone_contact_method`."""

    id: str
    kind: Literal["email_contact_method", "phone_contact_method", "sms_contact_method"]
    label: str
    address: str
    country_code: int | None = None


class User(Record):
    """Somebody with a PagerDuty login."""

    id: str
    name: str
    email: str
    time_zone: str = "Etc/UTC"
    job_title: str | None = None
    role: str = "user"
    teams: tuple[str, ...] = ()
    contact_methods: tuple[ContactMethod, ...] = ()


class Named(Record):
    """A team, or anything else that is only an id and a name."""

    id: str
    name: str


class Priority(Record):
    """One of the account's incident priorities, worst first."""

    id: str
    name: str
    description: str
    color: str


class Schedule(Record):
    """A rota. `on_call` is whose turn it is; the sandbox turns no rota by itself."""

    id: str
    name: str
    users: tuple[str, ...]
    on_call: str
    time_zone: str = "Etc/UTC"


class Target(Record):
    """Who an escalation level notifies: a person or whoever is on call in a schedule."""

    kind: Literal["user", "schedule"]
    id: str


class EscalationPolicy(Record):
    """Who is notified, level by level."""

    id: str
    name: str
    levels: tuple[tuple[Target, ...], ...]
    delay_minutes: int = 30
    teams: tuple[str, ...] = ()


class Service(Record):
    """Something that can be on fire."""

    id: str
    name: str
    description: str
    policy: str
    teams: tuple[str, ...] = ()
    deleted: bool = False


class Stamp(Record):
    """Somebody, at a moment: an assignment or an acknowledgement."""

    at: datetime
    user: str


class Bridge(Record):
    """Where people talk."""

    number: str | None = None
    url: str | None = None


class Incident(Record):
    """An incident as PagerDuty sees it. People, services and so on are named by id."""

    id: str
    number: int
    title: str
    status: Status
    urgency: Urgency
    incident_key: str
    service: str
    policy: str
    level: int
    created_at: datetime
    updated_at: datetime
    changed_by: str | None = None
    assignments: tuple[Stamp, ...] = ()
    acknowledgements: tuple[Stamp, ...] = ()
    priority: str | None = None
    incident_type: str = "incident_default"
    bridge: Bridge | None = None
    details: str | None = None
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None
    merged_into: str | None = None
    snoozed_until: datetime | None = None
    escalated_at: datetime | None = None
    custom_fields: dict[str, JsonValue] = {}

    @property
    def is_open(self) -> bool:
        return self.status != "resolved"

    @property
    def assignees(self) -> tuple[str, ...]:
        return tuple(stamp.user for stamp in self.assignments)


class Alert(Record):
    """One signal inside an incident."""

    id: str
    incident: str
    summary: str
    severity: Literal["critical", "error", "warning", "info"]
    alert_key: str
    created_at: datetime
    resolved: bool = False
    details: dict[str, JsonValue] = {}


class Note(Record):
    """Words that somebody added to an incident."""

    id: str
    incident: str
    user: str | None
    content: str
    created_at: datetime


class StatusUpdate(Record):
    """Words for those who follow an incident."""

    id: str
    incident: str
    sender: str | None
    message: str
    created_at: datetime
    subject: str | None = None


class Responder(Record):
    """Somebody who was asked to help, by which request, and what they said."""

    request: str
    incident: str
    user: str
    requester: str | None
    message: str
    requested_at: datetime
    updated_at: datetime
    policy: str | None = None
    state: Reply = "pending"


class Page(Record):
    """A phone rang: who was notified, when and why. `incident_key` is the incident's."""

    kind: PageKind
    user: str
    incident: str
    incident_key: str
    at: datetime
    message: str


class Task(Record):
    """Something to do, kept on an incident."""

    id: str
    incident: str
    name: str
    description: str = ""
    status: Literal["todo", "done"] = "todo"
    assignees: tuple[str, ...] = ()


class LogEntry(Record):
    """One line of an incident's history. `kind` is PagerDuty's type name; `channel` and `extra` are already JSON."""

    id: str
    kind: str
    incident: str
    at: datetime
    agent: str | None
    summary: str
    channel: dict[str, JsonValue]
    extra: dict[str, JsonValue] = {}


class ChangeEvent(Record):
    """A deploy, or another change that somebody reported for a service."""

    id: str
    service: str
    summary: str
    at: datetime
    source: str = "deploys"
    links: tuple[str, ...] = ()


class State(Record):
    """Everything in the account that a test may want to look at, by order of appearance."""

    incidents: tuple[Incident, ...]
    alerts: tuple[Alert, ...]
    notes: tuple[Note, ...]
    status_updates: tuple[StatusUpdate, ...]
    responders: tuple[Responder, ...]
    pages: tuple[Page, ...]
    tasks: tuple[Task, ...]
    log: tuple[LogEntry, ...]

    def incident(self, ref: str) -> Incident:
        """The incident with this id, number, key or title. Raises LookupError when none or several have it."""
        found = [i for i in self.incidents if ref in (i.id, str(i.number), i.incident_key, i.title)]
        if len(found) != 1:
            raise LookupError(f"{len(found)} incidents are called {ref!r}")
        return found[0]
