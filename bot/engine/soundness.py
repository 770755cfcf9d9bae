"""Whether the database is fit to work on: it is read, has our shape, and keeps what is written."""

from collections.abc import Callable
from datetime import datetime

from alembic.migration import MigrationContext
from sqlalchemy import Connection, update
from sqlalchemy.exc import SQLAlchemyError

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.dialects import insert_new
from bot.engine.line import Unavailable, Urgency
from bot.engine.look import Look
from bot.engine.schema import head

FRESH = 1.0
"""Seconds for which an answer holds, so that whoever asks often costs no more than one write a second."""
NAME = "watch"
"""The row that is written: only a real write meets a full disk."""

MIGRATED = "The database was migrated by another version; restart the bot with that version."


class Soundness:
    """Asked by `/readyz` and by the watchman."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._look = Look(self._trouble, FRESH)

    async def trouble(self, patience: float) -> str:
        """What is wrong, in a sentence; "" where nothing is."""
        found = await self._look.found(patience)
        return f"The database did not answer within {patience:g} s." if found is None else found

    async def stop(self) -> None:
        """No more looking."""
        await self._look.stop()

    async def _trouble(self) -> str:
        try:
            if not await has_our_shape(self._database):
                return MIGRATED
            await self._database.write(self._write, Urgency.PERSON)
        except Unavailable as error:
            return str(error)
        except (SQLAlchemyError, OSError) as error:
            return f"The database does not answer as it should ({type(error).__name__})."
        return ""

    def _write(self, connection: Connection) -> None:
        connection.execute(insert_new(connection, t.lease).values(name=NAME))
        connection.execute(update(t.lease).where(t.lease.c.name == NAME).values(until=self._clock()))


async def has_our_shape(database: Database) -> bool:
    """Whether the database still is as this program expects: somebody may have migrated it under us."""
    found = await database.read(lambda c: MigrationContext.configure(c).get_current_revision())
    return found == head()
