"""One process of the toy world that a state machine drives, kills in the middle, buries and starts again."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, select, text

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.effects import Answer, Attempt, Doubtful, Effect, GiveUp, Retry
from bot.engine.finish import Patience
from bot.engine.folding import differing
from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Inbox, Said
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.schema import driver_url
from bot.engine.timers import Ticker
from bot.incident.policy import Policy
from tests.engine.toys import ADA, Clock, Open, Say, World, announce, performers, remind, reminders
from tests.stories.world import Killed

LATER = 60.0
"""Seconds until the next life: more than any lease or backoff here, less than a doubt may hold its lane."""
LOOK = 0.001
"""Seconds between two looks at whether the process has died."""
TRICKS = ("retry", "lost before", "lost after", "refused", "skipped", "bug")


class Death:
    """Comes at the n-th seam after it was told so; whatever the dead still try is cut short at its next seam."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._guard = threading.Lock()
        self.came = False

    @property
    def near(self) -> bool:
        return self._left is not None

    def comes_after(self, seams: int) -> None:
        self._left = seams

    def goes(self) -> None:
        self._left, self.came = None, False

    def __call__(self, name: str) -> None:
        with self._guard:
            if self._left is not None and not self.came:
                self._left -= 1
                self.came = self._left < 0
            if self.came:
                raise Killed(name)


@dataclass
class Difficult(World):
    """A world outside that plays the tricks it was told, one a call, before or after it does what is asked."""

    tricks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before, self.after = self._first, self._last

    async def _first(self, effect: Effect, attempt: Attempt) -> Answer | None:
        if self.tricks[:1] in ([], ["lost after"]):
            return None
        match self.tricks.pop(0):
            case "retry":
                return Retry("not now", after=30.0)
            case "lost before":
                return Doubtful("no answer")
            case "refused":
                return GiveUp("no")
            case "skipped":
                return GiveUp("never", final=True)
            case other:
                raise ZeroDivisionError(other)

    async def _last(self, effect: Effect, attempt: Attempt) -> Answer | None:
        return Doubtful("no answer") if self.tricks[:1] and self.tricks.pop(0) else None


class Life:
    """One process: an engine with its workers."""

    def __init__(self, url: str, clock: Clock, world: World) -> None:
        self.database = Database.open(url)
        self.engine = Engine(self.database, Policy(), facts=[announce], due=reminders, clock=clock)
        self.inbox = Inbox(self.engine, {"toy": _read}, backoff=0.0)
        patience = Patience(first=0.0, most=0.0, tries=4, bugs=2)
        self.outbox = Outbox(self.engine, performers(world), Pace(), patience=patience)
        self.ticker = Ticker(self.engine, remind)

    async def start(self) -> None:
        await self.engine.start()
        await self.inbox.start()
        await self.outbox.start()

    async def stop(self) -> None:
        await self.inbox.stop()
        await self.outbox.stop()
        await self.engine.stop()
        self.database.close()

    async def rest(self) -> None:
        """Until nothing is under way that can go on by itself."""
        await self.inbox.idle()
        await self.outbox.idle()


async def _read(heard: Heard) -> Sequence[Said]:
    """`open`, or the number of an incident and what is said there; anything else is garbage."""
    words = heard.body.decode()
    return [Said(Open() if words == "open" else Say(incident=int(words[0]), text=words[1:]), ADA)]


class Process:
    """Lives of one process after another on one database; each step ends at rest, or in death and another life."""

    def __init__(self, url: str, world: World) -> None:
        self.url, self.world = url, world
        self.clock, self.death = Clock(), Death()
        self._loop = asyncio.Runner()
        self.life = self._run(self._born())

    def _run(self, acts: Coroutine[Any, Any, Any]) -> Any:
        self._loop.get_loop().set_exception_handler(lambda loop, context: None)  # the dead are mourned by nobody
        return self._loop.run(acts)

    async def _born(self) -> Life:
        life = Life(self.url, self.clock, self.world)
        await life.start()
        await life.rest()
        return life

    def step(self, acts: Coroutine[Any, Any, Any]) -> bool:
        """False where the process died on the way; then another one lives."""
        survived = bool(self._run(self._survives(acts)))
        if not survived:
            self.life = self._run(self._next())
        return survived

    async def _survives(self, acts: Coroutine[Any, Any, Any]) -> bool:
        step = asyncio.create_task(self._lived(acts))
        while not step.done():
            await asyncio.wait({step}, timeout=LOOK if self.death.near else None)
            if self.death.came:
                step.cancel()
                await asyncio.gather(step, return_exceptions=True)
                return False
        await step
        return True

    async def _lived(self, acts: Coroutine[Any, Any, Any]) -> None:
        await acts
        await self.life.rest()

    async def _next(self) -> Life:
        """Nothing is finished; what the system closes when a process dies is closed by hand, and time passes."""
        mine = asyncio.all_tasks() - {asyncio.current_task()}
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await asyncio.to_thread(self.life.database.close)
        self.death.goes()
        self.clock.forward(LATER)
        if self.life.database.shared:
            await asyncio.to_thread(_end_leases, self.url)
        return await self._born()

    def restart(self) -> None:
        """An orderly end and another start."""
        self.death.goes()
        self._run(self.life.stop())
        self.life = self._run(self._born())

    def end(self) -> None:
        self.death.goes()
        self._run(self.life.stop())
        self._loop.close()

    def books(self) -> "Books":
        found: Books = self.life.database.read_now(_books)
        return found


@dataclass(frozen=True)
class Books:
    """Everything that is written down."""

    effects: Sequence[Any]
    facts: Sequence[Any]
    timers: Sequence[Any]
    incidents: Sequence[Any]
    inbox: Sequence[Any]
    misfolded: int


def _books(c: Connection) -> Books:
    e, f, i = t.effect.c, t.event.c, t.inbox.c
    return Books(
        effects=c.execute(select(e.id, e.key, e.kind, e.lane, e.state, e.incident).order_by(e.id)).all(),
        facts=c.execute(select(f.incident, f.seq, f.kind).order_by(f.incident, f.seq)).all(),
        timers=c.execute(select(t.timer.c.incident, t.timer.c.key, t.timer.c.due_at)).all(),
        incidents=c.execute(select(t.incident.c.number, t.incident.c.state)).all(),
        inbox=c.execute(select(i.source, i.key, i.state, i.reason)).all(),
        misfolded=len(differing(c)),
    )


def _end_leases(url: str) -> None:
    """What time does by itself within seconds: the dead process' word that it lives has ended."""
    server = create_engine(driver_url(url))
    with server.begin() as connection:
        connection.execute(text("DELETE FROM lease WHERE name LIKE 'process/%'"))
    server.dispose()
