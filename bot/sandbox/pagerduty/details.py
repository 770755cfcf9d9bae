"""What is known about an incident besides its status: priority, words, bridge, fields, tasks, roles, workflows."""

from typing import Any, Literal

from pydantic import JsonValue

from bot.sandbox.pagerduty import events
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.problems import Problem, invalid, not_found
from bot.sandbox.pagerduty.records import Bridge, Incident, Service, StatusUpdate, Task, Urgency


def set_priority(account: Account, incident: Incident, by: str | None, priority: str | None) -> Incident:
    """Name a priority by id, or None for none. Saying what is already so changes nothing. 400/1020 if unknown."""
    if priority is not None and priority not in account.directory.priorities:
        raise Problem(400, 1020, "Invalid Priority", priority)
    if priority == incident.priority:
        return incident
    before, fresh = incident.priority, account.put(incident, by, priority=priority)
    names = [account.directory.priorities[p].name if p else "none" for p in (before, priority)]
    channel: dict[str, JsonValue] = {
        "type": "website" if by else "auto",
        "old_priority": account.links.priority(before) if before else None,
        "new_priority": account.links.priority(priority) if priority else None,
    }
    account.record("priority_change", fresh, by, f'Priority changed from "{names[0]}" to "{names[1]}".', channel)
    account.tell("incident.priority_updated", fresh, by)
    return fresh


def set_urgency(account: Account, incident: Incident, by: str | None, urgency: Urgency) -> Incident:
    """High or low. PagerDuty has no webhook for it; only the log tells."""
    if urgency == incident.urgency:
        return incident
    fresh = account.put(incident, by, urgency=urgency)
    account.record("urgency_change", fresh, by, f"Urgency changed to {urgency}.")
    return fresh


def set_title(account: Account, incident: Incident, by: str | None, title: str) -> Incident:
    """Rename it. No webhook tells of this either."""
    return account.put(incident, by, title=title) if title != incident.title else incident


def set_service(account: Account, incident: Incident, by: str | None, service: str) -> Incident:
    """Move it to another service."""
    known = account.directory.service(service)
    if known.id == incident.service:
        return incident
    fresh = account.put(incident, by, service=known.id)
    account.record("service_change", fresh, by, f"Service changed to {known.name}.")
    account.tell("incident.service_updated", fresh, by)
    return fresh


def set_type(account: Account, incident: Incident, by: str | None, name: str) -> Incident:
    if name == incident.incident_type:
        return incident
    fresh = account.put(incident, by, incident_type=name)
    account.record("incident_type_change", fresh, by, f"Incident type changed to {name}.")
    account.tell("incident.incident_type.changed", fresh, by)
    return fresh


def set_bridge(account: Account, incident: Incident, by: str | None, bridge: Bridge) -> Incident:
    if bridge == incident.bridge:
        return incident
    fresh = account.put(incident, by, bridge=bridge)
    data = events.conference_bridge(account.links, fresh)
    account.tell("incident.conference_bridge.updated", fresh, by, data)
    return fresh


def set_fields(account: Account, incident: Incident, by: str | None, values: dict[str, JsonValue]) -> Incident:
    """Set custom fields by name. 400 for a field that the account does not have."""
    unknown = sorted(values.keys() - set(account.directory.fields))
    if unknown:
        raise invalid(*(f"there is no custom field {name!r}" for name in unknown))
    before = incident.custom_fields
    changed = [name for name, value in values.items() if before.get(name) != value]
    if not changed:
        return incident
    fresh = account.put(incident, by, custom_fields={**before, **values})
    account.record("custom_fields_value_change", fresh, by, f"Custom fields changed: {', '.join(changed)}.")
    data = {
        "incident": account.links.incident(incident.id),
        "custom_fields": [events.incident_field_value(name, value) for name, value in fresh.custom_fields.items()],
        "changed_custom_fields": [events.incident_field_value(name, before.get(name)) for name in changed],
        "type": "incident_field_values",
    }
    account.tell("incident.custom_field_values.updated", fresh, by, data)
    return fresh


def publish_update(
    account: Account, incident: Incident, by: str | None, message: str, subject: str | None = None
) -> StatusUpdate:
    """Words for the subscribers of an incident."""
    update = StatusUpdate(
        id=account.new_id("P"),
        incident=incident.id,
        sender=by,
        message=message,
        subject=subject,
        created_at=account.now(),
    )
    account.status_updates.append(update)
    account.record("status_update", incident, by, "Status update published.", {"type": "status", "summary": message})
    data = events.status_update(account.links, update)
    account.tell("incident.status_update_published", incident, by, data)
    return update


def add_task(
    account: Account, incident: Incident, by: str | None, name: str, description: str, assignees: tuple[str, ...]
) -> Task:
    task = Task(id=account.new_id("P"), incident=incident.id, name=name, description=description, assignees=assignees)
    _keep_task(account, task, by, "created")
    return task


def change_task(
    account: Account, id: str, by: str | None, name: str | None, assignees: tuple[str, ...] | None, done: bool
) -> Task:
    """Rename, hand over or tick off a task."""
    if id not in account.tasks:
        raise not_found(f"there is no task {id!r}")
    task = account.tasks[id]
    changes: dict[str, Any] = {"name": name or task.name, "status": "done" if done else task.status}
    fresh = task.model_copy(update={**changes, "assignees": task.assignees if assignees is None else assignees})
    _keep_task(account, fresh, by, "completed" if done else "updated")
    return fresh


def _keep_task(account: Account, task: Task, by: str | None, verb: str) -> None:
    account.tasks[task.id] = task
    incident = account.incidents[task.incident]
    account.tell(f"incident.task.{verb}", incident, by, events.task(account.links, task))


def assign_role(account: Account, incident: Incident, by: str | None, role: str, user: str | None) -> None:
    """Give a role to somebody, or to nobody: PagerDuty sends `incident.role.assigned` for both."""
    before = account.roles.pop((incident.id, role), None)
    if user is not None:
        account.roles[incident.id, role] = user
    data = events.role_assignment(account.links, incident, account.new_id("", 32).lower(), role, user, before)
    account.tell("incident.role.assigned", incident, by, data)


def run_workflow(account: Account, incident: Incident, by: str | None, name: str) -> str:
    """A workflow starts and at once completes; returns its instance's id."""
    id = account.new_id("P", 7)
    for moment in ("started", "completed"):
        data = events.workflow(account.links, incident, id, name)
        account.tell(f"incident.workflow.{moment}", incident, by, data)
    return id


def run_action(account: Account, incident: Incident, by: str | None, action: str) -> str:
    """An automation action is created, runs and ends; returns the invocation's id."""
    id = account.new_id("01", 26)
    for moment, state in (("created", "created"), ("updated", "running"), ("terminated", "completed")):
        data = events.invocation(account.links, incident, id, action, state)
        account.tell(f"incident.action_invocation.{moment}", incident, by, data)
    return id


def change_service(
    account: Account, service: Service, by: str | None, change: Literal["created", "updated", "deleted"]
) -> None:
    """Store a service as it now is, and tell."""
    account.directory.services[service.id] = service.model_copy(update={"deleted": change == "deleted"})
    data = events.service(account.links, service.id)
    account.tell_service(f"service.{change}", service, by, data)


def set_service_field(account: Account, service: Service, by: str | None, name: str, value: JsonValue) -> None:
    """A custom field of a service; the sandbox only tells of it."""
    values = [events.field_value(name, value)]
    data = {
        "service": account.links.service(service.id),
        "custom_fields": values,
        "changed_custom_fields": [events.field_value(name, None)],
        "type": "service_field_values",
    }
    account.tell_service("service.custom_field_values.updated", service, by, data)
