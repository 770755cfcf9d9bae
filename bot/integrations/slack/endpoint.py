"""Slack over HTTP: signed requests in, checked to the last byte before anybody reads them.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import perf_counter, time
from urllib.parse import parse_qsl

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.integrations.slack.acks import Acks
from bot.integrations.slack.deliveries import read_json, sound

LARGEST = 1_000_000
"""Bytes. Slack's own limits keep its requests far below."""
SLOWEST = 10.0
"""Seconds that a body may take to come; Slack gives up after 3."""
YOUNG = 300
"""Seconds. What was signed before that may have been recorded by somebody."""
MOST_FIELDS = 100
"""Of a form; a command has some twelve."""
PASSED_ON = ("x-slack-retry-num", "x-slack-retry-reason")


class Endpoint:
    """What stands behind `POST /slack/events`. Bolt's own check cannot bear odd headers and bytes; this can."""

    def __init__(self, bolt: AsyncApp, signing_secret: str, acks: Acks | None = None) -> None:
        self._bolt = bolt
        self._acks = acks or Acks()
        self._secret = signing_secret.encode()
        self.mismatches = 0
        """Requests signed just now, with another secret than ours."""

    async def answer(self, request: Request) -> Response:
        """401 for what Slack did not sign in the last five minutes, 400 for what it signed and nobody can read."""
        if not self._secret:
            return PlainTextResponse("This bot listens in Socket Mode.", status_code=404)
        try:
            async with asyncio.timeout(SLOWEST):
                body = await _body(request)
        except TimeoutError:
            return PlainTextResponse("Too slow.", status_code=408)
        if body is None:
            return PlainTextResponse("Too large.", status_code=413)
        if not self._signed(body, request.headers):
            return PlainTextResponse("Not signed by Slack.", status_code=401)
        read = _read(body, request.headers)
        if read is None:
            return PlainTextResponse("Nothing that Slack sends.", status_code=400)
        began = perf_counter()
        answer = await self._bolt.async_dispatch(read)
        self._acks.add(read.body, began)
        return _response(answer)

    def _signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
            return False
        signed = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
        given = headers.get("x-slack-signature", "").encode()
        young, ours = abs(time() - int(timestamp)) <= YOUNG, hmac.compare_digest(f"v0={signed}".encode(), given)
        self.mismatches += young and not ours and given.startswith(b"v0=")
        return young and ours


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
    """The request as Bolt takes it; None for bytes that are no text, or not what Slack sends.

    Only headers that Slack sends go on: Bolt would obey some others. And Bolt is given what was read, as it is over a
    socket: from a form it reads nothing at all where somebody's words hold the word "payload".
    """
    try:
        read = sound(_fields(body.decode("utf-8")))
    except ValueError:
        return None
    kept: dict[str, str | Sequence[str]] = {name: headers[name] for name in PASSED_ON if name in headers}
    return AsyncBoltRequest(mode="socket_mode", body=read, headers=kept) if read is not None else None


def _fields(text: str) -> object:
    """Events come as JSON; commands as a form; the others as JSON in a form's one field. Raises ValueError."""
    if text.startswith("{"):
        return read_json(text)
    fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    return read_json(fields["payload"]) if "payload" in fields else fields


def _response(answer: BoltResponse) -> Response:
    headers = answer.first_headers_without_set_cookie()
    return Response(answer.body or "", status_code=answer.status, headers=headers)
