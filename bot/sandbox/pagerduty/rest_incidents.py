"""The REST calls that read and change incidents."""

from collections.abc import Iterable

from bot.sandbox.pagerduty import details, lifecycle, rendering, responding
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.asks import Ask, Endpoint, Reply
from bot.sandbox.pagerduty.bodies import (
    Assignment,
    Change,
    ChangeIncident,
    ChangeIncidents,
    ConferenceBridge,
    CreateIncident,
    CreateNote,
    CreateStatusUpdate,
    Merge,
    RequestHelp,
    SetFields,
    Snooze,
    WithdrawHelp,
)
from bot.sandbox.pagerduty.events import incident_field_value
from bot.sandbox.pagerduty.lifecycle import Trigger
from bot.sandbox.pagerduty.problems import Problem, invalid, not_found
from bot.sandbox.pagerduty.records import Bridge, Incident, Status

STATUSES = ("triggered", "acknowledged", "resolved")
BULK = 250


def _incident(ask: Ask) -> Incident:
    """The incident of the path: by id or number."""
    wanted = ask.params["id"]
    for incident in ask.account.incidents.values():
        if wanted in (incident.id, str(incident.number)):
            return incident
    raise not_found()


def _shown(ask: Ask, incident: Incident, status: int = 200) -> Reply:
    return Reply({"incident": rendering.incident(ask.account, incident, ask.many("include"))}, status)


def list_incidents(ask: Ask) -> Reply:
    statuses, services = ask.many("statuses", STATUSES), ask.many("service_ids")
    urgencies, people, key = ask.many("urgencies", ("high", "low")), ask.many("user_ids"), ask.one("incident_key")
    found = [
        i
        for i in ask.account.incidents.values()
        if (not statuses or i.status in statuses)
        and (not services or i.service in services)
        and (not urgencies or i.urgency in urgencies)
        and (not people or set(people) & set(i.assignees))
        and key in (None, i.incident_key)
        and ask.within(i.created_at)
    ]
    found.sort(key=lambda i: i.number, reverse=(ask.one("sort_by") or "").endswith(":desc"))
    include = ask.many("include")
    return Reply(ask.page("incidents", found, lambda i: rendering.incident(ask.account, i, include)))


def get_incident(ask: Ask) -> Reply:
    return _shown(ask, _incident(ask))


def create_incident(ask: Ask) -> Reply:
    new = ask.body(CreateIncident).incident
    if new.assignments and new.escalation_policy:
        raise invalid("incident: give assignments or an escalation_policy, not both")
    if new.priority and new.priority.id not in ask.account.directory.priorities:
        raise Problem(400, 1020, "Invalid Priority", new.priority.id)
    directory = ask.account.directory
    trigger = Trigger(
        service=directory.service(new.service.id).id,
        title=new.title,
        by=ask.sender,
        priority=new.priority.id if new.priority else None,
        urgency=new.urgency,
        details=new.body.details if new.body else None,
        key=new.incident_key,
        policy=directory.policy(new.escalation_policy.id).id if new.escalation_policy else None,
        assignees=_assignees(ask.account, new.assignments or ()),
        incident_type=new.incident_type.name if new.incident_type else "incident_default",
        bridge=_bridge(new.conference_bridge) if new.conference_bridge else None,
    )
    return _shown(ask, lifecycle.trigger(ask.account, trigger), 201)


def _assignees(account: Account, assignments: Iterable[Assignment]) -> tuple[str, ...]:
    wanted = tuple(assignment.assignee.id for assignment in assignments)
    if unknown := [id for id in wanted if id not in account.directory.users]:
        raise Problem(400, 1007, "Assigned To User Not Found", *unknown)
    return wanted


def _bridge(body: ConferenceBridge) -> Bridge:
    return Bridge(number=body.conference_number, url=body.conference_url)


def change_incident(ask: Ask) -> Reply:
    incident, change = _incident(ask), ask.body(ChangeIncident).incident
    return _shown(ask, _changed(ask, incident, change))


def change_incidents(ask: Ask) -> Reply:
    changes = ask.body(ChangeIncidents).incidents
    if len(changes) > BULK:
        raise Problem(413, 2001, "Request Entity Too Large", f"at most {BULK} incidents at once")
    pairs = [(ask.account.incidents.get(change.id or ""), change) for change in changes]
    known = [(incident, change) for incident, change in pairs if incident is not None]
    if len(known) < len(pairs):
        raise not_found("each incident needs the id of an incident")
    fresh = [_changed(ask, incident, change) for incident, change in known]
    return Reply(ask.page("incidents", fresh, lambda i: rendering.incident(ask.account, i, [])))


def _changed(ask: Ask, incident: Incident, change: Change) -> Incident:
    incident = _redescribed(ask.account, incident, change, ask.sender)
    incident = _rehanded(ask.account, incident, change, ask.sender)
    if change.status is None:
        return incident
    return _set_status(ask.account, incident, change.status, ask.sender, change.resolution)


def _redescribed(account: Account, incident: Incident, change: Change, by: str) -> Incident:
    if change.title is not None:
        incident = details.set_title(account, incident, by, change.title)
    if change.urgency is not None:
        incident = details.set_urgency(account, incident, by, change.urgency)
    if "priority" in change.model_fields_set:
        incident = details.set_priority(account, incident, by, change.priority.id if change.priority else None)
    if change.conference_bridge is not None:
        incident = details.set_bridge(account, incident, by, _bridge(change.conference_bridge))
    if change.incident_type is not None:
        incident = details.set_type(account, incident, by, change.incident_type.name)
    if change.service is not None:
        incident = details.set_service(account, incident, by, change.service.id)
    return incident


def _rehanded(account: Account, incident: Incident, change: Change, by: str) -> Incident:
    if change.escalation_policy is not None:
        return responding.delegate(account, incident, by, account.directory.policy(change.escalation_policy.id).id)
    if change.assignments is not None:
        return responding.reassign(account, incident, by, _assignees(account, change.assignments))
    if change.escalation_level is not None:
        return responding.escalate(account, incident, by, change.escalation_level)
    return incident


def _set_status(account: Account, incident: Incident, status: Status, by: str, resolution: str | None) -> Incident:
    """Triggered or acknowledged on a resolved incident reopens it."""
    if status == "resolved":
        return lifecycle.resolve(account, incident, by, resolution)
    if not incident.is_open:
        return lifecycle.reopen(account, incident, by, status)
    if status == "acknowledged":
        return lifecycle.acknowledge(account, incident, by)
    return lifecycle.unacknowledge(account, incident, by) if incident.status == "acknowledged" else incident


def merge(ask: Ask) -> Reply:
    target, wanted = _incident(ask), ask.body(Merge).source_incidents
    known = ask.account.incidents
    if any(ref.id not in known for ref in wanted):
        raise not_found("a source incident does not exist")
    return _shown(ask, lifecycle.merge(ask.account, target, [known[ref.id] for ref in wanted], ask.sender))


def snooze(ask: Ask) -> Reply:
    incident, body = _incident(ask), ask.body(Snooze)
    return _shown(ask, lifecycle.snooze(ask.account, incident, ask.sender, body.duration), 201)


def list_notes(ask: Ask) -> Reply:
    incident = _incident(ask)
    mine = [note for note in ask.account.notes.values() if note.incident == incident.id]
    return Reply({"notes": [rendering.note(ask.account, note) for note in mine]})


def create_note(ask: Ask) -> Reply:
    incident, body = _incident(ask), ask.body(CreateNote)
    note = lifecycle.annotate(ask.account, incident, ask.sender, body.note.content)
    return Reply({"note": rendering.note(ask.account, note)})


def create_status_update(ask: Ask) -> Reply:
    incident, body = _incident(ask), ask.body(CreateStatusUpdate)
    update = details.publish_update(ask.account, incident, ask.sender, body.message, body.subject)
    return Reply({"status_update": rendering.status_update(ask.account, update)})


def request_help(ask: Ask) -> Reply:
    """Takes no `From`: the body names the requester by id."""
    incident, body = _incident(ask), ask.body(RequestHelp)
    _demand_user(ask, body.requester_id)
    targets = [request.responder_request_target.key for request in body.responder_request_targets]
    _demand_targets(ask, targets)
    asked = responding.request_help(ask.account, incident, body.requester_id, body.message, targets)
    shown = rendering.responder_request(ask.account, incident, body.requester_id, body.message, asked)
    return Reply({"responder_request": shown})


def withdraw_help(ask: Ask) -> Reply:
    incident, body = _incident(ask), ask.body(WithdrawHelp)
    _demand_user(ask, body.requester_id)
    targets = [target.key for target in body.responder_request_targets]
    cancelled = responding.withdraw(ask.account, incident, body.requester_id, targets)
    shown = rendering.responder_request(ask.account, incident, body.requester_id, "", cancelled)
    return Reply({"responder_request": shown})


def _demand_user(ask: Ask, id: str) -> None:
    if id not in ask.account.directory.users:
        raise Problem(400, 1008, "Requester User Not Found", id)


def _demand_targets(ask: Ask, targets: list[tuple[str, str]]) -> None:
    pools = {"user": ask.account.directory.users.keys(), "escalation_policy": ask.account.directory.policies.keys()}
    unknown = [id for kind, id in targets if id not in pools[kind]]
    if unknown:
        raise invalid(*(f"there is no responder request target {id!r}" for id in unknown))


def list_log_entries(ask: Ask) -> Reply:
    return _log(ask, None)


def list_incident_log_entries(ask: Ask) -> Reply:
    return _log(ask, _incident(ask).id)


def _log(ask: Ask, incident: str | None) -> Reply:
    """Newest first. `is_overview` leaves out who was notified when."""
    overview, include = ask.flag("is_overview"), ask.many("include")
    entries = [
        entry
        for entry in reversed(ask.account.log)
        if incident in (None, entry.incident)
        and ask.within(entry.at)
        and not (overview and entry.kind == "notify_log_entry")
    ]
    return Reply(ask.page("log_entries", entries, lambda entry: rendering.log_entry(ask.account, entry, include)))


def list_alerts(ask: Ask) -> Reply:
    alerts = ask.account.alerts_of(_incident(ask).id)
    return Reply(ask.page("alerts", alerts, lambda alert: rendering.alert(ask.account, alert)))


def get_fields(ask: Ask) -> Reply:
    fields = ask.account.directory.fields
    return _field_values(_incident(ask), fields)


def _field_values(incident: Incident, fields: tuple[str, ...]) -> Reply:
    return Reply({"custom_fields": [incident_field_value(name, incident.custom_fields.get(name)) for name in fields]})


def set_fields(ask: Ask) -> Reply:
    incident, body = _incident(ask), ask.body(SetFields)
    values = {field.name: field.value for field in body.custom_fields}
    fresh = details.set_fields(ask.account, incident, ask.sender or None, values)
    return _field_values(fresh, ask.account.directory.fields)


ENDPOINTS = (
    Endpoint("GET", "/incidents", list_incidents),
    Endpoint("POST", "/incidents", create_incident, sender=True),
    Endpoint("PUT", "/incidents", change_incidents, sender=True),
    Endpoint("GET", "/incidents/{id}", get_incident),
    Endpoint("PUT", "/incidents/{id}", change_incident, sender=True),
    Endpoint("PUT", "/incidents/{id}/merge", merge, sender=True),
    Endpoint("POST", "/incidents/{id}/snooze", snooze, sender=True),
    Endpoint("GET", "/incidents/{id}/notes", list_notes),
    Endpoint("POST", "/incidents/{id}/notes", create_note, sender=True),
    Endpoint("POST", "/incidents/{id}/status_updates", create_status_update, sender=True),
    Endpoint("POST", "/incidents/{id}/responder_requests", request_help, ability="coordinated_responding"),
    Endpoint("PUT", "/incidents/{id}/responder_requests/cancel", withdraw_help, ability="coordinated_responding"),
    Endpoint("GET", "/incidents/{id}/log_entries", list_incident_log_entries),
    Endpoint("GET", "/incidents/{id}/alerts", list_alerts),
    Endpoint("GET", "/incidents/{id}/custom_fields/values", get_fields),
    Endpoint("PUT", "/incidents/{id}/custom_fields/values", set_fields),
    Endpoint("GET", "/log_entries", list_log_entries),
)
