"""PagerDuty's REST API as far as Muster uses it: one method a call, typed on both sides.

Source: PagerDuty's REST API reference. Every method may raise any Trouble; those that only read never raise Ambiguous.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

from pydantic import JsonValue, TypeAdapter
from pydantic_core import from_json

from bot.incident.values import Value
from bot.integrations.pagerduty.client import Line, Params
from bot.integrations.pagerduty.payloads import (
    LogEntry,
    Note,
    OnCallEntry,
    Reference,
    ResponderRequest,
    RestIncident,
    Service,
    Subscription,
    User,
)
from bot.integrations.pagerduty.trouble import Ambiguous, Refused, Unreachable

T = TypeVar("T")

PAGE = 100
DEEPEST = 10_000
"""Items a list call returns at once, and how far its pages go."""

_INCIDENT = TypeAdapter(RestIncident)
_INCIDENTS = TypeAdapter(list[RestIncident])
_REQUEST = TypeAdapter(ResponderRequest)
_NOTE = TypeAdapter(Note)
_NOTES = TypeAdapter(list[Note])
_ENTRIES = TypeAdapter(list[LogEntry])
_USERS = TypeAdapter(list[User])
_SERVICES = TypeAdapter(list[Service])
_ON_CALLS = TypeAdapter(list[OnCallEntry])
_WORDS = TypeAdapter(list[str])
_SUBSCRIPTIONS = TypeAdapter(list[Subscription])
_REFERENCES = TypeAdapter(list[Reference])
_FLAG = TypeAdapter(bool)


class NewIncident(Value):
    """An incident to be opened. It goes to the service's own people unless a policy, or people by id, are named."""

    title: str
    service: str
    key: str
    details: str = ""
    policy: str = ""
    users: tuple[str, ...] = ()

    def body(self) -> dict[str, JsonValue]:
        incident: dict[str, JsonValue] = {
            "type": "incident",
            "title": self.title,
            "service": _ref("service", self.service),
            "urgency": "high",
            "incident_key": self.key,
            "body": {"type": "incident_body", "details": self.details or self.title},
        }
        if self.users:
            incident["assignments"] = [{"assignee": _ref("user", user)} for user in self.users]
        elif self.policy:
            incident["escalation_policy"] = _ref("escalation_policy", self.policy)
        return {"incident": incident}


class Call(Value):
    """A request for help on an incident that is there: to people, or to whoever is on call for a policy."""

    requester: str
    message: str
    policies: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def body(self) -> dict[str, JsonValue]:
        targets = [_ref("escalation_policy", p) for p in self.policies] + [_ref("user", u) for u in self.users]
        return {
            "requester_id": self.requester,
            "message": self.message,
            "responder_request_targets": [{"responder_request_target": target} for target in targets],
        }


class Rest:
    """The calls, over one line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def close(self) -> None:
        self._line.close()

    async def incident(self, id: str) -> RestIncident:
        return _read(await self._line.get(_incident(id)), "incident", _INCIDENT)

    async def incidents_with_key(self, key: str) -> list[RestIncident]:
        """Newest first."""
        params: Params = {"incident_key": key, "sort_by": "created_at:desc"}
        return _read(await self._line.get("/incidents", params), "incidents", _INCIDENTS)

    async def open_incident(self, new: NewIncident) -> RestIncident:
        return _done(await self._line.post("/incidents", new.body()), "incident", _INCIDENT)

    async def call_responders(self, incident: str, call: Call) -> ResponderRequest:
        """Needs the ability `coordinated_responding` (Refused with 402 otherwise)."""
        answer = await self._line.post(f"{_incident(incident)}/responder_requests", call.body())
        return _done(answer, "responder_request", _REQUEST)

    async def set_level(self, incident: str, level: int) -> RestIncident:
        """Hands it to a level of its escalation policy, which is notified; Refused (1006) past the last."""
        return await self._change(incident, {"escalation_level": level})

    async def acknowledge(self, incident: str, sender: str = "") -> RestIncident:
        return await self._change(incident, {"status": "acknowledged"}, sender)

    async def resolve(self, incident: str, resolution: str = "") -> RestIncident:
        why: dict[str, JsonValue] = {"resolution": resolution} if resolution else {}
        return await self._change(incident, {"status": "resolved", **why})

    async def resolve_all(self, incidents: Sequence[str], resolution: str) -> None:
        """All of them by one call, 250 at most; where it is Refused, none or some of them may have been resolved."""
        change: dict[str, JsonValue] = {"type": "incident_reference", "status": "resolved", "resolution": resolution}
        body: dict[str, JsonValue] = {"incidents": [{"id": id, **change} for id in incidents]}
        _done(await self._line.put("/incidents", body), "incidents", _REFERENCES)

    async def notes(self, incident: str) -> list[Note]:
        return _read(await self._line.get(f"{_incident(incident)}/notes"), "notes", _NOTES)

    async def add_note(self, incident: str, content: str) -> Note:
        body: dict[str, JsonValue] = {"note": {"content": content}}
        return _done(await self._line.post(f"{_incident(incident)}/notes", body), "note", _NOTE)

    async def incident_log(self, incident: str, since: datetime) -> list[LogEntry]:
        params: dict[str, str | list[str]] = {"since": _moment(since), "include[]": ["incidents", "channels"]}
        return await self._all(f"{_incident(incident)}/log_entries", "log_entries", _ENTRIES, params)

    async def log(self, since: datetime, until: datetime) -> list[LogEntry]:
        """What happened to all incidents of the account, DEEPEST entries at most.

        Without `is_overview`: PagerDuty does not say which entries that leaves out.
        """
        params: dict[str, str | list[str]] = {
            "since": _moment(since),
            "until": _moment(until),
            "include[]": ["incidents", "channels"],
        }
        return await self._all("/log_entries", "log_entries", _ENTRIES, params)

    async def users(self, query: str = "") -> list[User]:
        """All, with how they are reached; or those whose name or e-mail has the query in it."""
        params: dict[str, str | list[str]] = {"include[]": ["contact_methods"]}
        return await self._all("/users", "users", _USERS, {**params, "query": query} if query else params)

    async def services(self) -> list[Service]:
        return await self._all("/services", "services", _SERVICES, {})

    async def on_calls(self, policies: Iterable[str] = ()) -> list[OnCallEntry]:
        """Who is on call now, at each level of each policy (or of these)."""
        wanted = list(policies)
        return await self._all("/oncalls", "oncalls", _ON_CALLS, {"escalation_policy_ids[]": wanted} if wanted else {})

    async def policies(self) -> list[Reference]:
        return await self._all("/escalation_policies", "escalation_policies", _REFERENCES, {})

    async def priorities(self) -> list[Reference]:
        return await self._all("/priorities", "priorities", _REFERENCES, {})

    async def newest_incident_at(self) -> datetime | None:
        """When the newest incident of the account began; None where there is none."""
        params: Params = {"sort_by": "created_at:desc", "limit": "1", "date_range": "all"}
        found = _read(await self._line.get("/incidents", params), "incidents", _INCIDENTS)
        return found[0].created_at if found else None

    async def may_write(self) -> bool:
        """Whether the key may do more than read: a read-only one is refused with 403 whatever it tries to change, and
        the incident that this tries to change is not there ("Read-only API keys" in PagerDuty's REST API overview)."""
        try:
            await self._line.put(_incident("NONE"), {"incident": {"type": "incident_reference", "status": "resolved"}})
        except Refused as refusal:
            return refusal.status != 403
        return True

    async def abilities(self) -> list[str]:
        return _read(await self._line.get("/abilities"), "abilities", _WORDS)

    async def subscriptions(self) -> list[Subscription]:
        return await self._all("/webhook_subscriptions", "webhook_subscriptions", _SUBSCRIPTIONS, {})

    async def enable(self, subscription: str) -> None:
        """Switches a subscription on again that PagerDuty switched off."""
        await self._line.post(f"/webhook_subscriptions/{quote(subscription, safe='')}/enable", {})

    async def _change(self, id: str, change: dict[str, JsonValue], sender: str = "") -> RestIncident:
        body: dict[str, JsonValue] = {"incident": {"type": "incident_reference", **change}}
        return _done(await self._line.put(_incident(id), body, sender), "incident", _INCIDENT)

    async def _all(
        self, path: str, name: str, kind: TypeAdapter[list[T]], params: dict[str, str | list[str]]
    ) -> list[T]:
        """Every page of a list, as far as PagerDuty gives them out."""
        found: list[T] = []
        for offset in range(0, DEEPEST, PAGE):
            answer = await self._line.get(path, {**params, "limit": str(PAGE), "offset": str(offset)})
            items: list[T] = _read(answer, name, kind)
            found += items
            if not _read(answer, "more", _FLAG, lambda: False):
                break
        return found


def _read(answer: bytes, name: str, kind: TypeAdapter[T], otherwise: Callable[[], T] | None = None) -> T:
    """One field of an answer. Raises Unreachable when it is none of PagerDuty's."""
    try:
        fields = from_json(answer)
        if otherwise and name not in fields:
            return otherwise()
        return kind.validate_python(fields[name])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"What answered is not PagerDuty ({type(error).__name__})") from error


def _done(answer: bytes, name: str, kind: TypeAdapter[T]) -> T:
    """The same, of an act: unreadable words do not say whether it took effect."""
    try:
        return _read(answer, name, kind)
    except Unreachable as error:
        raise Ambiguous(str(error)) from error


def _incident(id: str) -> str:
    return f"/incidents/{quote(id, safe='')}"


def _ref(kind: str, id: str) -> JsonValue:
    return {"id": id, "type": f"{kind}_reference"}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
