"""Verbs that write: handed to the running process where there is one, else done here under the database's lock."""

import asyncio
from typing import Any

from bot.acts import acting
from bot.engine.db import AlreadyRunning
from bot.engine.reach import Unusable
from bot.engine.schema import migrate as bring_up_to_date
from bot.settings import Settings, without_password
from bot.terminal.config import settings
from bot.terminal.opening import opened
from bot.terminal.problem import Problem
from bot.web.control import Failed, NotRunning, ask, socket_of


def migrate() -> None:
    """Creates the database or brings it up to date."""
    url = settings().database_url
    try:
        bring_up_to_date(url)
    except AlreadyRunning as error:
        raise Problem(f"{error} Stop it first: a database is not changed under a running bot.") from None
    except (Unusable, ValueError) as error:
        raise Problem(str(error)) from None
    print(f"The database is up to date: {without_password(url)}")


def outbox_retry(effect: int) -> None:
    """Lets a parked promise be tried again."""
    if not _done("outbox.retry", effect=effect):
        raise Problem(f"There is no parked promise {effect}. `muster outbox list` shows them.")
    print(f"Promise {effect} will be tried again.")


def outbox_drop(effect: int) -> None:
    """Gives a parked promise up."""
    if not _done("outbox.drop", effect=effect):
        raise Problem(f"There is no parked promise {effect}. `muster outbox list` shows them.")
    print(f"Promise {effect} is given up for good.")


def inbox_drop(entry: int) -> None:
    """Gives a parked entry up."""
    if not _done("inbox.drop", entry=entry):
        raise Problem(f"There is no parked entry {entry}. `muster inbox list` shows them.")
    print(f"Entry {entry} is given up for good.")


def replay(entry: int | None, *, everything: bool) -> None:
    """Lets one parked entry, or all of them, be handled again."""
    if (entry is not None) == everything:
        raise Problem("Say which: `muster replay 17`, or `muster replay --all`.", code=2)
    if everything:
        print(f"Parked entries that will be handled again: {_done('inbox.replay_all')}.")
        return
    if not _done("inbox.replay", entry=entry):
        raise Problem(f"There is no parked entry {entry}. `muster inbox list` shows them.")
    print(f"Entry {entry} will be handled again.")


def _done(do: str, **wish: Any) -> Any:
    found = settings()
    path = socket_of(found.database_url)
    if path is not None:
        try:
            return ask(path, do, **wish)
        except Failed as error:
            raise Problem(str(error)) from None
        except NotRunning:
            pass
    return asyncio.run(_done_here(found, do, wish))


async def _done_here(found: Settings, do: str, wish: dict[str, Any]) -> Any:
    with opened(found.database_url, read_only=False) as database:
        async with acting(database, found.policy) as acts:
            return await acts[do](**wish)
