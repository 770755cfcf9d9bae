"""Signed HTTP delivery to the bot's `/slack/events`: events as JSON, commands and interactions as forms.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack import seed
from bot.sandbox.slack.courier import Delivery, Outcome
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PATH = "/slack/events"
MOST_REDIRECTS = 2


def signature(timestamp: str, body: bytes, secret: str = seed.SIGNING_SECRET) -> str:
    """The value of X-Slack-Signature."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def signed_headers(body: bytes, media: str, secret: str = seed.SIGNING_SECRET) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": media,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(timestamp, body, secret),
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }


class HttpDelivery:
    """Posts to `settings.request_url` + /slack/events."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        body, media = _body(delivery)
        headers = signed_headers(body, media)
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        try:
            return await self._post(body, headers)
        except TimeoutError:
            return Outcome("http_timeout")
        except aiohttp.TooManyRedirects:
            return Outcome("too_many_redirects")
        except aiohttp.ClientError:
            return Outcome("connection_failed")

    async def verify_url(self) -> bool:
        """The handshake of a new request URL: the challenge must come back."""
        body = json.dumps(
            {"token": seed.VERIFICATION_TOKEN, "challenge": "sandbox-challenge", "type": "url_verification"}
        ).encode()
        outcome = await self._post(body, signed_headers(body, JSON))
        said = outcome.ack or {}
        return "sandbox-challenge" in (said.get("challenge"), said.get("text"))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: bytes, headers: dict[str, str]) -> Outcome:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        settings = self._workspace.settings
        timeout = aiohttp.ClientTimeout(total=settings.ack_seconds)
        url = settings.request_url.rstrip("/") + PATH
        # aiohttp counts the one that is too many.
        post = self._session.post(url, data=body, headers=headers, timeout=timeout, max_redirects=MOST_REDIRECTS + 1)
        async with post as response:
            said = await response.text()
            if 200 <= response.status < 300:
                return Outcome("acked", _said(said), response.status)
            return Outcome("http_error", None, response.status, response.headers.get("x-slack-no-retry") != "1")


def _body(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), JSON
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload).encode(), FORM
    return urlencode({"payload": json.dumps(delivery.payload)}).encode(), FORM


def _said(text: str) -> Json | None:
    """The body of an ack: JSON, or plain words, which count as `{"text": …}`."""
    if not text.strip():
        return None
    try:
        said = json.loads(text)
    except ValueError:
        return {"text": text}
    return said if isinstance(said, dict) else {"text": text}
