"""Who is told what: webhook subscriptions, and how what they are sent is signed."""

import hashlib
import hmac
from datetime import datetime
from typing import Literal

from bot.sandbox.pagerduty.events import Event
from bot.sandbox.pagerduty.records import Record

FilterKind = Literal["account_reference", "service_reference", "team_reference"]

EVENT_TYPES = frozenset(
    {
        "incident.acknowledged",
        "incident.action_invocation.created",
        "incident.action_invocation.terminated",
        "incident.action_invocation.updated",
        "incident.annotated",
        "incident.conference_bridge.updated",
        "incident.custom_field_values.updated",
        "incident.delegated",
        "incident.escalated",
        "incident.incident_type.changed",
        "incident.priority_updated",
        "incident.reassigned",
        "incident.reopened",
        "incident.resolved",
        "incident.responder.added",
        "incident.responder.replied",
        "incident.role.assigned",
        "incident.service_updated",
        "incident.status_update_published",
        "incident.task.completed",
        "incident.task.created",
        "incident.task.updated",
        "incident.triggered",
        "incident.unacknowledged",
        "incident.workflow.completed",
        "incident.workflow.started",
        "service.created",
        "service.custom_field_values.updated",
        "service.deleted",
        "service.updated",
    }
)


class Subscription(Record):
    """An address that wants events. `secrets` are all active at once, as during a rotation."""

    id: str
    url: str
    secrets: tuple[str, ...]
    events: tuple[str, ...]
    filter_kind: FilterKind = "account_reference"
    filter_id: str | None = None
    description: str | None = None
    active: bool = True
    custom_headers: tuple[tuple[str, str], ...] = ()
    drops: int = 0
    disabled_until: datetime | None = None

    def wants(self, event: Event, teams: tuple[str, ...]) -> bool:
        """Whether this event, of a service that belongs to `teams`, is one that was subscribed to."""
        if not self.active or event.event_type not in self.events:
            return False
        match self.filter_kind:
            case "account_reference":
                return True
            case "service_reference":
                return self.filter_id == event.service
            case "team_reference":
                return self.filter_id in teams


def signature(secrets: tuple[str, ...], body: bytes) -> str:
    """The header `X-PagerDuty-Signature`: one `v1=<hex HMAC-SHA256>` for each active secret.

    Source: "Verifying signatures" in PagerDuty's webhook documentation; the secret is used as it is, not decoded.
    """
    return ",".join(f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}" for secret in secrets)
