"""Socket Mode: the bot's open sockets, the envelopes sent on them and the acks that come back.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import random
import uuid
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack import seed
from bot.sandbox.slack.courier import Delivery, Outcome
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace


@dataclass(eq=False)
class Socket:
    """One open connection; one that was told to go takes nothing new."""

    number: int
    websocket: WebSocket
    leaving: bool = False


class Sockets:
    """Every payload goes to any one of the sockets, by no pattern."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._open: list[Socket] = []
        self._acks: dict[str, tuple[Socket, asyncio.Future[Json | None]]] = {}
        self._rng = random.Random(7)
        self._number = 0

    @property
    def count(self) -> int:
        return len(self._open)

    async def endpoint(self, websocket: WebSocket) -> None:
        """`/slack/socket`: greets, then listens for acks until one side hangs up."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._workspace.socket_tickets:
            await websocket.close(4001)
            return
        self._workspace.socket_tickets.discard(ticket)
        await websocket.accept()
        if self.count >= self._workspace.settings.max_connections:
            await websocket.send_text(json.dumps({"type": "disconnect", "reason": "too_many_websockets"}))
            await websocket.close()
            return
        await self._serve(websocket)

    async def carry(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        """Send one envelope to one socket and wait for its ack."""
        ready = [socket for socket in self._open if not socket.leaving]
        if not ready:
            return Outcome("connection_failed")
        socket = self._rng.choice(ready)
        envelope = _envelope(delivery, number, reason)
        ack: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._acks[envelope["envelope_id"]] = (socket, ack)
        try:
            await socket.websocket.send_text(json.dumps(envelope))
            async with asyncio.timeout(self._workspace.settings.ack_seconds):
                return Outcome("acked", await ack)
        except TimeoutError:
            return Outcome("http_timeout")
        except (WebSocketDisconnect, ConnectionError, RuntimeError):
            return Outcome("connection_failed")
        finally:
            del self._acks[envelope["envelope_id"]]

    async def disconnect(self, reason: str, how_many: int | None = None) -> int:
        """Tell sockets (all, or the oldest `how_many`) to go; how many were told."""
        told = self._open[: how_many if how_many is not None else len(self._open)]
        for socket in list(told):
            socket.leaving = reason != "warning"
            message = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            await socket.websocket.send_text(json.dumps(message))
        if reason == "link_disabled":
            await self.drop()
        return len(told)

    async def drop(self, how_many: int | None = None) -> int:
        """Close sockets without a word, as a broken network does."""
        dropped = self._open[: how_many if how_many is not None else len(self._open)]
        for socket in list(dropped):
            socket.leaving = True
            await socket.websocket.close(1011)
        return len(dropped)

    async def _serve(self, websocket: WebSocket) -> None:
        self._number += 1
        socket = Socket(self._number, websocket)
        self._open.append(socket)
        try:
            await websocket.send_text(json.dumps(self._hello()))
            self._workspace.touch()
            while True:
                self._heard(json.loads(await websocket.receive_text()))
        except (WebSocketDisconnect, RuntimeError, ValueError):
            # Hung up, or said something that is no JSON: Slack ends the connection either way.
            pass
        finally:
            self._open.remove(socket)
            self._give_up(socket)
            self._workspace.touch()

    def _heard(self, message: Json) -> None:
        waiting = self._acks.get(str(message.get("envelope_id")))
        if waiting and not waiting[1].done():
            waiting[1].set_result(message.get("payload"))

    def _give_up(self, socket: Socket) -> None:
        for owner, ack in self._acks.values():
            if owner is socket and not ack.done():
                ack.set_exception(ConnectionError("the socket closed before the ack"))

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": self._workspace.settings.approximate_connection_time,
            },
            "connection_info": {"app_id": seed.APP_ID},
        }


def _envelope(delivery: Delivery, number: int, reason: str) -> Json:
    envelope: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": delivery.kind,
        "accepts_response_payload": delivery.kind != "events_api",
        "payload": delivery.payload,
    }
    if delivery.kind == "events_api":
        # Slack names the reasons of a socket differently from those of HTTP.
        envelope |= {"retry_attempt": number, "retry_reason": "timeout" if reason == "http_timeout" else reason}
    return envelope
