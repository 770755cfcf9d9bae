"""Whose turn it is: what only one of several processes does is done when it is due, and again where that one died."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from bot.engine import tables as t
from bot.engine.dialects import insert_new
from bot.engine.presence import gone

_l = t.lease.c


def list_turns(connection: Connection, seconds: Mapping[str, float]) -> None:
    """Writes down turns that nobody knew, each for the first time due after its period. `seconds`: periods by name."""
    for name, period in sorted(seconds.items()):
        due = func.clock_timestamp() + timedelta(seconds=period)
        connection.execute(insert_new(connection, t.lease).values(name=name, until=due))


def take_turns(connection: Connection, seconds: Mapping[str, float], us: str) -> list[str]:
    """Those of the named turns that are ours to do now: due and done by nobody, or begun by a process that is gone.

    PostgreSQL only, by its clock. Name no turn that is under way here: one that is due again and said to be ours was
    done, and only its end is missing.
    """
    due = or_(_l.until.is_(None), _l.until <= func.clock_timestamp())
    free = or_(and_(_l.owner.in_(("", us)), due), and_(_l.owner != "", gone(_l.owner)))
    query = select(_l.name).where(_l.name.in_(list(seconds)), free).order_by(_l.name)
    ours = list(connection.execute(query.with_for_update(skip_locked=True)).scalars())
    for name in ours:
        again = func.clock_timestamp() + timedelta(seconds=seconds[name])
        taken = {"owner": us, "until": again, "epoch": _l.epoch + 1}
        connection.execute(update(t.lease).where(_l.name == name).values(**taken))
    return ours


def end_turn(connection: Connection, name: str, us: str) -> None:
    """It is done, well or badly; the next time it is anybody's."""
    connection.execute(update(t.lease).where(_l.name == name, _l.owner == us).values(owner=""))
