"""A copy made beside a running bot is sound and of one moment; a restore touches nothing until all is proven."""

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.engine.backup import InTheWay, Unsound, back_up, restore
from bot.engine.db import AlreadyRunning, Database
from bot.engine.schema import Outdated, migrate
from tests.engine.toys import NOON

ROOT = Path(__file__).parents[2]
HEAVY = b"x" * 8000
STORM = 3000
"""Deliveries, 24 MB: some goes of the copy."""


@pytest.fixture
def database(tmp_path: Path, template: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "muster.db"))


def rows(database: Path, query: str = "SELECT key FROM inbox ORDER BY id") -> list[str]:
    with closing(sqlite3.connect(database)) as there:
        return [row[0] for row in there.execute(query)]


def heard(database: Path, *keys: str) -> None:
    with closing(sqlite3.connect(database)) as there, there:
        there.executemany(
            "INSERT INTO inbox (source, key, grp, body, heard_at) VALUES ('toy', ?, '', x'00', '2026-11-21 12:00:00')",
            [(key,) for key in keys],
        )


def promised(database: Path, key: str, state: str) -> None:
    with closing(sqlite3.connect(database)) as there, there:
        there.execute(
            "INSERT INTO effect (key, kind, system, lane, priority, refreshes, body, state, promised_at, owner)"
            " VALUES (?, 'say', 'toy', 'a', 1, 0, '{}', ?, '2026-11-21 12:00:00.000000', 'somebody')",
            (key, state),
        )


async def test_a_copy_made_in_a_storm_is_whole_and_of_one_moment_and_holds_nobody_up(database: Path) -> None:
    open_ = Database.open(f"sqlite:///{database}")
    for first in range(0, STORM, 500):
        keys = range(first, first + 500)
        await asyncio.gather(*(open_.insert_heard("toy", f"{key:06}", "", HEAVY, NOON) for key in keys))
    copying = asyncio.create_task(asyncio.to_thread(back_up, f"sqlite:///{database}", database.with_name("copy.db")))
    longest, key = 0.0, STORM
    while not copying.done():
        begun = time.monotonic()
        await open_.insert_heard("toy", f"{key:06}", "", HEAVY, NOON)
        longest, key = max(longest, time.monotonic() - begun), key + 1
    copy = await copying
    open_.close()

    kept = rows(database.with_name("copy.db"))
    assert kept == [f"{number:06}" for number in range(copy.rows["inbox"])]
    assert STORM <= len(kept) < key
    assert longest < 1.5, "the writer waited for the copy"


def test_a_copy_is_ours_alone_and_leaves_nothing_beside_it(database: Path) -> None:
    target = database.with_name("copy.db")
    was = os.umask(0)
    try:
        copy = back_up(f"sqlite:///{database}", target)
    finally:
        os.umask(was)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert copy.size == target.stat().st_size
    assert copy.rows["lease"] == 2
    assert {path.name for path in database.parent.iterdir()} - {"muster.db-wal", "muster.db-shm"} == {
        "muster.db",
        "copy.db",
    }


def test_a_file_that_is_there_is_overwritten_only_when_asked(database: Path) -> None:
    target = database.with_name("copy.db")
    target.write_text("somebody's thesis")

    with pytest.raises(InTheWay):
        back_up(f"sqlite:///{database}", target)
    assert target.read_text() == "somebody's thesis"

    back_up(f"sqlite:///{database}", target, force=True)
    assert rows(target) == []


def test_what_cannot_be_copied_leaves_the_last_good_copy_alone(database: Path) -> None:
    target = database.with_name("copy.db")
    heard(database, "kept")
    back_up(f"sqlite:///{database}", target)
    damage(database)

    with pytest.raises(Unsound):
        back_up(f"sqlite:///{database}", target, force=True)
    with pytest.raises(Unsound, match="There is no database"):
        back_up(f"sqlite:///{database}.gone", target, force=True)
    assert rows(target) == ["kept"]


def damage(database: Path) -> None:
    """Writes over every page but the first."""
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (size - 4096))


def test_a_restore_brings_the_copy_back_and_keeps_what_was_there(database: Path) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    heard(database, "before")
    back_up(url, copy)
    heard(database, "after")

    done = restore(copy, url)

    assert rows(database) == ["before"]
    assert done.aside is not None
    assert rows(done.aside) == ["before", "after"]
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    Database.open(url).close()


def killed_while_writing(database: Path, key: str) -> None:
    """A process that committed, and died before its log was folded into the file."""
    words = (
        "import sqlite3, os, sys\n"
        "there = sqlite3.connect(sys.argv[1]); there.execute('PRAGMA journal_mode=WAL')\n"
        "there.execute(\"INSERT INTO inbox (source, key, grp, body, heard_at) VALUES ('toy', ?, '', x'00', "
        "'2026-11-21 12:00:00')\", sys.argv[2:]); there.commit(); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", words, str(database), key], check=False).returncode == 9
    assert database.with_name(f"{database.name}-wal").stat().st_size > 0


def test_what_a_killed_bot_left_in_its_log_goes_aside_and_not_into_the_restored_file(database: Path) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    back_up(url, copy)
    killed_while_writing(database, "in the log")

    done = restore(copy, url)

    assert done.aside is not None
    assert (rows(database), rows(done.aside)) == ([], ["in the log"])


def test_a_database_too_damaged_to_be_read_can_be_restored_and_its_log_does_not_meet_the_new_file(
    database: Path,
) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    heard(database, "before")
    back_up(url, copy)
    killed_while_writing(database, "in the log")
    with database.open("r+b") as file:
        file.write(b"\x5a" * 100)

    done = restore(copy, url)

    assert rows(database) == ["before"]
    assert done.aside is not None
    assert done.aside.read_bytes()[:1] == b"\x5a"
    assert done.aside.with_name(f"{done.aside.name}-wal").stat().st_size > 0


def test_somebody_who_reads_meanwhile_does_not_bring_the_old_log_to_the_new_file(database: Path) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    back_up(url, copy)
    killed_while_writing(database, "in the log")
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT 1 FROM inbox").fetchall()
        done = restore(copy, url)

    assert done.aside is not None
    assert (rows(database), rows(done.aside)) == ([], ["in the log"])


def test_nothing_is_restored_under_a_running_bot_whichever_link_names_its_file(database: Path) -> None:
    copy, link = database.with_name("copy.db"), database.with_name("link.db")
    back_up(f"sqlite:///{database}", copy)
    link.symlink_to(database)
    running = Database.open(f"sqlite:///{database}")
    try:
        with pytest.raises(AlreadyRunning):
            restore(copy, f"sqlite:///{link}")
        with pytest.raises(AlreadyRunning):
            Database.open(f"sqlite:///{link}")
    finally:
        running.close()


@pytest.mark.parametrize("what", ["damaged", "newer", "another program's", "no database", "missing"])
def test_a_copy_that_is_no_good_changes_nothing(database: Path, what: str) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    heard(database, "mine")
    with spoiled(copy, what, url), pytest.raises((Unsound, Outdated)):
        restore(copy, url)

    assert rows(database) == ["mine"]
    assert [path.name for path in database.parent.iterdir() if ".before-" in path.name or ".part" in path.name] == []


@contextmanager
def spoiled(copy: Path, what: str, url: str) -> Iterator[None]:
    match what:
        case "no database":
            copy.write_text("somebody's thesis")
        case "another program's":
            with closing(sqlite3.connect(copy)) as there:
                there.execute("CREATE TABLE recipe (name)")
        case "damaged":
            back_up(url, copy)
            damage(copy)
        case "newer":
            back_up(url, copy)
            with closing(sqlite3.connect(copy)) as there, there:
                there.execute("UPDATE alembic_version SET version_num = '9999'")
    yield


def test_open_promises_of_a_copy_are_in_doubt_because_they_may_have_been_kept_since(database: Path) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    for state in ("waiting", "needing", "claimed", "kept", "parked"):
        promised(database, state, state)
    back_up(url, copy)

    done = restore(copy, url)

    doubted = rows(database, "SELECT key FROM effect WHERE doubt_since IS NOT NULL ORDER BY id")
    assert doubted == ["waiting", "needing", "claimed"]
    assert done.doubts == 3
    assert rows(database, "SELECT since FROM effect WHERE key = 'waiting'") == ["2026-11-21 12:00:00.000000"]
    assert rows(database, "SELECT state FROM effect ORDER BY id") == [
        "waiting",
        "needing",
        "waiting",
        "kept",
        "parked",
    ]


def test_two_backups_at_once_do_not_meet(database: Path) -> None:
    url, failed = f"sqlite:///{database}", []

    def one() -> None:
        try:
            back_up(url, database.with_name("copy.db"))
        except InTheWay as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(failed) == 1
    assert rows(database.with_name("copy.db")) == []


@pytest.mark.parametrize("place", ["before-aside", "after-aside", "after-put"])
def test_a_restore_that_is_killed_leaves_a_whole_database_the_old_one_or_the_new(database: Path, place: str) -> None:
    url, copy = f"sqlite:///{database}", database.with_name("copy.db")
    heard(database, "before")
    back_up(url, copy)
    killed_while_writing(database, "after")
    killed = (
        "import os, sys; from pathlib import Path\n"
        "from bot.engine import seams; from bot.engine.backup import restore\n"
        "with seams.hooked(lambda name: os._exit(9) if name == sys.argv[3] else None):\n"
        "    restore(Path(sys.argv[1]), sys.argv[2])"
    )
    words = [sys.executable, "-c", killed, str(copy), url, place]
    assert subprocess.run(words, check=False, cwd=ROOT).returncode == 9

    assert rows(database) == (["before"] if place == "after-put" else ["before", "after"])
    Database.open(url).close()
    restore(copy, url)
    assert rows(database) == ["before"]


def test_a_disk_that_is_full_leaves_no_half_a_copy(database: Path) -> None:
    heard(database, *(f"{number:0500}" for number in range(400)))
    small = (
        "import resource, sys; from pathlib import Path; from bot.engine.backup import Unsound, back_up\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: back_up(sys.argv[1], Path(sys.argv[2]))\n"
        "except Unsound as error: sys.exit(str(error))"
    )
    words = [sys.executable, "-c", small, f"sqlite:///{database}", str(database.with_name("copy.db"))]
    done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True)

    assert "cannot be copied: " in done.stderr
    assert [path.name for path in database.parent.iterdir() if "copy" in path.name] == []


def test_a_new_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    was = os.umask(0)
    try:
        migrate(f"sqlite:///{tmp_path / 'muster.db'}")
    finally:
        os.umask(was)

    assert stat.S_IMODE((tmp_path / "muster.db").stat().st_mode) == 0o600
