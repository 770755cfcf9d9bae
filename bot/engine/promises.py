"""Writes promises down: each key once for ever, a refresh once while one waits, what needs a ref until it is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, text, update

from bot.engine import tables as t
from bot.engine.dialects import insert_new
from bot.engine.effects import Promise, Ref
from bot.engine.prepared import run, run_each
from bot.engine.tables import EffectState

_REFRESHES = (
    select(t.effect.c.lane, t.effect.c.kind)
    .where(
        t.effect.c.lane.in_(bindparam("lanes", expanding=True)),
        text("state IN ('needing', 'waiting', 'claimed')"),
        t.effect.c.state != literal_column("'claimed'"),
        t.effect.c.refreshes,
        t.effect.c.tries == literal_column("0"),
        t.effect.c.doubt_since.is_(None),
    )
    .with_for_update()
)
_REFS = select(t.ref.c.incident, t.ref.c.name).where(t.ref.c.incident.in_(bindparam("incidents", expanding=True)))
_LET_GO = (
    update(t.effect)
    .where(
        t.effect.c.incident == bindparam("number"),
        t.effect.c.need.in_(bindparam("names", expanding=True)),
        text("state = 'needing'"),
    )
    .values(state=EffectState.WAITING.value)
)


@dataclass(frozen=True)
class Promised:
    """A promise newly written down, as the log names it. `later`: not before then."""

    key: str
    kind: str
    lane: str
    later: datetime | None = None


def promise(connection: Connection, wanted: Sequence[tuple[Promise, int | None]], now: datetime) -> list[Promised]:
    """Saves what is new. `wanted`: promises, each with the seq of the fact behind it."""
    if not wanted:
        return []
    waiting = _waiting_refreshes(connection, wanted)
    rows = []
    there = _refs_there(connection, wanted)
    for one, seq in wanted:
        effect = one.effect
        if effect.refreshes and (effect.lane, effect.kind) in waiting:
            continue
        if effect.refreshes:
            waiting.add((effect.lane, effect.kind))
        needs = effect.need is not None and (effect.incident, effect.need) not in there
        rows.append(_row(one, seq, EffectState.NEEDING if needs else EffectState.WAITING, now))
    return _insert(connection, rows)


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> list[Promised]:
    """One statement; the keys that were not there before."""
    if not rows:
        return []
    new = {row.key for row in run_each(connection, insert_new(connection, t.effect, "key"), rows)}
    return [Promised(r["key"], r["kind"], r["lane"], r["not_before"]) for r in rows if r["key"] in new]


def _row(one: Promise, seq: int | None, state: EffectState, now: datetime) -> dict[str, Any]:
    effect = one.effect
    return {
        "key": one.key,
        "kind": effect.kind,
        "system": effect.system,
        "incident": effect.incident,
        "seq": seq,
        "lane": effect.lane,
        "need": effect.need,
        "priority": int(effect.priority),
        "refreshes": effect.refreshes,
        "buckets": "\n".join(effect.buckets),
        "body": effect.model_dump_json(),
        "state": state.value,
        "not_before": one.later or (now + one.gathers if one.gathers else None),
        "promised_at": now,
    }


def _waiting_refreshes(connection: Connection, wanted: Sequence[tuple[Promise, int | None]]) -> set[tuple[str, str]]:
    """(lane, kind) of those refreshes that wait and were never claimed: they will render what is true then.

    Locked, so that on PostgreSQL none of them is claimed before our change is committed (a claim skips locked rows).
    """
    lanes = {one.effect.lane for one, _ in wanted if one.effect.refreshes}
    if not lanes:
        return set()
    return {(row.lane, row.kind) for row in run(connection, _REFRESHES, {"lanes": list(lanes)})}


def _refs_there(connection: Connection, wanted: Sequence[tuple[Promise, int | None]]) -> set[tuple[int | None, str]]:
    incidents = {one.effect.incident for one, _ in wanted if one.effect.need is not None}
    if not incidents:
        return set()
    return {(row.incident, row.name) for row in run(connection, _REFS, {"incidents": list(incidents)})}


def save_refs(connection: Connection, incident: int, refs: Sequence[Ref]) -> None:
    """Keeps foreign ids, the first of each name for good, and lets go what needed them."""
    if not refs:
        return
    rows = [
        {"system": r.system, "kind": r.kind, "foreign_id": r.foreign_id, "incident": incident, "name": r.name}
        for r in refs
    ]
    run_each(connection, insert_new(connection, t.ref), rows)
    run(connection, _LET_GO, {"number": incident, "names": [r.name for r in refs]})
