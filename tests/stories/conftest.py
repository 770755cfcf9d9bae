"""A fresh world for each story: a sandbox, a bot in it, and people's hands on both."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from bot.engine.schema import migrate
from bot.sandbox import SandboxClient, running
from tests.engine.conftest import Cluster
from tests.engine.conftest import cluster as cluster  # the same server as the engine's tests
from tests.stories.world import Plan, World, brief

OpenWorld = Callable[[Plan], Awaitable[World]]
DatabaseUrl = Callable[[str], str]
BriefWorld = Callable[..., AbstractAsyncContextManager[Any]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables in it and nothing else, made once."""
    path = tmp_path_factory.mktemp("fresh") / "muster.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: Path) -> Iterator[DatabaseUrl]:
    """Makes a fresh database of a kind; those on the server are dropped after the test."""
    made: list[str] = []

    def fresh(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{copyfile(fresh_database, tmp_path / 'muster.db')}"
        server: Cluster = request.getfixturevalue("cluster")
        made.append(server.fresh())
        return made[-1]

    yield fresh
    for url in made:
        request.getfixturevalue("cluster").drop(url)


@pytest.fixture
async def open_world(database_url: DatabaseUrl) -> AsyncIterator[OpenWorld]:
    """Opens a world of a plan; all of them are closed after the test."""
    async with AsyncExitStack() as stack:

        async def opened(plan: Plan) -> World:
            url = database_url(plan.database)
            sandbox = stack.enter_context(running())
            hands = await stack.enter_async_context(SandboxClient(sandbox.url))
            world = World(sandbox, hands, plan, url)
            stack.push_async_callback(world.stop)
            await world.open()
            return world

        yield opened


@pytest.fixture
async def world(request: pytest.FixtureRequest, open_world: OpenWorld) -> World:
    """A world by sockets on SQLite, unless the test is parametrized with plans (`indirect`)."""
    return await open_world(getattr(request, "param", Plan()))


@pytest.fixture
def brief_world(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: Path) -> BriefWorld:
    """Opens a world of a plan (and of a kind of World) for a block: a campaign has hundreds, one after the other."""
    number = count()

    @asynccontextmanager
    async def opened(plan: Plan, kind: type[World] = World) -> AsyncIterator[World]:
        server: Cluster | None = None
        if plan.database == "postgresql":
            server = request.getfixturevalue("cluster")
            url = server.fresh()
        else:
            url = f"sqlite:///{copyfile(fresh_database, tmp_path / f'{next(number)}.db')}"
        async with brief(kind, plan, url) as world:
            yield world
        if server:
            server.drop(url)

    return opened
