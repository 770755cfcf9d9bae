"""What the REST API gives out: one function per kind of resource.

Source: the response schemas of PagerDuty's REST API reference.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.pagerduty import events
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.events import seconds
from bot.sandbox.pagerduty.records import (
    Alert,
    ChangeEvent,
    ContactMethod,
    EscalationPolicy,
    Incident,
    LogEntry,
    Note,
    Priority,
    Responder,
    Schedule,
    Service,
    StatusUpdate,
    Target,
    User,
)
from bot.sandbox.pagerduty.subscriptions import Subscription

Json = dict[str, Any]


def incident(account: Account, i: Incident, include: list[str]) -> Json:
    """Note the names that differ from a webhook's: `incident_number`, `assignments`, `summary` with its number."""
    links, alerts = account.links, account.alerts_of(i.id)
    resolved = sum(alert.resolved for alert in alerts)
    person = (lambda id: user(account, account.directory.users[id], [])) if "assignees" in include else links.user
    full_service = "services" in include
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
        "service": service(account, account.directory.services[i.service])
        if full_service
        else links.service(i.service),
        "assigned_via": "escalation_policy",
        "assignments": [{"at": seconds(s.at), "assignee": person(s.user)} for s in i.assignments],
        "acknowledgements": [{"at": seconds(s.at), "acknowledger": links.user(s.user)} for s in i.acknowledgements],
        "escalation_policy": links.policy(i.policy),
        "teams": [links.team(team) for team in account.directory.services[i.service].teams],
        "priority": priority(account, account.directory.priorities[i.priority]) if i.priority else None,
        "incident_type": {"name": i.incident_type},
        "conference_bridge": events.bridge(i.bridge),
        "pending_actions": _pending(i),
        "alert_counts": {"all": len(alerts), "triggered": len(alerts) - resolved, "resolved": resolved},
        "incidents_responders": [_responder(account, r) for r in account.responders if r.incident == i.id],
        "responder_requests": [],
        "resolve_reason": _resolve_reason(account, i),
        "body": {"type": "incident_body", "details": i.details} if i.details else None,
    }


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


def user(account: Account, u: User, include: list[str]) -> Json:
    methods = [contact_method(account, u, m) for m in u.contact_methods]
    shown = methods if "contact_methods" in include else [_method_ref(method) for method in methods]
    return {
        **account.links.user(u.id),
        "type": "user",
        "name": u.name,
        "email": u.email,
        "time_zone": u.time_zone,
        "color": "purple",
        "role": u.role,
        "job_title": u.job_title,
        "description": None,
        "invitation_sent": False,
        "teams": [account.links.team(team) for team in u.teams],
        "contact_methods": shown,
        "notification_rules": [],
    }


def _method_ref(method: Json) -> Json:
    kept = {key: method[key] for key in ("id", "summary", "self", "html_url")}
    return {**kept, "type": f"{method['type']}_reference"}


def contact_method(account: Account, u: User, m: ContactMethod) -> Json:
    shown: Json = {
        "id": m.id,
        "type": m.kind,
        "summary": m.label,
        "self": account.links.api(f"users/{u.id}/contact_methods", m.id),
        "html_url": None,
        "label": m.label,
        "address": m.address,
    }
    return shown if m.country_code is None else {**shown, "country_code": m.country_code, "blacklisted": False}


def service(account: Account, s: Service) -> Json:
    return {
        **account.links.service(s.id),
        "type": "service",
        "name": s.name,
        "description": s.description,
        "status": "active",
        "escalation_policy": account.links.policy(s.policy),
        "teams": [account.links.team(team) for team in s.teams],
        "alert_creation": "create_alerts_and_incidents",
        "auto_resolve_timeout": None,
        "acknowledgement_timeout": None,
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "integrations": [],
    }


def policy(account: Account, p: EscalationPolicy) -> Json:
    rules = [
        {
            "id": f"{p.id}R{level}",
            "escalation_delay_in_minutes": p.delay_minutes,
            "targets": [_target_ref(account, target) for target in targets],
        }
        for level, targets in enumerate(p.levels, start=1)
    ]
    using = [s for s in account.directory.services.values() if s.policy == p.id and not s.deleted]
    return {
        **account.links.policy(p.id),
        "type": "escalation_policy",
        "name": p.name,
        "description": None,
        "num_loops": 0,
        "escalation_rules": rules,
        "services": [account.links.service(s.id) for s in using],
        "teams": [account.links.team(team) for team in p.teams],
    }


def _target_ref(account: Account, target: Target) -> Json:
    return account.links.user(target.id) if target.kind == "user" else account.links.schedule(target.id)


def schedule(account: Account, s: Schedule) -> Json:
    using = [
        p.id for p in account.directory.policies.values() if any(t.id == s.id for level in p.levels for t in level)
    ]
    return {
        **account.links.schedule(s.id),
        "type": "schedule",
        "name": s.name,
        "time_zone": s.time_zone,
        "description": None,
        "escalation_policies": [account.links.policy(p) for p in using],
        "users": [account.links.user(u) for u in s.users],
        "teams": [],
    }


def scheduled(account: Account, s: Schedule) -> Json:
    """One schedule in full: who is on duty in the current shift."""
    start, end = shift(account.now())
    entry = {"start": seconds(start), "end": seconds(end), "user": account.links.user(s.on_call)}
    final = {"name": "Final Schedule", "rendered_schedule_entries": [entry], "rendered_coverage_percentage": 100.0}
    return {**schedule(account, s), "schedule_layers": [], "overrides_subschedule": None, "final_schedule": final}


def shift(now: datetime) -> tuple[datetime, datetime]:
    """The week, from Monday 09:00 UTC, that this moment lies in."""
    late = now.astimezone(UTC) - timedelta(hours=9)
    monday = late.date() - timedelta(days=late.weekday())
    start = datetime(monday.year, monday.month, monday.day, 9, tzinfo=UTC)
    return start, start + timedelta(days=7)


def on_call(account: Account, p: EscalationPolicy, level: int, target: Target, include: list[str]) -> Json:
    """Who is on call through a schedule has a start and an end; who is named directly always is."""
    directory, links = account.directory, account.links
    start, end = shift(account.now()) if target.kind == "schedule" else (None, None)
    id = directory.on_duty(target)
    return {
        "escalation_policy": links.policy(p.id),
        "escalation_level": level,
        "schedule": links.schedule(target.id) if target.kind == "schedule" else None,
        "user": user(account, directory.users[id], []) if "users" in include else links.user(id),
        "start": seconds(start) if start else None,
        "end": seconds(end) if end else None,
    }


def priority(account: Account, p: Priority) -> Json:
    return {
        **account.links.priority(p.id),
        "type": "priority",
        "name": p.name,
        "description": p.description,
        "color": p.color,
    }


def change_event(account: Account, c: ChangeEvent) -> Json:
    return {
        "id": c.id,
        "type": "change_event",
        "summary": c.summary,
        "timestamp": seconds(c.at),
        "source": c.source,
        "services": [account.links.service(c.service)],
        "links": [{"href": link, "text": "Deploy"} for link in c.links],
        "custom_details": {},
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
