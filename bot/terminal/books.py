"""The end of the story by the books of both sides: what the bot kept, and what Slack and PagerDuty hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bot.engine.reading import Reading, Step
from bot.engine.tables import EffectState
from bot.incident.timeline import Entry
from bot.integrations.drafting import read_report
from bot.terminal.opening import opened
from bot.terminal.stage import Stage

POSTS = ("post_card", "say", "tell", "post_announcement", "post_triage")
"""The promises that each leave one message, marked with its key."""
EVERYTHING = 10_000


async def examine(stage: Stage) -> tuple[list[str], list[str]]:
    """(what agrees, what does not), a sentence each."""
    kept, open_ones, parked = await _of_the_bot(stage)
    moves = [e.text for e in await timeline_of(stage, 1) if e.kind == "status_changed" and "identified" in e.text]
    channels = [await stage.hands.slack.channel(c["id"]) for c in await stage.hands.slack.channels()]
    rooms = [c for c in channels if c["name"].startswith("inc-")]
    marks = Counter(mark for channel in channels for mark in _marks(channel["messages"]))
    files = [file for room in rooms for message in room["messages"] for file in message.get("files", [])]
    alerts = (await stage.hands.pagerduty.state()).incidents
    promised = {step.key for step in kept if step.kind in POSTS and step.kind != "tell"}
    agreed = [
        (len(rooms) == 1, "one incident, one war room", f"{len(rooms)} rooms: {[room['name'] for room in rooms]}"),
        (
            set(marks) == promised and set(marks.values()) == {1},
            f"every message once: {len(marks)} promised, {marks.total()} posted",
            f"promised and not there: {promised - set(marks)}; twice: {[m for m, n in marks.items() if n > 1]}; "
            f"never promised: {set(marks) - promised}",
        ),
        (len(moves) == 1, "the command that was killed in the middle counted once", f"it counted {len(moves)} times"),
        (len(files) == 1, "one postmortem draft", f"{len(files)} files in the room"),
        (
            len(alerts) == 2 and all(alert.status == "resolved" for alert in alerts),
            "two alerts, both resolved in PagerDuty",
            f"in PagerDuty: {[(alert.title, alert.status) for alert in alerts]}",
        ),
        (not open_ones and not parked, "nothing left undone, nothing parked", f"undone: {open_ones}; parked: {parked}"),
    ]
    return [right for holds, right, _ in agreed if holds], [wrong for holds, _, wrong in agreed if not holds]


async def timeline_of(stage: Stage, number: int) -> Sequence[Entry]:
    """The timeline as the bot's own database has it."""
    with _reading(stage) as reading:
        report = await read_report(reading, number)
    return report.entries if report else ()


@contextmanager
def _reading(stage: Stage) -> Iterator[Reading]:
    with opened(f"sqlite:///{stage.bot.folder / 'muster.db'}", read_only=True) as database:
        yield Reading(database, lambda: datetime.now(UTC))


async def _of_the_bot(stage: Stage) -> tuple[list[Step], list[str], list[str]]:
    """Promises kept, promises still open, and what is parked."""
    with _reading(stage) as reading:
        kept = await reading.effects(EffectState.KEPT, limit=EVERYTHING)
        live = await reading.effects(limit=EVERYTHING)
        parked = await reading.effects(EffectState.PARKED, limit=EVERYTHING)
        stuck = await reading.deliveries()
    return kept, [step.key for step in live], [*(f"{s.key}: {s.reason}" for s in parked), *(d.key for d in stuck)]


def _marks(messages: Iterable[dict[str, Any]]) -> list[str]:
    """The keys that the bot's messages carry in their metadata."""
    found = (message.get("metadata", {}).get("event_payload", {}).get("key") for message in messages)
    return [key for key in found if key]
