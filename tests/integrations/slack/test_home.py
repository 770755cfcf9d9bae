"""The home tab: what is mine, what I owe, what is open; it follows what happens while somebody looks, and only then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.engine.handle import Engine
from bot.incident import AddNote, AssignRole, Declare, GiveTask, Resolve
from bot.incident.duties import Task
from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.incident.values import Actor
from bot.integrations.slack import homes
from bot.integrations.slack.client import Connection
from bot.integrations.slack.home import SHOWN_MINE, SHOWN_TASKS, Home, home_blocks, home_view
from bot.integrations.slack.homes import BURST, LOOKS, MOST, PER_SECOND, Homes
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.limits import view_violations
from bot.integrations.slack.replies import Replies
from bot.integrations.slack.verbs import House
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import Bot, listening
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO
from tests.integrations.slack.table import plainly
from tests.stories.screen import button_of, labels, words

WHO = Person(slack=seed.ADA, name="Ada Marsh")
GUEST = Person(slack=seed.BO, name="Gus", guest=True)


def told(home: Home) -> list[str]:
    return plainly(words({"blocks": home_blocks(home)})).splitlines()


def task(number: int, to: Actor = BO, **more: Any) -> Task:
    return Task(number=number, text=f"step {number}", to=to, by=ADA, at=TWO, **more)


def test_my_roles_come_first_then_what_i_owe_then_what_is_open() -> None:
    owing = NIGHT.but(tasks=(task(1, ADA), task(2, ADA, due=TWO + timedelta(minutes=15))))
    read = told(Home(ADA, [NIGHT, NIGHT.but(number=43, holdings=(), declared_by=BO)], [owing]))
    assert read[:3] == ["Declare an incident Begin a drill", "*Yours*", "*INC-42* · Checkout errors above 5 %"]
    assert read[3].startswith("SEV1 · investigating · you: Incident Commander · ")
    assert read.index("*To do*") < read.index("*1 other incident is open*")
    assert sum(line.startswith("*INC-42*") for line in read) == 1, "what is mine is not listed again"
    assert [line for line in read if line.startswith("step")] == ["step 2", "step 1"], "what is due first"
    assert "task 2 of INC-42 · by 2026-11-21 02:25 UTC Done" in read


def test_who_declared_it_sees_it_as_theirs_and_others_do_not() -> None:
    alone = NIGHT.but(holdings=())
    assert any("you declared it" in line for line in told(Home(ADA, [alone])))
    assert "*Yours*" not in told(Home(BO, [alone]))


def test_tasks_of_others_and_settled_ones_are_not_mine() -> None:
    others = NIGHT.but(tasks=(task(1, BO), task(2, ADA, state="done")))
    assert "*To do*" not in told(Home(ADA, [], [others]))


def test_done_says_so_as_if_it_had_been_typed() -> None:
    owing = NIGHT.but(tasks=(task(3, ADA, followup=True),))
    shown = {"blocks": home_blocks(Home(ADA, [], [owing]))}
    found = button_of(shown, "run")
    assert found is not None
    assert found["value"] == "INC-42 task done 3"
    assert any(line.startswith("follow-up 3 of INC-42") for line in told(Home(ADA, [], [owing])))


def test_it_is_within_limits_with_everything_in_it_and_says_how_much_there_is_more() -> None:
    many = NIGHT.but(title="<!channel> " + "x" * 3_000, tasks=tuple(task(n, ADA) for n in range(1, 60)))
    blocks = home_blocks(Home(ADA, [*[many] * 30, *[many.but(holdings=(), declared_by=BO)] * 30], [many] * 60))
    assert view_violations(home_view(blocks, TWO)) == []
    assert str(blocks).count("and ") >= 3
    assert (SHOWN_MINE, SHOWN_TASKS) == (10, 10)


def test_a_guest_without_a_duty_reads_one_sentence() -> None:
    assert told(Home(BO, [NIGHT], refused="As a guest you can act once PagerDuty names you.")) == [
        "As a guest you can act once PagerDuty names you."
    ]


class Watch:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Tabs:
    """Homes that look every few milliseconds, on the sandbox's Slack."""

    def __init__(self, engine: Engine, connection: Connection, sandbox: Sandbox) -> None:
        self.engine, self.sandbox, self.watch, self.kept = engine, sandbox, Watch(), Kept()
        house = House(engine.policy, engine.directory, engine.reading, lambda: True, admit)
        self.homes = Homes(house, Replies(connection.web), self.kept, self.watch, every=0.01)

    @property
    def shown(self) -> int:
        return len(self.sandbox.calls.all("slack", "views.publish"))

    async def again(self, than: int) -> None:
        """Waits for one more to be shown."""
        await until(lambda: self.shown > than)

    async def quiet(self) -> None:
        """Time enough for several looks."""
        await asyncio.sleep(0.1)


async def admit(person: Person, incident: Incident | None) -> None:
    if person.guest:
        raise Refused("Not as a guest.")


def tab(sandbox: Sandbox, user: str) -> dict[str, Any]:
    """What stands in somebody's tab, without opening it anew."""
    return sandbox.slack.views[sandbox.slack.homes[user]].content


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(4):
        while not holds():  # noqa: ASYNC110  (what is waited for rings no bell)
            await asyncio.sleep(0.01)


@pytest.fixture
async def tabs(engine: Engine, connection: Connection, sandbox: Sandbox) -> AsyncIterator[Tabs]:
    made = Tabs(engine, connection, sandbox)
    yield made
    await made.kept.finish(0)


async def declared(tabs: Tabs, title: str = "Checkout errors") -> None:
    await tabs.engine.handle(Declare(title=title), WHO.actor)


async def test_a_tab_follows_what_happens(tabs: Tabs, sandbox: Sandbox) -> None:
    await tabs.homes.opened(WHO)
    assert "No incident is open." in words(tab(sandbox, seed.ADA))
    for change in (declared(tabs), tabs.engine.handle(Resolve(incident=1), WHO.actor)):
        before = tabs.shown
        await change
        await tabs.again(before)
    await tabs.quiet()
    assert "No incident is open." in words(tab(sandbox, seed.ADA))


async def test_what_the_tab_does_not_show_is_no_call(tabs: Tabs) -> None:
    await declared(tabs)
    await tabs.homes.opened(WHO)
    await tabs.engine.handle(AddNote(incident=1, text="hm"), WHO.actor)
    await tabs.quiet()
    assert tabs.shown == 1


async def test_what_slack_did_not_take_is_shown_again(tabs: Tabs, sandbox: Sandbox) -> None:
    await declared(tabs)
    sandbox.faults.add(Rule("slack", "views.publish", "error", error="internal_error", times=2))
    await tabs.homes.opened(WHO)
    await tabs.again(2)
    await tabs.quiet()
    assert tabs.shown == 3
    assert "INC-1" in words(tab(sandbox, seed.ADA))


async def crowded(tabs: Tabs, many: int) -> int:
    """So many people look at their tabs; how many tabs Slack was given by then."""
    for nth in range(many):
        tabs.sandbox.slack.people[f"UCROWD{nth}"] = replace(tabs.sandbox.slack.people[seed.ADA], id=f"UCROWD{nth}")
        await tabs.homes.opened(Person(slack=f"UCROWD{nth}", name="x"))
    return tabs.shown


async def test_a_crowd_sees_a_change_at_once_and_a_larger_one_in_turn_as_fast_as_slack_takes_it(tabs: Tabs) -> None:
    before = await crowded(tabs, BURST + 4)
    await declared(tabs)
    await tabs.again(before + BURST - 1)
    await tabs.quiet()
    assert tabs.shown == before + BURST, "in one minute no more than Slack takes"
    tabs.watch.now += timedelta(seconds=2 / PER_SECOND)
    await tabs.again(before + BURST + 1)
    await tabs.quiet()
    assert tabs.shown == before + BURST + 2
    tabs.watch.now += timedelta(seconds=60)
    await tabs.again(before + BURST + 3)
    await tabs.quiet()
    assert tabs.shown == before + BURST + 4


async def test_a_crowd_that_has_no_part_in_a_change_delays_nobody_who_has(tabs: Tabs) -> None:
    await declared(tabs)
    before = await crowded(tabs, BURST + 4)
    await tabs.homes.opened(WHO)
    tabs.homes._left = 1.0
    await tabs.engine.handle(GiveTask(incident=1, text="restart it", to=WHO.actor), WHO.actor)
    await tabs.again(before + 1)
    await tabs.quiet()
    assert tabs.shown == before + 2
    assert "restart it" in words(tab(tabs.sandbox, seed.ADA))


async def test_who_opens_it_anew_always_gets_it(tabs: Tabs) -> None:
    await tabs.homes.opened(WHO)
    await tabs.homes.opened(WHO)
    assert tabs.shown == 2


async def test_after_an_hour_nobody_looks_and_nothing_runs(tabs: Tabs) -> None:
    await tabs.homes.opened(WHO)
    tabs.watch.now += LOOKS
    await until(lambda: tabs.homes._watching is not None and tabs.homes._watching.done())
    await declared(tabs)
    await tabs.quiet()
    assert tabs.shown == 1
    await tabs.homes.opened(WHO)
    await tabs.engine.handle(AssignRole(incident=1, role="scribe", person=WHO.actor), WHO.actor)
    await tabs.again(2)


async def test_only_the_latest_so_many_are_followed(tabs: Tabs) -> None:
    for n in range(MOST + 1):
        tabs.homes._looking[f"U{n}"] = homes._Looks(WHO, tabs.watch() + LOOKS)
    await tabs.homes.opened(WHO)
    assert len(tabs.homes._looking) == MOST
    assert WHO.slack in tabs.homes._looking
    assert "U0" not in tabs.homes._looking


async def test_a_guest_is_shown_the_refusal_and_no_incident(tabs: Tabs, sandbox: Sandbox) -> None:
    await declared(tabs)
    await tabs.homes.opened(GUEST)
    shown = tab(sandbox, seed.BO)
    assert "Not as a guest." in words(shown)
    assert "INC-1" not in str(shown)


async def test_a_private_incident_is_on_the_tab_of_who_is_in_it_alone(tabs: Tabs, sandbox: Sandbox) -> None:
    await tabs.engine.handle(Declare(title="Merger", private=True), WHO.actor)
    await tabs.homes.opened(WHO)
    await tabs.homes.opened(Person(slack=seed.BO, name="Bo"))
    assert "Merger" in words(tab(sandbox, seed.ADA))
    assert "INC-1" not in words(tab(sandbox, seed.BO))


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


async def test_what_is_done_from_the_tab_is_seen_there_and_told_nowhere_else(bot: Bot, sandbox: Sandbox) -> None:
    await bot.engine.handle(Declare(title="Checkout errors"), WHO.actor)
    await bot.engine.handle(GiveTask(incident=1, text="look at the gateway", to=WHO.actor), WHO.actor)
    shown = await bot.hands.slack.home("ada") or {}
    assert labels(shown)[:2] == ["Declare an incident", "Begin a drill"]
    assert "look at the gateway" in words(shown)
    spoken = len(sandbox.calls.all("slack", "chat.postMessage"))
    await bot.hands.slack.click("ada", "run", value="INC-1 task done 1", home=True)
    await until(lambda: "look at the gateway" not in words(tab(sandbox, seed.ADA)))
    assert not (await bot.incident()).tasks[0].is_open
    assert len(sandbox.calls.all("slack", "chat.postMessage")) == spoken


async def test_the_drill_is_one_press_away(bot: Bot) -> None:
    await bot.hands.slack.home("ada")
    await bot.hands.slack.click("ada", "open_form", value="0/drill", home=True)
    assert await bot.hands.slack.wait_for_modal("ada", contains="Scenario")


async def test_when_the_process_ends_nobody_is_waited_for(bot: Bot) -> None:
    await bot.hands.slack.home("ada")
    async with asyncio.timeout(1):
        await bot.inbound.stop()
