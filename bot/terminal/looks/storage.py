"""Looks at the database: whether it can be used, what it lies on, whether it is sound, and who is at it."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.engine import condition
from bot.engine.reach import Unusable
from bot.engine.schema import sqlite_path
from bot.settings import without_password
from bot.terminal.looks.finding import Finding, Machine, Patient
from bot.terminal.opening import opened
from bot.terminal.problem import Problem
from bot.web.control import socket_of

ENOUGH = 500_000_000
"""Bytes that should be free where an SQLite file grows."""
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.s3fs", "afs")
"""File systems on which SQLite's locks do not hold between machines (sqlite.org/useovernet.html)."""
RESET_BUG = ((3, 7, 0), (3, 51, 3))
"""From and until which version a log may be reset wrongly (sqlite.org/wal.html#walresetbug)."""


def file_of(patient: Patient) -> Path | None:
    """The SQLite file; None on PostgreSQL."""
    url = patient.settings.database_url
    return sqlite_path(url) if socket_of(url) else None


def database(patient: Patient) -> Finding:
    """Whether it can be opened, and has the shape that this program expects."""
    url = patient.settings.database_url
    file = file_of(patient)
    where = (without_password(url),)
    if file and not file.exists():
        return Finding(notes=(*where, "there is none yet: `muster serve` makes it"))
    try:
        with opened(url, read_only=True):
            pass
    except Problem as problem:
        return Finding(tuple(str(sentence) for sentence in problem.sentences))
    return Finding(notes=(*where, *_known_bug(patient.machine)) if file else where)


def _known_bug(machine: Machine) -> Iterator[str]:
    since, until = RESET_BUG
    if since <= machine.sqlite < until:
        version = ".".join(str(part) for part in machine.sqlite)
        yield f"SQLite {version} has the WAL-reset bug, which Muster's one writer does not set off"


def soundness(patient: Patient) -> Finding:
    """SQLite's own check of the whole file."""
    file = file_of(patient)
    if file is None or not file.exists():
        return Finding()
    damage = condition.damage(file)
    if not damage:
        return Finding()
    return Finding((f"The database is damaged ({damage}). Stop Muster and `muster restore` the last backup.",))


def room(patient: Patient) -> Finding:
    """What it lies on: folder, disk and file system; on PostgreSQL the connections."""
    file = file_of(patient)
    if file is None:
        return _connections(patient.settings.database_url)
    folder = next(parent for parent in file.parents if parent.exists())
    return Finding((*_unwritable(file, folder), *_full(folder, patient.machine), *_remote(folder, patient.machine)))


def _connections(url: str) -> Finding:
    try:
        there = condition.room(url)
    except Unusable:
        return Finding()  # what is wrong is told by `database`
    if there.ours >= condition.NEEDED:
        return Finding(notes=(f"{there.ours} connections are to be had",))
    return Finding(
        (
            f"PostgreSQL lets Muster have {there.ours} connections, and a process needs {condition.NEEDED}. "
            "Raise max_connections, or the limit of the role or database.",
        )
    )


def _unwritable(file: Path, folder: Path) -> Iterator[str]:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield f"{folder} cannot be written to ({error.strerror}). Make it this user's, or set MUSTER_DATABASE_URL."
    if file.exists() and file.stat().st_mode & stat.S_IROTH:
        yield f"{file} can be read by everybody on this machine, private incidents too. `chmod 600 {file}*`."
    if file.exists() and not os.access(file, os.W_OK):
        yield f"{file} cannot be written to. `chown` it to the user that runs Muster."


def _full(folder: Path, machine: Machine) -> Iterator[str]:
    free = machine.free(folder)
    if free < ENOUGH:
        yield f"Only {free // 1_000_000} MB are free where {folder} lies. Make room: a full disk hears nothing."


def _remote(folder: Path, machine: Machine) -> Iterator[str]:
    kind = machine.kind_of(folder)
    if kind in REMOTE:
        yield f"{folder} is on a network file system ({kind}): no place for SQLite. Use a local disk, or PostgreSQL."


def company(patient: Patient) -> Finding:
    """Whether one process alone writes to the SQLite file."""
    file = file_of(patient)
    if file is None or not file.exists():
        return Finding()
    wrong = []
    writers = condition.writers(file)
    if len(writers) > 1:
        named = " and ".join(str(process) for process in writers)
        wrong.append(f"The processes {named} both have {file} open for writing. Stop all but one Muster.")
    if file.stat()[stat.ST_NLINK] > 1:
        wrong.append(f"{file} has a second name (a hard link), under which another Muster could open it. Remove that.")
    return Finding(tuple(wrong))
