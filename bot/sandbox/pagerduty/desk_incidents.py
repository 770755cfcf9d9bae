"""What people and monitoring do to incidents, by name rather than by id."""

from typing import Literal

from pydantic import JsonValue

from bot.sandbox.pagerduty import details, lifecycle, responding
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.acts import act
from bot.sandbox.pagerduty.records import Bridge, Incident, Urgency


class IncidentDesk:
    """`incident` is an id, number, key or title; people are an id, e-mail, name or first name (`by` None: automation).

    Each act does to the account what it would do in PagerDuty, webhooks and pages included.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def _find(self, incident: str) -> Incident:
        return self._account.incident(incident)

    def _who(self, by: str | None) -> str | None:
        return self._account.directory.user(by).id if by else None

    def _person(self, by: str) -> str:
        return self._account.directory.user(by).id

    @act
    def trigger(
        self,
        service: str,
        title: str,
        priority: str | None = None,
        urgency: Urgency = "high",
        body: str | None = None,
        key: str | None = None,
        by: str | None = None,
        alert: dict[str, JsonValue] | None = None,
    ) -> str:
        """Monitoring (or a person, `by`) opens an incident; `alert` is what the alert's details say. Returns its id."""
        directory = self._account.directory
        new = lifecycle.Trigger(
            service=directory.service(service).id,
            title=title,
            by=self._who(by),
            priority=directory.priority(priority).id if priority else None,
            urgency=urgency,
            details=body,
            key=key,
            alert=by is None,
            alert_details=alert or ({"body": body} if body else {}),
        )
        return lifecycle.trigger(self._account, new).id

    @act
    def acknowledge(self, incident: str, by: str) -> None:
        lifecycle.acknowledge(self._account, self._find(incident), self._person(by))

    @act
    def unacknowledge(self, incident: str, by: str | None = None) -> None:
        lifecycle.unacknowledge(self._account, self._find(incident), self._who(by))

    @act
    def escalate(self, incident: str, by: str | None = None) -> None:
        """To the next level."""
        responding.escalate(self._account, self._find(incident), self._who(by))

    @act
    def delegate(self, incident: str, policy: str, by: str | None = None) -> None:
        """To another escalation policy."""
        chosen = self._account.directory.policy(policy).id
        responding.delegate(self._account, self._find(incident), self._who(by), chosen)

    @act
    def reassign(self, incident: str, to: list[str], by: str | None = None) -> None:
        users = tuple(self._person(name) for name in to)
        responding.reassign(self._account, self._find(incident), self._who(by), users)

    @act
    def set_priority(self, incident: str, priority: str | None, by: str | None = None) -> None:
        chosen = self._account.directory.priority(priority).id if priority else None
        details.set_priority(self._account, self._find(incident), self._who(by), chosen)

    @act
    def set_urgency(self, incident: str, urgency: Urgency, by: str | None = None) -> None:
        details.set_urgency(self._account, self._find(incident), self._who(by), urgency)

    @act
    def rename(self, incident: str, title: str, by: str | None = None) -> None:
        details.set_title(self._account, self._find(incident), self._who(by), title)

    @act
    def move(self, incident: str, service: str, by: str | None = None) -> None:
        """To another service."""
        details.set_service(self._account, self._find(incident), self._who(by), service)

    @act
    def set_type(self, incident: str, name: str, by: str | None = None) -> None:
        details.set_type(self._account, self._find(incident), self._who(by), name)

    @act
    def note(self, incident: str, content: str, by: str | None = None) -> str:
        """Returns the note's id."""
        return lifecycle.annotate(self._account, self._find(incident), self._who(by), content).id

    @act
    def add_responder(self, incident: str, who: str, by: str, message: str = "Please help") -> str:
        """Ask a person, or (`policy:Name`) whoever is on call for a policy. Returns the request's id."""
        targets = [self._target(who)]
        asked = responding.request_help(self._account, self._find(incident), self._person(by), message, targets)
        return asked[0].request

    def _target(self, who: str) -> tuple[str, str]:
        if who.startswith("policy:"):
            return "escalation_policy", self._account.directory.policy(who.removeprefix("policy:")).id
        return "user", self._person(who)

    @act
    def answer_responder(self, incident: str, by: str, accepted: bool = True) -> None:
        """Somebody who was asked says yes or no."""
        state: Literal["joined", "declined"] = "joined" if accepted else "declined"
        responding.answer(self._account, self._find(incident), self._person(by), state)

    @act
    def status_update(self, incident: str, message: str, by: str | None = None) -> str:
        return details.publish_update(self._account, self._find(incident), self._who(by), message).id

    @act
    def merge(self, target: str, sources: list[str], by: str | None = None) -> None:
        found = [self._find(source) for source in sources]
        lifecycle.merge(self._account, self._find(target), found, self._who(by))

    @act
    def resolve(self, incident: str, by: str | None = None, resolution: str | None = None) -> None:
        lifecycle.resolve(self._account, self._find(incident), self._who(by), resolution)

    @act
    def reopen(self, incident: str, by: str | None = None) -> None:
        lifecycle.reopen(self._account, self._find(incident), self._who(by))

    @act
    def snooze(self, incident: str, seconds: int, by: str) -> None:
        lifecycle.snooze(self._account, self._find(incident), self._person(by), seconds)

    @act
    def set_bridge(
        self, incident: str, number: str | None = None, url: str | None = None, by: str | None = None
    ) -> None:
        bridge = Bridge(number=number, url=url)
        details.set_bridge(self._account, self._find(incident), self._who(by), bridge)

    @act
    def set_fields(self, incident: str, values: dict[str, JsonValue], by: str | None = None) -> None:
        details.set_fields(self._account, self._find(incident), self._who(by), values)

    @act
    def add_task(
        self, incident: str, name: str, description: str = "", to: list[str] | None = None, by: str | None = None
    ) -> str:
        """Returns the task's id."""
        people = tuple(self._person(person) for person in to or ())
        return details.add_task(self._account, self._find(incident), self._who(by), name, description, people).id

    @act
    def change_task(
        self, task: str, name: str | None = None, to: list[str] | None = None, by: str | None = None
    ) -> None:
        people = None if to is None else tuple(self._person(person) for person in to)
        details.change_task(self._account, task, self._who(by), name, people, done=False)

    @act
    def complete_task(self, task: str, by: str | None = None) -> None:
        details.change_task(self._account, task, self._who(by), None, None, done=True)

    @act
    def assign_role(self, incident: str, role: str, to: str | None, by: str | None = None) -> None:
        """Give a role to somebody, or (None) to nobody."""
        details.assign_role(self._account, self._find(incident), self._who(by), role, self._who(to))

    @act
    def run_workflow(self, incident: str, name: str, by: str | None = None) -> str:
        return details.run_workflow(self._account, self._find(incident), self._who(by), name)

    @act
    def run_action(self, incident: str, action: str, by: str | None = None) -> str:
        return details.run_action(self._account, self._find(incident), self._who(by), action)
