"""Socket Mode: two connections to Slack, of which one always listens, whatever is being refreshed.

https://docs.slack.dev/apis/events-api/using-socket-mode. Slack gives a connection some hours, warns about ten seconds
before it ends, and may send any delivery over any connection. So each connection is replaced before it is closed, and
there are two that began at different times. (slack_sdk's own client closes first and connects then, and knows of one.)
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf
from time import perf_counter
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.integrations.slack.acks import Acks
from bot.integrations.slack.deliveries import read_json, sound
from bot.integrations.slack.errors import FAILURES, code_of
from bot.integrations.slack.health import APP_TOKEN, Health
from bot.integrations.slack.kept import Kept, told

log = structlog.get_logger(__name__)

CONNECTIONS = 2
STAGGER = 2.0
"""Seconds between the first connection and the second."""
HEARTBEAT = 10.0
"""Seconds between pings; a connection that does not answer one for half of it is given up."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
LASTING = 5.0
"""Seconds after which a connection that drops is replaced at once."""
LINGER = 15.0
"""Seconds that a connection which Slack will close is still listened to."""
FINISH = 3.0
"""Seconds that what is in hand may take when we stop; Slack waits no longer for an answer."""
PUT_OFF = ("warning", "refresh_requested")
"""Reasons of a `disconnect` after which the old connection goes on for a while."""

Socket = aiohttp.ClientWebSocketResponse


class Sockets:
    """The connections. Start them once; `connected` is true while at least one of them listens."""

    def __init__(
        self,
        bolt: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        *,
        stagger: float = STAGGER,
        worth_keeping: Callable[[Mapping[str, Any]], bool] = lambda event: True,
        health: Health | None = None,
        acks: Acks | None = None,
    ) -> None:
        self._bolt = bolt
        self._health = health or Health()
        self._acks = acks or Acks()
        self._worth_keeping = worth_keeping
        if client.session is None:
            raise ValueError("Socket Mode needs a web client with a shared session")
        self._client, self._session = client, client.session
        self._app_token = app_token
        self._stagger = stagger
        self._lines: list[asyncio.Task[None]] = []
        self._open: set[Socket] = set()
        self._kept, self._lingering = Kept(), Kept()
        self._heard_hello = asyncio.Event()

    @property
    def connected(self) -> bool:
        return any(not socket.closed for socket in self._open)

    async def start(self, wait: float = 5.0) -> None:
        """Begins; returns when the first connection listens, or after `wait` seconds (it goes on trying)."""
        loop = asyncio.get_running_loop()
        self._lines = [loop.create_task(self._keep_up(n * self._stagger)) for n in range(CONNECTIONS)]
        for line in self._lines:
            line.add_done_callback(told)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._heard_hello.wait()

    async def stop(self) -> None:
        """Hears nothing new, finishes what is in hand, answers it, and closes."""
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        self._lines = []
        await self._kept.finish(FINISH)
        await self._lingering.finish(0)
        for socket in list(self._open):
            await socket.close()
        self._open.clear()

    async def _keep_up(self, delay: float) -> None:
        """One of the connections, for ever: connected, listened to, replaced."""
        await asyncio.sleep(delay)
        wait = FIRST_WAIT
        while True:
            socket = await self._connect()
            if socket is None or not await self._listen(socket):
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # nosec B311 # noqa: S311  (a jitter, no secret)
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                wait = FIRST_WAIT

    async def _connect(self) -> Socket | None:
        """A new connection under a new ticket (each is good for one); None where there is none to be had."""
        try:
            said = await self._client.apps_connections_open(app_token=self._app_token)
            async with asyncio.timeout(10):
                socket = await self._session.ws_connect(str(said.get("url")), heartbeat=HEARTBEAT, max_msg_size=0)
        except SlackApiError as error:
            log.warning("not connected", reason=code_of(error) or "no answer of Slack's")
            self._health.failed(APP_TOKEN, error)
            return None
        except FAILURES as error:
            log.warning("not connected", reason=type(error).__name__)
            self._health.failed(APP_TOKEN, error)
            return None
        self._open.add(socket)
        self._health.took(APP_TOKEN)
        return socket

    async def _listen(self, socket: Socket) -> bool:
        """Listens until it is time for another connection; False where that had better wait a little: this one never
        began, was refused, or did not last (Slack allows few new ones a minute)."""
        began = inf
        async for message in socket:
            said = _parsed(message)
            match said.get("type"):
                case "hello":
                    began = time.monotonic()
                    self._heard_hello.set()
                case "disconnect":
                    return await self._disconnected(socket, str(said.get("reason")))
                case _:
                    self._take(socket, said)
        self._open.discard(socket)
        return time.monotonic() - began > LASTING

    async def _disconnected(self, socket: Socket, reason: str) -> bool:
        """Slack will close it. Where it says so beforehand, it is listened to while the next one is opened."""
        log.info("socket replaced", reason=reason)
        if reason in PUT_OFF:
            self._lingering.let_go(self._linger(socket))
            return True
        self._open.discard(socket)
        await socket.close()
        return False

    async def _linger(self, socket: Socket) -> None:
        """Takes what still comes over a connection that is about to go."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    async for message in socket:
                        self._take(socket, _parsed(message))
        finally:
            self._open.discard(socket)
            await socket.close()

    def _take(self, socket: Socket, said: Mapping[str, Any]) -> None:
        if said.get("envelope_id"):
            self._kept.let_go(self._handle(socket, said))

    async def _handle(self, socket: Socket, said: Mapping[str, Any]) -> None:
        """One delivery: handled, then acknowledged. What failed is not acknowledged, so that Slack sends it again."""
        began, envelope = perf_counter(), _envelope(said)
        if envelope is None:
            return
        try:
            answer = await self._dispatch(envelope)
        except Exception:
            log.exception("failed", type=envelope.type)
            return
        if answer.status != 200:
            return
        try:
            await socket.send_json(acknowledgement(envelope.envelope_id, answer))
        except (ConnectionError, RuntimeError, aiohttp.ClientError) as error:
            log.info("not acknowledged", type=envelope.type, reason=type(error).__name__)
        self._acks.add(envelope.payload, began)

    async def _dispatch(self, envelope: SocketModeRequest) -> BoltResponse:
        """Events that can lead to nothing, which are most of them, are acknowledged and go no further."""
        payload = sound(envelope.payload)
        if payload is None:
            log.warning("not understood", type=envelope.type)
            return BoltResponse(status=400, body="")
        if envelope.type == "events_api" and not self._worth_keeping(payload):
            return BoltResponse(status=200, body="")
        request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=build_headers(envelope))
        return await self._bolt.async_dispatch(request)


def acknowledgement(envelope_id: str, answer: BoltResponse) -> dict[str, Any]:
    """What goes back for a delivery: its id, and the body of the answer where there is one."""
    if not answer.body:
        return {"envelope_id": envelope_id}
    is_json = str(answer.headers.get("content-type", [""])[0]).startswith("application/json")
    return {"envelope_id": envelope_id, "payload": json.loads(answer.body) if is_json else {"text": answer.body}}


def _envelope(said: Mapping[str, Any]) -> SocketModeRequest | None:
    """A delivery of Slack's; None for what is none."""
    match said:
        case {"type": str(), "envelope_id": str(), "payload": dict()}:
            return SocketModeRequest.from_dict(dict(said))
    return None


def _parsed(message: aiohttp.WSMessage) -> Mapping[str, Any]:
    """A message of Slack's; empty for what is none."""
    if message.type is not aiohttp.WSMsgType.TEXT:
        return {}
    try:
        said = read_json(message.data)
    except ValueError:
        return {}
    return said if isinstance(said, Mapping) else {}
