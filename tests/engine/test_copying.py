"""Every row moves from SQLite to PostgreSQL and back, is compared there, and nothing half is ever kept."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text

from bot.engine import tables as t
from bot.engine.copying import NotCopied, copy_database
from bot.engine.db import AlreadyRunning, Database
from bot.engine.handle import Engine as Bot
from bot.engine.schema import Outdated, driver_url, migrate
from bot.incident.policy import Policy
from tests.engine.conftest import Cluster, House
from tests.engine.toys import ADA, NOON, Open, Say

ODD = "naïve – 日本語 🔥 \\ % ' \" \t\n end"

HEARD = 2300
"""Deliveries: some batches of them."""


@pytest.fixture
def new_url(url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty place of the other kind than `url`."""
    if url.startswith("postgres"):
        yield f"sqlite:///{tmp_path / 'new' / 'muster.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    address = cluster.fresh()
    yield address
    cluster.drop(address)


def engine_on(url: str) -> Engine:
    return create_engine(url if url.startswith("sqlite") else driver_url(url))


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, by the tables' own types, in the order of their keys."""
    engine = engine_on(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(
                (dict(row) for row in connection.execute(select(table)).mappings()),
                key=lambda row, table=table: repr([row[c.name] for c in table.primary_key]),  # type: ignore[misc]
            )
            for table in t.METADATA.sorted_tables
        }
    engine.dispose()
    return found


def put(url: str, table: Any, *rows: dict[str, Any]) -> None:
    engine = engine_on(url)
    with engine.begin() as connection:
        connection.execute(insert(table), list(rows))
    engine.dispose()


async def live_in(house: House) -> None:
    async with house.process() as engine:
        opened = (await engine.handle(Open(title=ODD), ADA)).incident
        assert opened is not None
        for word in ("one", ODD, "three"):
            await engine.handle(Say(incident=opened.number, text=word), ADA)


@pytest.fixture
def lived_in(house: House) -> str:
    """A database with a bit of everything, and with claims of a process that is gone."""
    asyncio.run(live_in(house))
    claimed = {"owner": "dead:1", "lease_until": NOON + timedelta(days=9000)}
    inbox = {"source": "toy", "grp": "", "heard_at": NOON, **claimed}
    put(house.url, t.inbox, *({**inbox, "key": str(n), "body": bytes(range(256))} for n in range(HEARD)))
    put(house.url, t.blob, {"digest": "d", "media_type": "x", "incident": 1, "body": b"\0\xff", "created_at": NOON})
    put(house.url, t.timer, {"incident": 1, "key": "late", "due_at": NOON, "lease_until": claimed["lease_until"]})
    put(house.url, t.pace, {"bucket": "b", "until": NOON + timedelta(microseconds=1)})
    put(house.url, t.lease, {"name": "ticker", "owner": "dead", "epoch": 7, "until": claimed["lease_until"]})
    put(house.url, t.effect, {**EFFECT, **claimed, "state": "claimed"})
    return house.url


EFFECT = {
    "key": "mine",
    "kind": "say",
    "system": "toy",
    "lane": "a",
    "priority": 1,
    "refreshes": False,
    "body": "{}",
    "promised_at": NOON,
}


def test_every_row_arrives_as_it_was_but_for_the_claims_of_the_dead(lived_in: str, new_url: str) -> None:
    before = contents(lived_in)

    counts = copy_database(lived_in, new_url)

    after = contents(new_url)
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert counts["inbox"] >= HEARD
    for row in before["inbox"]:
        row |= {"owner": "", "lease_until": None}
    before["timer"] = [row | {"lease_until": None} for row in before["timer"]]
    before["lease"] = [row | {"owner": "", "until": None} for row in before["lease"]]
    for row in before["effect"]:
        if row["key"] == "mine":
            row["lease_until"] = datetime(1970, 1, 1, tzinfo=UTC)
    assert after == before
    assert contents(lived_in) != after, "the source keeps its claims"


async def test_a_bot_goes_on_from_a_copy_with_numbers_that_nothing_has_yet(lived_in: str, new_url: str) -> None:
    copy_database(lived_in, new_url)

    database = Database.open(new_url)
    engine = Bot(database, Policy())
    await engine.start()
    try:
        await database.insert_heard("toy", "new", "", b"", NOON)
        opened = (await engine.handle(Open(title="the next"), ADA)).incident
        assert opened is not None
        assert opened.number == 2
    finally:
        await engine.stop()
        database.close()

    (new,) = [row for row in contents(new_url)["inbox"] if row["key"] == "new"]
    assert new["id"] == 1 + max(row["id"] for row in contents(lived_in)["inbox"])


def test_there_and_back_again_nothing_is_lost(lived_in: str, new_url: str, tmp_path: Path) -> None:
    copy_database(lived_in, new_url)
    back = f"sqlite:///{tmp_path / 'back.db'}"

    copy_database(new_url, back)

    assert contents(back) == contents(new_url)


def test_a_database_with_rows_in_it_is_not_filled(lived_in: str, new_url: str) -> None:
    copy_database(lived_in, new_url)

    with pytest.raises(NotCopied, match="not empty: it has rows in blob, effect, event"):
        copy_database(lived_in, new_url)


def test_a_dry_run_says_what_would_be_copied_and_writes_nothing(lived_in: str, new_url: str) -> None:
    counts = copy_database(lived_in, new_url, dry_run=True)

    assert counts["inbox"] == len(contents(lived_in)["inbox"])
    if new_url.startswith("sqlite"):
        assert not Path(new_url.removeprefix("sqlite:///")).parent.exists()
    else:
        assert contents(new_url)["inbox"] == []


def test_a_database_that_somebody_works_on_is_not_copied(lived_in: str, new_url: str) -> None:
    running = Database.open(lived_in)
    try:
        with pytest.raises((AlreadyRunning, NotCopied)):
            copy_database(lived_in, new_url)
    finally:
        running.close()


def test_what_arrives_differently_is_noticed_and_nothing_is_kept(lived_in: str, new_url: str) -> None:
    spoil(new_url)

    with pytest.raises(NotCopied, match="inbox did not arrive"):
        copy_database(lived_in, new_url)

    assert contents(new_url)["event"] == []


def spoil(url: str) -> None:
    """A database of ours that changes one row of those that it is given."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
        migrate(url)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as there, there:
            there.execute(
                "CREATE TRIGGER odd AFTER INSERT ON inbox WHEN new.key = '77' BEGIN"
                " UPDATE inbox SET body = x'00' WHERE id = new.id; END"
            )
        return
    engine = engine_on(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN IF new.key = '77' THEN new.body := 'x'; END IF; RETURN new; END $$"
            )
        )
        connection.execute(text("CREATE TRIGGER odd BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION odd()"))
    engine.dispose()


def test_a_newer_database_is_neither_copied_nor_filled(lived_in: str, new_url: str, tmp_path: Path) -> None:
    copy_database(lived_in, new_url)
    engine = engine_on(new_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(Outdated, match="newer"):
        copy_database(new_url, f"sqlite:///{tmp_path / 'back.db'}")
    with pytest.raises(Outdated, match="newer"):
        copy_database(lived_in, new_url)


def test_a_database_is_not_copied_into_itself(lived_in: str) -> None:
    with pytest.raises(NotCopied, match="one and the same"):
        copy_database(lived_in, lived_in)


def test_a_source_that_is_not_there_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotCopied, match="There is no database"):
        copy_database(f"sqlite:///{tmp_path / 'gone.db'}", f"sqlite:///{tmp_path / 'new.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_shared_database_that_is_just_written_to_is_not_waited_for(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.fresh()
    engine = engine_on(url)
    with engine.connect() as writing:
        writing.execute(insert(t.pace), {"bucket": "b", "until": NOON})
        with pytest.raises(NotCopied, match="Somebody writes to that database just now"):
            copy_database(url, f"sqlite:///{tmp_path / 'new.db'}")
    engine.dispose()
    cluster.drop(url)
