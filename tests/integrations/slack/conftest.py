"""A fresh sandbox and a fresh engine for each test, and the bot's one connection between them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.engine.db import Database
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.schema import migrate
from bot.incident.policy import Policy
from bot.integrations.slack.client import Connection
from bot.integrations.slack.fact import Places
from bot.integrations.slack.outbound import alert_announcer, announcer
from bot.integrations.slack.performer import SlackPerformer
from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import Hand


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def policy() -> Policy:
    return Policy()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture
async def hands(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as client:
        yield client


@pytest.fixture
async def connection(sandbox: Sandbox) -> AsyncIterator[Connection]:
    """As the bot opens it; only its patience is shorter."""
    opened = await Connection.open(seed.BOT_TOKEN, sandbox.slack_url, timeout=1)
    yield opened
    await opened.close()


@pytest.fixture
async def engine(tmp_path: Path, policy: Policy) -> AsyncIterator[Engine]:
    """The real engine on a file, with Slack's announcers and nobody who keeps its promises."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    migrate(url)
    database = Database.open(url)
    places = Places()
    started = Engine(database, policy, facts=[announcer(places)], alerts=[alert_announcer(places)])
    await started.start()
    yield started
    await started.stop()
    database.close()


@pytest.fixture
async def hand(engine: Engine, connection: Connection, sandbox: Sandbox) -> Hand:
    performer = SlackPerformer(
        connection,
        engine.directory,
        engine.reading,
        engine.policy,
        announce="#incidents",
        bridge="https://meet.example/42",
    )
    return Hand(engine, performer, sandbox)


@pytest.fixture
async def outbox(hand: Hand) -> AsyncIterator[Outbox]:
    """The real outbox over the performer, with nothing to slow it down."""
    started = Outbox(hand.engine, {"slack": hand.performer}, Pace())
    await started.start()
    yield started
    await started.stop()
