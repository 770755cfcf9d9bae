"""The database's files are taken away, swapped or damaged under us: nobody is told that it is kept when it is not."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.engine.db import AlreadyRunning, Database, Unavailable
from bot.engine.handle import utc_now
from bot.engine.reach import Unusable
from bot.engine.schema import migrate


@pytest.fixture
def expected_errors() -> list[str]:
    return ["database_away"]


@pytest.fixture
def file(tmp_path: Path, template: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "muster.db"))


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    database = Database.open(f"sqlite:///{file}")
    await hear(database, "first")
    yield database
    database.close()


async def hear(database: Database, key: str) -> None:
    await database.insert_heard("toy", key, "g", b"x", utc_now())


def keys(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT key FROM inbox ORDER BY id")).scalars())


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
async def test_what_comes_after_a_file_is_deleted_is_refused(database: Database, file: Path, ending: str) -> None:
    os.unlink(f"{file}{ending}")
    for _ in range(2):
        with pytest.raises(Unavailable, match=rf"moved, deleted or replaced.*muster\.db{ending}\."):
            await hear(database, "lost")
    assert "muster.db" in database.trouble


async def test_what_comes_after_the_file_is_replaced_is_refused(database: Database, file: Path, template: Path) -> None:
    shutil.copy(template, file.with_name("new"))
    os.replace(file.with_name("new"), file)
    with pytest.raises(Unavailable, match="replaced"):
        await hear(database, "lost")


async def test_a_file_that_is_put_back_is_fine_again(database: Database, file: Path) -> None:
    os.rename(file, file.with_name("aside"))
    with pytest.raises(Unavailable):
        await hear(database, "refused")
    os.rename(file.with_name("aside"), file)
    await hear(database, "second")
    assert database.trouble == ""
    assert {"first", "second"} <= set(await database.read(keys))


@pytest.mark.parametrize("expected_errors", [[]])
async def test_a_lock_file_that_is_deleted_is_taken_anew(database: Database, file: Path) -> None:
    os.unlink(f"{file}.lock")
    await hear(database, "second")
    with pytest.raises(AlreadyRunning):
        Database.open(f"sqlite:///{file}")


async def test_whoever_finds_the_lock_taken_by_another_writes_no_more(database: Database, file: Path) -> None:
    os.unlink(f"{file}.lock")
    other = Database.open(f"sqlite:///{file}")
    with pytest.raises(Unavailable, match="Another Muster has taken the database"):
        await hear(database, "by the first")
    await hear(other, "by the second")
    other.close()
    await hear(database, "by the first again")
    assert "by the second" in await database.read(keys)


async def test_a_page_that_is_damaged_stops_all_writing_and_is_told(database: Database, file: Path) -> None:
    await database.scrub()
    await hear(database, "after the checkpoint")
    _damage(file)
    with pytest.raises(Unavailable, match="damaged"):
        await database.write(lambda c: c.execute(text("DELETE FROM inbox")).all())
    with pytest.raises(Unavailable, match="damaged"):
        await hear(database, "refused")
    assert "damaged" in database.trouble


@pytest.mark.parametrize("expected_errors", [[]])
async def test_reading_a_damaged_file_is_no_bug_of_ours(database: Database, file: Path) -> None:
    await database.scrub()
    _damage(file)
    with pytest.raises(Unavailable, match="cannot be read"):
        await database.read(lambda c: c.execute(text("SELECT count(*), max(body) FROM inbox")).all())


def _damage(file: Path) -> None:
    """Everything behind the first page is noise, as of a disk that lost it."""
    with file.open("r+b") as handle:
        handle.seek(4096)
        handle.write(os.urandom(file.stat().st_size - 4096))


@pytest.mark.parametrize("expected_errors", [[]])
@pytest.mark.parametrize("content", [b"", b"no database, but a letter" * 400])
def test_a_file_that_is_none_of_sqlites_is_said_to_be_so_at_the_start(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "muster.db"
    file.write_bytes(content)
    if not content:  # an empty file is an empty database
        migrate(f"sqlite:///{file}")
        Database.open(f"sqlite:///{file}").close()
        return
    for start in (migrate, Database.open):
        with pytest.raises(Unusable, match="damaged"):
            start(f"sqlite:///{file}")
    assert file.read_bytes() == content


@pytest.mark.parametrize("expected_errors", [[]])
async def test_without_its_log_the_file_is_older_but_whole(tmp_path: Path, file: Path) -> None:
    """What a process that was killed had not yet moved into the file is lost with the log; SQLite opens the rest."""
    database = Database.open(f"sqlite:///{file}")
    await hear(database, "in the file")
    await database.scrub()
    await hear(database, "in the log")
    crashed = Path(shutil.copy(file, tmp_path / "crashed.db"))
    database.close()
    migrate(f"sqlite:///{crashed}")
    reopened = Database.open(f"sqlite:///{crashed}")
    assert await reopened.read(keys) == ["in the file"]
    await hear(reopened, "in the log")
    reopened.close()
    assert sqlite3.connect(crashed).execute("PRAGMA integrity_check").fetchone() == ("ok",)
