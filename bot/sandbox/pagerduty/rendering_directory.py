"""What the REST API gives out about people, services and who is on call: one function per kind of resource.

Source: the response schemas of PagerDuty's REST API reference.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.events import seconds
from bot.sandbox.pagerduty.records import (
    ChangeEvent,
    ContactMethod,
    EscalationPolicy,
    Priority,
    Schedule,
    Service,
    Target,
    User,
)

Json = dict[str, Any]


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
