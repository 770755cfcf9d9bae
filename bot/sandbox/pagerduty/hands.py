"""What a test or a person does in PagerDuty, over the control API, from any process."""

from datetime import datetime
from typing import Any, cast

from pydantic import JsonValue, TypeAdapter

from bot.sandbox.line import Line
from bot.sandbox.pagerduty.records import Incident, Page, Record, State, Urgency

Json = dict[str, Any]


class DeliveryReport(Record):
    """One webhook's journey. A status is None where no answer came; for `outcome` see `deliveries.Delivery`."""

    webhook_id: str
    subscription: str
    event_id: str
    event_type: str
    subject: str
    outcome: str
    statuses: tuple[int | None, ...]
    errors: tuple[str, ...]
    milliseconds: tuple[float, ...]
    sent_at: tuple[datetime, ...]
    """When each attempt began."""


_PAGES = TypeAdapter(list[Page])
_REPORTS = TypeAdapter(list[DeliveryReport])


class PagerDutyHands:
    """Each method is one act of `/control/pagerduty/…`.

    `incident` is an id, number, key or title; people are an id, e-mail, name or first name (`by` None: automation).
    Raises `Impossible` where PagerDuty would refuse.
    """

    def __init__(self, line: Line) -> None:
        self._line = line

    async def _do(self, act: str, **args: Any) -> Any:
        return await self._line.act("pagerduty", act, **args)

    async def trigger(
        self,
        service: str,
        title: str,
        *,
        priority: str | None = None,
        urgency: Urgency = "high",
        body: str | None = None,
        key: str | None = None,
        by: str | None = None,
        alert: dict[str, JsonValue] | None = None,
    ) -> str:
        """Monitoring (or a person, `by`) opens an incident; `alert` is what the alert's details say. Returns its id."""
        return cast(
            str,
            await self._do(
                "trigger",
                service=service,
                title=title,
                priority=priority,
                urgency=urgency,
                body=body,
                key=key,
                by=by,
                alert=alert,
            ),
        )

    async def acknowledge(self, incident: str, by: str) -> None:
        await self._do("acknowledge", incident=incident, by=by)

    async def unacknowledge(self, incident: str, by: str | None = None) -> None:
        await self._do("unacknowledge", incident=incident, by=by)

    async def escalate(self, incident: str, by: str | None = None) -> None:
        """To the next level."""
        await self._do("escalate", incident=incident, by=by)

    async def delegate(self, incident: str, policy: str, by: str | None = None) -> None:
        """To another escalation policy."""
        await self._do("delegate", incident=incident, policy=policy, by=by)

    async def reassign(self, incident: str, to: list[str], by: str | None = None) -> None:
        await self._do("reassign", incident=incident, to=to, by=by)

    async def set_priority(self, incident: str, priority: str | None, by: str | None = None) -> None:
        await self._do("set_priority", incident=incident, priority=priority, by=by)

    async def set_urgency(self, incident: str, urgency: Urgency, by: str | None = None) -> None:
        await self._do("set_urgency", incident=incident, urgency=urgency, by=by)

    async def rename(self, incident: str, title: str, by: str | None = None) -> None:
        await self._do("rename", incident=incident, title=title, by=by)

    async def move(self, incident: str, service: str, by: str | None = None) -> None:
        """To another service."""
        await self._do("move", incident=incident, service=service, by=by)

    async def set_type(self, incident: str, name: str, by: str | None = None) -> None:
        await self._do("set_type", incident=incident, name=name, by=by)

    async def note(self, incident: str, content: str, by: str | None = None) -> str:
        """Returns the note's id."""
        return cast(str, await self._do("note", incident=incident, content=content, by=by))

    async def add_responder(self, incident: str, who: str, by: str, message: str = "Please help") -> str:
        """Ask a person, or (`policy:Name`) whoever is on call for a policy. Returns the request's id."""
        return cast(str, await self._do("add_responder", incident=incident, who=who, by=by, message=message))

    async def answer_responder(self, incident: str, by: str, *, accepted: bool = True) -> None:
        """Somebody who was asked says yes or no."""
        await self._do("answer_responder", incident=incident, by=by, accepted=accepted)

    async def status_update(self, incident: str, message: str, by: str | None = None) -> str:
        return cast(str, await self._do("status_update", incident=incident, message=message, by=by))

    async def merge(self, target: str, sources: list[str], by: str | None = None) -> None:
        await self._do("merge", target=target, sources=sources, by=by)

    async def resolve(self, incident: str, by: str | None = None, resolution: str | None = None) -> None:
        await self._do("resolve", incident=incident, by=by, resolution=resolution)

    async def reopen(self, incident: str, by: str | None = None) -> None:
        await self._do("reopen", incident=incident, by=by)

    async def snooze(self, incident: str, seconds: int, by: str) -> None:
        await self._do("snooze", incident=incident, seconds=seconds, by=by)

    async def set_bridge(
        self, incident: str, *, number: str | None = None, url: str | None = None, by: str | None = None
    ) -> None:
        await self._do("set_bridge", incident=incident, number=number, url=url, by=by)

    async def set_fields(self, incident: str, values: dict[str, JsonValue], by: str | None = None) -> None:
        """The account has `environment` and `region`."""
        await self._do("set_fields", incident=incident, values=values, by=by)

    async def add_task(
        self, incident: str, name: str, *, description: str = "", to: list[str] | None = None, by: str | None = None
    ) -> str:
        """Returns the task's id."""
        args: Json = {"name": name, "description": description, "to": to, "by": by}
        return cast(str, await self._do("add_task", incident=incident, **args))

    async def change_task(
        self, task: str, *, name: str | None = None, to: list[str] | None = None, by: str | None = None
    ) -> None:
        await self._do("change_task", task=task, name=name, to=to, by=by)

    async def complete_task(self, task: str, by: str | None = None) -> None:
        await self._do("complete_task", task=task, by=by)

    async def assign_role(self, incident: str, role: str, to: str | None, by: str | None = None) -> None:
        """Give a role to somebody, or (None) to nobody."""
        await self._do("assign_role", incident=incident, role=role, to=to, by=by)

    async def run_workflow(self, incident: str, name: str, by: str | None = None) -> str:
        return cast(str, await self._do("run_workflow", incident=incident, name=name, by=by))

    async def run_action(self, incident: str, action: str, by: str | None = None) -> str:
        return cast(str, await self._do("run_action", incident=incident, action=action, by=by))

    async def set_on_call(self, schedule: str, user: str) -> None:
        """The shift changes."""
        await self._do("set_on_call", schedule=schedule, user=user)

    async def report_change(self, service: str, summary: str) -> str:
        """A deploy, say."""
        return cast(str, await self._do("report_change", service=service, summary=summary))

    async def create_service(self, name: str, policy: str, by: str | None = None) -> str:
        return cast(str, await self._do("create_service", name=name, policy=policy, by=by))

    async def update_service(self, service: str, name: str, by: str | None = None) -> None:
        await self._do("update_service", service=service, name=name, by=by)

    async def delete_service(self, service: str, by: str | None = None) -> None:
        await self._do("delete_service", service=service, by=by)

    async def set_service_field(self, service: str, name: str, value: JsonValue, by: str | None = None) -> None:
        await self._do("set_service_field", service=service, name=name, value=value, by=by)

    async def set_abilities(self, abilities: list[str]) -> None:
        """What the account's plan allows; without `coordinated_responding`, asking for responders answers 402."""
        await self._do("set_abilities", abilities=abilities)

    async def set_rate_limit(self, a_minute: int) -> None:
        await self._do("set_rate_limit", a_minute=a_minute)

    async def escalate_after(self, seconds: float | None) -> None:
        """How long an incident may wait for an acknowledgement before it escalates; None (as at first) is for ever."""
        await self._do("escalate_after", seconds=seconds)

    async def subscribe(
        self,
        url: str,
        *,
        secrets: list[str] | None = None,
        events: list[str] | None = None,
        service: str | None = None,
    ) -> str:
        """Send every event (or these, or those of one service) there, signed with each secret; returns its id."""
        args: Json = {"secrets": secrets, "events": events, "service": service}
        return cast(str, await self._do("subscribe", url=url, **args))

    async def set_secrets(self, subscription: str, secrets: list[str]) -> None:
        """Rotation: each secret signs each webhook."""
        await self._do("set_secrets", subscription=subscription, secrets=secrets)

    async def enable(self, subscription: str) -> None:
        await self._do("enable", subscription=subscription)

    async def disable(self, subscription: str) -> None:
        """As after three webhooks in a row that failed: nothing goes there for a day, or until `enable`."""
        await self._do("disable", subscription=subscription)

    async def redeliver(self, webhook_id: str) -> None:
        """Send a webhook of the delivery log once more, word for word."""
        await self._do("redeliver", webhook_id=webhook_id)

    async def ping(self, subscription: str | None = None) -> None:
        """`pagey.ping` to one subscriber, or to all."""
        await self._do("ping", subscription=subscription)

    async def subscriptions(self) -> list[Json]:
        return cast(list[Json], await self._do("subscriptions"))

    async def set_weather(
        self,
        *,
        timeout: float = 5.0,
        hurry: float = 1.0,
        copies: int = 1,
        delay: float = 0.0,
        window: float = 0.0,
    ) -> None:
        """How webhooks travel from now on; see `deliveries.Weather`. What is not named is as it was at first."""
        await self._do("set_weather", timeout=timeout, hurry=hurry, copies=copies, delay=delay, window=window)

    async def hold(self) -> None:
        """Keep events back from now on, until `release`."""
        await self._do("hold")

    async def held(self) -> list[str]:
        """The types of the events kept back, in order."""
        return cast(list[str], await self._do("held"))

    async def release(self, order: list[int] | None = None, *, keep: bool = False) -> int:
        """Send what was kept back, one after the other, in this order of indexes, repeats allowed (None: each once).

        With `keep`, they stay held and may be released again in another order. Returns how many left.
        """
        return cast(int, await self._do("release", order=order, keep=keep))

    async def settle(self, seconds: float = 5.0) -> bool:
        """Wait until no webhook is on its way; False if some still are when the time is up."""
        return cast(bool, await self._do("settle", seconds=seconds))

    async def deliveries(self) -> list[DeliveryReport]:
        """The delivery log, oldest first."""
        return _REPORTS.validate_python(await self._do("deliveries"))

    async def clear_deliveries(self) -> None:
        await self._do("clear_deliveries")

    async def state(self) -> State:
        """A snapshot of the account."""
        return State.model_validate(await self._do("state"))

    async def incident(self, ref: str) -> Incident:
        """One incident of the snapshot, by id, number, key or title."""
        return (await self.state()).incident(ref)

    async def pages(self) -> list[Page]:
        """Who was notified, in order."""
        return _PAGES.validate_python(await self._do("pages"))

    async def events(self) -> list[Json]:
        """Every event that happened, whether or not anybody was told."""
        return cast(list[Json], await self._do("events"))
