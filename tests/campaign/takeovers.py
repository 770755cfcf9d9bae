"""Two real bots on one database, of which one is killed, or stopped and let go again, with work in its hands."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, text

from bot.sandbox import Impossible
from tests.campaign.lives import Replica
from tests.campaign.scene import Scene, engine_url
from tests.stories.screen import words

LIMIT = 15.0
"""Seconds within which whatever the dead had in hand is taken over."""
PATIENCE = 60.0
LOOK = 0.05
IN_HAND = "SELECT count(*) FROM effect WHERE state = 'claimed' AND kind = 'say' AND owner LIKE :us"
BEING_READ = "SELECT count(*) FROM inbox WHERE state = 'waiting' AND owner LIKE :us"
TURN = "SELECT epoch FROM lease WHERE name = 'slack-people'"
BEGIN_TURN = """
UPDATE lease SET until = now() + interval '6 h',
  owner = (SELECT substring(name FROM 9) FROM lease WHERE name LIKE :row AND until > now())
WHERE name = 'slack-people'
"""
FALL_DUE = "UPDATE timer SET due_at = now(), lease_until = now() + interval '10 s'"
STILL_DUE = "SELECT count(*) FROM timer WHERE lease_until IS NOT NULL AND due_at <= now()"


@dataclass
class Room:
    """A war room that both bots serve, seen from outside. `rows`: the database that they share."""

    scene: Scene
    channel: str
    rows: Engine

    async def ask(self, query: str, **values: Any) -> Any:
        return await asyncio.to_thread(self._ask, query, values)

    def _ask(self, query: str, values: dict[str, Any]) -> Any:
        with self.rows.begin() as connection:
            answer = connection.execute(text(query), values)
            return answer.scalar() if answer.returns_rows else None

    async def note(self, said: str) -> None:
        """Somebody types a note until it is answered."""
        for _ in range(int(PATIENCE / LOOK)):
            answer = await self.scene.hands.slack.command("ada", self.channel, f"note {said}", wait=0)
            if answer["acked"] and not answer["error"]:
                return
            await asyncio.sleep(LOOK)
        raise Impossible(f"note {said} was never answered")

    async def said(self, words_of: str) -> int:
        messages = await self.scene.hands.slack.messages(self.channel)
        return sum(words_of in words(message) for message in messages)

    async def facts(self, words_of: str) -> int:
        return int(await self.ask("SELECT count(*) FROM event WHERE body LIKE :said", said=f"%{words_of}%"))


async def opened(scene: Scene) -> Room:
    """An alert has opened a room, and it is quiet."""
    await scene.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P1")
    found = await scene.hands.slack.wait_for_channel("inc-", PATIENCE)
    for person in ("ada", "dev"):
        await scene.hands.slack.join(person, found["id"])
    for _ in range(200):
        if await scene.at_rest():
            break
        await asyncio.sleep(LOOK)
    return Room(scene, found["id"], create_engine(engine_url(scene.database_url)))


async def take_over(room: Room, number: int) -> dict[str, float]:
    """The seconds from the death of one bot until each thing that it had in hand is done by the other."""
    victim, other = room.scene.replicas[number % 2], room.scene.replicas[1 - number % 2]
    mark = f"takeover {number}"
    await _fill_hands(room, victim, other, mark, lost_before=number % 2 == 0)
    turn = await room.ask(TURN)
    assert victim.life is not None
    await victim.life.kill()
    began = time.monotonic()
    await room.ask(FALL_DUE)
    await room.scene.hands.set_latency("slack", 0.02)
    waits: dict[str, Callable[[], Any]] = {
        "effect": lambda: room.said(mark),
        "delivery": lambda: room.facts(f"marked {number}"),
        "turn": lambda: _differs(room, turn),
        "timer": lambda: _none_due(room),
    }
    taken = await asyncio.gather(*(_until(holds, began) for holds in waits.values()))
    await victim.stand()
    counted = [await room.said(mark), await room.facts(mark), await room.facts(f"marked {number}")]
    if counted != [1, 1, 1]:
        raise Impossible(f"of take-over {number} there are {counted}, not one of each")
    return dict(zip(waits, taken, strict=True))


async def _fill_hands(room: Room, victim: Replica, other: Replica, mark: str, *, lost_before: bool) -> None:
    """The victim makes a call that is never answered, reads a delivery, and has begun a turn, while the other stands
    still for a moment, too short to be taken for dead."""
    assert victim.life is not None
    assert other.life is not None
    hands, us = room.scene.hands, f"%:{victim.life.pid}:%"
    posted = await hands.slack.post("dev", room.channel, mark.replace("takeover", "marked"))
    other.life.send(signal.SIGSTOP)
    await hands.add_fault("slack", "chat.postMessage", "hang" if lost_before else "hang_after")
    await room.note(mark)
    await _until(lambda: room.ask(IN_HAND, us=us), time.monotonic())
    await hands.set_latency("slack", 6.0)
    await hands.slack.react("dev", room.channel, posted["ts"], "pushpin")
    await _until(lambda: room.ask(BEING_READ, us=us), time.monotonic())
    await room.ask(BEGIN_TURN, row=f"process/{us}")
    other.life.send(signal.SIGCONT)


async def _differs(room: Room, turn: int) -> bool:
    return bool(await room.ask(TURN) != turn)


async def _none_due(room: Room) -> bool:
    return not await room.ask(STILL_DUE)


async def _until(holds: Callable[[], Any], began: float) -> float:
    """Seconds since `began` when it holds. Raises Impossible when it never does."""
    while not await holds():
        if time.monotonic() - began > PATIENCE:
            raise Impossible("it never came")
        await asyncio.sleep(LOOK)
    return time.monotonic() - began


@dataclass
class Stops:
    """What came of stopping bots at random moments while notes were written down."""

    stops: int = 0
    notes: int = 0
    wrong: list[str] = field(default_factory=list)


async def stop_and_go(room: Room, chance: random.Random, seconds: float) -> Stops:
    """SIGSTOP for anything from a blink to longer than a life lasts, SIGCONT, and again; each note is there once."""
    done = Stops()
    stopping = asyncio.create_task(_stop(room.scene.replicas, chance, done))
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            done.notes += 1
            await room.note(f"numbered {done.notes:04d}.")
            await asyncio.sleep(chance.uniform(0, 0.4))
    finally:
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        for replica in room.scene.replicas:
            if replica.life:
                replica.life.send(signal.SIGCONT)
    await _until(room.scene.at_rest, time.monotonic())
    done.wrong = await _miscounted(room, done.notes)
    return done


async def _stop(replicas: list[Replica], chance: random.Random, done: Stops) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0.5, 3))
        life = chance.choice(replicas).life
        assert life is not None
        life.send(signal.SIGSTOP)
        done.stops += 1
        await asyncio.sleep(chance.choice([0.2, 3.0, 8.0, 14.0, 20.0]) * chance.uniform(0.5, 1.2))
        life.send(signal.SIGCONT)


async def _miscounted(room: Room, notes: int) -> list[str]:
    messages = [words(message) for message in await room.scene.hands.slack.messages(room.channel)]
    found = Counter(n for said in messages for n in range(1, notes + 1) if f"numbered {n:04d}." in said)
    facts = await room.facts("numbered ")
    wrong = [f"note {n} stands there {found[n]} times" for n in range(1, notes + 1) if found[n] != 1]
    return wrong + ([f"{facts} facts of {notes} notes"] if facts != notes else [])
