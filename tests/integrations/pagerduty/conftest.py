"""A bot of engine and PagerDuty's room, its webhook served over HTTP, against a sandbox account of its own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

from bot.engine.db import Database
from bot.engine.handle import Engine
from bot.engine.inbox import Inbox
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.schema import migrate
from bot.incident.policy import Policy
from bot.incident.values import Actor
from bot.integrations.pagerduty import Options, PagerDuty, announce, build_pagerduty, rate_of
from bot.integrations.pagerduty.webhook import PATH
from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.pagerduty.seed import API_TOKEN, FROM_EMAIL, WEBHOOK_SECRET

ADA = Actor(id="slack:UADA", name="Ada Marsh")


@dataclass
class Bot:
    """What a test holds on to."""

    engine: Engine
    room: PagerDuty
    inbox: Inbox
    outbox: Outbox
    url: str

    async def settle(self, hands: SandboxClient) -> None:
        """Until nothing is on its way in either direction."""
        for _ in range(3):
            await hands.pagerduty.settle()
            await self.inbox.idle()
            await self.outbox.idle()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture
async def hands(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as client:
        yield client


@pytest.fixture
def options(sandbox: Sandbox) -> Options:
    return Options(
        api_token=API_TOKEN,
        from_email=FROM_EMAIL,
        base_url=sandbox.pagerduty_url,
        webhook_secrets=(WEBHOOK_SECRET,),
    )


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    url = f"sqlite:///{tmp_path}/muster.db"
    migrate(url)
    database = Database.open(url)
    started = Engine(database, Policy(), facts=[announce])
    await started.start()
    yield started
    await started.stop()
    database.close()


@pytest.fixture
async def bot(engine: Engine, options: Options) -> AsyncIterator[Bot]:
    """Started, and in step with the account; no webhook is subscribed yet."""
    room = build_pagerduty(options, engine)
    inbox = Inbox(engine, {"pagerduty": room.reader})
    outbox = Outbox(engine, {"pagerduty": room.performer}, Pace(rate_of))
    await inbox.start()
    await outbox.start()
    await room.jobs[0].run()
    async with served(room.webhook) as url:
        yield Bot(engine, room, inbox, outbox, url)
    await inbox.stop()
    await outbox.stop()
    await room.stop()


@pytest.fixture
async def subscribed(bot: Bot, hands: SandboxClient) -> Bot:
    """The bot, with PagerDuty delivering every event to it."""
    await hands.pagerduty.set_weather(hurry=0.001)
    await hands.pagerduty.subscribe(bot.url + PATH)
    return bot


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
    listener.close()
