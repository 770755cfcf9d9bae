"""The one connection to Slack's Web API: a shared HTTP session, no retries of its own, and who we are there."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.incident.policy import COMMAND
from bot.integrations.slack.called import renamed
from bot.integrations.slack.errors import FAILURES

TIMEOUT = 8
"""Seconds for one call; shorter than the lease under which the outbox makes it."""
AGAIN = 5.0
"""Seconds between attempts to learn who we are."""
KEPT_ALIVE = 300.0
"""Seconds that an idle connection is kept, so that an incident at night need not wait for a handshake."""


@dataclass(frozen=True)
class Identity:
    """Who we are in the workspace: our user id, and the workspace's address (`https://acme.slack.com/`)."""

    user: str
    url: str


class Web(AsyncWebClient):
    """Slack's Web API; what it is told names the command as this company does."""

    command = COMMAND

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        return await super().api_call(api_method, **renamed(options, self.command))


class Connection:
    """Slack's Web API for the whole process."""

    def __init__(self, session: aiohttp.ClientSession, web: AsyncWebClient) -> None:
        self.session = session
        self.web = web
        self._identity: Identity | None = None
        self._asking = asyncio.Lock()
        self._first: asyncio.Task[None] | None = None

    @staticmethod
    async def open(
        token: str, base_url: str = "https://slack.com/api/", timeout: int = TIMEOUT, command: str = COMMAND
    ) -> "Connection":
        """A connection without a call made yet. `timeout`: seconds. The environment's proxies are not used."""
        limits = aiohttp.TCPConnector(limit=100, keepalive_timeout=KEPT_ALIVE)
        nowhere_else = aiohttp.TraceConfig()
        nowhere_else.on_request_redirect.append(_refuse)
        session = aiohttp.ClientSession(
            connector=limits,
            timeout=aiohttp.ClientTimeout(total=timeout),
            trust_env=False,
            trace_configs=[nowhere_else],
        )
        web = Web(token=token, base_url=base_url, timeout=timeout, session=session, retry_handlers=[])
        web.proxy = None
        web.command = command
        return Connection(session, web)

    async def identity(self) -> Identity:
        """Who we are, asked once; asking at start-up also warms the connection. Raises what slack_sdk raises."""
        async with self._asking:
            if self._identity is None:
                said: Mapping[str, object] = (await self.web.auth_test()).data  # type: ignore[assignment]
                user, url = said.get("user_id"), said.get("url")
                if not isinstance(user, str) or not isinstance(url, str):
                    raise ValueError("auth.test does not say who we are")
                self._identity = Identity(user=user, url=url)
        return self._identity

    async def start(self) -> None:
        """Asks who we are in the background, for as long as it takes, so that no room has to wait for it."""
        self._first = asyncio.create_task(self._introduced(), name="slack-identity")

    async def stop(self) -> None:
        """No more asking; the connection itself stays."""
        if self._first is not None:
            self._first.cancel()
            await asyncio.gather(self._first, return_exceptions=True)

    async def _introduced(self) -> None:
        while self._identity is None:
            try:
                await self.identity()
            except FAILURES:
                await asyncio.sleep(AGAIN)

    async def close(self) -> None:
        await self.session.close()


async def _refuse(*redirect: object) -> None:
    """Slack redirects no call: whatever sends us elsewhere is not Slack, and must not be told what we say."""
    raise aiohttp.ClientError("what answered is not Slack")
