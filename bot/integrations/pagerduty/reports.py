"""What a webhook's event says of an alert: one report, for every event type that PagerDuty documents for incidents."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import JsonValue

from bot.incident.mirror import Report, What
from bot.incident.values import Actor, Service
from bot.integrations.pagerduty.envelopes import (
    About,
    ActionData,
    BridgeData,
    Event,
    FieldsData,
    FieldValue,
    IncidentData,
    NoteData,
    ResponderData,
    RolesData,
    StatusUpdateData,
    TaskData,
    WorkflowData,
)
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.payloads import LONGEST_WORDS, Reference

SOURCE = "pagerduty"

HAPPENED = {
    "incident.triggered": What.TRIGGERED,
    "incident.acknowledged": What.ACKNOWLEDGED,
    "incident.unacknowledged": What.UNACKNOWLEDGED,
    "incident.escalated": What.ESCALATED,
    "incident.delegated": What.DELEGATED,
    "incident.reassigned": What.REASSIGNED,
    "incident.reopened": What.REOPENED,
    "incident.resolved": What.RESOLVED,
    "incident.priority_updated": What.PRIORITY,
    "incident.service_updated": What.SERVICE,
    "incident.incident_type.changed": What.TYPE,
}
"""Events whose data is the incident itself."""

MOST_NAMED = 50
"""People of an alert; PagerDuty's escalation rules name ten at most."""
MERGE = "merge_resolve_reason"
ANSWERS = {"joined": "accepted", "declined": "declined"}
"""What a responder said, in the rules' words."""

_NUMBERED = re.compile(r"^\[#\d+\] ")
_RESOLUTION = "Resolution Note: "


def report_of(event: Event, names: Names, heard_at: datetime, key: str) -> Report | None:
    """The report, or None for an event type that is not known. Raises ValueError for data of another shape.

    `key` stands in where the event has no id, `heard_at` where it has no time.
    """
    teller = TELLERS.get(event.event_type)
    if event.event_type in HAPPENED:
        teller = _incident
    if teller is None:
        return None
    blank = Report(
        source=SOURCE,
        alert="",
        key=event.id or key,
        at=event.occurred_at or heard_at,
        what=What.SEEN,
        by=names.actor(event.agent),
        echo=names.is_us(event.agent),
    )
    report = teller(event, blank, names)
    if not report.alert:
        raise ValueError(f"{event.event_type} names no incident")
    return report


def people(references: Sequence[Reference]) -> str:
    named = [r.name for r in references[:MOST_NAMED]] + ["others"] * (len(references) > MOST_NAMED)
    return ", ".join(named) or "nobody"


def bare_title(summary: str | None) -> str | None:
    """A title as the REST API's references carry it, without the number in front."""
    return _NUMBERED.sub("", summary) if summary else None


def note_key(id: str) -> str:
    """A note's identity: the same in the webhook and in the list of notes."""
    return f"note/{id}"


def note_words(content: str) -> str:
    """PagerDuty adds the words said on resolving as a note of their own."""
    said = content.strip()
    return f"Resolution: {said.removeprefix(_RESOLUTION)}" if said.startswith(_RESOLUTION) else said


def service_of(reference: Reference | None) -> Service | None:
    return Service(id=reference.id, name=reference.name) if reference and reference.id else None


def _incident(event: Event, blank: Report, names: Names) -> Report:
    data = IncidentData.model_validate(event.data)
    reason = data.resolve_reason
    target = reason.incident if reason and reason.type == MERGE else None
    what = HAPPENED[event.event_type]
    if what is What.RESOLVED and target:
        what = What.MERGED
    said = {
        "alert": data.id,
        "what": what,
        "title": data.title,
        "url": data.html_url,
        "number": data.number,
        "service": service_of(data.service),
        "priority": data.priority.name if data.priority else "",
        "urgency": data.urgency,
        "status": data.status,
        "assignees": tuple(names.actor(a) for a in data.assignees[:MOST_NAMED]),
        "incident_key": data.incident_key,
        "bridge": data.conference_bridge.where if data.conference_bridge else "",
        "text": _changed_to(what, data, target),
        "into": target.id if target else "",
    }
    return blank.model_copy(update=said)


def _changed_to(what: What, data: IncidentData, target: Reference | None) -> str:
    """What the timeline's sentence names beside the title."""
    match what:
        case What.ESCALATED | What.REASSIGNED:
            return people(data.assignees)
        case What.DELEGATED:
            return data.escalation_policy.name if data.escalation_policy else "another policy"
        case What.PRIORITY:
            return data.priority.name if data.priority else "none"
        case What.SERVICE:
            return data.service.name if data.service else "another service"
        case What.TYPE:
            return data.incident_type.name if data.incident_type else "another type"
        case What.MERGED:
            return bare_title(target.summary) or target.id if target else ""
    return ""


def _about(blank: Report, data: About, what: What, text: str, **more: object) -> Report:
    alert = data.incident
    where = {"alert": alert.id, "title": bare_title(alert.summary), "url": alert.html_url}
    return blank.model_copy(update={**where, "what": what, "text": text[:LONGEST_WORDS], **more})


def _note(event: Event, blank: Report, names: Names) -> Report:
    data = NoteData.model_validate(event.data)
    words = note_words(data.content) + (" …" if data.trimmed else "")
    return _about(blank, data, What.NOTE, words, key=note_key(data.id))


def _status_update(event: Event, blank: Report, names: Names) -> Report:
    data = StatusUpdateData.model_validate(event.data)
    return _about(blank, data, What.STATUS_UPDATE, data.message.strip() + (" …" if data.trimmed else ""))


def _bridge(event: Event, blank: Report, names: Names) -> Report:
    data = BridgeData.model_validate(event.data)
    numbers = [n.number for n in data.conference_numbers if n.number]
    where = data.conference_url or next(iter(numbers), "")
    return _about(blank, data, What.BRIDGE, where or "none", bridge=where)


def _fields(event: Event, blank: Report, names: Names) -> Report:
    data = FieldsData.model_validate(event.data)
    changed = {f.name for f in data.changed_custom_fields}
    now = [f for f in data.custom_fields if f.name in changed or not changed]
    return _about(blank, data, What.FIELDS, ", ".join(map(_field, now)) or "custom fields")


def _field(field: FieldValue) -> str:
    return f"{field.name} to {_shown(field.value)}"


def _shown(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "nothing"
    return "nothing" if value in (None, "") else str(value)


def _responder_added(event: Event, blank: Report, names: Names) -> Report:
    data = ResponderData.model_validate(event.data)
    return _about(blank, data, What.RESPONDER_ADDED, "", person=_person(data, names))


def _responder_replied(event: Event, blank: Report, names: Names) -> Report:
    data = ResponderData.model_validate(event.data)
    words = ANSWERS.get(data.state, data.state)
    return _about(blank, data, What.RESPONDER_REPLIED, words, person=_person(data, names) or blank.by)


def _person(data: ResponderData, names: Names) -> Actor | None:
    return names.actor(data.user) if data.user else None


def _roles(event: Event, blank: Report, names: Names) -> Report:
    assignments = RolesData.model_validate(event.data).incident_role_assignments
    if not assignments:
        raise ValueError("a role assignment that assigns nothing")
    given = "; ".join(f"{a.role.name} to {a.assignee.name if a.assignee else 'nobody'}" for a in assignments)
    return _about(blank, assignments[0], What.ROLE, given)


def _task(event: Event, blank: Report, names: Names) -> Report:
    data = TaskData.model_validate(event.data)
    done = event.event_type.rpartition(".")[2]
    return _about(blank, data, What.TASK, f"“{data.name or data.summary or 'a task'}” {done}")


def _action(event: Event, blank: Report, names: Names) -> Report:
    data = ActionData.model_validate(event.data)
    state = data.state or event.event_type.rpartition(".")[2]
    return _about(blank, data, What.ACTION, f"{data.action.name} ({state})")


def _workflow(event: Event, blank: Report, names: Names) -> Report:
    data = WorkflowData.model_validate(event.data)
    name = data.incident_workflow.name if data.incident_workflow else data.summary or "a workflow"
    return _about(blank, data, What.WORKFLOW, f"{name} {event.event_type.rpartition('.')[2]}")


Teller = Callable[[Event, Report, Names], Report]

TELLERS: dict[str, Teller] = {
    "incident.annotated": _note,
    "incident.status_update_published": _status_update,
    "incident.conference_bridge.updated": _bridge,
    "incident.custom_field_values.updated": _fields,
    "incident.responder.added": _responder_added,
    "incident.responder.replied": _responder_replied,
    "incident.role.assigned": _roles,
    "incident.task.created": _task,
    "incident.task.updated": _task,
    "incident.task.completed": _task,
    "incident.action_invocation.created": _action,
    "incident.action_invocation.updated": _action,
    "incident.action_invocation.terminated": _action,
    "incident.workflow.started": _workflow,
    "incident.workflow.completed": _workflow,
}
"""Events whose data is something else and only points at the incident."""
