"""A load of signed webhooks from many keep-alive connections, cheap enough to leave the other core to the server."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

SECRET = "bench-secret"
_numbers = count(1)


@dataclass(frozen=True)
class Load:
    """What a run came to: requests answered 2xx, others, seconds, and the latencies in milliseconds, sorted."""

    accepted: int
    refused: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds

    def quantile(self, q: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(q * len(self.latencies)))]


def webhook_request(port: int, run: str, *, secret: str = SECRET) -> bytes:
    """One signed V3 webhook of about 1.8 kB as the bytes of an HTTP/1.1 request; each has an event id of its own."""
    number = next(_numbers)
    body = json.dumps(_event(f"{run}-{number:08d}", f"Q{run}{number % 500:05d}")).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
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


async def send_all(port: int, requests: Sequence[bytes], senders: int = 64) -> Load:
    """Every request once, over so many connections, each waiting for its answer before the next."""
    waiting = iter(requests)
    latencies: list[float] = []
    statuses: list[int] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_sender(port, waiting, latencies, statuses) for _ in range(senders)))
    accepted = sum(1 for status in statuses if 200 <= status < 300)
    return Load(accepted, len(statuses) - accepted, time.perf_counter() - begun, tuple(sorted(latencies)))


async def _sender(port: int, waiting: Iterator[bytes], latencies: list[float], statuses: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        begun = time.perf_counter()
        writer.write(request)
        statuses.append(await _status(reader))
        latencies.append((time.perf_counter() - begun) * 1000)
    writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    """Reads one answer with a Content-Length whole and gives its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    if length:
        await reader.readexactly(length)
    return int(head[9:12])
