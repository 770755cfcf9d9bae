"""A bot's whole set-up, sound at first, in which faults are planted and mended: what doctor is tried on."""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.app import App, build
from bot.integrations.pagerduty.webhook import PATH
from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.pagerduty.seed import API_TOKEN
from bot.sandbox.slack.seed import SIGNING_SECRET
from bot.settings import load
from bot.terminal.doctor import Visit, visit
from bot.terminal.looks.finding import Machine
from bot.terminal.stage import environment
from bot.web.server import Server

KNOWN_IN_BOTH = {"name": "zoe", "real_name": "Zoe Laurent", "email": "zoe@contractor.example"}
"""The one on call whom the sandbox's Slack does not know at first."""


class Reception:
    """What stands where the bot would, and answers webhooks as it is told."""

    def __init__(self) -> None:
        self.status = 202
        self.server = Server(Starlette(routes=[Route(PATH, self._answer, methods=["POST"])]), "127.0.0.1", 0)

    async def _answer(self, request: Request) -> Response:
        return Response(status_code=self.status)


@dataclass
class Ward:
    """The set-up. What is set in the environment really is set there; `machine` is what doctor sees of this one."""

    sandbox: Sandbox
    hands: SandboxClient
    folder: Path
    reception: Reception = field(default_factory=Reception)
    machine: Machine = field(default_factory=Machine)

    @property
    def database(self) -> Path:
        return self.folder / "muster.db"

    async def visit(self, patience: float = 20.0) -> Visit:
        """What doctor sees now."""
        return await asyncio.to_thread(visit, self.machine, patience=patience)

    async def wrong(self) -> list[str]:
        """Every sentence about something wrong."""
        return [sentence for one in (await self.visit()).seen for sentence in one.finding.wrong]

    @contextmanager
    def setting(self, **variables: str) -> Iterator[None]:
        """Environment variables, for a while."""
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    @contextmanager
    def config(self, words: str | Mapping[str, Any], mode: int = 0o600) -> Iterator[Path]:
        """A muster.yaml, for a while."""
        file = self.folder / "muster.yaml"
        file.write_text(words if isinstance(words, str) else yaml.safe_dump(dict(words)))
        file.chmod(mode)
        with self.setting(MUSTER_CONFIG=str(file)):
            yield file
        file.unlink()

    @contextmanager
    def seen(self, **machine: Any) -> Iterator[None]:
        """Another machine, for a while."""
        before = self.machine
        self.machine = replace(before, **machine)
        try:
            yield
        finally:
            self.machine = before

    def sql(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as there, there:
            there.execute(statement, values)

    async def forward(self, seconds: float) -> None:
        """All clocks go forward."""
        await self.hands.advance(seconds)
        ahead = self.machine.now() - datetime.now(UTC) + timedelta(seconds=seconds)
        self.machine = replace(self.machine, now=lambda: datetime.now(UTC) + ahead)

    @asynccontextmanager
    async def bot(self, *, slack: str = "socket") -> AsyncIterator[App]:
        """The bot runs, for a while, and knows who is who."""
        with self.setting(MUSTER_SLACK__MODE=slack):
            app = await build(load())
            await app.start()
            pagerduty = app._parts.pagerduty
            assert pagerduty
            try:
                async with asyncio.timeout(15):
                    while not (app._parts.slack.connected and pagerduty.health.reached_at):  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                yield app
            finally:
                await app.stop()

    async def rest(self, method: str, path: str, body: Any = None) -> None:
        """A call to PagerDuty's REST API, by its administrator."""
        headers = {"Authorization": f"Token token={API_TOKEN}", "Content-Type": "application/json"}
        url, words = f"{self.sandbox.pagerduty_url}{path}", json.dumps(body) if body else None
        async with aiohttp.ClientSession(headers=headers) as session, session.request(method, url, data=words) as said:
            assert said.status < 300, await said.text()

    async def subscription(self) -> str:
        """The id of the sound webhook subscription."""
        return str((await self.hands.pagerduty.subscriptions())[0]["id"])

    async def change_subscription(self, **changes: object) -> None:
        body = {"webhook_subscription": {"type": "webhook_subscription", **changes}}
        await self.rest("PUT", f"/webhook_subscriptions/{await self.subscription()}", body)


@asynccontextmanager
async def ward_of(folder: Path, template: Path) -> AsyncIterator[Ward]:
    """A set-up with which nothing is wrong."""
    with running() as sandbox:
        async with SandboxClient(sandbox.url) as hands:
            ward = Ward(sandbox, hands, folder)
            shutil.copy(template, ward.database)
            await ward.reception.server.start()
            await hands.pagerduty.set_weather(hurry=0.001)
            await hands.pagerduty.subscribe(ward.reception.server.url + PATH)
            await hands.slack.add_person(**KNOWN_IN_BOTH)
            with ward.setting(
                **environment(sandbox, folder, _free_port()), MUSTER_SLACK__SIGNING_SECRET=SIGNING_SECRET
            ):
                yield ward
            await ward.reception.server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
