"""The ground on which weather comes down: worlds on databases of all kinds, and what people see of it meanwhile."""

import asyncio
import json
import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from shutil import copyfile, rmtree

from bot.engine.schema import migrate
from bot.incident.values import MUSTER
from bot.sandbox import Impossible
from bot.terminal.simulate import Wish, envelope
from tests.campaign.faults_world import Brisk
from tests.engine.conftest import Cluster
from tests.stories.plot import PATIENCE, Plot, differences, end_state
from tests.stories.screen import button_of, whispers
from tests.stories.world import Plan, World, brief

SQLITE, POSTGRESQL = Plan("http", "sqlite"), Plan("http", "postgresql")
SMALL, ROOMY = "6m", "32m"
"""How large a small disk is: room for the tables of an SQLite file, or of a PostgreSQL database, and little else."""
NO_MOUNT = "needs the right to mount a small disk (root)"


class NotHere(Exception):
    """This machine cannot make that weather; the reason."""


Weather = Callable[["Brisk"], AbstractAsyncContextManager[None]]
"""It is bad while the block lasts, and fair again after it."""


@dataclass
class Ground:
    """Everything that the rows share. `rng`: what is drawn in this run, from its seed."""

    rng: random.Random
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="muster-weather-")))
    numbers: Iterator[int] = field(default_factory=count)
    calm: dict[str, dict[str, object]] = field(default_factory=dict)
    _cluster: Cluster | None = None

    @property
    def cluster(self) -> Cluster:
        """A PostgreSQL server of our own: it is restarted, stopped and starved."""
        self._cluster = self._cluster or Cluster()
        return self._cluster

    def close(self) -> None:
        if self._cluster is not None:
            self._cluster.stop()
        rmtree(self.folder, ignore_errors=True)

    def sqlite(self, folder: Path | None = None) -> str:
        """The URL of a fresh database file, in that folder."""
        template = self.folder / "template.db"
        if not template.exists():
            migrate(f"sqlite:///{template}")
        file = (folder or self.folder) / f"{next(self.numbers)}.db"
        return f"sqlite:///{copyfile(template, file)}"

    @asynccontextmanager
    async def world(self, plan: Plan, kind: type[Brisk] = Brisk, url: str = "") -> AsyncIterator[Brisk]:
        """A world in the middle of its day, on a fresh database (or that one)."""
        url = url or (self.cluster.fresh() if plan.database == "postgresql" else self.sqlite())
        async with brief(kind, plan, url) as world:
            yield world

    async def right(self, plan: Plan) -> dict[str, object]:
        """How the story ends in fair weather."""
        if str(plan) not in self.calm:
            async with self.world(plan) as world:
                self.calm[str(plan)] = await lived(world)
        return self.calm[str(plan)]

    @contextmanager
    def small_disk(self, size: str = SMALL) -> Iterator[Path]:
        """A folder on a file system of a few megabytes."""
        if os.geteuid() != 0:
            raise NotHere(NO_MOUNT)
        place = self.folder / f"disk{next(self.numbers)}"
        place.mkdir()
        self.folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", place], check=False)
        if made.returncode:
            raise NotHere(NO_MOUNT)
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=True)


async def lived(world: Brisk, weather: Callable[[], Awaitable[None]] | None = None) -> dict[str, object]:
    """The story from its first alert to its draft, with weather on the way; how it ended."""
    story = world.people(Patient(world).play())
    if weather is not None:
        await weather()
    await story
    with flying(world):
        await world.all_kept()
    return await end_state(world)


@contextmanager
def flying(world: Brisk) -> Iterator[None]:
    """Meanwhile time flies for the bot, so that nobody waits for what it puts off."""
    flight = world.people(world.fly())
    try:
        yield
    finally:
        flight.cancel()


LASTED = re.compile(r"\b(lasted|after) (less than a minute|\d+ (min|h|d)\b( \d+ (min|h)\b)?)")


def timeless(end: object) -> object:
    """How it ended, without how long it took: weather lasts."""
    if isinstance(end, dict):
        return {timeless(key): timeless(value) for key, value in end.items()}
    if isinstance(end, list):
        return [timeless(one) for one in end]
    return LASTED.sub(r"\1 A WHILE", end) if isinstance(end, str) else end


async def story_under(ground: Ground, world: Brisk, weather: Weather, seconds: float) -> None:
    """The story ends as in fair weather, although this came down in the middle of it, whenever that is."""

    async def strike() -> None:
        await asyncio.sleep(ground.rng.uniform(0.05, 0.7))
        async with weather(world):
            await asyncio.sleep(seconds)

    end = await lived(world, strike)
    wrong = [*differences(timeless(end), timeless(await ground.right(world.plan)))]
    assert not wrong, "; ".join(wrong)


class Patient(Plot):
    """People who read what a button answered, a moment later, before they go on."""

    async def press(self, who: str, action: str, value: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            card = next(m for m in await self.world.hands.slack.messages(self.room) if button_of(m, action, value))
            button = button_of(card, action, value)
            assert button is not None
            answer = await self.world.hands.slack.click(
                who, button["action_id"], channel=self.room, ts=card["ts"], value=value, wait=0.5
            )
            if answer["acked"] and "try again" not in whispers(answer):
                return
        raise Impossible("it was never answered")


def ping() -> bytes:
    """A webhook that tells nothing, but must be kept."""
    return json.dumps(envelope(Wish("pagey.ping"), "", datetime.now(UTC))).encode()


async def asked_under(world: Brisk, weather: Weather, *, refused: bool, hangs: bool = False) -> None:
    """Someone writes a note and PagerDuty delivers an alert meanwhile; both hear of it in time, and again afterwards.

    `refused`: nothing can be kept meanwhile. People read a sentence within three seconds, PagerDuty is told 503 within
    its five; in fair weather both go through within five, and once. `hangs`: nothing fails, but nothing ends either.
    """
    body = ping()
    await world.declare("checkout is slow")
    room = (await world.room())["id"]
    async with weather(world):
        await world.hands.pagerduty.trigger("search", "Search is down", priority="P2")
        note, status = await _note(world, room), await _delivered(world, body)
        assert ("try again" in note) is refused, f"whoever wrote a note read {note!r}"
        assert (status == 503) is refused, f"PagerDuty was told {status}"
        assert hangs or bool(world.app.engine.database.trouble) is refused, "the bot's own word on its database"
    end = time.monotonic() + 5
    while await _delivered(world, body) != 202 or "try again" in await _note(world, room):
        assert time.monotonic() < end, "it did not go on by itself"
        await asyncio.sleep(0.1)
    with flying(world):
        await world.all_kept()
    notes = sum("it began with the deploy" in line for line in await world.timeline())
    assert notes == 1, f"the note stands {notes} times on the timeline"
    titles = [i.title for i in await world.app.engine.reading.recent(MUSTER)]
    assert sorted(titles) == ["Search is down", "checkout is slow"], titles
    assert not (left := await world.unkept()), left
    assert not (said := world.app.engine.database.trouble), said


async def _note(world: World, room: str) -> str:
    """Somebody writes a note; what they read, within Slack's three seconds."""
    began = time.monotonic()
    answer = await world.hands.slack.command("ada", room, "note it began with the deploy")
    took = time.monotonic() - began
    assert answer["acked"], "Slack showed its own failure to whoever wrote a note"
    assert took < 3, f"an answer after {took:.1f} s"
    return whispers(answer)


async def _delivered(world: World, body: bytes) -> int:
    began = time.monotonic()
    status = await world.deliver(body)
    took = time.monotonic() - began
    assert took < 5, f"PagerDuty waited {took:.1f} s"
    return status
