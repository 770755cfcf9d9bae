"""The port is given back at once when the bot is told to stop, whoever is at the door."""

import asyncio
import socket
from typing import Any

import httpx2
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.web.server import Server


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


async def stopped_within(server: Server) -> float:
    began = asyncio.get_running_loop().time()
    await server.stop()
    return asyncio.get_running_loop().time() - began


async def test_it_serves_and_stops() -> None:
    server = Server(hello, "127.0.0.1", 0)
    await server.start()
    async with httpx2.AsyncClient(base_url=server.url) as client:
        assert (await client.get("/")).text == "hello"
        assert await stopped_within(server) < 2


async def test_who_comes_through_the_door_as_it_closes_holds_nobody_up() -> None:
    server = Server(hello, "127.0.0.1", 0)
    await server.start()
    stopping = asyncio.create_task(stopped_within(server))
    async with asyncio.timeout(5):
        while server._uvicorn.servers[0].is_serving():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    caller = await through_the_door(server)

    assert await stopping < 2
    caller.close()


async def through_the_door(server: Server) -> socket.socket:
    """Somebody whose connection was accepted just before the port was shut, and is set up just after; the caller."""
    config, state = server._uvicorn.config, server._uvicorn.server_state
    kind: Any = config.http_protocol_class
    ours, theirs = socket.socketpair()
    await asyncio.get_running_loop().connect_accepted_socket(
        lambda: kind(config=config, server_state=state, app_state={}), ours
    )
    return theirs
