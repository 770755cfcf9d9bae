"""The bot and its sandbox as two processes of their own, wired together for a measurement."""

import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.client import SandboxClient
from bot.sandbox.pagerduty.seed import API_TOKEN, FROM_EMAIL, WEBHOOK_SECRET
from bot.sandbox.slack.seed import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from tests.bench.processes import free_port, program


@dataclass(frozen=True)
class Running:
    """Where the two listen, the hands on the sandbox, and the bot's database."""

    hands: SandboxClient
    port: int
    database: Path

    def heard(self) -> int:
        """How many of the load's webhooks are in the inbox, read by another connection."""
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            return int(
                db.execute("SELECT count(*) FROM inbox WHERE source = 'pagerduty' AND key LIKE 'M%'").fetchone()[0]
            )


def settings(sandbox_url: str, port: int, folder: Path, *, slack_mode: str = "socket") -> dict[str, str]:
    """The environment that points a bot at a sandbox, with an SQLite file in the folder."""
    return {
        "MUSTER_DATABASE_URL": f"sqlite:///{folder / 'muster.db'}",
        "MUSTER_HTTP__PORT": str(port),
        "MUSTER_SLACK__MODE": slack_mode,
        "MUSTER_SLACK__BASE_URL": f"{sandbox_url}/slack/api/",
        "MUSTER_SLACK__BOT_TOKEN": BOT_TOKEN,
        "MUSTER_SLACK__APP_TOKEN": APP_TOKEN,
        "MUSTER_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "MUSTER_SLACK__ANNOUNCE_CHANNEL": "#incidents",
        "MUSTER_PAGERDUTY__BASE_URL": f"{sandbox_url}/pagerduty",
        "MUSTER_PAGERDUTY__API_TOKEN": API_TOKEN,
        "MUSTER_PAGERDUTY__FROM_EMAIL": FROM_EMAIL,
        "MUSTER_PAGERDUTY__WEBHOOK_SECRETS": f'["{WEBHOOK_SECRET}"]',
    }


@contextlib.asynccontextmanager
async def running(*, slack_mode: str = "socket", services: Sequence[str] = ()) -> AsyncIterator[Running]:
    """Both processes, ready: the services exist, the sockets stand, webhooks are subscribed, one incident is open."""
    sandbox_port, bot_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            program(sandbox_port, "bot.sandbox", "--port", str(sandbox_port)),
            SandboxClient(f"http://127.0.0.1:{sandbox_port}") as hands,
        ):
            for name in services:
                await hands.pagerduty.create_service(name, "Incident commanders")
            env = settings(hands.url, bot_port, Path(folder), slack_mode=slack_mode)
            async with program(bot_port, "bot", "serve", env=env):
                if slack_mode == "http":
                    await hands.slack.reach_by("http", f"http://127.0.0.1:{bot_port}", verify=True)
                await hands.pagerduty.subscribe(f"http://127.0.0.1:{bot_port}/webhooks/pagerduty")
                await _warm(hands)
                yield Running(hands, bot_port, Path(folder) / "muster.db")


async def _warm(hands: SandboxClient) -> None:
    """One incident from alert to card: caches, connections and code paths are warm afterwards."""
    await hands.pagerduty.trigger("identity", "Warm up", priority="P1")
    channel = await hands.slack.wait_for_channel("inc-1", seconds=20)
    await hands.slack.wait_for_message(channel["id"], "Warm up", seconds=20)
