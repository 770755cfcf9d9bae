"""A fresh sandbox for each test, a person's hands on it, and the bot's real libraries pointed at it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.slack import seed

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture
async def hands(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as client:
        yield client


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def web(sandbox: Sandbox, http: aiohttp.ClientSession) -> AsyncWebClient:
    """slack_sdk as the bot uses it: one shared session, no retries of its own."""
    return AsyncWebClient(seed.BOT_TOKEN, base_url=sandbox.slack_url, session=http, retry_handlers=[], timeout=5)


@pytest.fixture
def app(web: AsyncWebClient) -> AsyncApp:
    """bolt as the bot uses it; every event is acked, so that none is delivered again unless a test wants it."""
    return AsyncApp(client=web, signing_secret=seed.SIGNING_SECRET, process_before_response=True)


@pytest.fixture
async def connect(sandbox: Sandbox) -> AsyncIterator[Connect]:
    """Opens one socket for an app; closes it after the test."""
    handlers: list[AsyncSocketModeHandler] = []

    async def connected(app: AsyncApp) -> AsyncSocketModeHandler:
        client = AsyncWebClient(seed.APP_TOKEN, base_url=sandbox.slack_url)
        handler = AsyncSocketModeHandler(app, seed.APP_TOKEN, web_client=client)
        handlers.append(handler)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        return handler

    yield connected
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]
