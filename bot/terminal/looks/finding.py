"""What a look is given, and what it finds."""

import shutil
import sqlite3
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import Settings


@dataclass(frozen=True)
class Finding:
    """What was looked at; fine where nothing is `wrong`. `notes` are worth knowing all the same.

    A sentence says what is wrong and what to do about it.
    """

    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mount:
    """A file system: where it is mounted, and its type (`ext4`, `nfs4`)."""

    place: Path
    kind: str


def _now() -> datetime:
    return datetime.now(UTC)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _mounts() -> tuple[Mount, ...]:
    """As Linux tells them (proc(5)); none elsewhere."""
    lines: list[list[str]] = []
    with suppress(OSError):
        lines = [line.split() for line in Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()]
    return tuple(Mount(Path(place.replace("\\040", " ")), kind) for _, place, kind, *_ in lines)


@dataclass(frozen=True)
class Machine:
    """What is known of this machine: its clock, the bytes free in a folder, file systems, SQLite, time zones."""

    now: Callable[[], datetime] = _now
    free: Callable[[Path], int] = _free
    mounts: Callable[[], tuple[Mount, ...]] = _mounts
    zones: Callable[[], set[str]] = zoneinfo.available_timezones
    sqlite: tuple[int, ...] = sqlite3.sqlite_version_info

    def kind_of(self, place: Path) -> str:
        """The type of the file system that a place is on; empty where nobody knows."""
        above = [mount for mount in self.mounts() if place.is_relative_to(mount.place)]
        return max(above, key=lambda mount: len(mount.place.parts)).kind if above else ""


@dataclass(frozen=True)
class Patient:
    """What is looked at: the settings, where they come from, and the machine."""

    settings: Settings
    environment: Mapping[str, str]
    config: Path | None = None
    machine: Machine = field(default_factory=Machine)


Look = Callable[[Patient], Finding]
