"""What PagerDuty's log and its incidents say, as the same reports that webhooks would have brought.

Source: "Log Entries" in PagerDuty's REST API reference. A log entry tells the incident as it is now, not as it was
then: the fields that change in a life (status, priority) are only taken where the entry itself names them.
"""

from collections.abc import Callable, Iterable, Sequence

from bot.incident.mirror import SAME_MOMENT, Alert, Report, What
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.payloads import LogEntry, Note, RestIncident
from bot.integrations.pagerduty.reports import MERGE, SOURCE, bare_title, note_key, note_words, people, service_of

HAPPENED = {
    "trigger_log_entry": What.TRIGGERED,
    "acknowledge_log_entry": What.ACKNOWLEDGED,
    "unacknowledge_log_entry": What.UNACKNOWLEDGED,
    "escalate_log_entry": What.ESCALATED,
    "delegate_log_entry": What.DELEGATED,
    "assign_log_entry": What.REASSIGNED,
    "reopen_log_entry": What.REOPENED,
    "resolve_log_entry": What.RESOLVED,
    "priority_change_log_entry": What.PRIORITY,
    "responder_request_for_user_log_entry": What.RESPONDER_ADDED,
    "responder_accept_log_entry": What.RESPONDER_REPLIED,
    "responder_decline_log_entry": What.RESPONDER_REPLIED,
}
ASSIGNS = frozenset({What.TRIGGERED, What.ESCALATED, What.DELEGATED, What.REOPENED, What.UNACKNOWLEDGED})
"""Acts that PagerDuty logs a second time, as the assignment that follows from them."""
ANSWERS = {"responder_accept_log_entry": "accepted", "responder_decline_log_entry": "declined"}
ANNOTATION = "annotate_log_entry"


def reports_of(entries: Iterable[LogEntry], names: Names) -> list[Report]:
    """The entries that say something, oldest first."""
    ordered = sorted(entries, key=lambda e: (e.created_at, e.id))
    told = [(e, HAPPENED[e.type]) for e in ordered if e.type in HAPPENED]
    return [_report(e, what, told, names) for e, what in told if not _follows(e, what, told)]


def note_report(incident: RestIncident, note: Note, names: Names) -> Report | None:
    """A note as its webhook would have told it."""
    if note.created_at is None:
        return None
    blank = Report(
        source=SOURCE,
        alert=incident.id,
        key=note_key(note.id),
        at=note.created_at,
        what=What.NOTE,
        by=names.actor(note.user),
        echo=names.is_us(note.user),
    )
    return blank.model_copy(update={**_still(incident), "text": note_words(note.content)})


def state_report(there: RestIncident, mirror: Alert, names: Names) -> Report | None:
    """What the incident is now, where the mirror says otherwise; None where the two agree."""
    now = (there.status, there.priority.name if there.priority else "", there.urgency or "", there.title)
    at = there.updated_at or there.last_status_change_at
    if at is None or now == (mirror.status, mirror.priority, mirror.urgency, mirror.title):
        return None
    seen = Report(
        source=SOURCE,
        alert=there.id,
        key=f"seen/{there.id}/{at.isoformat()}",
        at=at,
        what=What.SEEN,
        by=names.actor(None),
    ).model_copy(update={**_still(there), "priority": now[1], "status": there.status})
    if there.status != "resolved" or mirror.clear:
        return seen
    by = there.last_status_change_by
    who: Said = {"by": names.actor(by), "echo": names.is_us(by)}
    return seen.model_copy(update={"at": there.last_status_change_at or at, **who, **_ending(there)})


def _follows(entry: LogEntry, what: What, told: Sequence[tuple[LogEntry, What]]) -> bool:
    """Whether an assignment is only the other half of an act that is told by itself."""
    return what is What.REASSIGNED and any(w in ASSIGNS and _together(entry, e) for e, w in told)


def _together(one: LogEntry, other: LogEntry) -> bool:
    return one.incident.id == other.incident.id and abs(one.created_at - other.created_at) < SAME_MOMENT


def _report(entry: LogEntry, what: What, told: Sequence[tuple[LogEntry, What]], names: Names) -> Report:
    blank = Report(
        source=SOURCE,
        alert=entry.incident.id,
        key=entry.id,
        at=entry.created_at,
        what=what,
        by=names.actor(entry.agent),
        echo=names.is_us(entry.agent),
    )
    teller = TELLERS.get(what)
    said = teller(entry, told, names) if teller else {}
    return blank.model_copy(update={**_still(entry.incident), **said})


def _still(incident: RestIncident) -> dict[str, object]:
    """What seldom changes in an incident's life."""
    return {
        "title": incident.title or None,
        "url": incident.html_url,
        "number": incident.incident_number,
        "service": service_of(incident.service),
        "urgency": incident.urgency,
        "incident_key": incident.incident_key,
    }


Said = dict[str, object]


def _triggered(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    """With the priority of today, unless the log tells of a change."""
    changed = any(w is What.PRIORITY and e.incident.id == entry.incident.id for e, w in told)
    priority = entry.incident.priority
    return {
        "assignees": tuple(names.actor(a) for a in entry.incident.assignees),
        "priority": None if changed else priority.name if priority else "",
        "status": "triggered",
    }


def _handed(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    """To whom: in the entry itself, or in the assignment logged beside it."""
    beside = (e.assignees for e, w in told if w is What.REASSIGNED and _together(entry, e))
    to = entry.assignees or next((a for a in beside if a), ())
    return {"text": people(to), "assignees": tuple(names.actor(a) for a in to)}


def _delegated(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    policy = entry.incident.escalation_policy
    return {"text": policy.name if policy else "another policy"}


def _resolved(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    return _ending(entry.incident)


def _prioritised(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    name = entry.channel.new_priority.name if entry.channel.new_priority else ""
    return {"text": name or "none", "priority": name}


def _asked(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    target = entry.responder_request_target
    return {"person": names.actor(target) if target else None}


def _replied(entry: LogEntry, told: Sequence[tuple[LogEntry, What]], names: Names) -> Said:
    return {"text": ANSWERS[entry.type], "person": names.actor(entry.agent)}


def _ending(incident: RestIncident) -> Said:
    """Resolved; or merged, into which, so that nobody takes it for over."""
    reason = incident.resolve_reason
    if reason is None or reason.type != MERGE or reason.incident is None:
        return {"what": What.RESOLVED}
    into = reason.incident
    return {"what": What.MERGED, "into": into.id, "text": bare_title(into.summary) or into.id}


TELLERS: dict[What, Callable[[LogEntry, Sequence[tuple[LogEntry, What]], Names], Said]] = {
    What.TRIGGERED: _triggered,
    What.ESCALATED: _handed,
    What.REASSIGNED: _handed,
    What.DELEGATED: _delegated,
    What.RESOLVED: _resolved,
    What.PRIORITY: _prioritised,
    What.RESPONDER_ADDED: _asked,
    What.RESPONDER_REPLIED: _replied,
}
