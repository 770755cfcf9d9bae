"""Which failures of database and machine pass by themselves: they say nothing against the work that met them."""

import errno
import sqlite3
import time

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError, TimeoutError

log = structlog.get_logger()

LOCKED = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED (sqlite.org/rescode.html)."""
DAMAGED = (11, 26)
"""SQLITE_CORRUPT and SQLITE_NOTADB."""
MACHINE = (7, 8, 10, 13, 14, 15)
"""SQLITE_NOMEM, READONLY, IOERR, FULL, CANTOPEN and PROTOCOL: the machine's trouble, not the statement's."""

STARVED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""No descriptors, memory or disk, or a disk that fails."""

STATES = ("25006", "25P03", "40001", "40P01", "55P03", "XX001", "XX002")
"""SQLSTATEs: a standby that takes no writes, an idle session ended, serialisation failure, deadlock, a lock not had in
time, damage (postgresql.org/docs/current/errcodes-appendix.html)."""
CLASSES = ("08", "53", "57", "58")
"""Classes of SQLSTATEs: connection lost, out of disk, memory or connections, cancelled or shut down, system error."""


def code_of(error: BaseException) -> int:
    """SQLite's primary result code behind an error, 0 when there is none."""
    if isinstance(error, sqlite3.Error):
        return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
    cause = error.orig if isinstance(error, DBAPIError) else error.__cause__
    return code_of(cause) if cause is not None else 0


def passes(error: BaseException) -> bool:
    """Whether trying again later is right: a lock, a full disk, a lost connection, and no mistake in what was asked."""
    if isinstance(error, OSError):
        return error.errno in STARVED
    if isinstance(error, TimeoutError | PendingRollbackError):
        return True  # no connection was free in time; or it was lost before, inside a savepoint
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return code_of(error) in (*LOCKED, *DAMAGED, *MACHINE)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return state in STATES or state[:2] in CLASSES


class Outage:
    """Whether the database takes what is written; says so once when it ends, and once when it is back."""

    def __init__(self) -> None:
        self._since: float | None = None
        self.reason = ""
        """Why it takes nothing just now; empty while it does."""

    def begins(self, reason: str) -> None:
        self.reason = reason
        if self._since is None:
            self._since = time.monotonic()
            log.error("database_away", told=reason)

    def ends(self) -> None:
        if self._since is not None:
            log.info("database_back", seconds=round(time.monotonic() - self._since, 1))
            self._since, self.reason = None, ""
