"""What a person may do about a promise that was given up: have it tried again, or let it go."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select, update

from bot.engine import tables as t
from bot.engine.effects import EFFECTS, InDoubt, parse_effect
from bot.engine.finish import kept_receipt
from bot.engine.handle import Decision, Engine
from bot.engine.promises import save_refs
from bot.engine.tables import EffectState
from bot.incident.model import Refused
from bot.incident.values import MUSTER

GIVEN_UP = tuple(s.value for s in (EffectState.PARKED, EffectState.SKIPPED, EffectState.DROPPED))
DROPPABLE = tuple(s.value for s in (EffectState.NEEDING, EffectState.WAITING, EffectState.PARKED, EffectState.SKIPPED))


@dataclass(frozen=True)
class Retried:
    """Whether there was something to retry, and what followed at once where only the outcome had been missing."""

    found: bool
    decision: Decision | None = None


def retry(engine: Engine, effect_id: int, connection: Connection, *, alone: bool = False) -> Retried:
    """Makes a promise wait again, its tries counted anew. If it was done already, only its outcome is recorded.

    Unless it is to go `alone`, what else of its incident is parked for the same reason goes with it: whoever has
    unarchived a room presses once.
    """
    e = t.effect.c
    query = select(t.effect).where(e.id == effect_id, e.state.in_(GIVEN_UP)).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        return Retried(False)
    if row.receipt and row.kind in EFFECTS:
        return Retried(True, _record_outcome(engine, connection, row))
    for one in (row, *(() if alone else _fellows(connection, row))):
        _let_wait(connection, one)
    return Retried(True)


def _fellows(connection: Connection, row: Any) -> Sequence[Any]:
    """What else of the incident is parked for the same reason; but not where a person must look at each."""
    e = t.effect.c
    asked = [kind for kind, effect in EFFECTS.items() if effect.in_doubt is InDoubt.ASK]
    same = (e.incident == row.incident, e.system == row.system, e.reason == row.reason, e.id != row.id)
    parked = (e.state == EffectState.PARKED.value, e.receipt == "", e.kind.not_in(asked))
    return connection.execute(select(t.effect).where(*same, *parked).order_by(e.id).with_for_update()).all()


def _let_wait(connection: Connection, row: Any) -> None:
    there = select(exists().where(t.ref.c.incident == row.incident, t.ref.c.name == row.need))
    needs = row.need is not None and not connection.execute(there).scalar_one()
    values = {
        "state": (EffectState.NEEDING if needs else EffectState.WAITING).value,
        "tries": 0,
        "bugs": 0,
        "reason": "",
        "not_before": None,
        "finished_at": None,
        **_doubt(row),
    }
    connection.execute(update(t.effect).where(t.effect.c.id == row.id).values(**values))


def _doubt(row: Any) -> dict[str, None]:
    """Where only a person could tell, that person has decided."""
    asked = row.kind in EFFECTS and EFFECTS[row.kind].in_doubt is InDoubt.ASK
    return {"doubt_since": None} if asked else {}


def _record_outcome(engine: Engine, connection: Connection, row: Any) -> Decision | None:
    receipt = kept_receipt(row.receipt)
    effect = parse_effect(row.kind, json.loads(row.body))
    now = engine.clock()
    if effect.incident is not None:
        save_refs(connection, effect.incident, receipt.refs)
    done = {"state": EffectState.KEPT.value, "reason": "", "finished_at": now}
    connection.execute(update(t.effect).where(t.effect.c.id == row.id).values(**done))
    command = effect.kept(receipt)
    try:
        return engine.decide(connection, command, MUSTER, now) if command else None
    except Refused:
        return None


def drop(effect_id: int, now: datetime, connection: Connection) -> bool:
    """Lets a promise go that is not under way. Its lane moves on."""
    e = t.effect.c
    gone = {"state": EffectState.DROPPED.value, "finished_at": now}
    dropped = update(t.effect).where(e.id == effect_id, e.state.in_(DROPPABLE)).values(**gone).returning(e.id)
    return connection.execute(dropped).first() is not None
