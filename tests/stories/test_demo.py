"""Behind the demo's pages: the tour is ticked off and undone, the stories play, the bot is killed and started."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.incident.values import Status
from bot.sandbox import Impossible
from bot.sandbox.web.backstage import Life, Promises
from bot.terminal.backstage import let_in
from bot.terminal.books import judged, read_books
from bot.terminal.player import Beat, Player, Scenario
from bot.terminal.scenarios import SCENARIOS
from bot.terminal.scene import Scene
from bot.terminal.stage import Bot, Stage
from bot.terminal.tour import STEPS, Hands, Tour
from tests.stories.world import World

ALL = [step.key for step in STEPS]


class Within(Bot):
    """The world's bot, which lives in this event loop, as if it were a process; it dies in order, not in the middle."""

    def __init__(self, world: World) -> None:
        super().__init__(Path(), world.port, {"MUSTER_DATABASE_URL": world.settings.database_url})
        self._world = world

    @property
    def is_running(self) -> bool:
        return self._world._app is not None

    async def start(self) -> None:
        await self._world.start()

    async def kill(self) -> None:
        await self._world.stop()


def stage_of(world: World) -> Stage:
    return Stage(world.sandbox, world.hands, Within(world))


async def nothing() -> None:
    """What the player calls when a story is over."""


async def test_the_tour_is_ticked_off_by_what_is_done_and_each_step_can_be_undone(world: World) -> None:
    slack = world.hands.slack
    tour = Tour(world.app.engine.reading, Hands(world.hands))

    async def done() -> list[str]:
        await world.settled()
        await tour.look()
        return [step.key for step in tour.steps() if step.done]

    assert await done() == []
    await world.hands.pagerduty.trigger("checkout", "Checkout is down", priority="P2")
    assert await done() == ALL[:1]
    room = (await world.room())["id"]
    assert [step.place for step in tour.steps()] == ["/pager", *[f"/c/{room}"] * 5]
    await slack.join("ada", room)
    await world.type("ada", "lead")
    assert await done() == ALL[:2]
    await world.type("ada", "sev 1")
    assert await done() == ALL[:3]
    posted = await slack.post("ada", room, "4.2 is suspected")
    await slack.react("ada", room, posted["ts"], "pushpin")
    assert await done() == ALL[:4]
    await world.type("ada", "update One in five orders fails")
    assert await done() == ALL[:5]
    await world.type("ada", "resolve Rolled back")
    assert await done() == ALL

    await tour.undo("resolve")
    assert (await world.incident()).is_open
    assert await done() == ALL[:5], "it is open again, and waits to be resolved"
    twice = await asyncio.gather(tour.undo("note"), tour.undo("note"), return_exceptions=True)
    assert [type(one) for one in twice] == [type(None), Impossible], "a double click undoes once"
    assert "4.2 is suspected" not in str((await world.room())["messages"][-1].get("reactions"))
    await tour.undo("severity")
    await tour.undo("command")
    assert await done() == ["alert", "update"]
    i = await world.incident()
    assert (i.severity.label, i.commander, i.marked) == ("SEV2", None, {})
    await world.type("ada", "sev 1")
    assert await done() == ["alert", "severity", "update"], "what is done again is ticked off again"
    await tour.undo("alert")
    assert await done() == ["severity", "update"]
    assert (await world.incident()).status is Status.CANCELED
    assert not (await world.hands.pagerduty.incident("Checkout is down")).is_open
    with pytest.raises(Impossible, match="not done yet"):
        await tour.undo("alert")


async def test_each_story_plays_to_its_end_and_the_books_agree(world: World) -> None:
    stage = stage_of(world)
    player = Player(stage, SCENARIOS, nothing, pace=0)
    for offer in player.offers():
        twice = await asyncio.gather(player.play(offer.key), player.play(offer.key), return_exceptions=True)
        assert [str(one) for one in twice if one] == ["A story plays already. Stop it first."], "a double click"
        await player.ended()
        assert player.failed == "", offer.title
    await world.settled()
    await world.pass_time(minutes=0.2)
    books = await read_books(world.hands, world.settings.database_url)
    assert judged(books)[1] == []
    assert [i.is_open for i in books.incidents] == [False] * 4


async def test_a_story_can_be_paused_and_stopped_and_leaves_nothing_open(world: World) -> None:
    stage = stage_of(world)
    held = asyncio.Event()

    async def fires(scene: Scene) -> None:
        await scene.fire("search", "Search is slow", "P2")
        await scene.enter()

    async def holds(scene: Scene) -> None:
        held.set()
        await asyncio.Event().wait()

    beats = (Beat("It fires.", "bo", "room", fires), Beat("It holds.", "ada", "room", holds))
    player = Player(stage, [Scenario("held", "Held", "", beats)], nothing, pace=0)
    await player.play("held")
    await player.pause()
    assert player.now is None or player.now.paused
    await asyncio.sleep(0.05)
    assert not (await world.hands.pagerduty.state()).incidents, "nothing happens in a pause"
    await player.go_on()
    await held.wait()
    assert player.now is not None
    assert (player.now.beat, player.now.of, player.now.paused) == (2, 2, False)
    assert player.now.place == f"/c/{(await world.room())['id']}"
    await player.stop()
    await world.settled()
    assert player.now is None
    assert (await world.incident()).status is Status.CANCELED
    assert not (await world.hands.pagerduty.incident("Search is slow")).is_open
    with pytest.raises(Impossible, match="No story plays"):
        await player.stop()


async def test_a_story_that_breaks_off_says_why(world: World) -> None:
    async def cannot(scene: Scene) -> None:
        await scene.hands.slack.join("nobody", "#ops")

    player = Player(stage_of(world), [Scenario("no", "No", "", (Beat("It cannot.", "bo", "/pager", cannot),))], nothing)
    player.pace = 0
    await player.play("no")
    await player.ended()
    assert player.failed == "nobody here is called nobody"
    assert player.now is None


async def test_the_bot_is_killed_and_started_from_the_pages_and_what_it_owes_is_shown(world: World) -> None:
    async with let_in(stage_of(world)) as crew:
        assert crew.life() is Life.RUNNING
        assert await _act(world, "start") == (400, "Muster is running already.")
        assert (await _act(world, "kill"))[0] == 200
        assert crew.life() is Life.DEAD
        assert await _act(world, "kill") == (400, "Muster is not running. Start it first.")
        refused = "Muster is not running. Start it on the weather page, then play."
        assert await _act(world, "play", scenario="deploy") == (400, refused)
        assert (await _act(world, "start"))[0] == 200
        assert crew.life() is Life.RUNNING
        await world.hands.add_fault("slack", "chat.postMessage", "500", times=None)
        await world.declare("Search is slow", settle=False)
        owed = await _eventually(crew.promises, lambda promises: promises.retried > 0)
        assert owed.pending >= len(owed.rows) > 0
        assert any("INC-1" in row.where and row.next_at for row in owed.rows)
        await world.hands.clear_faults()
        await _eventually(crew.promises, lambda promises: promises.pending == 0)


async def _eventually(look: Callable[[], Promises], holds: Callable[[Promises], bool]) -> Promises:
    async with asyncio.timeout(15):
        while not holds(found := look()):  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.1)
    return found


async def _act(world: World, act: str, **args: Any) -> tuple[int, str]:
    url = f"{world.sandbox.url}/control/backstage/{act}"
    async with aiohttp.ClientSession() as session, session.post(url, json=args) as answer:
        return answer.status, (await answer.json()).get("error", "")
