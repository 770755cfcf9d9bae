"""What a timeline of 10,000 facts costs: reading it, the card, one more note, the draft, the event loop's stalls."""

import asyncio
import contextlib
import gc
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert

from bot import log
from bot.documents.postmortem import Style
from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.effects import Attempt, Receipt
from bot.engine.handle import Engine
from bot.engine.journal import project
from bot.engine.schema import migrate
from bot.incident import AddNote, Declare, MessageMarked, Noted, RoleTaken, StatusChanged
from bot.incident.model import Event, Incident, advance
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.incident.values import Actor, Status
from bot.integrations.drafting import Drafting, DraftPostmortem
from bot.integrations.slack import cards
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.verbs import House
from tests.bench.databases import sqlite_database
from tests.bench.figures import Figure, Wish

ADA = Actor(id="slack:UADA", name="Ada Marsh")
BO = Actor(id="slack:UBO", name="Bo Lind")
BEGUN = datetime(2026, 3, 4, 3, 10, tzinfo=UTC)
BLINK = 0.001
"""Seconds between two looks at whether the event loop still turns."""


async def long_timeline(wish: Wish) -> AsyncIterator[Figure]:
    """A timeline of 10,000 facts: load, card, one more note, draft, and the longest stall by it."""
    log.set_up(level="WARNING")
    many = wish.size(10_000, 1_000)
    with sqlite_database() as url:
        migrate(url)
        database = Database.open(url)
        engine = Engine(database, Policy())
        await engine.start()
        wish.say(f"writing {many:,} facts")
        await _live(engine, many)
        gc.collect()
        gc.freeze()
        wish.say("measuring")
        try:
            async for figure in _figures(engine, many, wish.size(7, 3)):
                yield figure
        finally:
            gc.unfreeze()
            await engine.stop()
            database.close()


async def _live(engine: Engine, many: int) -> None:
    """INC-1 with so many facts, and INC-2 with hardly any."""
    for title in ("Checkout is slow", "Search is slow"):
        await engine.handle(Declare(title=title, severity=2), ADA)
    begun = await engine.reading.incident(1)
    assert begun is not None
    await engine.database.write(lambda connection: _append(connection, begun, many))


def _append(connection: Connection, i: Incident, many: int) -> None:
    rows = []
    while i.seq < many:
        fact = _fact(i)
        i = advance(i, fact)
        body = fact.model_dump_json()
        rows.append(
            {"incident": 1, "seq": i.seq, "kind": fact.kind, "at": fact.at, "recorded_at": fact.at, "body": body}
        )
    connection.execute(insert(t.event), rows)
    project(connection, i)


def _fact(i: Incident) -> Event:
    """The next of a long night: notes, marked messages, now and then a status or a role."""
    n, at = i.seq, BEGUN + timedelta(seconds=7 * i.seq)
    words = (
        f"Look {n}: error rate at {n % 97} %, queue at {n * 7 % 1000}, <https://graphs.example/{n}|graph> _still_ bad"
    )
    if n % 40 == 0:
        now = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)[n // 40 % 3]
        return StatusChanged(incident=1, at=at, by=ADA, was=i.status, now=now)
    if n % 41 == 0:
        return RoleTaken(incident=1, at=at, by=BO, person=BO, role="deputy", label="Deputy")
    if n % 10 == 0:
        ts = f"{at.timestamp():.6f}"
        return MessageMarked(
            incident=1, at=at, by=ADA, channel="C1", ts=ts, author=BO, text=words, url="https://x.test/p"
        )
    return Noted(incident=1, at=at, by=ADA if n % 2 else BO, text=words)


async def _figures(engine: Engine, many: int, times: int) -> AsyncIterator[Figure]:
    reading, told = engine.reading, f"{many:,} facts"
    i = await reading.incident(1)
    assert i is not None
    yield Figure(f"{told}: loaded", await _took(times, lambda: reading.events(1)), "ms")
    yield Figure(f"{told}: the card", await _took(times, lambda: _card(i)), "ms", most=20)
    long, short = await _took(times * 3, lambda: _note(engine, 1)), await _took(times * 3, lambda: _note(engine, 2))
    yield Figure(f"{told}: one more note", long, "ms", note=f"{short:.1f} ms on a short one")
    drafting, house = Drafting(reading, Style()), House(Policy(), engine.directory, reading, lambda: True, _admitted)
    for what, act, most in (("the draft", lambda: _draft(drafting), 1), ("its last page", lambda: _page(house), None)):
        seen = [await _watched(act) for _ in range(times)]
        taken, stall, own, cpu = (statistics.median(column) for column in zip(*seen, strict=True))
        still = statistics.median([(await _watched(partial(asyncio.sleep, taken)))[1] for _ in range(times)])
        yield Figure(f"{told}: {what}", taken, "s", most=most, note=f"{cpu:.2f} s of processor time")
        note = f"{still:.1f} ms with nothing going on; {own:.1f} ms of the loop's own processor time"
        yield Figure(f"{told}: longest stall by {what}", stall, "ms", most=20, note=note)


async def _took(times: int, act: Callable[[], Awaitable[object]]) -> float:
    """The median of so many, in milliseconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await act()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


async def _card(i: Incident) -> None:
    cards.room_card(cards.CardState(i, Policy()))


async def _note(engine: Engine, number: int) -> None:
    await engine.handle(AddNote(incident=number, text=f"one more at {time.time_ns()}"), ADA)


async def _draft(drafting: Drafting) -> None:
    attempt = Attempt(key="bench", tries=1, since=BEGUN, refs={})
    answer = await drafting.perform(DraftPostmortem(incident=1), attempt)
    assert isinstance(answer, Receipt), answer


async def _page(house: House) -> None:
    """`/incident timeline`."""
    await answer(house, Spoken("timeline INC-1", Person(slack="UADA", name="Ada Marsh"), "", BEGUN))


async def _admitted(person: Person, incident: Incident | None) -> None:
    """Everybody may."""


async def _watched(act: Callable[[], Awaitable[object]]) -> tuple[float, float, float, float]:
    """Seconds it took; milliseconds of the loop's longest stall, and of processor time in its longest step; seconds
    of processor time in all threads."""
    gaps, own = [0.0], [0.0]

    async def look() -> None:
        while True:
            begun, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BLINK)
            gaps.append(time.perf_counter() - begun - BLINK)
            own.append(time.thread_time() - cpu)

    watch = asyncio.create_task(look())
    await asyncio.sleep(0.01)
    gaps.clear()
    own.clear()
    begun, cpu = time.perf_counter(), time.process_time()
    await act()
    seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    await asyncio.sleep(2 * BLINK)
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watch
    return seconds, max(gaps) * 1000, max(own) * 1000, spent
