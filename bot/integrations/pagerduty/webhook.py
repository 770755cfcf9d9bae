"""Where PagerDuty's webhooks come in: verified, kept for good, and only then answered.

Source: "Webhook Behavior" in PagerDuty's documentation: an answer within 5 s; 5xx and 429 are sent again for 48 h; any
other 4xx is dropped, and after three of those the subscription is switched off for a day. So nothing that is well
signed is ever refused, and whatever may be our own fault (a secret that we do not know yet, too) is a 503.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol

import structlog
from pydantic_core import from_json
from starlette.types import Receive, Scope, Send

from bot.engine.durations import Durations
from bot.integrations.pagerduty.signatures import Signatures, Verdict

PATH = "/webhooks/pagerduty"
SOURCE = "pagerduty"
LARGEST = 512 * 1024
"""Bytes; PagerDuty never sends more than 256 KB."""
PATIENCE = 4.0
"""Seconds for everything, from the body's first byte to the commit: PagerDuty waits 5. Whoever sends no end holds no
line without end."""
LONGEST_ID = 200

log = structlog.get_logger(__name__)


class Ear(Protocol):
    """The one thing of the engine that is needed here."""

    async def hear(self, source: str, key: str, group: str, body: bytes) -> None: ...


@dataclass
class Tally:
    """How webhooks fared since the start; for metrics and doctor."""

    accepted: int = 0
    unsigned: int = 0
    unknown: int = 0
    too_large: int = 0
    failed: int = 0
    unknown_at: datetime | None = None
    """When a signature last matched none of our secrets: the alarm, for PagerDuty is waiting to deliver."""


class Webhook:
    """The ASGI application behind `POST /webhooks/pagerduty`.

    202 heard · 401 no signature · 405 not a POST · 413 over 512 KiB · 503 ours to mend: sent again by PagerDuty.
    """

    path = PATH

    def __init__(
        self, ear: Ear, secrets: Iterable[str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._hear = ear.hear
        self._signatures = Signatures(secrets)
        self._clock = clock
        self.tally = Tally()
        self.answers = Durations()
        """How long each answer took, from the whole request to its commit."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _answer(send, 405)
            return
        try:
            async with asyncio.timeout(PATIENCE):
                status = await self._taken(scope["headers"], receive)
        except TimeoutError as error:
            status = self._failed(error)
        if status is not None:
            await _answer(send, status)

    async def _taken(self, headers: Sequence[tuple[bytes, bytes]], receive: Receive) -> int | None:
        """The status to answer with; None when the sender went away."""
        body = await _body(receive)
        if body is None:
            return None
        began = perf_counter()
        status = await self._heard(headers, body)
        self.answers.add(perf_counter() - began)
        return status

    async def _heard(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> int:
        if len(body) > LARGEST:
            self.tally.too_large += 1
            return 413
        signatures = [value for name, value in headers if name == b"x-pagerduty-signature"]
        verdict = self._signatures.verdict(body, signatures)
        if verdict is not Verdict.SIGNED:
            return self._refuse(verdict)
        return await self._keep(body, *identity(body, headers))

    def _refuse(self, verdict: Verdict) -> int:
        if verdict is Verdict.UNSIGNED:
            self.tally.unsigned += 1
            return 401
        self.tally.unknown += 1
        self.tally.unknown_at = self._clock()
        log.warning("unknown_signature", told="A webhook is signed with a secret that is not among webhook_secrets.")
        return 503

    async def _keep(self, body: bytes, key: str, group: str) -> int:
        """202 once it is durable. This is the web's edge: what breaks behind it is ours, and PagerDuty tries again."""
        try:
            await self._hear(SOURCE, key, group, body)
        except Exception as error:
            return self._failed(error)
        self.tally.accepted += 1
        return 202

    def _failed(self, error: Exception) -> int:
        self.tally.failed += 1
        log.warning("not_heard", reason=f"{type(error).__name__}: {error}")
        return 503


async def _body(receive: Receive) -> bytes | None:
    """The raw body, read no further than it may be long; None when the sender went away."""
    message = await receive()
    parts, size = [], 0
    while message["type"] == "http.request":
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if not message.get("more_body", False) or size > LARGEST:
            return b"".join(parts)
        message = await receive()
    return None


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def identity(body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> tuple[str, str]:
    """(key, group) of a webhook, from the little of it that must be right: the signed event id and the incident's id.

    What has no usable event id goes by `X-Webhook-Id`, or by the digest of its body. What names no incident is a group
    of its own.
    """
    event = _event(body)
    key = _usable(event.get("id")) or _webhook_id(headers) or f"sha256/{hashlib.sha256(body).hexdigest()}"
    return key, _incident(event.get("data")) or key


def _event(body: bytes) -> dict[str, object]:
    try:
        read = from_json(body)
    except ValueError:
        return {}
    return _dict(_dict(read).get("event"))


def _incident(data: object) -> str:
    """An incident's data is itself; other data name theirs, role assignments each its own."""
    fields = _dict(data)
    if fields.get("type") == "incident":
        return _usable(fields.get("id"))
    assignments = fields.get("incident_role_assignments")
    named = _dict(assignments[0]) if isinstance(assignments, list) and assignments else fields
    return _usable(_dict(named.get("incident")).get("id"))


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _usable(value: object) -> str:
    """An id that every database takes as a key; "" otherwise."""
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isascii() and value.isprintable()
    return value if fits and isinstance(value, str) else ""


def _webhook_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    found = next((value for name, value in headers if name == b"x-webhook-id"), b"")
    return _usable(found.decode("latin-1"))
