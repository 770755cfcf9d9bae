"""What the door for webhooks answers, and what it keeps; spoken to in plain ASGI."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.engine.line import Unavailable
from bot.integrations.pagerduty.webhook import LARGEST, Webhook, identity

SECRET = "a secret"
Headers = list[tuple[bytes, bytes]]


@dataclass
class Inbox:
    """Keeps what is heard, or fails as told."""

    heard: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    trouble: Exception | None = None
    pause: float = 0.0

    async def hear(self, source: str, key: str, group: str, body: bytes) -> None:
        await asyncio.sleep(self.pause)
        if self.trouble is not None:
            raise self.trouble
        self.heard.append((source, key, group, body))


def signed(body: bytes, *secrets: str) -> Headers:
    digests = (hmac.new(s.encode(), body, hashlib.sha256).hexdigest() for s in secrets or (SECRET,))
    return [(b"x-pagerduty-signature", ",".join(f"v1={d}" for d in digests).encode())]


async def post(
    webhook: Webhook, body: bytes, headers: Headers | None = None, *, method: str = "POST", chunk: int = 1 << 30
) -> int | None:
    """The status answered; None when nothing was."""
    pieces = [body[i : i + chunk] for i in range(0, len(body), chunk)] or [b""]
    messages = [{"type": "http.request", "body": p, "more_body": n < len(pieces)} for n, p in enumerate(pieces, 1)]
    return await say(webhook, messages, signed(body) if headers is None else headers, method)


async def say(
    webhook: Webhook, messages: Sequence[dict[str, Any]], headers: Headers, method: str = "POST"
) -> int | None:
    waiting, sent = list(messages), []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await webhook({"type": "http", "method": method, "path": webhook.path, "headers": headers}, receive, send)
    return sent[0]["status"] if sent else None


def event(**data: Any) -> bytes:
    return json.dumps({"event": {"id": "01E", "event_type": "incident.triggered", "data": data}}).encode()


INCIDENT = event(id="PINC1", type="incident", title="Down")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def webhook(inbox: Inbox) -> Webhook:
    return Webhook(inbox, ["another secret", SECRET])


async def test_a_signed_webhook_is_kept_as_it_came_and_then_accepted(webhook: Webhook, inbox: Inbox) -> None:
    assert await post(webhook, INCIDENT) == 202
    assert inbox.heard == [("pagerduty", "01E", "PINC1", INCIDENT)]
    assert webhook.tally.accepted == 1


async def test_the_body_may_come_in_pieces(webhook: Webhook, inbox: Inbox) -> None:
    assert await post(webhook, INCIDENT, chunk=7) == 202
    assert inbox.heard[0][3] == INCIDENT


@pytest.mark.parametrize("headers", [[], [(b"x-pagerduty-signature", b"v1=nonsense")]])
async def test_without_a_signature_of_the_right_form_it_is_401_and_not_kept(
    webhook: Webhook, inbox: Inbox, headers: Headers
) -> None:
    assert await post(webhook, INCIDENT, headers) == 401
    assert not inbox.heard
    assert webhook.tally.unsigned == 1


async def test_a_signature_by_an_unknown_secret_is_503_so_that_pagerduty_tries_again_and_rings_an_alarm(
    webhook: Webhook, inbox: Inbox
) -> None:
    assert await post(webhook, INCIDENT, signed(INCIDENT, "rotated")) == 503
    assert not inbox.heard
    assert webhook.tally.unknown == 1
    assert webhook.tally.unknown_at is not None


async def test_during_a_rotation_either_secret_will_do(webhook: Webhook) -> None:
    assert await post(webhook, INCIDENT, signed(INCIDENT, "rotated", SECRET)) == 202


async def test_a_fault_of_ours_is_503(webhook: Webhook, inbox: Inbox) -> None:
    inbox.trouble = Unavailable("the disk is full")
    assert await post(webhook, INCIDENT) == 503
    inbox.trouble = RuntimeError("a bug")
    assert await post(webhook, INCIDENT) == 503
    assert webhook.tally.failed == 2


async def test_an_insert_that_takes_too_long_is_503_within_five_seconds(
    webhook: Webhook, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.integrations.pagerduty.webhook.PATIENCE", 0.05)
    inbox.pause = 5
    async with asyncio.timeout(2):
        assert await post(webhook, INCIDENT) == 503


async def test_exactly_512_kib_are_taken_and_a_byte_more_is_413(webhook: Webhook, inbox: Inbox) -> None:
    full = b'"' + b"x" * (LARGEST - 2) + b'"'
    assert await post(webhook, full, chunk=65536) == 202
    assert await post(webhook, full + b" ", chunk=65536) == 413
    assert len(inbox.heard) == 1


async def test_an_endless_body_is_not_read_to_its_end(webhook: Webhook) -> None:
    pieces = [{"type": "http.request", "body": b"x" * 65536, "more_body": True}] * 10_000
    taken = iter(pieces)
    read = []

    async def receive() -> Any:
        read.append(1)
        return next(taken)

    async def send(message: Any) -> None:
        pass

    await webhook({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert len(read) <= LARGEST // 65536 + 1


async def test_a_body_that_never_comes_to_its_end_holds_no_line_for_ever(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.integrations.pagerduty.webhook.PATIENCE", 0.05)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(2):
        await webhook({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert sent[0]["status"] == 503, "if it was PagerDuty, it sends it again"


async def test_a_sender_that_goes_away_is_not_answered(webhook: Webhook, inbox: Inbox) -> None:
    half = {"type": "http.request", "body": INCIDENT[:10], "more_body": True}
    assert await say(webhook, [half], signed(INCIDENT)) is None
    assert not inbox.heard


async def test_only_post_is_taken(webhook: Webhook) -> None:
    assert await post(webhook, INCIDENT, method="GET") == 405


ODD = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"words"',
    b"{",
    b"\xff\xfe",
    b"\x00",
    b"{}",
    b'{"event": null}',
    b'{"event": []}',
    b'{"event": {}}',
    b'{"event": {"id": 5, "data": 7}}',
    b'{"event": {"id": {}, "data": {"incident": "x"}}}',
    b'{"event": {"id": "", "data": {"type": "incident", "id": null}}}',
    b'{"event": {"id": "a\\u0000b", "data": {"type": "incident", "id": "\\u0000"}}}',
    b'{"event": {"id": "\\ud800", "data": {}}}',
    b'{"event": {"id": "' + b"x" * 100_000 + b'"}}',
    b'{"event": {"id": "01E", "event_type": "incident.unheard_of", "data": {"incident_role_assignments": [3]}}}',
    b'{"event": {"id": "01E", "event_type": "future.thing", "occurred_at": 1e400}}',
    b'{"n": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b'{"event":' * 50_000,
]


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
async def test_whatever_a_well_signed_webhook_says_it_is_kept_and_accepted(
    webhook: Webhook, inbox: Inbox, body: bytes
) -> None:
    assert await post(webhook, body) == 202
    _, key, group, kept = inbox.heard[0]
    assert kept == body
    for name in (key, group):
        assert 0 < len(name) <= 200
        assert name.isascii()
        assert name.isprintable()


def test_the_key_is_the_signed_event_id_before_the_unsigned_header() -> None:
    headers = [(b"x-webhook-id", b"delivery-1")]
    assert identity(INCIDENT, headers)[0] == "01E"
    assert identity(b"{}", headers)[0] == "delivery-1"
    assert identity(b"{}", [])[0] == f"sha256/{hashlib.sha256(b'{}').hexdigest()}"


@pytest.mark.parametrize(
    ("data", "group"),
    [
        ({"type": "incident", "id": "PINC1"}, "PINC1"),
        ({"type": "incident_note", "id": "PNOTE", "incident": {"id": "PINC2"}}, "PINC2"),
        ({"type": "incident_role_assignment", "incident_role_assignments": [{"incident": {"id": "PINC3"}}]}, "PINC3"),
        ({"type": "service", "id": "PSERV"}, "01E"),
        ({"type": "ping", "message": "Hello"}, "01E"),
    ],
)
def test_events_of_one_incident_share_a_group_and_others_have_their_own(data: dict[str, Any], group: str) -> None:
    assert identity(event(**data), [])[1] == group
