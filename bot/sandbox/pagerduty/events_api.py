"""PagerDuty's Events API v2 over HTTP: monitoring's way in, with a routing key for each service.

Source: "Events API v2" in PagerDuty's developer documentation and its OpenAPI description (reference/events-v2).
"""

import math
from collections import defaultdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from starlette.types import Receive, Scope, Send

from bot.sandbox.clock import Clock
from bot.sandbox.edge import Edge
from bot.sandbox.pagerduty import lifecycle
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.asks import arguments
from bot.sandbox.pagerduty.records import Incident
from bot.sandbox.pagerduty.rest import Quota
from bot.sandbox.pagerduty.seed import ROUTING_KEYS
from bot.sandbox.wire import Answer, Request, answer, read

PATH = "/events/v2/enqueue"
METHOD = "POST /v2/enqueue"
A_MINUTE = 120
"""Events that one routing key may send; PagerDuty moves its limit with the traffic, about this is usual."""
LARGEST = 512 * 1024

Words = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Payload(_Strict):
    """What is wrong, where, and how badly."""

    summary: Annotated[str, Field(min_length=1, max_length=1024)]
    source: Words
    severity: Literal["critical", "error", "warning", "info"]
    timestamp: str = ""
    component: str = ""
    group: str = ""
    kind: str = Field(default="", alias="class")
    custom_details: dict[str, JsonValue] = {}


class Event(_Strict):
    """One event. `dedup_key`: which alert it is about; a trigger without one gets one."""

    routing_key: Annotated[str, Field(min_length=32, max_length=32)]
    event_action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: Annotated[str, Field(max_length=255)] = ""
    payload: Payload | None = None
    client: str = ""
    client_url: str = ""
    links: list[dict[str, str]] = []
    images: list[dict[str, str]] = []

    @model_validator(mode="after")
    def _whole(self) -> "Event":
        if self.event_action == "trigger" and self.payload is None:
            raise ValueError("'payload' is missing or blank")
        if self.event_action != "trigger" and not self.dedup_key:
            raise ValueError("'dedup_key' is missing or blank")
        return self


class Wording:
    """How the Events API words a refusal."""

    def rate_limited(self, retry_after: float) -> Answer:
        said = {"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly."}
        return answer(said, 429, "429", retry_after=str(math.ceil(retry_after)))

    def broken(self, status: int) -> Answer:
        return answer({"status": "error", "message": "Internal Server Error"}, status, str(status))

    def error(self, code: str) -> Answer:
        return _invalid(code)


class EventsApi:
    """The ASGI application behind `POST /events/v2/enqueue`. 202 taken · 400 no event · 429 too many a minute."""

    def __init__(self, account: Account, edge: Edge, clock: Clock) -> None:
        self._account, self._edge = account, edge
        self._wording = Wording()
        self._quotas = defaultdict[str, Quota](lambda: Quota(clock, A_MINUTE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read(scope, receive, self._edge.connections)

        async def act() -> Answer:
            return self._answer(request)

        args = arguments(request.body)
        await self._edge.serve("events", METHOD, args, request, receive, send, self._wording, act)

    def _answer(self, request: Request) -> Answer:
        if request.method != "POST":
            return answer({"status": "error", "message": "Not found"}, 404, "404")
        if len(request.body) > LARGEST:
            return _invalid("the event is larger than 512 KB")
        try:
            event = Event.model_validate_json(request.body)
        except ValidationError as error:
            return _invalid(*(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
        service = ROUTING_KEYS.get(event.routing_key)
        if service is None:
            return _invalid("Invalid routing key")
        if not self._quotas[event.routing_key].take():
            return self._wording.rate_limited(1)
        return self._taken(service, event)

    def _taken(self, service: str, event: Event) -> Answer:
        key = event.dedup_key or self._account.new_id("", 32).lower()
        known = next((i for i in self._account.incidents.values() if _is(i, service, key)), None)
        if known is None and event.payload is not None and event.event_action == "trigger":
            lifecycle.trigger(self._account, _trigger(service, key, event.payload))
        elif known is not None:
            self._follow(known, event.event_action)
        return answer({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    def _follow(self, known: Incident, action: str) -> None:
        """A second trigger of what is open is one more line in its alert's log, and wakes nobody."""
        if action == "resolve":
            lifecycle.resolve(self._account, known, None)
        elif action == "acknowledge" and known.status == "triggered":
            fresh = self._account.put(known, None, status="acknowledged")
            self._account.record("acknowledge", fresh, None, "Acknowledged through the API.")
            self._account.tell("incident.acknowledged", fresh, None)


def _is(incident: Incident, service: str, key: str) -> bool:
    return incident.is_open and incident.service == service and incident.incident_key == key


def _trigger(service: str, key: str, payload: Payload) -> lifecycle.Trigger:
    return lifecycle.Trigger(
        service=service,
        title=payload.summary,
        urgency="high" if payload.severity in ("critical", "error") else "low",
        key=key,
        alert=True,
        alert_details=payload.custom_details,
    )


def _invalid(*errors: str) -> Answer:
    said = {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)}
    return answer(said, 400, "400")
