"""What PagerDuty tells the world: the V3 webhook envelope, and the shape of each kind of data in it.

Source: "Webhooks overview" and "Event data types" in PagerDuty's developer documentation.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.pagerduty.links import Links
from bot.sandbox.pagerduty.records import Bridge, Incident, Note, Responder, StatusUpdate, Task

Json = dict[str, Any]

# PagerDuty promises order and completeness up to 55 KB; longer words arrive cut, marked `trimmed`.
LONGEST_WORDS = 20_000


@dataclass(frozen=True)
class Event:
    """One fact on its way to the subscribers. `subject` is the resource whose events stay in order."""

    id: str
    event_type: str
    occurred_at: datetime
    agent: Json | None
    data: Json
    subject: str
    service: str | None = None

    def to_json(self) -> Json:
        """The request body of a webhook."""
        return {
            "event": {
                "id": self.id,
                "event_type": self.event_type,
                "resource_type": self.event_type.partition(".")[0],
                "occurred_at": milliseconds(self.occurred_at),
                "agent": self.agent,
                "client": None,
                "data": self.data,
            }
        }


def milliseconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def incident(links: Links, i: Incident) -> Json:
    """`data.type: incident`. Times are in whole seconds here, as in the documented sample."""
    service, reason = links.directory.services[i.service], None
    if i.merged_into is not None:
        reason = {"type": "merge_resolve_reason", "incident": links.incident(i.merged_into)}
    return {
        "id": i.id,
        "type": "incident",
        "self": links.api("incidents", i.id),
        "html_url": links.web("incidents", i.id),
        "number": i.number,
        "status": i.status,
        "incident_key": i.incident_key,
        "created_at": seconds(i.created_at),
        **({"reopened_at": seconds(i.reopened_at)} if i.reopened_at else {}),
        "title": i.title,
        "incident_type": {"name": i.incident_type},
        "service": links.service(i.service),
        "assignees": [links.user(user) for user in i.assignees],
        "escalation_policy": links.policy(i.policy),
        "teams": [links.team(team) for team in service.teams],
        "priority": links.priority(i.priority) if i.priority else None,
        "urgency": i.urgency,
        "conference_bridge": bridge(i.bridge),
        "resolve_reason": reason,
    }


def bridge(b: Bridge | None) -> Json | None:
    return {"conference_number": b.number, "conference_url": b.url} if b else None


def note(links: Links, n: Note) -> Json:
    return {
        "incident": links.incident(n.incident),
        "id": n.id,
        "content": n.content[:LONGEST_WORDS],
        "trimmed": len(n.content) > LONGEST_WORDS,
        "type": "incident_note",
    }


def status_update(links: Links, u: StatusUpdate) -> Json:
    return {
        "incident": links.incident(u.incident),
        "id": u.id,
        "message": u.message[:LONGEST_WORDS],
        "trimmed": len(u.message) > LONGEST_WORDS,
        "type": "incident_status_update",
    }


def responder(links: Links, r: Responder) -> Json:
    return {
        "incident": links.incident(r.incident),
        "user": links.user(r.user),
        "escalation_policy": links.policy(r.policy) if r.policy else None,
        "message": r.message,
        "state": r.state,
        "type": "incident_responder",
    }


def conference_bridge(links: Links, i: Incident) -> Json:
    b = i.bridge or Bridge()
    return {
        "incident": links.incident(i.id),
        "conference_numbers": [{"label": "", "number": b.number}] if b.number else [],
        "conference_url": b.url,
        "type": "incident_conference_bridge",
    }


def task(links: Links, t: Task) -> Json:
    return {
        "name": t.name,
        "description": t.description,
        "id": t.id,
        "summary": t.name,
        "type": "incident_task",
        "status": t.status,
        "assignees": [links.user(user) for user in t.assignees],
        "incident": links.incident(t.incident),
    }


def field_value(field: str, value: Any) -> Json:
    """A custom field of a service, with its value."""
    return {
        "data_type": "string",
        "field_type": "single_value",
        "id": f"PF{field[:5].upper()}",
        "name": field,
        "type": "field_value",
        "value": value,
    }


def incident_field_value(field: str, value: Any) -> Json:
    """A custom field of an incident, with its value."""
    return {**field_value(field, value), "namespace": "incidents"}


def service(links: Links, id: str) -> Json:
    known = links.directory.services[id]
    return {
        **links.service(id),
        "alert_creation": "create_alerts_and_incidents",
        "teams": [links.team(team) for team in known.teams],
        "type": "service",
    }


def role_assignment(links: Links, i: Incident, id: str, role: str, now: str | None, before: str | None) -> Json:
    assignment = {
        "assignee": links.user(now) if now else None,
        "id": id,
        "incident": links.incident(i.id),
        "old_assignee": links.user(before) if before else None,
        "role": {"id": f"PR{role[:5].upper().replace(' ', '')}", "summary": role, "type": "role_reference"},
        "status": "active" if now else "inactive",
        "type": "role_assignment_reference",
    }
    return {"type": "incident_role_assignment", "incident_role_assignments": [assignment]}


def workflow(links: Links, i: Incident, id: str, name: str) -> Json:
    return {
        "id": id,
        "type": "incident_workflow_instance",
        "summary": name,
        "incident_workflow": links.ref("incident_workflow", "incident_workflows", "PWFLOW1", name),
        "workflow_trigger": {
            "html_url": None,
            "id": "4ad696eb-0000-4000-8000-0000000000aa",
            "self": links.api("incident_workflows/triggers", "4ad696eb-0000-4000-8000-0000000000aa"),
            "summary": "By hand",
            "type": "workflow_trigger_reference",
        },
        "incident": links.incident(i.id),
        "service": links.service(i.service),
    }


def invocation(links: Links, i: Incident, id: str, action: str, state: str) -> Json:
    return {
        "id": id,
        "self": links.api("automation/invocations", id),
        "html_url": links.web("actions/invocations", id),
        "incident": links.incident(i.id),
        "action": links.ref("action", "automation/actions", "01SANDBOXACTION", action),
        "state": state,
        "type": "incident_action_invocation",
    }
