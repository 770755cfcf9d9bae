"""Several Musters on one PostgreSQL database: a world whose bots share everything but the address."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.app import App, build
from bot.sandbox import Sandbox, SandboxClient
from tests.stories.world import PATIENCE, Plan, World, free_port, settings_for

HANDLED, HEARD, KEPT = "handled", "heard", "kept"


class Fleet(World):
    """`roles`: one bot for each. PagerDuty sends every webhook to every bot that hears; Slack to any of their sockets.

    `did`: what each of the bots had its hands in.
    """

    roles: Sequence[str] = ("all", "all", "all")

    def __init__(self, sandbox: Sandbox, hands: SandboxClient, plan: Plan, database_url: str) -> None:
        super().__init__(sandbox, hands, plan, database_url)
        ports = [self.port, *(free_port() for _ in self.roles[1:])]
        self._settings = [settings_for(sandbox, plan, database_url, port) for port in ports]
        self.apps: list[App] = []
        self.did: list[Counter[str]] = [Counter() for _ in self.roles]

    async def open(self) -> None:
        await super().open()
        for app, role in zip(self.apps[1:], self.roles[1:], strict=True):
            if role != "worker":
                await self.hands.pagerduty.subscribe(f"{app.url}/webhooks/pagerduty")

    async def start(self) -> None:
        for number, role in enumerate(self.roles):
            app = await build(self._settings[number], role=role, clock=self.clock)
            self.furnish(app)
            self._count(app, self.did[number])
            self.apps.append(app)
            await app.start()
        self._app = self.apps[0]

    def _count(self, app: App, did: Counter[str]) -> None:
        engine: Any = app.engine
        outbox: Any = app.outbox
        engine.handle = _counted(engine.handle, did, HANDLED)
        engine.database.insert_heard = _counted(engine.database.insert_heard, did, HEARD)
        outbox._try = _counted(outbox._try, did, KEPT)

    async def stop(self) -> None:
        for app in self.apps:
            await app.stop()
        self.apps, self._app = [], None

    async def kill(self) -> None:
        """In this process nobody can be killed alone; the campaign kills real ones."""
        await self.stop()

    async def settled(self, seconds: float = PATIENCE) -> None:
        """At rest is what no bot has anything to do for, twice in a row with nothing in between."""
        async with asyncio.timeout(seconds):
            while True:
                before = await self._marks()
                await self.hands.pagerduty.settle()
                for app, role in zip(self.apps, self.roles, strict=True):
                    if role != "web":
                        await app.inbox.idle()
                        await app.outbox.idle()
                if before == await self._marks() and await self._all_heard() and not await self._in_hand():
                    return
                await asyncio.sleep(0.005)

    async def _in_hand(self) -> bool:
        health = await self.app.engine.reading.health()
        return bool(set(health.effects) & {"claimed"}) or bool(health.inbox.get("waiting"))


def _counted(act: Callable[..., Awaitable[Any]], did: Counter[str], what: str) -> Callable[..., Awaitable[Any]]:
    async def counted(*args: Any, **more: Any) -> Any:
        did[what] += 1
        return await act(*args, **more)

    return counted


class Apart(Fleet):
    """One bot that only hears, and one that only acts."""

    roles = ("web", "worker")
