"""A thin layer over ASGI: reads a request, sends an answer, knows the TCP connections and can cut them."""

import asyncio
import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked over HTTP. Header names are in lower case; `connection` is the serial of the TCP connection."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    connection: int
    peer: int

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said back; `outcome` is how the call log names it."""

    status: int
    body: bytes
    outcome: str = "ok"
    headers: tuple[tuple[bytes, bytes], ...] = field(default=(JSON_TYPE,))


def answer(content: Any, status: int = 200, outcome: str = "ok", **headers: str) -> Answer:
    """An answer in JSON; header names are given with underscores (`retry_after="3"`)."""
    extra = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return Answer(status, _dumps(content).encode(), outcome, (JSON_TYPE, *extra))


def text_answer(text: str, status: int = 200, outcome: str = "ok", media: str = "text/html; charset=utf-8") -> Answer:
    return Answer(status, text.encode(), outcome, ((b"content-type", media.encode()),))


async def read(scope: Scope, receive: Receive, connections: "Connections") -> Request:
    """The whole request, its body included."""
    peer = cast(int, scope["client"][1]) if scope["client"] else 0
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=await _body(receive),
        connection=connections.serial(peer),
        peer=peer,
    )


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body = cast(bytes, message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def send_answer(send: Send, said: Answer) -> None:
    headers = [*said.headers, (b"content-length", str(len(said.body)).encode())]
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    await send({"type": "http.response.body", "body": said.body})


async def client_gone(receive: Receive, limit: float) -> None:
    """Returns when the caller has hung up, or after `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass


class Connections:
    """The TCP connections that are open now, by peer port, each with a serial that is never used again."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, asyncio.Transport]] = {}
        self.made = 0

    def opened(self, transport: asyncio.Transport) -> None:
        self.made += 1
        self._open[transport.get_extra_info("peername")[1]] = (self.made, transport)

    def closed(self, transport: asyncio.Transport) -> None:
        for peer in [peer for peer, (_, known) in self._open.items() if known is transport]:
            del self._open[peer]

    def serial(self, peer: int) -> int:
        return self._open[peer][0] if peer in self._open else 0

    def cut(self, peer: int) -> None:
        """Reset one connection, so that its caller sees ECONNRESET and no answer."""
        _, transport = self._open.get(peer, (0, None))
        if transport is not None and not transport.is_closing():
            _reset(transport)

    def cut_all(self) -> None:
        for peer in list(self._open):
            self.cut(peer)

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._open))


def _reset(transport: asyncio.Transport) -> None:
    # With linger on and zero, closing sends RST instead of FIN: the caller cannot take it for an orderly end.
    raw: socket.socket = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def watched(connections: Connections) -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol, telling `connections` of each connection made and lost."""

    class Watched(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            connections.opened(transport)
            # uvicorn logs a line per request wherever a test-runner has put a handler on the root logger.
            self.access_log = False
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self.transport)
            super().connection_lost(exc)

    return Watched
