"""The shapes in which PagerDuty's V3 webhooks arrive, read as leniently as real ones require.

Source: "Webhooks Overview" and "Event Data Types" in PagerDuty's documentation, and recorded deliveries.
"""

import json

from pydantic import AwareDatetime, JsonValue, ValidationError

from bot.integrations.pagerduty.payloads import Bridge, Id, Name, Payload, Reference, ResolveReason, Url, Words


class Event(Payload):
    """What happened. `agent` is null where nobody did it; `data` depends on the event type."""

    id: Id = ""
    event_type: Name
    occurred_at: AwareDatetime | None = None
    agent: Reference | None = None
    data: dict[str, JsonValue] = {}


class Envelope(Payload):
    event: Event


def read(body: bytes) -> Event:
    """The event that a webhook tells of. Raises ValueError for another shape.

    Half a character, where monitoring cut a title within an emoji (JavaScript writes it as `\\ud83d`), becomes a
    question mark: the alert matters more.
    """
    try:
        return Envelope.model_validate_json(body).event
    except ValidationError:
        if b"\\ud" not in body.lower():
            raise
    try:
        whole = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return Envelope.model_validate_json(whole).event


class TypeName(Payload):
    name: Name = ""


class IncidentData(Payload):
    """`data` of everything that happens to an incident itself; names differ from the REST API's."""

    id: Id
    title: Name | None = None
    html_url: Url | None = None
    number: int | None = None
    status: Name | None = None
    incident_key: Id | None = None
    service: Reference | None = None
    assignees: tuple[Reference, ...] = ()
    escalation_policy: Reference | None = None
    priority: Reference | None = None
    urgency: Name | None = None
    conference_bridge: Bridge | None = None
    incident_type: TypeName | None = None
    resolve_reason: ResolveReason | None = None


class About(Payload):
    """Every other kind of data only points at its incident."""

    incident: Reference


class NoteData(About):
    """`trimmed`: the content was cut for its length."""

    id: Id
    content: Words = ""
    trimmed: bool = False


class StatusUpdateData(About):
    message: Words = ""
    trimmed: bool = False


class Number(Payload):
    label: Name | None = None
    number: Name | None = None


class BridgeData(About):
    conference_numbers: tuple[Number, ...] = ()
    conference_url: Url | None = None


class FieldValue(Payload):
    name: Name = ""
    value: JsonValue = None


class FieldsData(About):
    """`changed_custom_fields` holds the values that were, `custom_fields` those that are."""

    custom_fields: tuple[FieldValue, ...] = ()
    changed_custom_fields: tuple[FieldValue, ...] = ()


class ResponderData(About):
    """`state` is pending, joined or declined."""

    user: Reference | None = None
    escalation_policy: Reference | None = None
    state: Name = ""


class RoleAssignment(About):
    role: Reference
    assignee: Reference | None = None


class RolesData(Payload):
    incident_role_assignments: tuple[RoleAssignment, ...]


class TaskData(About):
    name: Name | None = None
    summary: Name | None = None


class ActionData(About):
    action: Reference
    state: Name = ""


class WorkflowData(About):
    summary: Name | None = None
    incident_workflow: Reference | None = None
