"""`muster serve`: the bot as one process, from its settings to a clean end."""

import asyncio
import os
import signal

import structlog

from bot import __version__, log
from bot.app import ROLES, build
from bot.engine.db import AlreadyRunning
from bot.engine.reach import Unusable
from bot.engine.schema import Outdated
from bot.settings import Settings
from bot.terminal import memory
from bot.terminal.config import settings, warnings
from bot.terminal.problem import Problem
from bot.web.control import socket_of

logger = structlog.get_logger(__name__)


def serve(role: str) -> None:
    """Runs until it is told to stop (SIGTERM, Ctrl-C). Raises Problem when it cannot begin."""
    memory.keep_together()
    found = settings()
    _must_fit(found, role)
    log.set_up(level=found.log.level, form=found.log.format, secrets=found.secrets)
    for sentence in warnings():
        logger.warning("setting_unknown", told=sentence)
    try:
        asyncio.run(_serve(found, role))
    except (AlreadyRunning, Outdated, Unusable, ValueError) as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"Cannot begin: {error.strerror or error}. MUSTER_HTTP__PORT sets another port.") from None


def _must_fit(found: Settings, role: str) -> None:
    if role not in ROLES:
        raise Problem(f"There is no role {role}. There are: {', '.join(ROLES)}.", code=2)
    if role != "all" and socket_of(found.database_url):
        raise Problem("Roles apart need PostgreSQL (MUSTER_DATABASE_URL): an SQLite file is one process' own.", code=2)
    if found.missing():
        raise Problem(*found.missing(), "Without any account: `muster demo`.", code=2)


async def _serve(found: Settings, role: str) -> None:
    told = _told_to_stop()
    app = await build(found, role=role)
    way = "Socket Mode" if found.slack.mode == "socket" else "HTTP"
    started = asyncio.create_task(
        app.start(
            lambda: print(
                f"Muster {__version__} listens on {app.url}; Slack by {way}. /readyz tells when everything stands.",
                flush=True,
            )
        )
    )
    try:
        await asyncio.wait({started, told}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            started.result()
        memory.settle()
        await told
    finally:
        started.cancel()
        await app.stop()


def _told_to_stop() -> "asyncio.Task[bool]":
    """Done at the first signal. At the second the process ends at once: what was in hand is written down."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stop)
    return asyncio.create_task(stop.wait(), name="told-to-stop")


def _stop(stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(1)
    stop.set()
