"""Notices when the database's files are deleted or replaced under us: what goes into a file without a name is lost."""

import os
from pathlib import Path

from bot.engine.file_lock import FileLock

GONE = (
    "The database file was moved, deleted or replaced while Muster ran: {name}. Nothing is taken until Muster is "
    "restarted with the file that counts."
)
TAKEN = "Another Muster has taken the database, since its lock file was deleted. Stop one of the two."


class Witness:
    """Knows the database, its log (`-wal`) and its index (`-shm`) by their inodes. Asked before each commit, when all
    three are there; they stay as long as a connection is open (sqlite.org/howtocorrupt.html, sections 2.4 and 4)."""

    def __init__(self, database: Path, lock: FileLock) -> None:
        self._files = (database, Path(f"{database}-wal"), Path(f"{database}-shm"))
        self._lock = lock
        self._known: list[tuple[int, int]] = []

    def trouble(self) -> str:
        """What happened to them, as a sentence; empty when they are as they were. A file put back is fine again."""
        found = [_identity(file) for file in self._files]
        self._known = self._known or found
        if found != self._known:
            wrong = next(file for file, was, now in zip(self._files, self._known, found, strict=True) if was != now)
            return GONE.format(name=wrong.name)
        return "" if self._lock.keep() else TAKEN


def _identity(file: Path) -> tuple[int, int]:
    try:
        found = os.stat(file)
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)
