"""What the REST API takes in: one model per request body. An unknown key is refused, so that a typo of ours shows.

Source: PagerDuty's REST API reference. The real API ignores unknown keys; being stricter costs a correct client
nothing.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from bot.sandbox.pagerduty.records import Status, Urgency

Words = Annotated[str, StringConstraints(min_length=1, max_length=25_000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ref(BaseModel):
    """A reference; what else it carries (`summary`, `self`, `html_url`) is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    type: str


class Assignment(Body):
    assignee: Ref


class ConferenceBridge(Body):
    conference_number: str | None = None
    conference_url: str | None = None


class IncidentBody(Body):
    type: Literal["incident_body"] = "incident_body"
    details: str | None = None


class TypeName(Body):
    name: str


class NewIncident(Body):
    type: Literal["incident"]
    title: Title
    service: Ref
    priority: Ref | None = None
    urgency: Urgency = "high"
    body: IncidentBody | None = None
    incident_key: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    assignments: tuple[Assignment, ...] | None = None
    escalation_policy: Ref | None = None
    incident_type: TypeName | None = None
    conference_bridge: ConferenceBridge | None = None


class CreateIncident(Body):
    incident: NewIncident


class Change(Body):
    """What a PUT may change. `id` is for the bulk call only."""

    type: Literal["incident", "incident_reference"]
    id: str | None = None
    status: Status | None = None
    resolution: str | None = None
    title: Title | None = None
    priority: Ref | None = None
    urgency: Urgency | None = None
    escalation_level: Annotated[int, Field(ge=1)] | None = None
    escalation_policy: Ref | None = None
    assignments: tuple[Assignment, ...] | None = None
    conference_bridge: ConferenceBridge | None = None
    incident_type: TypeName | None = None
    service: Ref | None = None


class ChangeIncident(Body):
    incident: Change


class ChangeIncidents(Body):
    incidents: tuple[Change, ...]


class Merge(Body):
    source_incidents: Annotated[tuple[Ref, ...], Field(min_length=1)]


class Snooze(Body):
    duration: Annotated[int, Field(strict=True)]


class NoteContent(Body):
    content: Words


class CreateNote(Body):
    note: NoteContent


class CreateStatusUpdate(Body):
    message: Words
    subject: str | None = None
    html_message: str | None = None


class HelpTarget(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    type: Literal["user_reference", "user", "escalation_policy_reference", "escalation_policy"]

    @property
    def key(self) -> tuple[str, str]:
        return self.type.removesuffix("_reference"), self.id


class HelpRequest(Body):
    responder_request_target: HelpTarget


class RequestHelp(Body):
    requester_id: str
    message: Words
    responder_request_targets: Annotated[tuple[HelpRequest, ...], Field(min_length=1)]


class WithdrawHelp(Body):
    requester_id: str
    responder_request_targets: Annotated[tuple[HelpTarget, ...], Field(min_length=1)]


class FieldValue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str
    value: JsonValue


class SetFields(Body):
    custom_fields: tuple[FieldValue, ...]


class Header(Body):
    name: str
    value: str


class DeliveryMethod(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    type: Literal["http_delivery_method"]
    url: Annotated[str, StringConstraints(pattern=r"^https?://")]
    custom_headers: tuple[Header, ...] = ()


class Filter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    type: Literal["account_reference", "service_reference", "team_reference"]
    id: str | None = None


class NewSubscription(Body):
    type: Literal["webhook_subscription"]
    delivery_method: DeliveryMethod
    events: Annotated[tuple[str, ...], Field(min_length=1)]
    filter: Filter
    description: str | None = None
    active: bool = True


class CreateSubscription(Body):
    webhook_subscription: NewSubscription


class SubscriptionChange(BaseModel):
    """PagerDuty changes everything but the delivery method, which may be sent back and is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    events: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    filter: Filter | None = None
    description: str | None = None
    active: bool | None = None


class ChangeSubscription(Body):
    webhook_subscription: SubscriptionChange
