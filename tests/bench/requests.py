"""What PagerDuty and Slack would post to the bot, signed, as the bytes of HTTP/1.1 requests."""

import hashlib
import hmac
import json
import time
from itertools import count
from urllib.parse import urlencode

from bot.sandbox.pagerduty.seed import WEBHOOK_SECRET
from bot.sandbox.slack import seed

_numbers = count(1)


def webhook(port: int, run: str, *, incidents: int = 500) -> bytes:
    """A signed V3 webhook of about 1.8 kB; each has an event id of its own, `incidents` of a run share their ids."""
    number = next(_numbers)
    body = json.dumps(_event(f"LOAD-{run}-{number:08d}", f"Q{run}{number % incidents:06d}")).encode()
    signature = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhooks/pagerduty HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"User-Agent: PagerDuty-Webhook/V3.0\r\nX-Webhook-Id: {run}-{number}\r\nX-Webhook-Subscription: PBENCH1\r\n"
        f"X-PagerDuty-Signature: v1={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _event(event_id: str, incident: str) -> dict[str, object]:
    """A low-urgency trigger with the documented fields, kept quietly by the default rules."""
    reference = {"id": "PSERVE1", "type": "service_reference", "summary": "Batch reports", "self": "https://x.test/s"}
    return {
        "event": {
            "id": event_id,
            "event_type": "incident.triggered",
            "resource_type": "incident",
            "occurred_at": "2026-03-04T03:10:00.123Z",
            "agent": None,
            "client": {"name": "Bench"},
            "data": {
                "id": incident,
                "type": "incident",
                "self": f"https://x.test/incidents/{incident}",
                "html_url": f"https://x.test/incidents/{incident}",
                "number": 7,
                "status": "triggered",
                "incident_key": f"bench-{incident}",
                "created_at": "2026-03-04T03:10:00Z",
                "title": "Nightly report is late again, see the queue " + "x" * 600,
                "service": reference,
                "assignees": [dict(reference, type="user_reference") for _ in range(3)],
                "escalation_policy": dict(reference, type="escalation_policy_reference"),
                "teams": [],
                "priority": None,
                "urgency": "low",
                "conference_bridge": None,
                "resolve_reason": None,
            },
        }
    }


def command(port: int, text: str) -> bytes:
    """`/incident text`, typed by Ada in #general."""
    return _from_slack(
        port,
        {
            "command": "/incident",
            "text": text,
            "user_id": seed.ADA,
            "user_name": "ada",
            "team_id": seed.TEAM_ID,
            "channel_id": seed.GENERAL,
            "channel_name": "general",
            "trigger_id": f"{next(_numbers)}.{time.time_ns()}.bench",
            "api_app_id": seed.APP_ID,
            "response_url": "http://127.0.0.1:9/none",
        },
    )


def note_form(port: int, incident: int, text: str) -> bytes:
    """The form of `/incident note`, sent by Ada with these words."""
    number = next(_numbers)
    memo = {"verb": "note", "incident": incident, "channel": seed.GENERAL, "nonce": f"bench-{number}"}
    field = {"type": "plain_text_input", "value": text}
    view = {
        "id": f"VBENCH{number}",
        "type": "modal",
        "callback_id": "form",
        "private_metadata": json.dumps(memo),
        "title": {"type": "plain_text", "text": "Note"},
        "blocks": [{"type": "input", "block_id": "text", "element": {"type": "plain_text_input"}}],
        "state": {"values": {"text": {"in/text": field}, "at": {"in/at": dict(field, value=None)}}},
    }
    sent = {
        "type": "view_submission",
        "user": {"id": seed.ADA, "username": "ada", "name": "ada", "team_id": seed.TEAM_ID},
        "team": {"id": seed.TEAM_ID, "domain": "sandbox"},
        "api_app_id": seed.APP_ID,
        "trigger_id": f"{number}.{time.time_ns()}.bench",
        "view": view,
        "response_urls": [],
    }
    return _from_slack(port, {"payload": json.dumps(sent)})


def _from_slack(port: int, fields: dict[str, str]) -> bytes:
    stamp, body = str(int(time.time())), urlencode(fields).encode()
    mac = hmac.new(seed.SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={mac}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
