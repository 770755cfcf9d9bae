"""The REST calls that read who works here, what they run and who is on call."""

from bot.sandbox.pagerduty import rendering_directory as rendering
from bot.sandbox.pagerduty.asks import Ask, Endpoint, Reply
from bot.sandbox.pagerduty.problems import invalid, not_found
from bot.sandbox.pagerduty.records import EscalationPolicy, Schedule, Service, Target, User


def list_users(ask: Ask) -> Reply:
    """`query` is looked for in names and e-mail addresses."""
    wanted, include = (ask.one("query") or "").casefold(), ask.many("include")
    users = [u for u in ask.account.directory.users.values() if wanted in f"{u.name}\n{u.email}".casefold()]
    return Reply(ask.page("users", users, lambda u: rendering.user(ask.account, u, include)))


def _user(ask: Ask) -> User:
    if ask.params["id"] not in ask.account.directory.users:
        raise not_found()
    return ask.account.directory.users[ask.params["id"]]


def get_user(ask: Ask) -> Reply:
    return Reply({"user": rendering.user(ask.account, _user(ask), ask.many("include"))})


def get_me(ask: Ask) -> Reply:
    """An account's token belongs to nobody."""
    raise invalid("The current user cannot be determined from an account-level API key")


def list_contact_methods(ask: Ask) -> Reply:
    user = _user(ask)
    return Reply({"contact_methods": [rendering.contact_method(ask.account, user, m) for m in user.contact_methods]})


def list_services(ask: Ask) -> Reply:
    wanted, teams = (ask.one("query") or "").casefold(), ask.many("team_ids")
    services = [
        s
        for s in ask.account.directory.services.values()
        if not s.deleted and wanted in s.name.casefold() and (not teams or set(teams) & set(s.teams))
    ]
    return Reply(ask.page("services", services, lambda s: rendering.service(ask.account, s)))


def _service(ask: Ask) -> Service:
    service = ask.account.directory.services.get(ask.params["id"])
    if service is None or service.deleted:
        raise not_found()
    return service


def get_service(ask: Ask) -> Reply:
    return Reply({"service": rendering.service(ask.account, _service(ask))})


def list_policies(ask: Ask) -> Reply:
    wanted = (ask.one("query") or "").casefold()
    policies = [p for p in ask.account.directory.policies.values() if wanted in p.name.casefold()]
    return Reply(ask.page("escalation_policies", policies, lambda p: rendering.policy(ask.account, p)))


def get_policy(ask: Ask) -> Reply:
    policy = ask.account.directory.policies.get(ask.params["id"])
    if policy is None:
        raise not_found()
    return Reply({"escalation_policy": rendering.policy(ask.account, policy)})


def list_schedules(ask: Ask) -> Reply:
    wanted = (ask.one("query") or "").casefold()
    schedules = [s for s in ask.account.directory.schedules.values() if wanted in s.name.casefold()]
    return Reply(ask.page("schedules", schedules, lambda s: rendering.schedule(ask.account, s)))


def _schedule(ask: Ask) -> Schedule:
    if ask.params["id"] not in ask.account.directory.schedules:
        raise not_found()
    return ask.account.directory.schedules[ask.params["id"]]


def get_schedule(ask: Ask) -> Reply:
    return Reply({"schedule": rendering.scheduled(ask.account, _schedule(ask))})


def list_schedule_users(ask: Ask) -> Reply:
    """Who is on duty between `since` and `until`; the sandbox's rota stands still, so whoever is on duty now."""
    user = ask.account.directory.users[_schedule(ask).on_call]
    return Reply({"users": [rendering.user(ask.account, user, [])]})


def list_on_calls(ask: Ask) -> Reply:
    policies, schedules, users = ask.many("escalation_policy_ids"), ask.many("schedule_ids"), ask.many("user_ids")
    include, directory = ask.many("include"), ask.account.directory
    found: list[tuple[EscalationPolicy, int, Target]] = [
        (policy, level, target)
        for policy in directory.policies.values()
        for level, targets in enumerate(policy.levels, start=1)
        for target in targets
        if (not policies or policy.id in policies)
        and (not schedules or target.id in schedules)
        and (not users or directory.on_duty(target) in users)
    ]
    return Reply(ask.page("oncalls", found, lambda entry: rendering.on_call(ask.account, *entry, include)))


def list_teams(ask: Ask) -> Reply:
    teams = list(ask.account.directory.teams.values())
    return Reply(ask.page("teams", teams, lambda t: {**ask.account.links.team(t.id), "type": "team", "name": t.name}))


def list_priorities(ask: Ask) -> Reply:
    priorities = list(ask.account.directory.priorities.values())
    return Reply(ask.page("priorities", priorities, lambda p: rendering.priority(ask.account, p)))


def list_abilities(ask: Ask) -> Reply:
    return Reply({"abilities": list(ask.account.abilities)})


def list_changes(ask: Ask) -> Reply:
    return _changes(ask, None)


def list_service_changes(ask: Ask) -> Reply:
    return _changes(ask, _service(ask).id)


def _changes(ask: Ask, service: str | None) -> Reply:
    """Newest first."""
    changes = [c for c in ask.account.directory.changes if service in (None, c.service) and ask.within(c.at)]
    changes.sort(key=lambda c: c.at, reverse=True)
    return Reply(ask.page("change_events", changes, lambda c: rendering.change_event(ask.account, c)))


ENDPOINTS = (
    Endpoint("GET", "/users", list_users),
    Endpoint("GET", "/users/me", get_me),
    Endpoint("GET", "/users/{id}", get_user),
    Endpoint("GET", "/users/{id}/contact_methods", list_contact_methods),
    Endpoint("GET", "/services", list_services),
    Endpoint("GET", "/services/{id}", get_service),
    Endpoint("GET", "/services/{id}/change_events", list_service_changes),
    Endpoint("GET", "/escalation_policies", list_policies),
    Endpoint("GET", "/escalation_policies/{id}", get_policy),
    Endpoint("GET", "/schedules", list_schedules),
    Endpoint("GET", "/schedules/{id}", get_schedule),
    Endpoint("GET", "/schedules/{id}/users", list_schedule_users),
    Endpoint("GET", "/oncalls", list_on_calls),
    Endpoint("GET", "/teams", list_teams),
    Endpoint("GET", "/priorities", list_priorities),
    Endpoint("GET", "/abilities", list_abilities),
    Endpoint("GET", "/change_events", list_changes),
)
