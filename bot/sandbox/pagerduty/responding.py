"""Who works on an incident: escalation, delegation, reassignment, and people asked to help."""

from datetime import datetime, timedelta

from bot.sandbox.pagerduty import events
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.lifecycle import assigned, notify, unacknowledge
from bot.sandbox.pagerduty.problems import Problem, invalid, not_found
from bot.sandbox.pagerduty.records import Incident, Reply, Responder


def escalate(account: Account, incident: Incident, by: str | None, level: int | None = None) -> Incident:
    """Hand it to the next level (or the named one), and page them. 400/1006 past the last level."""
    wanted = incident.level + 1 if level is None else level
    if not incident.is_open or not 1 <= wanted <= len(account.directory.policies[incident.policy].levels):
        raise Problem(400, 1006, "Cannot Escalate", f"there is no level {wanted}")
    return _handed(account, incident, by, incident.policy, wanted, "escalate", "incident.escalated")


def delegate(account: Account, incident: Incident, by: str | None, policy: str) -> Incident:
    """Hand it to another escalation policy, at its first level."""
    return _handed(account, incident, by, policy, 1, "delegate", "incident.delegated")


def _handed(
    account: Account, incident: Incident, by: str | None, policy: str, level: int, entry: str, event: str
) -> Incident:
    users = account.directory.on_call(policy, level)
    fresh = account.put(
        incident,
        by,
        status="triggered",
        acknowledgements=(),
        policy=policy,
        level=level,
        escalated_at=account.now(),
        assignments=assigned(account, users),
    )
    name = account.directory.policies[policy].name
    account.record(entry, fresh, by, f"{entry.capitalize()}d to level {level} of {name}.", escalation_level=level)
    account.tell(event, fresh, by)
    notify(account, fresh, "escalation")
    return fresh


def reassign(account: Account, incident: Incident, by: str | None, users: tuple[str, ...]) -> Incident:
    """Hand it to people by name. 400/1007 when there is nobody to hand it to."""
    if not users or not incident.is_open:
        raise Problem(400, 1007, "Assigned To User Not Found")
    fresh = account.put(
        incident,
        by,
        status="triggered",
        acknowledgements=(),
        escalated_at=account.now(),
        assignments=assigned(account, users),
    )
    account.tell("incident.reassigned", fresh, by)
    notify(account, fresh, "reassignment")
    return fresh


def request_help(
    account: Account, incident: Incident, requester: str, message: str, targets: list[tuple[str, str]]
) -> list[Responder]:
    """Ask users (`("user", id)`) or policies (`("escalation_policy", id)`) to help; each person asked is paged."""
    if not incident.is_open:
        raise invalid("Responders can only be added to an open incident")
    request = account.new_id("R")
    return [
        responder
        for kind, id in targets
        for responder in _asked(account, incident, request, requester, message, kind, id)
    ]


def _asked(
    account: Account, incident: Incident, request: str, requester: str, message: str, kind: str, id: str
) -> list[Responder]:
    by_policy = kind == "escalation_policy"
    users = account.directory.on_call(id, 1) if by_policy else (account.directory.user(id).id,)
    target = account.links.policy(id) if by_policy else account.links.user(users[0])
    account.record(
        f"responder_request_for_{kind}",
        incident,
        requester,
        f"Help was requested from {target['summary']}.",
        {"type": "api", "summary": message},
        responder_request_target=target,
    )
    return [_added(account, incident, request, requester, message, user, id if by_policy else None) for user in users]


def _added(
    account: Account, incident: Incident, request: str, requester: str, message: str, user: str, policy: str | None
) -> Responder:
    now = account.now()
    responder = Responder(
        request=request,
        incident=incident.id,
        user=user,
        requester=requester,
        message=message,
        requested_at=now,
        updated_at=now,
        policy=policy,
    )
    account.responders.append(responder)
    account.tell("incident.responder.added", incident, requester, events.responder(account.links, responder))
    account.page("responder_request", user, incident, message)
    return responder


def answer(account: Account, incident: Incident, user: str, state: Reply) -> Responder:
    """Somebody who was asked says yes (`joined`) or no (`declined`)."""
    for place, responder in reversed(list(enumerate(account.responders))):
        if responder.incident == incident.id and responder.user == user and responder.state == "pending":
            fresh = responder.model_copy(update={"state": state, "updated_at": account.now()})
            account.responders[place] = fresh
            _answered(account, incident, fresh)
            return fresh
    raise not_found(f"{account.directory.users[user].name} has no open request on this incident")


def _answered(account: Account, incident: Incident, responder: Responder) -> None:
    verb = "accept" if responder.state == "joined" else "decline"
    name = account.directory.users[responder.user].name
    account.record(f"responder_{verb}", incident, responder.user, f"{name} {responder.state}.")
    data = events.responder(account.links, responder)
    account.tell("incident.responder.replied", incident, responder.user, data)


def withdraw(account: Account, incident: Incident, requester: str, targets: list[tuple[str, str]]) -> list[Responder]:
    """Cancel what was asked and not yet answered."""
    cancelled: list[Responder] = []
    for place, responder in enumerate(account.responders):
        asked = {("user", responder.user), ("escalation_policy", responder.policy)}
        if responder.incident == incident.id and responder.state == "pending" and asked & set(targets):
            fresh = responder.model_copy(update={"state": "cancelled", "updated_at": account.now()})
            account.responders[place] = fresh
            cancelled.append(fresh)
    account.record("responder_request_cancelled", incident, requester, f"{len(cancelled)} requests were cancelled.")
    return cancelled


def let_time_pass(account: Account, unanswered: timedelta | None) -> None:
    """Wake what was snoozed; escalate what nobody acknowledged within `unanswered` (None: never)."""
    now = account.now()
    for incident in list(account.incidents.values()):
        if incident.snoozed_until is not None and incident.snoozed_until <= now:
            unacknowledge(account, incident, None)
        elif unanswered is not None and _is_waiting(account, incident) and _waited_since(incident) + unanswered <= now:
            escalate(account, incident, None)


def _is_waiting(account: Account, incident: Incident) -> bool:
    levels = account.directory.policies[incident.policy].levels
    return incident.status == "triggered" and incident.level < len(levels)


def _waited_since(incident: Incident) -> datetime:
    return incident.escalated_at or incident.created_at
