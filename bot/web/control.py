"""A line into the running process for verbs of the command line that write: one JSON line there, one back.

On SQLite one process writes. The socket lies beside the database file and is its owner's alone: whoever may open it
could as well open the file.
"""

import asyncio
import hashlib
import json
import socket
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger(__name__)

LONGEST_PATH = 100
"""Bytes: the address of a unix socket holds 104 on macOS, 108 on Linux."""
PATIENCE = 30.0
"""Seconds that an act may take."""
Act = Callable[..., Awaitable[Any]]


class NotRunning(Exception):
    """Nobody listens there."""


class Failed(Exception):
    """The running process could not do it; one plain sentence."""


def socket_of(database_url: str) -> Path | None:
    """Where the process that works on this database listens; None where several may (PostgreSQL)."""
    scheme, _, path = database_url.partition(":///")
    return socket_beside(Path(path).expanduser().resolve()) if scheme == "sqlite" else None


def socket_beside(database: Path) -> Path:
    """Where the process that has the database open listens."""
    beside = database.with_name(f"{database.name}.sock").absolute()
    if len(str(beside).encode()) <= LONGEST_PATH:
        return beside
    short = hashlib.sha256(str(beside).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"muster-{short}.sock"


class Control:
    """Answers on the socket while the process runs."""

    def __init__(self, path: Path, acts: Mapping[str, Act]) -> None:
        self._path = path
        self._acts = acts
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """The database's lock is ours, so a socket that lies there is left over from a process that was killed."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            with suppress(FileNotFoundError):
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            answer = await self._answer(line)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError, TimeoutError) as error:
            log.warning("control_line_lost", reason=type(error).__name__)
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        """This is an edge: whatever an act raises is told to the one who asked."""
        wish = _wish(line)
        act = self._acts.get(str(wish.pop("do", "")))
        if act is None:
            return {"failed": "This version of Muster does not know how to do that; are both of one version?"}
        try:
            async with asyncio.timeout(PATIENCE):
                return {"done": await act(**wish)}
        except Exception as error:
            log.warning("control_failed", exc_info=error)
            return {"failed": f"{type(error).__name__}: {error}"}


def _wish(line: bytes) -> dict[str, Any]:
    """What the line asks for; nothing where it is no JSON object."""
    try:
        wish = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return wish if isinstance(wish, dict) else {}


def ask(path: Path, do: str, **wish: Any) -> Any:
    """Have the running process do something. Blocking. Raises NotRunning, Failed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(PATIENCE + 5)
        try:
            line.connect(str(path))
        except OSError as error:
            raise NotRunning(f"nobody listens at {path}") from error
        line.sendall(json.dumps({"do": do, **wish}).encode() + b"\n")
        said = line.makefile("rb").readline()
    answer = json.loads(said) if said else {"failed": "Muster went away before it answered."}
    if "failed" in answer:
        raise Failed(answer["failed"])
    return answer["done"]
