"""uvicorn on one port, started and stopped by whoever owns the process; signals stay theirs."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

KEEP_ALIVE = 65
"""Seconds; longer than the usual load balancer's 60, so that it never writes into a line that we just closed."""
GRACE = 5
"""Seconds that requests in hand may take when the server is told to stop."""
LATECOMERS = 0.2
"""Seconds between two looks at who came through the door as it closed."""
BACKLOG = 2048


class _Quiet(uvicorn.Server):
    """The bot has work in hand when HTTP is already shut, so it is not HTTP that ends the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn tells its connections once that they are to end. One that was being accepted at that moment is never
        told, says nothing itself, and would hold up our end for the whole of GRACE."""
        ending = asyncio.create_task(super().shutdown(sockets))
        while not ending.done():
            await asyncio.wait({ending}, timeout=LATECOMERS)
            for connection in self.server_state.connections:
                if not connection.transport.is_closing():
                    connection.shutdown()
        await ending

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves `app` on `host`:`port`; port 0 picks a free one."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._listener: socket.socket | None = None
        self._serving: asyncio.Task[None] | None = None
        self._uvicorn = _Quiet(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # nobody here asks where a request came from
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
        )

    @property
    def url(self) -> str:
        """Where it really listens, as seen from this machine."""
        port = self._listener.getsockname()[1] if self._listener else self._port
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # nosec B104 # noqa: S104  (what was set, compared)
        return f"http://{anywhere.get(self._host, self._host)}:{port}"

    async def start(self) -> None:
        """Returns when it listens. Raises OSError when the port cannot be had."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # The protocol must be named: asyncio sets TCP_NODELAY only then, and answers would wait up to 40 ms without it.
        self._listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((self._host, self._port))
        self._listener.listen(BACKLOG)
        self._serving = asyncio.create_task(self._uvicorn.serve(sockets=[self._listener]), name="http")
        await self._uvicorn.listening.wait()

    async def stop(self) -> None:
        """Takes nothing new, finishes what is in hand. Harmless when it never started."""
        self._uvicorn.should_exit = True
        if self._serving is not None:
            await self._serving
        if self._listener is not None:
            self._listener.close()
