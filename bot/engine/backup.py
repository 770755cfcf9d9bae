"""A sound copy of an SQLite database under a running bot, and the way back from one."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from tempfile import mkstemp

from sqlalchemy import case, func, update
from sqlalchemy.exc import DatabaseError

from bot.engine import tables as t
from bot.engine.file_lock import FileLock
from bot.engine.schema import bring_up, refuse_newer, revision_of, sqlite_path
from bot.engine.seams import point
from bot.engine.sqlite import read_engine, write_engine
from bot.engine.tables import LIVE, EffectState

PAGES = 2000
"""Copied at one go, 8 MB; between two goes the disk is left to the bot."""
BREATH = 0.005
"""Seconds between two goes."""

Progress = Callable[[int, int], None]
"""Told how many pages are done, of how many."""


class Unsound(Exception):
    """A file that is no sound database of Muster's; one plain sentence."""


class InTheWay(Exception):
    """There is a file already where the copy should go."""


@dataclass(frozen=True)
class Copy:
    """What a copy holds: rows by table, and its size in bytes."""

    rows: dict[str, int]
    size: int


@dataclass(frozen=True)
class Restored:
    """What is there now, where the file that was there before is kept, and how many promises are in doubt now."""

    copy: Copy
    aside: Path | None
    doubts: int


def back_up(url: str, target: Path, *, force: bool = False, progress: Progress = lambda done, total: None) -> Copy:
    """Copies the database as it is at this moment, while the bot goes on writing; there is no half a copy.

    Raises Unsound, InTheWay (unless `force`), OSError.
    """
    source = sqlite_path(url)
    if not source.is_file():
        raise Unsound(f"There is no database {source}.")
    if target.resolve() in _own(source):
        raise Unsound(f"{target} is the running database itself, or lies where it keeps what is its own.")
    if target.exists() and not force:
        raise InTheWay(f"{target} is there already.")
    with _part_of(target) as part:
        _copy(source, part, progress)
        copy = _proven(part)
        _put(part, target, force=force)
    return copy


def restore(backup: Path, url: str, *, progress: Progress = lambda done, total: None) -> Restored:
    """Puts a copy in the database's place, brought up to date; the present file is kept beside it.

    What the copy has as not done yet may have been done since it was made: all of it is in doubt now, and looked for
    before it is done. Raises AlreadyRunning while a bot works on the database; Unsound, Outdated (a newer Muster's),
    OSError. Until everything is proven the present database is not touched.
    """
    if not backup.is_file():
        raise Unsound(f"There is no backup {backup}.")
    path = sqlite_path(url)
    if backup.resolve() in _own(path):
        raise Unsound(f"{backup} is the database itself.")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        with _part_of(path) as part:
            _copy(backup, part, progress)
            _proven(part)
            doubts = _made_ours(part)
            copy = _proven(part)
            point("before-aside")
            aside = _set_aside(path)
            point("after-aside")
            _put(part, path, force=True)
            point("after-put")
    finally:
        lock.release()
    return Restored(copy, aside, doubts)


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """A file of our own beside the target, gone afterwards unless it took the target's name."""
    handle, name = mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)  # readable by us alone
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        for leftover in _files(part):
            leftover.unlink(missing_ok=True)


def _files(database: Path) -> tuple[Path, Path, Path]:
    """A database, and what SQLite keeps beside it."""
    return database, database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm")


def _own(database: Path) -> set[Path]:
    """What nobody may overwrite: a log that is replaced under a database is a damaged database."""
    return {*_files(database), *(database.with_name(f"{database.name}.{what}") for what in ("lock", "sock"))}


def _copy(source: Path, part: Path, progress: Progress) -> None:
    """All pages of one moment.

    The source's connection holds a read transaction throughout: a writer is not held up by it, and the copy need not
    begin anew at each of its commits, as it would otherwise (sqlite.org/backup.html).
    """
    with closing(_opened(source)) as there, closing(sqlite3.connect(part, isolation_level=None)) as here:
        try:
            there.execute("BEGIN")
            there.execute("SELECT 1 FROM sqlite_master").fetchall()
            here.execute("PRAGMA synchronous=OFF")
            there.backup(here, pages=PAGES, progress=_breathing(progress))
            here.execute("PRAGMA journal_mode=DELETE")  # one file, readable from wherever it lies
        except sqlite3.DatabaseError as error:
            raise Unsound(f"{source} cannot be copied: {error}.") from None


def _opened(source: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _breathing(progress: Progress) -> Callable[[int, int, int], None]:
    def told(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)
        if remaining:
            time.sleep(BREATH)

    return told


def _proven(file: Path) -> Copy:
    """What the file holds. Raises Unsound, Outdated."""
    engine = read_engine(file)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if found != "ok":
                raise Unsound(f"The copy is damaged: {found}.")
            revision = revision_of(connection)
            if not revision:
                raise Unsound("This is no database of Muster's.")
            refuse_newer(revision)
            there = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
            tables = [table for table in t.METADATA.sorted_tables if table.name in there]
            rows = {x.name: connection.execute(func.count().select().select_from(x)).scalar_one() for x in tables}
    except DatabaseError as error:
        raise Unsound(f"This is no sound database: {error.orig}.") from None
    finally:
        engine.dispose()
    return Copy(rows, file.stat().st_size)


def _made_ours(part: Path) -> int:
    """Brings the copy up to date and puts its open promises in doubt; how many there are."""
    engine = write_engine(part)
    try:
        with engine.begin() as connection:
            bring_up(connection)
            now = datetime.now(UTC)
            e = t.effect.c
            doubted = (
                update(t.effect)
                .where(e.state.in_([state.value for state in LIVE]))
                .values(
                    state=case((e.state == EffectState.CLAIMED.value, EffectState.WAITING.value), else_=e.state),
                    owner="",
                    lease_until=None,
                    since=func.coalesce(e.since, e.promised_at),
                    doubt_since=now,
                )
            )
            doubts = len(connection.execute(doubted.returning(e.id)).all())
    finally:
        engine.dispose()
    return doubts


def _set_aside(path: Path) -> Path | None:
    """The present database under a second name; None where there is none.

    Its log must not meet the new file. It is folded into the present one; where that is too damaged, it goes aside too.
    """
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    (_, log, index), (_, log_aside, _) = _files(path), _files(aside)
    if log.exists():
        copyfile(log, log_aside)  # before anybody opens the file: SQLite deletes the log of what it cannot read
        _sync(log_aside)
    if _folded(path):
        log_aside.unlink(missing_ok=True)
    for leftover in (log, index):
        leftover.unlink(missing_ok=True)
    os.link(path, aside)
    return aside


def _folded(path: Path) -> bool:
    """Moves the log into the file; False where it is too damaged for that, or where somebody reads it just now."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as present:
            present.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError:
        return False
    return True


def _put(part: Path, target: Path, *, force: bool) -> None:
    """On the disk, and then under its name, all at once."""
    _sync(part)
    if force:
        part.replace(target)
    else:
        try:
            os.link(part, target)  # unlike a rename it overwrites nothing that came meanwhile
        except FileExistsError:
            raise InTheWay(f"{target} is there already.") from None
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
