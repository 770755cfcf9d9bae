"""Verbs that only read: the database is opened read-only, so they work beside a running bot."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.documents.export import exported
from bot.documents.markdown import INVISIBLE
from bot.documents.postmortem import Style, draft
from bot.documents.rendering import Unrenderable
from bot.documents.times import took, when
from bot.engine.reading import Reading
from bot.engine.tables import EffectState
from bot.incident.exports import Format
from bot.incident.postmortem import Report
from bot.incident.privacy import is_for_all
from bot.incident.review import POSTMORTEM
from bot.incident.timeline import Entry
from bot.integrations.drafting import read_report
from bot.settings import Settings
from bot.terminal.config import settings
from bot.terminal.opening import opened
from bot.terminal.problem import Problem

T = TypeVar("T")


def timeline(name: str, *, as_json: bool, private: bool) -> None:
    """Prints every entry, oldest first; one JSON object a line for machines."""
    found = settings()
    report = _read(found, lambda reading: _report(reading, name, private=private))
    if not as_json:
        print(f"{report.incident.name}: {_plain(report.incident.title)}")
    for entry in report.entries:
        print(_as_json(entry) if as_json else f"{when(entry.at, found.postmortem.zone, seconds=True)}  {_words(entry)}")


def export(name: str, format: str, *, private: bool) -> None:
    """Prints the timeline as a whole file, to be redirected into one."""
    if format not in set(Format):
        raise Problem(f"A timeline comes as {', '.join(Format)}, not as “{format}”.", code=2)
    found = settings()
    report = _read(found, lambda reading: _report(reading, name, private=private))
    i = report.incident
    print(exported(i.name, i.title, report.entries, Format(format), found.postmortem.zone), end="")


def postmortem(name: str, *, fresh: bool, private: bool) -> None:
    """Prints the draft that was kept last; `fresh` (or none kept yet) renders it from the journal as it is now."""
    found = settings()
    report = _read(found, lambda reading: _report(reading, name, private=private))
    kept = None if fresh else _read(found, lambda reading: reading.document(report.incident.number, POSTMORTEM))
    print(kept.body if kept else _rendered(report, found), end="")


def outbox_list() -> None:
    """Prints what is not kept yet, parked promises first."""
    reading = _read(settings(), _unkept)
    _table(
        ["id", "state", "for", "incident", "what", "tries", "waits", "why"],
        [
            [
                str(step.effect),
                step.state.value,
                step.system,
                f"INC-{step.incident}" if step.incident else "",
                step.step,
                str(step.tries),
                took(datetime.now(UTC) - step.promised_at),
                step.reason,
            ]
            for step in reading
        ],
        empty="Every promise is kept.",
    )


def inbox_list() -> None:
    """Prints what is parked."""
    parked = _read(settings(), lambda reading: reading.deliveries())
    _table(
        ["id", "from", "key", "heard", "tries", "why"],
        [[str(d.id), d.source, d.key, when(d.heard_at), str(d.tries), d.reason] for d in parked],
        empty="Nothing is parked: all that was heard is handled.",
    )


def number_of(name: str) -> int:
    """The number that `INC-42`, `inc-42`, `#42` or `42` names."""
    digits = name.strip().lower().removeprefix("inc-").removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise Problem(f"“{name}” names no incident. It looks like INC-42.", code=2)
    return int(digits)


async def _report(reading: Reading, name: str, *, private: bool) -> Report:
    """What is known of it. `private`: whoever asks says that they may read a private one. Raises Problem."""
    report = await read_report(reading, number_of(name))
    if report is None:
        raise Problem(f"There is no INC-{number_of(name)}.")
    if not (private or is_for_all(report.incident)):
        raise Problem(f"{report.incident.name} is private. If you may read it, say so: --private.")
    return report


def _rendered(report: Report, found: Settings) -> str:
    try:
        return draft(report, Style(**dict(found.postmortem), command=found.policy.command))
    except Unrenderable as error:
        raise Problem(str(error)) from None


async def _unkept(reading: Reading) -> Sequence[Any]:
    parked = await reading.effects(EffectState.PARKED)
    return [*parked, *await reading.effects()]


def _read(found: Settings, query: Callable[[Reading], Awaitable[T]]) -> T:
    async def run() -> T:
        with opened(found.database_url, read_only=True) as database:
            return await query(Reading(database, lambda: datetime.now(UTC)))

    return asyncio.run(run())


def _as_json(entry: Entry) -> str:
    told = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(),
        "by": entry.by.name,
        "kind": entry.kind,
        "text": entry.text,
        "source": entry.source,
        "corrected": entry.corrected,
        "redacted": entry.redacted,
    }
    return json.dumps(told, ensure_ascii=False)


def _words(entry: Entry) -> str:
    return _plain(entry.text) + (" (corrected)" if entry.corrected else "")


def _plain(words: str) -> str:
    """Words for a terminal: one line, nothing that moves the cursor or changes the direction."""
    return INVISIBLE.sub("", " ".join(words.split()))


def _table(head: list[str], rows: Iterable[list[str]], *, empty: str) -> None:
    lines = [[_plain(cell) for cell in row] for row in rows]
    if not lines:
        print(empty)
        return
    widths = [max(len(row[column]) for row in [head, *lines]) for column in range(len(head))]
    for row in [head, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
