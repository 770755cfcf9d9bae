"""Compares each incident's stored state with what its facts say, and brings it there when the fold has changed."""

from sqlalchemy import Connection, select

import bot.incident  # noqa: F401  (every kind of fact must be known before any is read)
from bot.engine import tables as t
from bot.engine.journal import project
from bot.engine.redaction import load_events
from bot.incident.model import EVENTS, Incident, fold


def differing(connection: Connection) -> list[Incident]:
    """Incidents whose stored state is not what their facts fold to, each as its facts tell it.

    Journals with facts that only a newer program knows are left alone.
    """
    kinds = select(t.event.c.incident).where(t.event.c.kind.not_in(list(EVENTS)))
    known = select(t.incident.c.number, t.incident.c.state).where(t.incident.c.number.not_in(kinds))
    told = []
    for row in connection.execute(known.order_by(t.incident.c.number)).all():
        folded = fold(load_events(connection, row.number))
        if folded is not None and folded.model_dump_json() != row.state:
            told.append(folded)
    return told


def refold(connection: Connection) -> list[int]:
    """Rewrites the state of those that differ; their numbers."""
    changed = differing(connection)
    for incident in changed:
        project(connection, incident)
    return [incident.number for incident in changed]
