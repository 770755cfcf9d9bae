"""Bots that do nothing wrong: how soon one wakes another, and how fast they go together under Slack's strict limits."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from bot.engine.db import Database
from bot.engine.dialects import notify
from bot.engine.wakes import OUTBOX, Wakes
from tests.campaign.scene import CALM, Theatre
from tests.campaign.takeovers import Room, opened

PATIENCE = 120.0


async def wakes(url: str, count: int) -> list[float]:
    """Milliseconds from the end of one process' commit to the ring of another one's bell."""
    here, there = Database.open(url), Database.open(url)
    bells, rung, taken = Wakes(), asyncio.Event(), []
    bells.attach()
    bells.on(OUTBOX, rung.set)
    there.listen(bells.called)
    try:
        await asyncio.sleep(1)
        for _ in range(count):
            rung.clear()
            await here.write(lambda connection: notify(connection, OUTBOX))
            committed = time.monotonic()
            await rung.wait()
            taken.append((time.monotonic() - committed) * 1000)
            await asyncio.sleep(0.02)
    finally:
        there.close()
        here.close()
    return taken


@dataclass(frozen=True)
class Storm:
    """Many rooms at once under strict limits: seconds until everything was said, calls, and those answered 429."""

    seconds: float
    calls: int
    refused: Counter[str]
    """By method."""
    missing: int


async def storm(theatre: Theatre, bots: int, rooms: int, notes: int) -> Storm:
    """`rooms` war rooms at once, and `notes` typed into one of them at the same time."""
    async with theatre.scene("replicas", f"storm-{bots}", bots, variables=CALM) as scene:
        await scene.hands.slack.configure(limits="strict")
        room = await opened(scene)
        await asyncio.sleep(2)
        since, began = await scene.hands.last_call(), time.monotonic()
        names = [name for name in ("payments", "search", "identity") for _ in range(rooms)]
        alerts = (scene.hands.pagerduty.trigger(name, f"storm {n}", priority="P1") for n, name in enumerate(names))
        await asyncio.gather(*alerts, *(room.note(f"numbered {n:04d}.") for n in range(notes)))
        while not await scene.at_rest():
            if time.monotonic() - began > PATIENCE:
                break
            await asyncio.sleep(0.1)
        seconds = time.monotonic() - began
        calls = await scene.hands.calls("slack", since=since)
        refused = Counter(call["method"] for call in calls if call["status"] == 429)
        return Storm(seconds, len(calls), refused, await _missing(room, notes))


async def _missing(room: Room, notes: int) -> int:
    return sum([await room.said(f"numbered {n:04d}.") != 1 for n in range(notes)])
