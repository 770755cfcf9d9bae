"""PostgreSQL goes away in the middle, at every seam and in every way: what was asked for is kept once, and goes on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.engine.handle import Engine
from bot.engine.line import Unavailable
from bot.engine.schema import driver_url
from bot.engine.seams import hooked
from bot.engine.wakes import OUTBOX
from tests.engine.conftest import Cluster, House
from tests.engine.test_weather_disk import ALL, insist
from tests.engine.toys import ADA, Open, Say, until

SEAMS = ("before-commit", "after-commit")


class Admin:
    """Somebody at the server, with a database of ours in hand."""

    def __init__(self, url: str) -> None:
        self.name = make_url(url).database
        self._server = create_engine(
            make_url(driver_url(url)).set(database="postgres"), isolation_level="AUTOCOMMIT", pool_size=1
        )

    def says(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(statement.format(name=self.name)))

    def end_all(self) -> None:
        self.says("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody gets in, and who was in is thrown out."""
        self.says("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.end_all()
        yield
        self.says("ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def close(self) -> None:
        self._server.dispose()


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    address = cluster.fresh()
    yield address
    cluster.drop(address)


@pytest.fixture
def admin(url: str) -> Iterator[Admin]:
    admin = Admin(url)
    yield admin
    admin.close()


@pytest.fixture
def expected_errors() -> list[str]:
    return [""]


@asynccontextmanager
async def story(house: House) -> AsyncIterator[Engine]:
    """An incident with two sentences, its promises kept; people try again when they are told to."""
    async with house.process() as engine, house.outbox(engine) as outbox:
        await insist(lambda: engine.handle(Open(), ADA, key="open"))
        for n in range(2):
            await insist(lambda n=n: engine.handle(Say(incident=1, text=f"it {n}"), ADA, key=f"say {n}"))  # type: ignore[misc]
            await insist(lambda n=n: engine.hear("toy", f"k{n}", "g", b"x"))  # type: ignore[misc]
        async with asyncio.timeout(10):
            while house.world.texts() != ["it 0", "it 1"] or (await engine.reading.health()).effects:
                house.clock.forward(1)
                outbox.wake()
                await asyncio.sleep(0.02)
        yield engine


async def test_connections_may_be_ended_at_every_seam_and_everything_is_kept_once(cluster: Cluster) -> None:
    at, struck = 1, True
    while struck:
        address = cluster.fresh()
        admin, passed = Admin(address), 0

        def strike(name: str, at: int = at, admin: Admin = admin) -> None:
            nonlocal passed
            passed += name in SEAMS
            if passed == at:
                passed += 1
                admin.end_all()

        house = House(address)
        with hooked(strike):
            async with story(house) as engine:
                facts = [s.event.kind for s in await engine.reading.events(1)]
        assert sorted(facts) == ["test_opened", "test_room_made", "test_said", "test_said"], f"seam {at}"
        assert house.world.count("test_make_room") == 1
        struck, at = passed > at, at + (1 if ALL else 6)
        admin.close()
        cluster.drop(address)
    assert at > 10


async def test_while_it_is_away_people_are_told_at_once_and_then_all_goes_on(url: str, admin: Admin) -> None:
    house = House(url)
    async with story(house) as engine:
        with admin.away():
            async with asyncio.timeout(2.5):
                with pytest.raises(Unavailable):
                    await engine.handle(Say(incident=1, text="lost"), ADA)
                with pytest.raises(Unavailable):
                    await engine.hear("toy", "late", "g", b"x")
                with pytest.raises(Unavailable):
                    await engine.reading.incident(1)
            assert engine.database.trouble
        async with asyncio.timeout(5):
            await insist(lambda: engine.hear("toy", "late", "g", b"x"))
            await insist(lambda: engine.handle(Say(incident=1, text="back"), ADA, key="back"))
            await until(lambda: house.world.texts()[-1] == "back")
        assert engine.database.trouble == ""


WEATHER = {
    "read-only, as on a standby": "SET default_transaction_read_only = on",
    "statement_timeout": "SET statement_timeout = 1",
}


@pytest.mark.parametrize("setting", WEATHER.values(), ids=WEATHER)
async def test_a_server_that_takes_no_writes_is_weather_and_no_bug(url: str, admin: Admin, setting: str) -> None:
    async with House(url).process() as engine:
        await engine.handle(Open(), ADA)
        admin.says("ALTER DATABASE {name} " + setting)
        admin.end_all()
        with pytest.raises(Unavailable):
            await engine.database.write(
                lambda c: c.execute(text("INSERT INTO blob SELECT 'd', 't', 1, '', now() FROM pg_sleep(0.1)"))
            )
        admin.says("ALTER DATABASE {name} RESET ALL")
        admin.end_all()
        await engine.handle(Say(incident=1, text="back"), ADA)


async def test_the_ear_hears_again_after_its_connection_was_ended(url: str, admin: Admin) -> None:
    rung: list[str] = []
    async with House(url).process() as engine:
        engine.wakes.on(OUTBOX, lambda: rung.append("rung"))
        admin.end_all()
        async with asyncio.timeout(5):
            while not rung:
                await asyncio.sleep(0.1)
                await _notify(engine)


async def _notify(engine: Engine) -> Any:
    try:
        return await engine.database.write(lambda c: c.execute(text("SELECT pg_notify('muster', 'outbox')")).all())
    except Unavailable:
        return None


async def test_a_commit_is_durable_although_the_server_is_set_to_be_quick(url: str, admin: Admin) -> None:
    admin.says("ALTER DATABASE {name} SET synchronous_commit = off")
    async with House(url).process() as engine:
        setting = text("SHOW synchronous_commit")
        assert await engine.database.write(lambda c: c.execute(setting).scalar_one()) == "on"
