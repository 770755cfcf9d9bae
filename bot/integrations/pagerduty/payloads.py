"""The parts of PagerDuty's REST answers that Muster reads, taken as leniently as they may come.

Source: the response schemas of PagerDuty's REST API reference. What is unknown is ignored; what may be missing may be
missing.
"""

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field


class Payload(BaseModel):
    """Something PagerDuty said. Numbers where words are expected are taken as words."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Reference(Payload):
    """A pointer to something by id; `summary` is its name."""

    id: str = ""
    type: str = ""
    summary: str | None = None
    html_url: str | None = None

    @property
    def name(self) -> str:
        return self.summary or self.id


class Assignment(Payload):
    assignee: Reference


class Bridge(Payload):
    conference_number: str | None = None
    conference_url: str | None = None

    @property
    def where(self) -> str:
        return self.conference_url or self.conference_number or ""


class ResolveReason(Payload):
    """Why it is resolved, where PagerDuty says so: `merge_resolve_reason` names the incident that goes on."""

    type: str = ""
    incident: Reference | None = None


class Responder(Payload):
    """Someone who was asked to help; `state` is pending, joined or declined."""

    user: Reference
    state: str = ""
    message: str | None = None


class RestIncident(Payload):
    """An incident as the REST API gives it out."""

    id: str
    title: str = ""
    html_url: str | None = None
    incident_number: int | None = None
    incident_key: str | None = None
    status: str = ""
    urgency: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    last_status_change_at: AwareDatetime | None = None
    last_status_change_by: Reference | None = None
    service: Reference | None = None
    escalation_policy: Reference | None = None
    priority: Reference | None = None
    assignments: tuple[Assignment, ...] = ()
    conference_bridge: Bridge | None = None
    resolve_reason: ResolveReason | None = None
    incidents_responders: tuple[Responder, ...] = ()

    @property
    def assignees(self) -> tuple[Reference, ...]:
        return tuple(a.assignee for a in self.assignments)


class ResponderTarget(Payload):
    """Whom a responder request reached through one of its targets."""

    summary: str | None = None
    responders: tuple[Responder, ...] = Field(
        default=(), validation_alias=AliasChoices("incidents_responders", "incident_responders")
    )


class TargetHolder(Payload):
    responder_request_target: ResponderTarget


class ResponderRequest(Payload):
    responder_request_targets: tuple[TargetHolder, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        targets = (t.responder_request_target for t in self.responder_request_targets)
        return tuple(r.user.name for target in targets for r in target.responders)


class Note(Payload):
    id: str
    content: str = ""
    created_at: AwareDatetime | None = None
    user: Reference | None = None


class Channel(Payload):
    """How something came about; a priority change says here what it was and is."""

    type: str = ""
    summary: str | None = None
    new_priority: Reference | None = None


class LogEntry(Payload):
    """One line of an incident's history; `incident` is in full when it was asked for so."""

    id: str
    type: str
    created_at: AwareDatetime
    agent: Reference | None = None
    channel: Channel = Channel()
    incident: RestIncident
    assignees: tuple[Reference, ...] = ()
    responder_request_target: Reference | None = None


class ContactMethod(Payload):
    type: str = ""
    address: str = ""
    country_code: int | None = None


class User(Payload):
    id: str
    name: str = ""
    email: str = ""
    time_zone: str | None = None
    contact_methods: tuple[ContactMethod, ...] = ()


class Service(Payload):
    id: str
    name: str | None = None
    summary: str | None = None
    html_url: str | None = None
    escalation_policy: Reference | None = None


class OnCallEntry(Payload):
    """Who is on call for a policy at a level; `end` None: for good."""

    user: Reference
    escalation_policy: Reference
    escalation_level: int
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class Delivery(Payload):
    url: str = ""
    temporarily_disabled: bool = False


class Subscription(Payload):
    """A webhook subscription. Switched off for a day after three webhooks that were refused."""

    id: str
    active: bool = True
    description: str | None = None
    delivery_method: Delivery = Delivery()


class Problem(Payload):
    """What an error answer says: a code of PagerDuty's own, a sentence, and the particulars."""

    code: int = 0
    message: str = ""
    errors: tuple[str, ...] = ()


class ErrorAnswer(Payload):
    error: Problem = Problem()
