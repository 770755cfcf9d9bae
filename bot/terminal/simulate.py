"""`muster simulate pagerduty`: a webhook as PagerDuty sends it, signed, to a running bot."""

import hashlib
import hmac
import http.client
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.settings import Settings
from bot.terminal.problem import Problem

PATH = "/webhooks/pagerduty"
STATUS = {
    "incident.triggered": "triggered",
    "incident.acknowledged": "acknowledged",
    "incident.unacknowledged": "triggered",
    "incident.escalated": "triggered",
    "incident.reassigned": "triggered",
    "incident.priority_updated": "triggered",
    "incident.reopened": "triggered",
    "incident.resolved": "resolved",
}
"""The events whose data is the incident itself, with the status it then has: developer.pagerduty.com, "Webhooks"."""
OTHERS = ("incident.annotated", "pagey.ping")


@dataclass(frozen=True)
class Wish:
    """What the webhook shall tell."""

    event: str
    title: str = "Simulated: checkout answers with errors"
    service: str = "checkout"
    priority: str = "P1"
    urgency: str = "high"
    incident: str = ""
    note: str = "Looking at it"
    by: str = "Ada Nwosu"


def send(wish: Wish, found: Settings, url: str = "") -> None:
    """Sends it and says what came of it. Raises Problem."""
    if wish.event not in (*STATUS, *OTHERS):
        raise Problem(f"There is no event {wish.event}. There are: {', '.join((*STATUS, *OTHERS))}.", code=2)
    known = found.pagerduty.webhook_secrets
    if not known:
        raise Problem("MUSTER_PAGERDUTY__WEBHOOK_SECRETS is not set: without a secret nothing can be signed.", code=2)
    incident = wish.incident or f"QSIM{secrets.token_hex(5).upper()}"
    body = json.dumps(envelope(wish, incident, datetime.now(UTC))).encode()
    target = url or f"http://127.0.0.1:{found.http.port}{PATH}"
    status = _posted(target, body, signature(body, known[0].get_secret_value()))
    if status != 202:
        raise Problem(_meaning(status, target))
    print(f"{wish.event} of {incident} is heard. Go on with: muster simulate pagerduty … --incident {incident}")


def signature(body: bytes, secret: str) -> str:
    """`v1=` and the HMAC-SHA256 of the raw body: developer.pagerduty.com, "Verifying signatures"."""
    return f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def envelope(wish: Wish, incident: str, at: datetime) -> dict[str, Any]:
    """The V3 envelope of a webhook."""
    person = {"id": "PSIMULATED", "type": "user_reference", "summary": wish.by}
    return {
        "event": {
            "id": f"SIM{secrets.token_hex(12).upper()}",
            "event_type": wish.event,
            "resource_type": wish.event.partition(".")[0],
            "occurred_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "agent": None if wish.event == "incident.triggered" else person,
            "client": None,
            "data": _data(wish, incident, at),
        }
    }


def _data(wish: Wish, incident: str, at: datetime) -> dict[str, Any]:
    if wish.event == "pagey.ping":
        return {"type": "ping", "message": "Hello from your friend Pagey!"}
    if wish.event == "incident.annotated":
        about = {"id": incident, "type": "incident_reference", "summary": wish.title}
        return {
            "id": f"N{incident}",
            "type": "incident_note",
            "incident": about,
            "content": wish.note,
            "trimmed": False,
        }
    priority = {"id": f"SIM{wish.priority}", "type": "priority_reference", "summary": wish.priority}
    return {
        "id": incident,
        "type": "incident",
        "html_url": f"https://example.pagerduty.com/incidents/{incident}",
        "number": 1,
        "status": STATUS[wish.event],
        "incident_key": incident.lower(),
        "created_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "title": wish.title,
        "service": {"id": f"SIM-{wish.service}", "type": "service_reference", "summary": wish.service},
        "assignees": [],
        "escalation_policy": None,
        "teams": [],
        "priority": priority if wish.priority else None,
        "urgency": wish.urgency,
        "conference_bridge": None,
        "resolve_reason": None,
    }


def _posted(target: str, body: bytes, signed: str) -> int:
    parts = urlsplit(target)
    secure = parts.scheme == "https"
    line = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(parts.netloc, timeout=10)
    headers = {"content-type": "application/json", "x-pagerduty-signature": signed}
    try:
        line.request("POST", parts.path or PATH, body, headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Problem(f"{target} does not answer ({error}). Is `muster serve` running?") from None
    finally:
        line.close()


def _meaning(status: int, target: str) -> str:
    return {
        401: f"{target} found no signature it could read (401).",
        404: f"{target} is no webhook of Muster (404). Is the port right?",
        503: f"{target} could not take it (503): another webhook secret there, or its database cannot be written.",
    }.get(status, f"{target} answered {status}.")
