"""Nothing hidden in the log: no secret, no signature, no word that a person or an alert said."""

import io
import logging
from collections.abc import AsyncIterator

import pytest

from bot import log
from bot.sandbox import Rule
from bot.sandbox.pagerduty import seed as pagerduty
from bot.sandbox.slack import seed
from tests.stories.conftest import OpenWorld
from tests.stories.world import Plan, World, signed

CANARIES = ("canary-title", "canary-note", "canary-message", "canary-summary", "canary-alert", "canary-why")
SECRETS = (
    seed.BOT_TOKEN,
    seed.APP_TOKEN,
    seed.SIGNING_SECRET,
    pagerduty.API_TOKEN,
    pagerduty.WEBHOOK_SECRET,
    "2025550102",
    "v1=",
    "v0=",
    "wss://",
    "ticket=",
)


@pytest.fixture
async def written() -> AsyncIterator[io.StringIO]:
    """What the log writes at its most talkative, ours and the libraries'."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    log.set_up(level="DEBUG", form="json", stream=stream)
    root.handlers.extend(before)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize("plan", [Plan("socket"), Plan("http")], ids=str)
async def test_the_log_of_a_whole_incident_tells_no_secret_and_no_word(
    open_world: OpenWorld, written: io.StringIO, plan: Plan
) -> None:
    world = await open_world(plan)
    await _an_incident(world)
    await world.restart()
    await world.settled()
    _silent(written)
    assert '"event": "decided"' in written.getvalue(), "it does tell what happened"


async def test_the_log_of_a_bad_day_tells_none_either(
    open_world: OpenWorld, written: io.StringIO, expected_errors: list[str]
) -> None:
    expected_errors.append("bot.engine.inbox: handling_failed")
    world = await open_world(Plan())
    for kind in ("500", "500_after", "reset", "malformed", "429"):
        world.sandbox.faults.add(Rule("slack", "chat.postMessage", kind, times=2, retry_after=0.01))
        world.sandbox.faults.add(Rule("pagerduty", "POST /incidents", kind, times=1, retry_after=0.01))
    await _an_incident(world)
    data = b'{"id": {"canary-alert": "canary-note"}, "title": "canary-title"}'
    odd = b'{"event": {"id": "x", "event_type": "incident.triggered", "data": ' + data + b"}}"
    await world.deliver(odd)
    await world.deliver(odd, signature=f"{signed(b'other')},v1=zz")
    for _ in range(4):
        await world.pass_time(minutes=1)
    _silent(written)


def _silent(written: io.StringIO) -> None:
    lines = written.getvalue().splitlines()
    told = [(word, line[:300]) for line in lines for word in (*CANARIES, *SECRETS) if word in line]
    assert told == []
    assert len(lines) > 50


async def _an_incident(world: World) -> None:
    """Words of every kind, said in every way there is."""
    number = await world.declare("canary-title", severity=2, services=["checkout"])
    room = (await world.room(number))["id"]
    await world.type("ada", "note canary-note", number)
    await world.type("ada", "summary canary-summary", number)
    await world.type("ada", "page payments canary-why", number)
    message = await world.hands.slack.post("ada", room, "canary-message")
    await world.hands.slack.react("ada", room, message["ts"], "pushpin")
    await world.hands.slack.mention("ada", room, "note canary-note too", thread_ts=message["ts"])
    alert = await world.hands.pagerduty.trigger("search", "canary-alert", priority="P1", alert={"x": "canary-alert"})
    await world.hands.pagerduty.note(alert, "canary-note", by="Bo")
    await world.type("ada", "nonsense canary-message", number)
    await world.type("ada", "resolve canary-summary", number)
    await world.settled()
