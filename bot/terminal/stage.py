"""A sandbox in this process and the real bot as its child: what the demo plays on."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.integrations.slack.manifest import manifest
from bot.sandbox import Sandbox, SandboxClient, start
from bot.sandbox.pagerduty import seed as pagerduty
from bot.sandbox.slack import seed as slack
from bot.terminal.problem import Problem

PATIENCE = 30.0
"""Seconds that the bot may take until everything stands."""
TAIL = 15
"""Lines of its log that are shown when it does not."""
HURRY = 0.02
"""PagerDuty's retries come that much sooner: what was sent while the bot was dead is there a second after its start."""


@dataclass
class Bot:
    """The bot as a child process, on an SQLite file in `folder`, listening on one port through all its lives."""

    folder: Path
    port: int
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    is_starting: bool = False

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return self.environment["MUSTER_DATABASE_URL"]

    @property
    def log(self) -> Path:
        return self.folder / "muster.log"

    async def start(self) -> None:
        """Returns when `/readyz` is green. Raises Problem with the end of its log."""
        self.is_starting = True
        try:
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "bot", "serve"),
                    env=self.environment,
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                )
            await self._ready(self.process)
        finally:
            self.is_starting = False

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not await asyncio.to_thread(_is_ready, self.url):
                    if process.returncode is not None:
                        raise Problem("The bot ended at once:", *self.last_lines())
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Problem(f"The bot was not ready within {PATIENCE:g} s:", *self.last_lines()) from None

    async def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    async def stop(self) -> None:
        """SIGTERM, and patience."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it heard of the Ctrl-C itself
                self.process.terminate()
            await self.process.wait()

    async def verb(self, *words: str) -> str:
        """What `muster words…` prints."""
        asked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            env=self.environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asked.communicate()
        if asked.returncode:
            raise Problem(
                f"`muster {' '.join(words)}` ended with {asked.returncode}:", (out + err).decode(errors="replace")
            )
        return out.decode()

    def last_lines(self) -> list[str]:
        """The end of its log."""
        return self.log.read_text("utf-8", errors="replace").splitlines()[-TAIL:]


@dataclass(frozen=True)
class Stage:
    """Everything that stands."""

    sandbox: Sandbox
    hands: SandboxClient
    bot: Bot


@contextlib.asynccontextmanager
async def set_up(port: int) -> AsyncIterator[Stage]:
    """A sandbox on `port` (0: a free one) and a bot that PagerDuty's webhooks reach; both end with the block."""
    try:
        sandbox = await asyncio.to_thread(start, port)
    except OSError as error:
        raise Problem(f"The sandbox cannot listen on port {port}: {error.strerror}.") from None
    with tempfile.TemporaryDirectory(prefix="muster-demo-") as folder:
        bot = _bot(sandbox, Path(folder))
        try:
            async with SandboxClient(sandbox.url) as hands:
                await hands.slack.install(manifest())
                await hands.pagerduty.set_weather(hurry=HURRY)
                await bot.start()
                await hands.pagerduty.subscribe(f"{bot.url}/webhooks/pagerduty")
                yield Stage(sandbox, hands, bot)
        finally:
            await bot.stop()
            await asyncio.to_thread(sandbox.stop)


def _bot(sandbox: Sandbox, folder: Path) -> Bot:
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_") and name != "PORT"}
    return Bot(folder, port, kept | environment(sandbox, folder, port))


def environment(sandbox: Sandbox, folder: Path, port: int) -> dict[str, str]:
    """The settings that point a bot at a sandbox."""
    return {
        "MUSTER_DATABASE_URL": f"sqlite:///{folder / 'muster.db'}",
        "MUSTER_HTTP__HOST": "127.0.0.1",
        "MUSTER_HTTP__PORT": str(port),
        "MUSTER_SLACK__BASE_URL": sandbox.slack_url,
        "MUSTER_SLACK__BOT_TOKEN": slack.BOT_TOKEN,
        "MUSTER_SLACK__APP_TOKEN": slack.APP_TOKEN,
        "MUSTER_SLACK__ANNOUNCE_CHANNEL": "#incidents",
        "MUSTER_PAGERDUTY__BASE_URL": sandbox.pagerduty_url,
        "MUSTER_PAGERDUTY__API_TOKEN": pagerduty.API_TOKEN,
        "MUSTER_PAGERDUTY__FROM_EMAIL": pagerduty.FROM_EMAIL,
        "MUSTER_PAGERDUTY__WEBHOOK_SECRETS": f'["{pagerduty.WEBHOOK_SECRET}"]',
        "PYTHONUNBUFFERED": "1",
    }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # nosec B310 # noqa: S310  (our own child, on this machine)
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
