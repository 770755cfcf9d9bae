"""The edges of a bot as fuzzing drives them: the real engine, Bolt and readers in an event loop of their own."""

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from starlette.requests import Request
from starlette.types import Message

from bot.engine.db import Database
from bot.engine.effects import Ref
from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Later
from bot.engine.schema import migrate
from bot.incident import Declare, RecordRoom
from bot.incident.model import Refused
from bot.incident.policy import Policy
from bot.incident.values import Actor
from bot.integrations.pagerduty import Options, build_pagerduty
from bot.integrations.slack.client import Connection
from bot.integrations.slack.events import worth_keeping
from bot.integrations.slack.fact import Places
from bot.integrations.slack.inbound import build_inbound
from bot.integrations.slack.outbound import alert_announcer, announcer
from bot.integrations.slack.sockets import Sockets
from bot.sandbox import running
from bot.sandbox.pagerduty.seed import API_TOKEN, FROM_EMAIL
from bot.sandbox.slack import seed
from bot.web.control import Control

T = TypeVar("T")
ADA = Actor(id=f"slack:{seed.ADA}", name="Ada Marsh")
SLOWEST = 2.0
"""Seconds of the processor that one input may take, whatever else the machine does; nearly all take milliseconds."""


class Errors(logging.Handler):
    """Whatever is logged as an error while something is tried."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        self.lines.append(f"{record.name}: {record.getMessage()} {error!r}")


class Stage:
    """A declared incident with a room, and every way in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, context: self._lost.append(str(context)))
        self._lost: list[str] = []
        self._errors = Errors()
        self._stack = AsyncExitStack()
        self._count = 0
        self.channel = ""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within it nothing is logged as an error, nothing is lost, and it does not take long."""
        self._errors.lines.clear()
        self._lost.clear()
        begun = time.process_time()
        yield
        took = time.process_time() - begun
        assert not self._errors.lines, self._errors.lines
        assert not self._lost, self._lost
        assert took < SLOWEST, f"it took {took:.1f} s"

    async def open(self) -> None:
        logging.getLogger().addHandler(self._errors)
        self._stack.callback(logging.getLogger().removeHandler, self._errors)
        sandbox = self._stack.enter_context(running())
        await self._open_engine()
        self._connection = await Connection.open(seed.BOT_TOKEN, sandbox.slack_url, timeout=2)
        self._stack.push_async_callback(self._connection.close)
        options = Options(API_TOKEN, FROM_EMAIL, sandbox.pagerduty_url, ["secret"])
        self.pagerduty = build_pagerduty(options, self.engine)
        self._stack.push_async_callback(self.pagerduty.stop)
        await self._open_slack()
        self.control = Control(self._folder / "control.sock", {"echo": _echo})

    async def _open_engine(self) -> None:
        url = f"sqlite:///{self._folder / 'muster.db'}"
        await asyncio.to_thread(migrate, url)
        database = Database.open(url)
        self._stack.callback(database.close)
        places = Places(announcements=True, triage=True)
        self.engine = Engine(database, Policy(), facts=[announcer(places)], alerts=[alert_announcer(places)])
        await self.engine.start()
        self._stack.push_async_callback(self.engine.stop)

    async def _open_slack(self) -> None:
        """By HTTP, where a delivery has an answer. Nobody keeps promises, so the room is opened by hand."""
        self.slack = build_inbound(
            engine=self.engine, client=self._connection.web, retry=_retry, signing_secret=seed.SIGNING_SECRET
        )
        await self.slack.start()
        self._stack.push_async_callback(self.slack.stop)
        worth = partial(worth_keeping, known=lambda user: False)
        self._sockets = Sockets(self.slack.bolt, self._connection.web, seed.APP_TOKEN, worth_keeping=worth)
        await self.engine.handle(Declare(title="fuzzed", command=False), ADA)
        made: Any = (await self._connection.web.conversations_create(name="inc-1")).data
        self.channel = made["channel"]["id"]
        await self.engine.handle(RecordRoom(incident=1, channel=self.channel, name="inc-1"), ADA)
        self.engine.directory.learn(1, [Ref("slack", "channel", self.channel, "slack.channel")])

    async def close(self) -> None:
        await self._stack.aclose()

    def end(self) -> None:
        self.run(self.close())
        self._loop.close()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """A request to `/slack/events` with these headers; its status. What it begins is awaited."""
        raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": "/slack/events", "query_string": b"", "headers": raw}

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        answer = await self.slack.http_handler(Request(scope, receive))
        await self.slack._kept.finish(5.0)
        return answer.status_code

    async def deliver(self, body: bytes, media: str = "application/json") -> int:
        """The same, well signed."""
        return await self.post(body, {"content-type": media, **slack_signature(body)})

    async def read_event(self, event: object) -> None:
        """An event from the inbox, to the end. What it is about may be parked (ValueError) or wait (Later)."""
        body = json.dumps({"event_id": "E", "event": event}).encode()
        try:
            said = await self.slack.reader(self._heard("slack", body))
            for one in said:
                await self.engine.handle(one.command, one.by)
        except (ValueError, Later, Refused, SlackApiError):
            return

    async def read_webhook(self, body: bytes) -> None:
        """A webhook from the inbox, to the end: alert and facts written, sentences promised."""
        try:
            said = await self.pagerduty.reader(self._heard("pagerduty", body))
        except (ValueError, Later):
            return
        for one in said:
            await self.engine.handle(one.command, one.by)

    def _heard(self, source: str, body: bytes) -> Heard:
        self._count += 1
        return Heard(source, f"fuzz/{self._count}", "", body, self.engine.clock())

    async def take_frame(self, frame: str | bytes) -> list[Any]:
        """A frame of Socket Mode; what is sent back over the socket."""
        kind = aiohttp.WSMsgType.TEXT if isinstance(frame, str) else aiohttp.WSMsgType.BINARY
        line = Line(aiohttp.WSMessage(kind, frame, None))
        await self._sockets._listen(line)  # type: ignore[arg-type]
        await self._sockets._lingering.finish(5.0)
        await self._sockets._kept.finish(5.0)
        await self.slack._kept.finish(5.0)
        return line.sent


class Line:
    """A socket on which one message comes; it keeps what is sent."""

    def __init__(self, message: aiohttp.WSMessage) -> None:
        self._coming = [message]
        self.sent: list[Any] = []

    def __aiter__(self) -> "Line":
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        if not self._coming:
            raise StopAsyncIteration
        return self._coming.pop()

    async def send_json(self, said: Any) -> None:
        self.sent.append(json.loads(json.dumps(said)))

    async def close(self) -> None:
        self._coming.clear()


def slack_signature(body: bytes, secret: str = seed.SIGNING_SECRET) -> dict[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, sha256).hexdigest()
    return {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={digest}"}


async def _retry(effect: int) -> bool:
    return True


async def _echo(**wish: Any) -> Any:
    return sorted(wish)
