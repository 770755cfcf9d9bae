"""Whatever people, senders, the world outside and death do, in any order: the promises hold after every step.

Hypothesis makes up the nights; with `MUSTER_LONG=1` many more of them, and others each time.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.engine.seams import hooked
from bot.engine.tables import EffectState
from bot.incident.model import Command, Incident, Refused
from bot.incident.policy import Policy
from bot.incident.values import Actor
from tests.engine.conftest import Cluster
from tests.engine.night import TRICKS, Books, Difficult, Process
from tests.engine.toys import ADA, BOB, Open, Say, SayOnce, reminders
from tests.stories.deaths import quietly

LONG = os.environ.get("MUSTER_LONG") == "1"
MOST = 3
"""Incidents in one night."""
WORDS, PEOPLE = st.sampled_from(["a", "b", "c"]), st.sampled_from([ADA, BOB])
KEYS = st.sampled_from(["", "k1", "k2", "k3"])
ONCE = ("test_make_room", "test_post")
"""Kinds that are looked for before they are tried again: done once, whatever happens."""
GIVEN_UP = (EffectState.PARKED, EffectState.SKIPPED, EffectState.DROPPED)


@pytest.fixture
def expected_errors() -> list[str]:
    """What goes wrong is drawn."""
    return [""]


class Night(RuleBasedStateMachine):
    """What may happen to one process. `fresh` makes a database."""

    fresh: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.world = Difficult()
        self.process = Process(type(self).fresh(), self.world)
        self.opened = 0
        self.answered: dict[str, tuple[int, int]] = {}
        self.heard: set[str] = set()
        self.given_up: set[str] = set()
        self._hook = hooked(self.process.death)
        self._hook.__enter__()

    def teardown(self) -> None:
        self._hook.__exit__(None, None, None)
        self.process.end()

    async def _handle(self, command: Command, by: Actor, key: str) -> None:
        try:
            outcome = await self.process.life.engine.handle(command, by, key=key)
        except Refused:
            return
        told = (outcome.first_seq if outcome.events else 0, len(outcome.events))
        assert not key or self.answered.setdefault(key, told) == told, "a key heard before gets its answer again"

    @precondition(lambda self: self.opened < MOST)
    @rule(title=st.sampled_from(["Checkout fails", ""]), by=PEOPLE)
    def declare(self, title: str, by: Actor) -> None:
        self.process.step(self._handle(Open(title=title), by, ""))

    @precondition(lambda self: self.opened)
    @rule(place=st.integers(0, MOST - 1), words=st.lists(WORDS, min_size=1, max_size=4), by=PEOPLE, key=KEYS)
    def say(self, place: int, words: list[str], by: Actor, key: str) -> None:
        """In one breath, so that several wait in one lane; the last under a key."""
        number = place % self.opened + 1

        async def act() -> None:
            for n, word in enumerate(words, start=1):
                wish = SayOnce if word == "c" else Say
                await self._handle(wish(incident=number, text=word), by, key if n == len(words) else "")

        self.process.step(act())

    @rule(n=st.integers(0, 5), body=st.sampled_from(["1x", "2y", "1z", "garbage"]))
    def deliver(self, n: int, body: str) -> None:
        async def act() -> None:
            await self.process.life.engine.hear("toy", f"d{n}", f"g{n % 2}", body.encode())
            self.heard.add(f"d{n}")

        self.process.step(act())

    @rule(tricks=st.lists(st.sampled_from(TRICKS), min_size=1, max_size=3))
    def the_world_turns_difficult(self, tricks: list[str]) -> None:
        self.world.tricks += tricks

    @rule(seams=st.integers(0, 25))
    def death_comes_near(self, seams: int) -> None:
        self.process.death.comes_after(seams)

    @rule()
    def restart(self) -> None:
        self.process.restart()

    @rule(minutes=st.sampled_from([1, 5, 11]))
    def time_passes(self, minutes: int) -> None:
        self.process.clock.forward(minutes * 60)
        self.process.step(self._tick())

    async def _tick(self) -> None:
        await self.process.life.ticker.say_what_is_due()

    @rule(place=st.integers(0, 5), drop=st.booleans())
    def what_was_given_up_is_tried_again_or_dropped_by_hand(self, place: int, drop: bool) -> None:
        async def act() -> None:
            life = self.process.life
            steps = await life.engine.reading.effects(EffectState.PARKED, EffectState.SKIPPED)
            if steps:
                hand = life.outbox.drop if drop else life.outbox.retry
                await hand(steps[place % len(steps)].effect)

        self.process.step(act())

    @rule()
    def what_was_parked_is_replayed(self) -> None:
        async def act() -> None:
            await self.process.life.inbox.replay_parked()

        self.process.step(act())

    @invariant()
    def the_promises_hold(self) -> None:
        books = self.process.books()
        self.opened = len(books.incidents)
        self.given_up |= {e.key for e in books.effects if e.state in GIVEN_UP}
        self._nothing_vanishes(books)
        self._each_is_done_once_and_as_the_books_say(books)
        self._in_order(books)
        _state_and_timers_are_what_the_facts_say(books)

    def _nothing_vanishes(self, books: Books) -> None:
        facts = Counter((f.incident, f.kind) for f in books.facts)
        kinds = Counter((e.incident, e.kind) for e in books.effects)
        for incident in books.incidents:
            assert kinds[incident.number, "test_make_room"] == 1
            assert kinds[incident.number, "test_post"] == facts[incident.number, "test_said"]
        deliveries = {row.key: row for row in books.inbox if row.source == "toy"}
        assert self.heard <= deliveries.keys(), "a delivery is lost"
        assert all(row.state == "done" or row.reason for row in deliveries.values()), "none waits without a reason"

    def _each_is_done_once_and_as_the_books_say(self, books: Books) -> None:
        done = Counter(d.key for d in self.world.done)
        for e in books.effects:
            assert e.kind not in ONCE or done[e.key] <= 1, f"{e.key} was done twice"
            assert e.state != EffectState.KEPT or done[e.key], f"{e.key} was never done"
            assert e.state != EffectState.CLAIMED, f"{e.key} is held by nobody"
        assert done.keys() <= {e.key for e in books.effects}, "something was done that was never promised"

    def _in_order(self, books: Books) -> None:
        """Posts come after their room and in the order of their promises, but for those given up and tried later."""
        places = {d.key: n for n, d in reversed(list(enumerate(self.world.done)))}
        rooms = {e.incident: places.get(e.key) for e in books.effects if e.kind == "test_make_room"}
        last: dict[str, int] = {}
        for e in books.effects:
            if e.kind != "test_post" or e.key not in places or e.key in self.given_up:
                continue
            room = rooms[e.incident]
            assert room is not None, f"{e.key} was posted into no room"
            assert places[e.key] > max(last.get(e.lane, -1), room), f"{e.key} overtook another"
            last[e.lane] = places[e.key]


def _state_and_timers_are_what_the_facts_say(books: Books) -> None:
    assert books.misfolded == 0
    kept = sorted((timer.incident, timer.key, timer.due_at) for timer in books.timers)
    folded = [Incident.model_validate_json(row.state) for row in books.incidents]
    assert kept == sorted((i.number, due.key, due.at) for i in folded for due in reminders(i, Policy()))


def live(fresh: Callable[[], str], nights: int) -> None:
    """So many nights of at most 30 steps, each on a database of its own."""
    machine = type("Drawn", (Night,), {"fresh": staticmethod(fresh)})
    chosen = settings(
        max_examples=nights * (40 if LONG else 1),
        stateful_step_count=30,
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with quietly():
        run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture
def sqlite(tmp_path: Path, template: Path) -> Callable[[], str]:
    numbers = count()
    return lambda: f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}"


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[Callable[[], str]]:
    made: list[str] = []

    def fresh() -> str:
        made.append(cluster.fresh())
        return made[-1]

    yield fresh
    for url in made:
        cluster.drop(url)


@pytest.mark.timeout(0 if LONG else 120)
def test_in_any_night_the_promises_hold_on_sqlite(sqlite: Callable[[], str]) -> None:
    live(sqlite, nights=18)


@pytest.mark.timeout(0 if LONG else 120)
def test_in_any_night_the_promises_hold_on_postgresql(postgres: Callable[[], str]) -> None:
    live(postgres, nights=3)
