"""The lock beside an SQLite file: one process at a time works on it."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds this SQLite file."""


class FileLock:
    """The lock beside the file: one process at a time. Freed by the system when the process dies.

    Raises AlreadyRunning when another process has it.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._handle = _take_lock(database)

    def keep(self) -> bool:
        """Whether it is still ours: one whose file somebody deleted is taken anew. False when another was quicker."""
        try:
            found = os.stat(_lock_file(self._database))
        except OSError:
            found = None
        if found is not None and os.path.samestat(found, os.fstat(self._handle)):
            return True
        try:
            anew = _take_lock(self._database)
        except AlreadyRunning:
            return False
        os.close(self._handle)
        self._handle = anew
        return True

    def release(self) -> None:
        os.close(self._handle)


def _lock_file(database: Path) -> str:
    return f"{database}.lock"


def _take_lock(database: Path) -> int:
    handle = os.open(_lock_file(database), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise AlreadyRunning(f"Another Muster is running on {database}; SQLite serves one process at a time.") from None
    return handle
