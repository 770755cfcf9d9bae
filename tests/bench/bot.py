"""The bot and its sandbox as two processes of their own, wired together for a measurement."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.sandbox.client import SandboxClient
from bot.sandbox.pagerduty.seed import API_TOKEN, FROM_EMAIL, WEBHOOK_SECRET
from bot.sandbox.slack.seed import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from tests.bench.databases import count, sqlite_database, until
from tests.bench.processes import Program, free_port, program

OF_THE_LOAD = "source = 'pagerduty' AND key LIKE 'LOAD-%'"
"""How the load's webhooks are told from others in the inbox."""


@dataclass(frozen=True)
class Running:
    """Where the two listen, the hands on the sandbox, the bot's process and database."""

    hands: SandboxClient
    port: int
    database: str
    program: Program

    def heard(self) -> int:
        """How many of the load's webhooks are in the inbox, read by another connection."""
        return count(self.database, f"SELECT count(*) FROM inbox WHERE {OF_THE_LOAD}")

    async def handled(self, seconds: float = 300) -> None:
        """Returns once nothing of what was heard waits."""
        waiting = "SELECT count(*) FROM inbox WHERE state = 'waiting'"
        await until(lambda: not count(self.database, waiting), seconds, every=0.1)


def settings(
    sandbox_url: str, port: int, database: str, *, slack_mode: str = "socket", storms: bool = False
) -> dict[str, str]:
    """The environment that points a bot at a sandbox and a database.

    `storms`: whether many services at once are one incident. Most benches fire them at once to have a room for each.
    """
    calm = {} if storms else {"MUSTER_POLICY__STORM__SERVICES": "1000", "MUSTER_POLICY__STORM__ROOMS": "1000"}
    return {
        **calm,
        "MUSTER_DATABASE_URL": database,
        "MUSTER_HTTP__PORT": str(port),
        "MUSTER_LOG__FORMAT": "json",
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
async def sandbox(services: Sequence[str] = ()) -> AsyncIterator[SandboxClient]:
    """A sandbox in a process of its own, with these services beside its own."""
    port = free_port()
    async with (
        program(port, "bot.sandbox", "--port", str(port)),
        SandboxClient(f"http://127.0.0.1:{port}") as hands,
    ):
        for name in services:
            await hands.pagerduty.create_service(name, "Incident commanders")
        yield hands


@contextlib.asynccontextmanager
async def bot(
    hands: SandboxClient, database: str, *, slack_mode: str = "socket", storms: bool = False
) -> AsyncIterator[Running]:
    """A bot beside that sandbox, reachable by both Slack and PagerDuty, on a database that may hold something."""
    port = free_port()
    environment = settings(hands.url, port, database, slack_mode=slack_mode, storms=storms)
    async with program(port, "bot", "serve", env=environment) as it:
        if slack_mode == "http":
            await hands.slack.reach_by("http", f"http://127.0.0.1:{port}", verify=True)
        await hands.pagerduty.subscribe(f"http://127.0.0.1:{port}/webhooks/pagerduty")
        yield Running(hands, port, database, it)


@contextlib.asynccontextmanager
async def running(
    *, slack_mode: str = "socket", services: Sequence[str] = (), database: str = "", storms: bool = False
) -> AsyncIterator[Running]:
    """Both processes, ready: the services exist, the sockets stand, webhooks are subscribed, one incident is open.

    `database`: a URL; an SQLite file of its own without one.
    """
    with contextlib.ExitStack() as held:
        url = database or held.enter_context(sqlite_database())
        async with sandbox(services) as hands, bot(hands, url, slack_mode=slack_mode, storms=storms) as ready:
            await warm(hands)
            yield ready


async def warm(hands: SandboxClient) -> None:
    """One incident from alert to card: caches, connections and code paths are warm afterwards."""
    await hands.pagerduty.trigger("identity", "Warm up", priority="P1")
    channel = await hands.slack.wait_for_channel("inc-1", seconds=20)
    await hands.slack.wait_for_message(channel["id"], "Warm up", seconds=20)
