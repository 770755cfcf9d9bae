"""Whether the database is fit to work on is told by working on it."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import Connection, text

from bot.engine.schema import sqlite_path
from bot.engine.soundness import MIGRATED, Soundness
from tests.engine.conftest import House


async def test_a_database_that_keeps_what_is_written_is_sound(house: House) -> None:
    async with house.process() as engine:
        soundness = Soundness(engine.database, engine.clock)
        assert await soundness.trouble(5) == ""
        await soundness.stop()


async def test_a_database_migrated_by_another_version_is_noticed(house: House) -> None:
    async with house.process() as engine:
        await engine.database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = 'later'")))
        assert await Soundness(engine.database, engine.clock).trouble(5) == MIGRATED


async def test_a_lost_table_is_no_crash_of_ours(house: House) -> None:
    async with house.process() as engine:
        await engine.database.write(lambda c: c.execute(text("ALTER TABLE lease RENAME TO elsewhere")))
        trouble = await Soundness(engine.database, engine.clock).trouble(5)
        await engine.database.write(lambda c: c.execute(text("ALTER TABLE elsewhere RENAME TO lease")))

        assert trouble.startswith("The database does not answer as it should")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_file_that_somebody_else_has_locked_is_noticed_and_so_is_its_release(
    house: House, expected_errors: list[str]
) -> None:
    expected_errors.append("database_away")
    async with house.process() as engine:
        soundness = Soundness(engine.database, engine.clock)
        other = sqlite3.connect(sqlite_path(house.url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        asked = asyncio.get_running_loop().time()
        assert "did not answer within 0.1 s" in await soundness.trouble(0.1)
        assert "cannot be written" in await soundness.trouble(5)
        assert asyncio.get_running_loop().time() - asked < 4
        other.execute("ROLLBACK")
        await asyncio.sleep(1.1)

        assert await soundness.trouble(5) == ""
        other.close()


class Counted(Soundness):
    """Counts what it writes."""

    writes = 0

    def _write(self, connection: Connection) -> None:
        self.writes += 1
        super()._write(connection)


async def test_asking_often_writes_once_a_second(house: House) -> None:
    async with house.process() as engine:
        soundness = Counted(engine.database, engine.clock)
        began = asyncio.get_running_loop().time()
        for _ in range(100):
            assert await soundness.trouble(5) == ""
        seconds = asyncio.get_running_loop().time() - began

        assert 1 <= soundness.writes <= 1 + seconds
        await soundness.stop()
