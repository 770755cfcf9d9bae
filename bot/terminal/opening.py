"""Opens the database for a verb; what stands in the way is said in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.engine.db import AlreadyRunning, Database, Unavailable
from bot.engine.reach import Unusable
from bot.engine.schema import Outdated
from bot.terminal.problem import Problem


@contextmanager
def opened(url: str, *, read_only: bool) -> Iterator[Database]:
    """The database, closed afterwards. Raises Problem, also for what befalls it meanwhile."""
    database = open_database(url, read_only=read_only)
    try:
        yield database
    except Unavailable as error:
        raise Problem(str(error)) from None
    finally:
        database.close()


def open_database(url: str, *, read_only: bool = False) -> Database:
    """Raises Problem where it cannot be opened."""
    try:
        return Database.open(url, read_only=read_only)
    except (AlreadyRunning, Outdated, Unusable, ValueError) as error:
        raise Problem(str(error)) from None
