"""What the command line may do to a bot's queues, the same whether a bot runs or not."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.engine.db import Database
from bot.engine.handle import Engine
from bot.engine.inbox import Inbox
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.incident.policy import Policy
from bot.web.control import Act


def acts_on(inbox: Inbox, outbox: Outbox) -> Mapping[str, Act]:
    """By name, with one number each, as they come over the control line."""
    return {
        "outbox.retry": lambda effect: outbox.retry(effect),
        "outbox.drop": lambda effect: outbox.drop(effect),
        "inbox.replay": lambda entry: inbox.replay(entry),
        "inbox.drop": lambda entry: inbox.drop(entry),
        "inbox.replay_all": lambda: inbox.replay_parked(),
        "process": _process,
    }


@asynccontextmanager
async def acting(database: Database, policy: Policy) -> AsyncIterator[Mapping[str, Act]]:
    """The acts where no process runs: on the database alone, with nobody outside."""
    engine = Engine(database, policy)
    await engine.start()
    try:
        yield acts_on(Inbox(engine, {}), Outbox(engine, {}, Pace()))
    finally:
        await engine.stop()


async def _process() -> int:
    return os.getpid()
