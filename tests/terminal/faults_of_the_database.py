"""Faults of the database, of what it lies on, and of who is at it; what is left undone in it."""

import asyncio
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.engine.file_lock import FileLock
from bot.terminal.looks.finding import Mount
from bot.web.control import socket_beside
from tests.terminal.faults import UNREACHED, told
from tests.terminal.ward import Ward


@told("The database is not up to date. `muster migrate` brings it there.")
async def migrations_are_behind(ward: Ward) -> AsyncIterator[None]:
    async with _revision(ward, "DELETE FROM alembic_version"):
        yield


@told("This database was made by a newer Muster. Run that version, or restore an older backup.")
async def the_database_is_newer_than_the_program(ward: Ward) -> AsyncIterator[None]:
    async with _revision(ward, "UPDATE alembic_version SET version_num = '9999'"):
        yield


@asynccontextmanager
async def _revision(ward: Ward, change: str) -> AsyncIterator[None]:
    before = ward.database.read_bytes()
    ward.sql(change)
    yield
    ward.database.write_bytes(before)


@told("The database is damaged (*). Stop Muster and `muster restore` the last backup.")
async def the_database_is_damaged(ward: Ward) -> AsyncIterator[None]:
    before = ward.database.read_bytes()
    torn = before[: len(before) // 2] + b"\x5a" * (len(before) - len(before) // 2)
    ward.database.write_bytes(torn)
    yield
    ward.database.write_bytes(before)


@told("/proc cannot be written to (*). Make it this user's, or set MUSTER_DATABASE_URL.")
async def the_folder_cannot_be_written_to(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_DATABASE_URL="sqlite:////proc/muster/muster.db"):  # where not even root may
        yield


@told("Only 12 MB are free where * lies. Make room: a full disk hears nothing.")
async def the_disk_is_nearly_full(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(free=lambda folder: 12_345_678):
        yield


@told("* is on a network file system (nfs4): no place for SQLite. Use a local disk, or PostgreSQL.")
async def the_database_is_on_a_network_file_system(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(mounts=lambda: (Mount(Path("/"), "ext4"), Mount(ward.folder.parent, "nfs4"))):
        yield


@told("*/muster.db can be read by everybody on this machine, private incidents too. `chmod 600 */muster.db*`.")
async def everybody_may_read_the_database(ward: Ward) -> AsyncIterator[None]:
    ward.database.chmod(0o644)
    yield
    ward.database.chmod(0o600)


@told("The processes * and * both have */muster.db open for writing. Stop all but one Muster.")
async def two_processes_write_to_one_file(ward: Ward) -> AsyncIterator[None]:
    other = (
        "import sqlite3, sys; x = sqlite3.connect(sys.argv[1]); x.execute('SELECT 1 FROM effect'); print(flush=True)"
    )
    with closing(sqlite3.connect(ward.database)) as mine:
        mine.execute("SELECT 1 FROM effect")
        process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-c", f"{other}; print(flush=True); sys.stdin.read()", str(ward.database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()


@told("* has a second name (a hard link), under which another Muster could open it. Remove that.")
async def the_file_has_two_names(ward: Ward) -> AsyncIterator[None]:
    other = ward.folder / "other.db"
    other.hardlink_to(ward.database)
    yield
    other.unlink()


@told("Something holds the database's lock (process unknown) and no bot answers. Another verb of `muster` may be at*")
async def the_lock_is_held_and_no_bot_answers(ward: Ward) -> AsyncIterator[None]:
    lock = FileLock(ward.database)
    yield
    lock.release()


@told("The bot is there and does not answer. Look at its log; stop it and start it anew.")
async def the_bot_is_there_and_says_nothing_sensible(ward: Ward) -> AsyncIterator[None]:
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(socket_beside(ward.database)))
    line.listen()

    async def hang_up() -> None:
        while True:
            caller, _ = await asyncio.get_running_loop().sock_accept(line)
            await asyncio.get_running_loop().sock_recv(caller, 100)
            caller.close()

    line.setblocking(False)
    answering = asyncio.create_task(hang_up())
    yield
    answering.cancel()
    line.close()
    socket_beside(ward.database).unlink()


@told("The database muster of ada at 127.0.0.1:1 cannot be used. It does not answer: *Is the address right*")
async def postgresql_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_DATABASE_URL=f"postgresql://ada:not-to-be-seen@{UNREACHED}/muster"):
        yield


@told("Promises that were given up: 1. `muster outbox list` says why; then retry or drop them.")
async def a_promise_is_parked(ward: Ward) -> AsyncIterator[None]:
    ward.sql(
        "INSERT INTO effect (key, kind, system, lane, priority, refreshes, body, state, promised_at)"
        " VALUES ('say/1', 'say', 'slack', 'a', 1, 0, '{}', 'parked', '2026-11-21 12:00:00.000000')"
    )
    yield
    ward.sql("UPDATE effect SET state = 'dropped', kind = 'gone'")


@told("Deliveries that could not be handled: 1. `muster inbox list` says why; then replay them.")
async def a_delivery_is_parked(ward: Ward) -> AsyncIterator[None]:
    _hear(ward, datetime(2026, 11, 21, tzinfo=UTC), "parked")
    yield
    ward.sql("DELETE FROM inbox")


def _hear(ward: Ward, at: datetime, state: str) -> None:
    ward.sql(
        "INSERT INTO inbox (source, key, grp, body, heard_at, state) VALUES ('pagerduty', 'k', '', x'00', ?, ?)",
        at.replace(tzinfo=None).isoformat(" ", "microseconds"),
        state,
    )


@told(
    "The last webhook came * UTC; PagerDuty opened an incident * UTC. Does the webhook's address reach this machine?*"
)
async def nothing_was_heard_although_something_happened(ward: Ward) -> AsyncIterator[None]:
    _hear(ward, ward.machine.now() - timedelta(hours=5), "done")
    await ward.hands.pagerduty.trigger("checkout", "Down")
    await ward.forward(1200)
    yield
    ward.sql("UPDATE inbox SET heard_at = ?", ward.machine.now().replace(tzinfo=None).isoformat(" ", "microseconds"))
