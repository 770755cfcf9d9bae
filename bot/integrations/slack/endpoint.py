"""Slack over HTTP: signed requests in, checked to the last byte before anybody reads them.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import time

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

LARGEST = 1_000_000
"""Bytes. Slack's own limits keep its requests far below."""
YOUNG = 300
"""Seconds. What was signed before that may have been recorded by somebody."""
PASSED_ON = ("content-type", "x-slack-retry-num", "x-slack-retry-reason")


class Endpoint:
    """What stands behind `POST /slack/events`. Bolt's own check cannot bear odd headers and bytes; this can."""

    def __init__(self, bolt: AsyncApp, signing_secret: str) -> None:
        self._bolt = bolt
        self._secret = signing_secret.encode()

    async def answer(self, request: Request) -> Response:
        """401 for what Slack did not sign in the last five minutes, 400 for what it signed and nobody can read."""
        if not self._secret:
            return PlainTextResponse("This bot listens in Socket Mode.", status_code=404)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("Too large.", status_code=413)
        if not self._signed(body, request.headers):
            return PlainTextResponse("Not signed by Slack.", status_code=401)
        read = _read(body, request.headers)
        if read is None:
            return PlainTextResponse("Nothing that Slack sends.", status_code=400)
        return _response(await self._bolt.async_dispatch(read))

    def _signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
            return False
        signed = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
        given = headers.get("x-slack-signature", "").encode()
        return hmac.compare_digest(f"v0={signed}".encode(), given) and abs(time() - int(timestamp)) <= YOUNG


async def _body(request: Request) -> bytes | None:
    """The whole body; None when it is larger than anything of Slack's."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _read(body: bytes, headers: Mapping[str, str]) -> AsyncBoltRequest | None:
    """The request as Bolt takes it; None for bytes that are no text, no JSON, or no object.

    Only headers that Slack sends go on: Bolt would obey some others.
    """
    kept: dict[str, str | Sequence[str]] = {name: headers[name] for name in PASSED_ON if name in headers}
    try:
        request = AsyncBoltRequest(body=body.decode("utf-8"), headers=kept)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None
    return request if _sound(request.body) else None


def _sound(body: object) -> bool:
    """Whether it has the shape of its kind, so far as Bolt relies on it: nothing that Slack sends lacks any of it."""
    if not isinstance(body, dict):
        return False
    match body:
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case {"type": "block_actions", "actions": [{"action_id": str()}, *_], "user": {"id": str()}}:
            return True
        case {"type": "view_submission", "view": {"type": str(), "callback_id": str()}, "user": {"id": str()}}:
            return True
        case {"type": "shortcut" | "message_action", "callback_id": str(), "user": {"id": str()}}:
            return True
        case {"type": "url_verification", "challenge": str()} | {"ssl_check": str()}:
            return True
    return "type" not in body and isinstance(body.get("command"), str)


def _response(answer: BoltResponse) -> Response:
    headers = answer.first_headers_without_set_cookie()
    return Response(answer.body or "", status_code=answer.status, headers=headers)
