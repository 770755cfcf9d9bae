"""An incident's life: triggered, acknowledged, merged, resolved, opened again."""

from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import JsonValue

from bot.sandbox.pagerduty import events
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.problems import Problem, bad_argument, invalid
from bot.sandbox.pagerduty.records import Alert, Bridge, Incident, Note, PageKind, Stamp, Status, Urgency


@dataclass(frozen=True)
class Trigger:
    """What a new incident is to be. Ids throughout; `alert` says whether a signal of monitoring is behind it."""

    service: str
    title: str
    by: str | None = None
    priority: str | None = None
    urgency: Urgency = "high"
    details: str | None = None
    key: str | None = None
    policy: str | None = None
    assignees: tuple[str, ...] = ()
    incident_type: str = "incident_default"
    bridge: Bridge | None = None
    alert: bool = False
    alert_details: dict[str, JsonValue] = field(default_factory=dict)


def trigger(account: Account, new: Trigger) -> Incident:
    """Open an incident and page whoever is on call for it. 400/2002 if an open one of that service has the same key."""
    key = new.key or account.new_id("", 32).lower()
    if any(i.is_open and i.service == new.service and i.incident_key == key for i in account.incidents.values()):
        raise bad_argument("Open incident with matching dedup key already exists on this service")
    incident = _opened(account, new, key)
    if new.alert:
        add_alert(account, incident, new.title, new.urgency, new.alert_details)
    channel: dict[str, JsonValue] = {"type": "api" if new.by else "auto", "subject": new.title, "summary": new.title}
    if new.details:
        channel["details"] = {"body": new.details}
    account.record("trigger", incident, new.by, f"Triggered: {new.title}.", channel)
    account.tell("incident.triggered", incident, new.by)
    notify(account, incident, "incident")
    return incident


def _opened(account: Account, new: Trigger, key: str) -> Incident:
    now = account.now()
    policy = new.policy or account.directory.service(new.service).policy
    incident = Incident(
        id=account.new_id("Q"),
        number=account.next_number(),
        title=new.title,
        status="triggered",
        urgency=new.urgency,
        incident_key=key,
        service=new.service,
        policy=policy,
        level=1,
        created_at=now,
        updated_at=now,
        changed_by=new.by,
        assignments=tuple(Stamp(at=now, user=u) for u in new.assignees or account.directory.on_call(policy, 1)),
        priority=new.priority,
        incident_type=new.incident_type,
        bridge=new.bridge,
        details=new.details,
        escalated_at=now,
    )
    account.incidents[incident.id] = incident
    return incident


def add_alert(
    account: Account, incident: Incident, summary: str, urgency: Urgency, details: dict[str, JsonValue]
) -> Alert:
    """One more signal inside an incident."""
    alert = Alert(
        id=account.new_id("Q"),
        incident=incident.id,
        summary=summary,
        severity="critical" if urgency == "high" else "warning",
        alert_key=account.new_id("", 32).lower(),
        created_at=account.now(),
        details=details,
    )
    account.alerts[alert.id] = alert
    return alert


def notify(account: Account, incident: Incident, kind: PageKind) -> None:
    """Say who has the incident now, and page them; at low urgency PagerDuty sends no call."""
    names = [account.directory.users[user].name for user in incident.assignees]
    account.record(
        "assign",
        incident,
        incident.changed_by,
        f"Assigned to {', '.join(names)}.",
        assignees=[account.links.user(user) for user in incident.assignees],
    )
    if incident.urgency == "high":
        for user in incident.assignees:
            account.page(kind, user, incident, incident.title)


def assigned(account: Account, users: tuple[str, ...]) -> tuple[Stamp, ...]:
    return tuple(Stamp(at=account.now(), user=user) for user in users)


def acknowledge(account: Account, incident: Incident, by: str) -> Incident:
    """Somebody has it. Doing so twice changes nothing."""
    _demand_open(incident)
    if by in (stamp.user for stamp in incident.acknowledgements):
        return incident
    stamps = (*incident.acknowledgements, Stamp(at=account.now(), user=by))
    fresh = account.put(incident, by, status="acknowledged", acknowledgements=stamps)
    account.record("acknowledge", fresh, by, f"Acknowledged by {account.directory.users[by].name}.")
    account.tell("incident.acknowledged", fresh, by)
    return fresh


def unacknowledge(account: Account, incident: Incident, by: str | None) -> Incident:
    """Nobody has it any more: by hand, or because an acknowledgement or a snooze ran out."""
    if incident.status != "acknowledged":
        raise Problem(400, 1012, "Incident is not Acknowledged")
    fresh = account.put(incident, by, status="triggered", acknowledgements=(), snoozed_until=None)
    account.record("unacknowledge", fresh, by, "Unacknowledged.")
    account.tell("incident.unacknowledged", fresh, by)
    notify(account, fresh, "unacknowledged")
    return fresh


def resolve(account: Account, incident: Incident, by: str | None, resolution: str | None = None) -> Incident:
    """It is over. A resolution note follows as an event of its own, as PagerDuty sends it."""
    fresh = _closed(account, incident, by)
    name = account.directory.users[by].name if by else "the monitoring tool"
    account.record("resolve", fresh, by, f"Resolved by {name}.")
    account.tell("incident.resolved", fresh, by)
    if resolution:
        annotate(account, fresh, by, f"Resolution Note: {resolution}")
    return fresh


def _closed(account: Account, incident: Incident, by: str | None, merged_into: str | None = None) -> Incident:
    _demand_open(incident)
    for alert in account.alerts_of(incident.id):
        account.alerts[alert.id] = alert.model_copy(update={"resolved": True})
    return account.put(
        incident,
        by,
        status="resolved",
        resolved_at=account.now(),
        assignments=(),
        acknowledgements=(),
        snoozed_until=None,
        merged_into=merged_into,
    )


def merge(account: Account, target: Incident, sources: list[Incident], by: str | None) -> Incident:
    """Move the sources' alerts to the target; each source is resolved with `merge_resolve_reason`."""
    _demand_open(target)
    for source in sources:
        if source.id == target.id or source.merged_into is not None:
            raise Problem(400, 1019, "Incident Already Merged", source.id)
    for source in sources:
        _merge_one(account, target, source, by)
    return account.put(target, by)


def _merge_one(account: Account, target: Incident, source: Incident, by: str | None) -> None:
    for alert in account.alerts_of(source.id):
        account.alerts[alert.id] = alert.model_copy(update={"incident": target.id})
    merged = {"status": "resolved", "merged_into": target.id}
    fresh = _closed(account, source, by, target.id) if source.is_open else account.put(source, by, **merged)
    account.record("resolve", fresh, by, f"Merged into #{target.number}.", {"type": "merge"})
    account.record("merge", target, by, f"#{source.number} was merged in.", {"type": "merge"})
    account.tell("incident.resolved", fresh, by)


def reopen(account: Account, incident: Incident, by: str | None, status: Status = "triggered") -> Incident:
    """It is not over after all: level one is paged again. `status: acknowledged` reopens and acknowledges."""
    if incident.is_open:
        raise invalid("The incident is open already")
    fresh = account.put(
        incident,
        by,
        status="triggered",
        reopened_at=account.now(),
        resolved_at=None,
        merged_into=None,
        level=1,
        escalated_at=account.now(),
        assignments=assigned(account, account.directory.on_call(incident.policy, 1)),
    )
    account.record("reopen", fresh, by, "Reopened.")
    account.tell("incident.reopened", fresh, by)
    notify(account, fresh, "reopened")
    return acknowledge(account, fresh, by) if status == "acknowledged" and by else fresh


def snooze(account: Account, incident: Incident, by: str, seconds: int) -> Incident:
    """Acknowledged until then; when the time is up it triggers again."""
    if not 1 <= seconds <= 604_800:
        raise Problem(400, 1013, "Snooze Duration is Invalid", "duration must be between 1 and 604800 seconds")
    until = account.now() + timedelta(seconds=seconds)
    fresh = account.put(acknowledge(account, incident, by), by, snoozed_until=until)
    account.record("snooze", fresh, by, f"Snoozed until {events.seconds(until)}.")
    return fresh


def annotate(account: Account, incident: Incident, by: str | None, content: str) -> Note:
    """Add a note; 2,000 is the most that an incident holds."""
    if sum(note.incident == incident.id for note in account.notes.values()) >= 2000:
        raise invalid("An incident can have at most 2000 notes")
    note = Note(id=account.new_id("P"), incident=incident.id, user=by, content=content, created_at=account.now())
    account.notes[note.id] = note
    channel: dict[str, JsonValue] = {"type": "note", "summary": content}
    account.record("annotate", incident, by, "Note added.", channel, note={"id": note.id, "content": content})
    account.tell("incident.annotated", incident, by, events.note(account.links, note))
    return note


def _demand_open(incident: Incident) -> None:
    if not incident.is_open:
        raise Problem(400, 1001, "Incident Already Resolved", incident.id)
