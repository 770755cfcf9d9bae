"""Where a story of a campaign plays: a sandbox in this process, one bot or two as processes, on a database."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from types import MappingProxyType
from typing import Literal

from sqlalchemy import create_engine, inspect, text

from bot.engine.schema import driver_url, migrate
from bot.sandbox import Sandbox, SandboxClient, start
from bot.terminal.stage import environment
from tests.campaign.lives import Cradle, Replica
from tests.engine.conftest import Cluster
from tests.stories.long_night import shelve
from tests.stories.world import COMMANDERS, free_port

Setting = Literal["sqlite", "postgresql", "replicas"]
SETTINGS: tuple[Setting, ...] = ("sqlite", "postgresql", "replicas")
LATENCY = 0.02
"""Seconds that each call takes, so that a death may fall into the middle of calls."""
HURRY = 0.005
"""How much sooner Slack and PagerDuty deliver again than they do in the world: 5 s become 25 ms."""
CALM = {"MUSTER_POLICY__STORM__SERVICES": "1000", "MUSTER_POLICY__STORM__ROOMS": "1000"}
"""Many services at once are no storm: each has its own room."""
LEFT_OVER = {
    "effect": "state <> 'claimed' AND (owner <> '' OR lease_until IS NOT NULL) OR state = 'claimed'",
    "inbox": "owner <> '' OR lease_until IS NOT NULL",
    "timer": "lease_until IS NOT NULL",
}
"""Claims that nobody holds any more, by table, once all is at rest."""


@dataclass
class Scene:
    """A stage on which the bots may die. `database_url`: of all of them."""

    folder: Path
    sandbox: Sandbox
    hands: SandboxClient
    database_url: str
    replicas: list[Replica]

    async def turn_page(self, seconds: float = 0.0) -> None:
        """Between two chapters nothing is needed: here time passes by itself."""

    async def at_rest(self) -> bool:
        """Whether nothing is on its way to the bots or from them."""
        return await self.hands.pagerduty.settle(0.5) and await self.is_done()

    async def is_done(self) -> bool:
        """Whether the bots have nothing to do any more."""
        return not await asyncio.to_thread(self._open)

    def _open(self) -> int:
        return self._count("effect", "state IN ('needing', 'waiting', 'claimed')") + self._count(
            "inbox", "state = 'waiting'"
        )

    def left_over(self) -> list[str]:
        """Claims that nobody holds any more."""
        found = {table: self._count(table, where) for table, where in LEFT_OVER.items()}
        return [f"{count} claims left over: {table}" for table, count in found.items() if count]

    def _count(self, table: str, where: str) -> int:
        engine = create_engine(engine_url(self.database_url))
        try:
            with engine.connect() as connection:
                return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())
        finally:
            engine.dispose()

    def keep(self, wrong: list[str]) -> None:
        """Leaves in the folder what a person needs to see what went wrong: every row, every call, every word."""
        kept = {
            "wrong": wrong,
            "rows": _rows(self.database_url),
            "calls": [call.to_json() for call in self.sandbox.calls.all()],
            "deaths": {replica.name: replica.deaths for replica in self.replicas},
        }
        (self.folder / "kept.json").write_text(json.dumps(kept, indent=1, default=str, ensure_ascii=False))


@dataclass
class Theatre:
    """What all stories of a campaign share. `cluster` is started by whoever first needs PostgreSQL."""

    folder: Path
    cradle: Cradle
    cluster: Callable[[], Cluster]
    hurried: bool = False

    @asynccontextmanager
    async def scene(
        self,
        setting: Setting,
        name: str,
        bots: int | None = None,
        *,
        walks: bool = False,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> AsyncIterator[Scene]:
        """A fresh one, its bots (two where there are replicas) ready and known to Slack and PagerDuty.

        `walks`: they leave the names of the seams that they pass. `variables`: more settings of theirs.
        """
        folder = self.folder_of(setting, name)
        folder.mkdir(parents=True)
        url = await asyncio.to_thread(self._database, setting, folder)
        sandbox = await asyncio.to_thread(start)
        try:
            async with SandboxClient(sandbox.url) as hands:
                count = bots or (2 if setting == "replicas" else 1)
                settings = shelve(folder / "runbooks", sandbox.url) | dict(variables)
                replicas = [self._replica(sandbox, folder, url, n, settings) for n in range(count)]
                scene = Scene(folder, sandbox, hands, url, replicas)
                await _open(scene, walks)
                try:
                    yield scene
                finally:
                    for replica in replicas:
                        if replica.life:
                            await replica.life.kill()
        finally:
            await asyncio.to_thread(sandbox.stop)
            if setting != "sqlite":
                await asyncio.to_thread(self.cluster().drop, url)

    def folder_of(self, setting: Setting, name: str) -> Path:
        """Where the logs and the SQLite file of a scene are."""
        return self.folder / f"{setting}-{name}"

    def _database(self, setting: Setting, folder: Path) -> str:
        if setting != "sqlite":
            return self.cluster().fresh()
        return f"sqlite:///{copyfile(self._blank(), folder / 'muster.db')}"

    def _blank(self) -> Path:
        blank = self.folder / "blank.db"
        if not blank.exists():
            migrate(f"sqlite:///{blank}")
        return blank

    def _replica(self, sandbox: Sandbox, folder: Path, url: str, number: int, settings: Mapping[str, str]) -> Replica:
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_") and name != "PORT"}
        ours = {
            **settings,
            "MUSTER_DATABASE_URL": url,
            "MUSTER_POLICY__PAGING__COMMANDERS": COMMANDERS.model_dump_json(),
            "MUSTER_POLICY__PAGING__FALLBACK": COMMANDERS.model_dump_json(),
        }
        return Replica(
            self.cradle, folder, f"bot{number}", port, kept | environment(sandbox, folder, port) | ours, self.hurried
        )


async def _open(scene: Scene, walks: bool) -> None:
    await scene.hands.slack.configure(retry_scale=HURRY)
    await scene.hands.pagerduty.set_weather(hurry=HURRY)
    for replica in scene.replicas:
        await replica.stand(walks=walks)
        await scene.hands.pagerduty.subscribe(f"{replica.url}/webhooks/pagerduty")
    await scene.hands.set_latency("slack", LATENCY)
    await scene.hands.set_latency("pagerduty", LATENCY)


def engine_url(url: str) -> str:
    """The URL as SQLAlchemy wants it."""
    return url if url.startswith("sqlite") else driver_url(url)


def _rows(url: str) -> dict[str, list[dict[str, object]]]:
    engine = create_engine(engine_url(url))
    try:
        with engine.connect() as connection:
            names = inspect(connection).get_table_names()
            return {
                name: [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {name}"))]
                for name in names
            }
    finally:
        engine.dispose()
