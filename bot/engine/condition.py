"""How sound a database is, and how much room it has: for `muster doctor`. Reads only."""

import fcntl
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select, text

from bot.engine import postgres
from bot.engine import tables as t
from bot.engine.reach import reaching
from bot.engine.schema import driver_url

NEEDED = 2 * postgres.THREADS + 3
"""Connections of one process: writers with their two spare ones, readers, and the ear."""
WRITES = 0o3
"""The bits of a file's flags that say how it was opened (O_RDONLY is 0)."""


@dataclass(frozen=True)
class Room:
    """How many connections PostgreSQL lets us have, those that Muster holds already included, and how many there are
    at the most."""

    ours: int
    most: int


def damage(database: Path) -> str:
    """What SQLite finds broken in the file; empty when nothing is. Takes a while on a large file."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as there:
            found = str(there.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found


def is_held(database: Path) -> bool:
    """Whether a process has the lock. Ask the control line first: a lock that is tried is held for a blink."""
    try:
        handle = os.open(f"{database}.lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def writers(database: Path) -> tuple[int, ...]:
    """The processes that have the file open for writing, as far as we may see them; only Linux tells."""
    try:
        file = database.stat()
    except OSError:
        return ()
    found = set()
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            opened = handle.stat()
            if (opened.st_dev, opened.st_ino) == (file.st_dev, file.st_ino) and _writes(handle):
                found.add(int(handle.parts[2]))
        except OSError:  # it has ended, or is somebody else's
            continue
    return tuple(sorted(found))


def _writes(handle: Path) -> bool:
    told = handle.parent.parent.joinpath("fdinfo", handle.name).read_text().splitlines()
    flags = next(line.split()[1] for line in told if line.startswith("flags:"))
    return bool(int(flags, 8) & WRITES)


def room(url: str) -> Room:
    """Raises Unusable."""
    with reaching(url):
        engine = create_engine(driver_url(url), connect_args={"connect_timeout": 5})
        try:
            with engine.connect() as connection:
                return _room(connection)
        finally:
            engine.dispose()


def _room(connection: Connection) -> Room:
    asked = text(
        "SELECT current_setting('max_connections')::int"
        " - coalesce(current_setting('reserved_connections', true)::int, 0)"
        " - current_setting('superuser_reserved_connections')::int AS most,"
        " (SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL) AS used,"
        " (SELECT count(*) FROM pg_stat_activity"
        "  WHERE datname = current_database() AND usename = current_user) AS ours,"
        " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS here,"
        " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role,"
        " (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS place"
    )
    found = connection.execute(asked).one()
    left = [found.most - found.used]
    left += [found.role - found.ours] if found.role >= 0 else []
    left += [found.place - found.here] if found.place >= 0 else []
    return Room(ours=max(0, min(left)) + found.ours, most=found.most)


def last_heard(connection: Connection) -> dict[str, datetime]:
    """When the last delivery of each source came in."""
    query = select(t.inbox.c.source, func.max(t.inbox.c.heard_at)).group_by(t.inbox.c.source)
    return {row[0]: row[1] for row in connection.execute(query)}
