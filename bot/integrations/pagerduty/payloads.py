"""The parts of PagerDuty's REST answers that Muster reads, taken as leniently as they may come.

Source: the response schemas of PagerDuty's REST API reference. What is unknown is ignored; what may be missing may be
missing.
"""

from typing import Annotated

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

LONGEST_NAME = 1_024
"""Characters: PagerDuty's own limit for a title. What is longer is cut, for no database searches by a novel."""
LONGEST_WORDS = 60_000
"""Characters of a note or status update: more than a webhook in the documented order (55 KB) can hold."""
LONGEST_URL = 2_000


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


Id = Annotated[str, Field(max_length=200)]
Name = Annotated[str, AfterValidator(lambda words: _cut(words, LONGEST_NAME))]
Words = Annotated[str, AfterValidator(lambda words: _cut(words, LONGEST_WORDS))]
Url = Annotated[str, AfterValidator(lambda url: url if len(url) <= LONGEST_URL else "")]


class Payload(BaseModel):
    """Something PagerDuty said. Numbers where words are expected are taken as words.

    What may be missing and cannot be read is taken as missing: no alert is held back for an odd assignee.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_missing(cls, said: object, read: ValidatorFunctionWrapHandler, about: ValidationInfo) -> object:
        try:
            return read(said)
        except ValidationError:
            field = cls.model_fields[about.field_name or ""]
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


class Reference(Payload):
    """A pointer to something by id; `summary` is its name."""

    id: Id = ""
    type: Name = ""
    summary: Name | None = None
    html_url: Url | None = None

    @property
    def name(self) -> str:
        return self.summary or self.id


class Assignment(Payload):
    assignee: Reference


class Bridge(Payload):
    conference_number: Name | None = None
    conference_url: Url | None = None

    @property
    def where(self) -> str:
        return self.conference_url or self.conference_number or ""


class ResolveReason(Payload):
    """Why it is resolved, where PagerDuty says so: `merge_resolve_reason` names the incident that goes on."""

    type: Name = ""
    incident: Reference | None = None


class Responder(Payload):
    """Someone who was asked to help; `state` is pending, joined or declined."""

    user: Reference
    state: Name = ""
    message: Words | None = None


class RestIncident(Payload):
    """An incident as the REST API gives it out."""

    id: Id
    title: Name = ""
    html_url: Url | None = None
    incident_number: int | None = None
    incident_key: Id | None = None
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

    summary: Name | None = None
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
    id: Id
    content: Words = ""
    created_at: AwareDatetime | None = None
    user: Reference | None = None


class Channel(Payload):
    """How something came about; a priority change says here what it was and is."""

    type: Name = ""
    summary: Name | None = None
    new_priority: Reference | None = None


class LogEntry(Payload):
    """One line of an incident's history; `incident` is in full when it was asked for so."""

    id: Id
    type: Name
    created_at: AwareDatetime
    agent: Reference | None = None
    channel: Channel = Channel()
    incident: RestIncident
    assignees: tuple[Reference, ...] = ()
    responder_request_target: Reference | None = None


class ContactMethod(Payload):
    type: Name = ""
    address: Name = ""
    country_code: int | None = None


class User(Payload):
    id: Id
    name: Name = ""
    email: Name = ""
    time_zone: str | None = None
    contact_methods: tuple[ContactMethod, ...] = ()


class Service(Payload):
    id: Id
    name: Name | None = None
    summary: Name | None = None
    html_url: Url | None = None
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


class Filter(Payload):
    type: Name = ""


class Subscription(Payload):
    """A webhook subscription. Switched off for a day after three webhooks that were refused."""

    id: Id
    active: bool = True
    description: Words | None = None
    delivery_method: Delivery = Delivery()
    events: tuple[Name, ...] = ()
    filter: Filter = Filter()

    @property
    def is_wide(self) -> bool:
        """Whether it is for the whole account, and not for a service or a team."""
        return self.filter.type == "account_reference"


class Problem(Payload):
    """What an error answer says: a code of PagerDuty's own, a sentence, and the particulars."""

    code: int = 0
    message: Words = ""
    errors: tuple[str, ...] = ()


class ErrorAnswer(Payload):
    error: Problem = Problem()
