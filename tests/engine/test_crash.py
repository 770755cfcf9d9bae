"""A toy story, killed on both sides of every commit and every call, ends the same as one that was left alone."""

import asyncio
import json
import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from bot.engine import outbox as outbox_module
from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.effects import Answer, Attempt, Effect, Receipt, Ref, Retry
from bot.engine.finish import Patience
from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Inbox, Said
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.seams import hooked, point
from bot.engine.tables import EffectState
from bot.engine.timers import Ticker
from bot.incident.policy import Policy
from tests.engine.conftest import Cluster
from tests.engine.toys import ADA, Clock, MakeRoom, Open, Say, announce, remind, reminders

KILLED = 9


@dataclass(frozen=True)
class FileWorld:
    """An outside that outlives the process: a line in a file for everything that was done."""

    path: Path
    can_look: bool = True

    def done(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        point("world-before")
        with self.path.open("a") as file:
            file.write(
                json.dumps({"kind": effect.kind, "key": attempt.key, "text": getattr(effect, "text", "")}) + "\n"
            )
        point("world-after")
        return self._receipt(effect)

    def _receipt(self, effect: Effect) -> Receipt:
        return Receipt((Ref("toy", "channel", "C1", "toy.channel"),)) if isinstance(effect, MakeRoom) else Receipt()

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | None:
        found = self.can_look and any(line["key"] == attempt.key for line in self.done())
        return self._receipt(effect) if found else None


@dataclass
class Story:
    """Deliveries that a sender repeats until they are taken, promises to be kept, a reminder that falls due."""

    url: str
    world: FileWorld
    sent_once: bool = True
    """Whether a delivery that is sent again has the key it had before."""
    clock: Clock = field(default_factory=Clock)

    async def live(self, life: int) -> None:
        """One life of the process, to the end of the story unless it is killed."""
        self.clock.forward(life * 100)
        database = Database.open(self.url)
        engine = Engine(database, Policy(), facts=[announce], due=reminders, clock=self.clock)
        await engine.start()
        inbox = Inbox(engine, {"toy": self._read}, lease=timedelta(seconds=0.2))
        outbox = Outbox(engine, {"toy": self.world}, Pace(), lease=0.3, patience=Patience(first=0.0, most=0.0))
        ticker = Ticker(engine, remind, lease=timedelta(seconds=0.3))
        await inbox.start()
        await outbox.start()
        for n, words in enumerate(["open", "rolled back", "all is well"]):
            await engine.hear("toy", f"event-{n}" if self.sent_once else f"event-{n}-{life}", "g", words.encode())
        await self._settle(engine, inbox, outbox)
        self.clock.forward(700)
        while await engine.database.read(lambda c: c.execute(select(t.timer.c.key)).first()):
            await ticker.say_what_is_due()  # again, where a dead process had claimed it
            await asyncio.sleep(0.01)
        await self._settle(engine, inbox, outbox)
        await inbox.stop()
        await outbox.stop()
        await engine.stop()
        database.close()

    async def _read(self, heard: Heard) -> Sequence[Said]:
        words = heard.body.decode()
        return [Said(Open() if words == "open" else Say(incident=1, text=words), ADA)]

    async def _settle(self, engine: Engine, inbox: Inbox, outbox: Outbox) -> None:
        """Until nothing waits any more; what a dead process held is waited for."""
        while True:
            await inbox.idle()
            await outbox.idle()
            health = await engine.reading.health()
            if not health.inbox.get("waiting") and not set(health.effects) & {"needing", "waiting", "claimed"}:
                return
            await asyncio.sleep(0.01)


def run(story: Story, life: int, kill_at: int) -> int:
    """One life in a process of its own, dead at the n-th seam it passes; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    passed = 0

    def hook(name: str) -> None:
        nonlocal passed
        passed += 1
        if passed == kill_at:
            os._exit(KILLED)

    try:
        with hooked(hook):
            asyncio.run(story.live(life))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def ending(story: Story) -> dict[str, object]:
    """What is true afterwards, inside and outside."""
    database = Database.open(story.url, read_only=True)
    events = database.read_now(lambda c: c.execute(select(t.event.c.kind, t.event.c.seq).order_by(t.event.c.seq)).all())
    open_effects = database.read_now(
        lambda c: c.execute(select(t.effect.c.key).where(t.effect.c.state != EffectState.KEPT.value)).all()
    )
    database.close()
    world = story.world.done()
    return {
        "facts": sorted(row.kind for row in events),
        "numbered without gaps": [row.seq for row in events] == list(range(1, len(events) + 1)),
        "posts": [line["text"] for line in world if line["kind"] == "test_post"],
        "rooms": sum(line["kind"] == "test_make_room" for line in world),
        "twice": [
            key for key, times in Counter(line["key"] for line in world).items() if times > 1 and "card" not in key
        ],
        "left": [row.key for row in open_effects],
    }


EXPECTED = {
    "facts": ["test_opened", "test_reminded", "test_room_made", "test_said", "test_said"],
    "numbered without gaps": True,
    "posts": ["rolled back", "all is well"],
    "rooms": 1,
    "twice": [],
    "left": [],
}


def sweep(make: Callable[[], Story], step: int = 1, start: int = 1) -> Iterator[dict[str, object]]:
    """The endings of the story killed at every n-th seam in its first life, until it gets through alive."""
    for kill_at in range(start, 1000, step):
        story = make()
        code = run(story, 0, kill_at)
        if code == KILLED:
            assert run(story, 1, 0) == 0
        else:
            assert code == 0
        yield ending(story)
        if code == 0:
            return
    raise AssertionError("the story never ends")


@pytest.fixture
def on_sqlite(tmp_path: Path, template: Path) -> Callable[..., Story]:
    made = iter(range(10_000))

    def make(**options: bool) -> Story:
        folder = tmp_path / f"{next(made)}"
        folder.mkdir()
        (folder / "muster.db").write_bytes(template.read_bytes())
        return Story(
            f"sqlite:///{folder / 'muster.db'}",
            FileWorld(folder / "world", options.get("can_look", True)),
            options.get("sent_once", True),
        )

    return make


def test_killed_at_every_seam_the_story_ends_the_same(on_sqlite: Callable[..., Story]) -> None:
    endings = list(sweep(on_sqlite))
    assert len(endings) > 40
    assert [end for end in endings if end != EXPECTED] == []


def test_killed_twice_it_ends_the_same(on_sqlite: Callable[..., Story]) -> None:
    for first, second in [(5, 3), (9, 9), (14, 2), (20, 11), (26, 6), (31, 1), (38, 4)]:
        story = on_sqlite()
        assert run(story, 0, first) == KILLED
        run(story, 1, second)
        assert run(story, 2, 0) == 0
        assert ending(story) == EXPECTED


def test_on_postgres_killed_at_seams_the_story_ends_the_same(cluster: Cluster, tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> Story:
        made.append(cluster.fresh())
        return Story(made[-1], FileWorld(tmp_path / f"world-{len(made)}"))

    endings = list(sweep(make, step=5, start=2))
    for url in made:
        cluster.drop(url)
    assert len(endings) > 8
    assert [end for end in endings if end != EXPECTED] == []


def test_control_without_looking_first_something_is_done_twice(on_sqlite: Callable[..., Story]) -> None:
    assert any(end["twice"] for end in sweep(lambda: on_sqlite(can_look=False)))


def test_control_without_keys_something_is_heard_twice(on_sqlite: Callable[..., Story]) -> None:
    assert any(end["facts"] != EXPECTED["facts"] for end in sweep(lambda: on_sqlite(sent_once=False), step=4))


def test_control_without_doubt_after_a_death_something_is_done_twice(
    on_sqlite: Callable[..., Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(connection: Connection, now: object) -> None:
        free = update(t.effect).where(t.effect.c.state == EffectState.CLAIMED.value)
        connection.execute(free.values(state=EffectState.WAITING.value, owner="", doubt_since=None))

    monkeypatch.setattr(outbox_module, "free_claims", careless)
    assert any(end["twice"] for end in sweep(on_sqlite))
