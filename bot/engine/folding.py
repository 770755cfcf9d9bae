"""Compares each incident's stored state with what its facts say, and brings it there when the fold has changed."""

import zlib
from pathlib import Path

import pydantic
from sqlalchemy import Connection, select

import bot.incident
from bot.engine import tables as t
from bot.engine.journal import project
from bot.engine.redaction import load_events
from bot.engine.states import written
from bot.incident.model import EVENTS, Incident, fold


def differing(connection: Connection) -> list[Incident]:
    """Incidents whose stored state is not what their facts fold to, each as its facts tell it.

    Journals with facts that only a newer program knows are left alone.
    """
    kinds = select(t.event.c.incident).where(t.event.c.kind.not_in(list(EVENTS)))
    known = select(t.incident.c.number).where(t.incident.c.number.not_in(kinds)).order_by(t.incident.c.number)
    judged = (_refolded(connection, number) for number in connection.execute(known).scalars().all())
    return [incident for incident in judged if incident is not None]


def _refolded(connection: Connection, number: int) -> Incident | None:
    """What its facts say; None where its stored state says the same."""
    state = connection.execute(select(t.incident.c.state).where(t.incident.c.number == number)).scalar_one()
    folded = fold(load_events(connection, number))
    return folded if folded is not None and written(folded) != state else None


def refold(connection: Connection) -> list[int]:
    """Rewrites the state of those that differ; their numbers. Reads every fact there is: a minute for some million."""
    changed = differing(connection)
    for incident in changed:
        project(connection, incident)
    return [incident.number for incident in changed]


def fold_again_if_rules_changed(connection: Connection) -> None:
    """Folds again only where other rules folded last: an SQLite file remembers which, PostgreSQL is folded anyway."""
    if connection.dialect.name != "sqlite":
        refold(connection)
        return
    ours = _mark_of_rules()
    if connection.exec_driver_sql("PRAGMA user_version").scalar_one() != ours:
        refold(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {ours}")


def _mark_of_rules() -> int:
    """A number that changes with the code of the rules (`user_version` holds 31 bits, and is 0 in a new file)."""
    files = sorted(Path(bot.incident.__file__).parent.glob("*.py"))
    code = b"".join(file.read_bytes() for file in files)
    return zlib.crc32(code + pydantic.VERSION.encode()) % 0x7FFFFFFF + 1
