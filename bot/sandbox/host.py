"""uvicorn, started and stopped without its tenths of seconds: a test-suite starts hundreds of sandboxes."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.wire import Connections, watched


class Host(uvicorn.Server):
    """Serves one application on one listening socket until `stop()`."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        super().__init__(_config(self._until_stopped, connections))
        self._app, self._connections = app, connections
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run_on(
        self, listener: socket.socket, ready: Callable[[], None], close: Callable[[], Awaitable[None]]
    ) -> None:
        """Serve; `ready` is called when the first request can come, `close` when there will be no more."""
        self._loop, self._ready = asyncio.get_running_loop(), ready
        try:
            await self.serve(sockets=[listener])
        finally:
            await close()
            listener.close()

    def stop(self) -> None:
        """End it; may be called from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                # RuntimeError: the loop has ended already.
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def _until_stopped(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application; what is still under way when the sandbox stops ends without a word in the log."""
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        await self.on_tick(0)
        self._ready()

    async def main_loop(self) -> None:
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self._connections.cut_all()
        tasks = list(self.server_state.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=0.02)
        for task in tasks:
            task.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.stop()


def _config(app: ASGIApp, connections: Connections) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=watched(connections),
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        interface="asgi3",
        lifespan="off",
        proxy_headers=False,
        timeout_keep_alive=60,
        server_header=False,
        date_header=False,
    )
