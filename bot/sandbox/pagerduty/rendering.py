"""What the REST API gives out about incidents and subscriptions: one function per kind of resource.

Source: the response schemas of PagerDuty's REST API reference.
"""

from typing import Any

from bot.sandbox.pagerduty import events, rendering_directory
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.events import seconds
from bot.sandbox.pagerduty.records import (
    Alert,
    Incident,
    LogEntry,
    Note,
    Responder,
    StatusUpdate,
)
from bot.sandbox.pagerduty.subscriptions import Subscription

Json = dict[str, Any]


def incident(account: Account, i: Incident, include: list[str]) -> Json:
    """Note the names that differ from a webhook's: `incident_number`, `assignments`, `summary` with its number."""
    links, alerts = account.links, account.alerts_of(i.id)
    resolved = sum(alert.resolved for alert in alerts)
    return {
        **links.numbered(i.id),
        "type": "incident",
        "incident_number": i.number,
        "title": i.title,
        "description": i.title,
        "status": i.status,
        "urgency": i.urgency,
        "incident_key": i.incident_key,
        "created_at": seconds(i.created_at),
        "updated_at": seconds(i.updated_at),
        "resolved_at": seconds(i.resolved_at) if i.resolved_at else None,
        "last_status_change_at": seconds(i.updated_at),
        "last_status_change_by": links.user(i.changed_by) if i.changed_by else links.service(i.service),
        "service": _service(account, i.service, include),
        "assigned_via": "escalation_policy",
        "assignments": [{"at": seconds(s.at), "assignee": _assignee(account, s.user, include)} for s in i.assignments],
        "acknowledgements": [{"at": seconds(s.at), "acknowledger": links.user(s.user)} for s in i.acknowledgements],
        "escalation_policy": links.policy(i.policy),
        "teams": [links.team(team) for team in account.directory.services[i.service].teams],
        "priority": _priority(account, i.priority),
        "incident_type": {"name": i.incident_type},
        "conference_bridge": events.bridge(i.bridge),
        "pending_actions": _pending(i),
        "alert_counts": {"all": len(alerts), "triggered": len(alerts) - resolved, "resolved": resolved},
        "incidents_responders": [_responder(account, r) for r in account.responders if r.incident == i.id],
        "responder_requests": [],
        "resolve_reason": _resolve_reason(account, i),
        "body": {"type": "incident_body", "details": i.details} if i.details else None,
    }


def _assignee(account: Account, id: str, include: list[str]) -> Json:
    if "assignees" in include:
        return rendering_directory.user(account, account.directory.users[id], [])
    return account.links.user(id)


def _service(account: Account, id: str, include: list[str]) -> Json:
    if "services" in include:
        return rendering_directory.service(account, account.directory.services[id])
    return account.links.service(id)


def _priority(account: Account, id: str | None) -> Json | None:
    return rendering_directory.priority(account, account.directory.priorities[id]) if id else None


def _pending(i: Incident) -> list[Json]:
    return [{"type": "unacknowledge", "at": seconds(i.snoozed_until)}] if i.snoozed_until else []


def _resolve_reason(account: Account, i: Incident) -> Json | None:
    if i.merged_into is None:
        return None
    return {"type": "merge_resolve_reason", "incident": account.links.numbered(i.merged_into)}


def _responder(account: Account, r: Responder) -> Json:
    return {
        "state": r.state,
        "user": account.links.user(r.user),
        "incident": account.links.numbered(r.incident),
        "updated_at": seconds(r.updated_at),
        "message": r.message,
        "requester": account.links.user(r.requester) if r.requester else None,
        "requested_at": seconds(r.requested_at),
    }


def responder_request(account: Account, i: Incident, requester: str, message: str, asked: list[Responder]) -> Json:
    """Grouped by what was asked for: a person, or a policy with whoever was on call for it."""
    targets: dict[tuple[str, str], list[Responder]] = {}
    for r in asked:
        targets.setdefault(("escalation_policy", r.policy) if r.policy else ("user", r.user), []).append(r)
    return {
        "incident": account.links.numbered(i.id),
        "requester": account.links.user(requester),
        "requested_at": seconds(account.now()),
        "message": message,
        "responder_request_targets": [
            {"responder_request_target": _target(account, kind, id, group)} for (kind, id), group in targets.items()
        ],
    }


def _target(account: Account, kind: str, id: str, group: list[Responder]) -> Json:
    named = account.links.policy(id) if kind == "escalation_policy" else account.links.user(id)
    return {
        "type": kind,
        "id": id,
        "summary": named["summary"],
        "incidents_responders": [_responder(account, r) for r in group],
    }


def note(account: Account, n: Note) -> Json:
    return {
        "id": n.id,
        "user": account.links.user(n.user) if n.user else None,
        "channel": {"summary": "The PagerDuty website or APIs"},
        "content": n.content,
        "created_at": seconds(n.created_at),
    }


def status_update(account: Account, u: StatusUpdate) -> Json:
    return {
        "id": u.id,
        "message": u.message,
        "subject": u.subject,
        "created_at": seconds(u.created_at),
        "sender": account.links.user(u.sender) if u.sender else None,
    }


def log_entry(account: Account, entry: LogEntry, include: list[str]) -> Json:
    """`include[]=channels` brings the channel in full; without it only its type is there."""
    i = account.incidents[entry.incident]
    link = account.links.ref("log_entry", "log_entries", entry.id, entry.summary)
    return {
        **link,
        "type": entry.kind,
        "created_at": seconds(entry.at),
        "agent": account.links.user(entry.agent) if entry.agent else account.links.service(i.service),
        "channel": entry.channel if "channels" in include else {"type": entry.channel["type"]},
        "incident": incident(account, i, []) if "incidents" in include else account.links.numbered(i.id),
        "service": account.links.service(i.service),
        "teams": [account.links.team(team) for team in account.directory.services[i.service].teams],
        "contexts": [],
        **entry.extra,
    }


def alert(account: Account, a: Alert) -> Json:
    i = account.incidents[a.incident]
    return {
        **account.links.ref("alert", "alerts", a.id, a.summary),
        "type": "alert",
        "created_at": seconds(a.created_at),
        "status": "resolved" if a.resolved else "triggered",
        "alert_key": a.alert_key,
        "severity": a.severity,
        "suppressed": False,
        "service": account.links.service(i.service),
        "incident": account.links.numbered(i.id),
        "body": {"type": "alert_body", "details": a.details, "contexts": []},
    }


def subscription(account: Account, s: Subscription, disabled: bool, secret: str | None = None) -> Json:
    """The secret is shown once, in the answer to the creation."""
    filter = {"type": s.filter_kind} if s.filter_id is None else {"type": s.filter_kind, "id": s.filter_id}
    return {
        "id": s.id,
        "type": "webhook_subscription",
        "active": s.active,
        "description": s.description,
        "events": list(s.events),
        "filter": filter,
        "delivery_method": {
            "id": f"{s.id}D",
            "type": "http_delivery_method",
            "url": s.url,
            "secret": secret,
            "temporarily_disabled": disabled,
            "custom_headers": [{"name": name, "value": "<redacted>"} for name, _ in s.custom_headers],
        },
    }
