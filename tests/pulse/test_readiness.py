"""When `/readyz` is red: the whole table, and each row that a real bot can be brought to."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import httpx2
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.engine.timers import TIMERS
from bot.integrations.pagerduty.trouble import Refused
from bot.integrations.slack import inbound
from bot.integrations.slack.health import BOT_TOKEN
from bot.pulse import Workers
from bot.pulse.readiness import LATE, Findings, Line, judge
from bot.sandbox import Rule
from bot.web.vitals import State
from tests.stories.conftest import OpenWorld
from tests.stories.world import Plan

READY, RED = True, False
NEVER = Line(asked=False, taken=False)
"""An outside system that has not answered yet."""


def away(*, taken: bool) -> Line:
    return Line(taken=taken, trouble="It does not answer; tried again all the time.")


def refused(*, taken: bool) -> Line:
    return Line(taken=taken, refused=True, trouble="It refuses our token.")


TABLE = [
    ("all is well", Findings(), READY, ""),
    ("the database does not answer", Findings(database="It did not answer within 2 s."), RED, "database"),
    ("somebody else has locked the database", Findings(database="It cannot be written to."), RED, "database"),
    ("the disk is full", Findings(database="It cannot be written to."), RED, "database"),
    ("the database is damaged", Findings(database="It is damaged."), RED, "database"),
    ("another version migrated the database", Findings(database="It was migrated."), RED, "database"),
    ("the clock is a little late", Findings(late=LATE), READY, ""),
    ("the clock stands still", Findings(late=LATE + 1), RED, "clock"),
    ("the bot is still starting", Findings(ended=("inbox", "outbox")), RED, "workers"),
    ("the inbox' worker died of a bug", Findings(ended=("inbox",)), RED, "workers"),
    ("the outbox' worker died of a bug", Findings(ended=("outbox",)), RED, "workers"),
    ("Slack has not been heard of yet", Findings(slack=NEVER), RED, "slack"),
    ("a start with a wrong Slack token", Findings(slack=refused(taken=False)), RED, "slack"),
    ("Slack's token was revoked while we ran", Findings(slack=refused(taken=True)), READY, "slack"),
    ("Slack is down", Findings(slack=away(taken=True)), READY, "slack"),
    ("a start while Slack is down", Findings(slack=away(taken=False)), READY, "slack"),
    ("Slack's sockets are lost for an hour", Findings(slack=Line(trouble="No connection is open.")), READY, "slack"),
    ("PagerDuty is down", Findings(pagerduty=away(taken=True)), READY, "pagerduty"),
    ("a start while PagerDuty is down", Findings(pagerduty=away(taken=False)), READY, "pagerduty"),
    ("a start with a wrong PagerDuty token", Findings(pagerduty=refused(taken=False)), RED, "pagerduty"),
    ("PagerDuty's token was revoked while we ran", Findings(pagerduty=refused(taken=True)), READY, "pagerduty"),
    ("PagerDuty was not reached yet", Findings(pagerduty=Line(taken=False, trouble="Not yet.")), READY, "pagerduty"),
    ("PagerDuty switched our webhook off", Findings(pagerduty=Line(trouble="It is off.")), READY, "pagerduty"),
    ("PagerDuty is not set up", Findings(pagerduty=None), READY, ""),
    ("both are down", Findings(slack=away(taken=True), pagerduty=away(taken=True)), READY, "slack pagerduty"),
    ("a process that only hears", Findings(late=None, ended=None), READY, ""),
    ("a process that only hears, its database gone", Findings("gone", late=None, ended=None), RED, "database"),
    ("a process that only acts", Findings(slack=None), READY, ""),
    ("a process that only acts, its clock late", Findings(late=LATE + 1, slack=None), RED, "clock"),
]


@pytest.mark.parametrize(("state", "found", "ready", "told"), TABLE, ids=[row[0] for row in TABLE])
def test_readiness_by_the_state_of_the_world(state: str, found: Findings, ready: bool, told: str) -> None:
    checks = judge(found)

    assert all(check.state is not State.DOWN for check in checks) is ready
    assert [check.name for check in checks if check.state is not State.FINE] == told.split()
    assert all(bool(check.says) is (check.state is not State.FINE) for check in checks)


def test_what_this_process_has_no_part_in_is_not_looked_at() -> None:
    assert [check.name for check in judge(Findings(late=None, ended=None, slack=None, pagerduty=None))] == ["database"]


async def test_a_round_that_pagerduty_holds_up_for_hours_does_not_make_the_clock_late(open_world: OpenWorld) -> None:
    world = await open_world(Plan())
    workers = Workers(world.app.inbox, world.app.outbox, world.app.ticker)
    by_name = {tick.name: tick for tick in world.app.ticker._ticks}

    by_name["pagerduty in step"].last -= 7200
    assert workers.late < LATE
    by_name[TIMERS].last -= 7200
    assert workers.late > LATE


async def test_a_bot_that_starts_while_both_are_down_hears_and_acts_at_once(open_world: OpenWorld) -> None:
    world = await open_world(Plan())
    await world.stop()
    world.sandbox.faults.add(Rule("slack", "*", "503", times=None), Rule("pagerduty", "*", "503", times=None))
    world.sandbox.connections.cut_all()
    starting = asyncio.create_task(world.start())
    began = asyncio.get_running_loop().time()
    async with httpx2.AsyncClient(base_url=world.url) as client:
        answer = await until(client, lambda answer: answer.status_code == 200)
        assert asyncio.get_running_loop().time() - began < inbound.AT_START - 1
        checks = answer.json()["checks"]
        assert checks["slack"] == "degraded: Slack does not answer; tried again all the time."
        assert checks["pagerduty"].startswith("degraded: ")
        assert (await world.deliver(b'{"event": {"id": "01A", "event_type": "pagey.ping"}}')) == 202
    await cut_short(starting)


async def test_a_bot_that_starts_with_a_wrong_token_takes_no_work(
    open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "AT_START", 0.2)
    world = await open_world(Plan())
    await world.stop()
    world.sandbox.faults.add(Rule("slack", "*", "error", times=None, error="invalid_auth"))
    world.sandbox.faults.add(Rule("pagerduty", "*", "error", times=None, error="2006"))
    starting = asyncio.create_task(world.start())
    async with httpx2.AsyncClient(base_url=world.url) as client:
        answer = await until(client, lambda a: "Slack refuses" in a.text and "PagerDuty refused it (401" in a.text)
    assert answer.status_code == 503
    await cut_short(starting)


async def test_a_token_that_was_good_and_is_revoked_leaves_it_in_the_balancer(open_world: OpenWorld) -> None:
    world = await open_world(Plan())
    slack, room = world.app._parts.slack, world.app._parts.pagerduty
    assert room is not None
    assert room._first is not None
    await room._first  # what it reads at the start would tell that all is well
    slack.health.failed(BOT_TOKEN, refusal("token_revoked"))
    room.health.failed(Refused(401, 2006, "Invalid API Key"))
    async with httpx2.AsyncClient(base_url=world.url) as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"]["slack"].startswith("degraded: Slack refuses the bot token (token_revoked)")
    assert answer.json()["checks"]["pagerduty"].startswith("degraded: PagerDuty refused it (401")


async def cut_short(starting: asyncio.Task[None]) -> None:
    """Nobody waits for the first socket."""
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)


def refusal(code: str) -> SlackApiError:
    answer = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="auth.test",
        req_args={},
        data={"ok": False, "error": code},
        headers={},
        status_code=200,
    )
    return SlackApiError("refused", answer)  # type: ignore[no-untyped-call]


async def until(client: httpx2.AsyncClient, holds: Callable[[httpx2.Response], bool]) -> httpx2.Response:
    """The first answer of which it holds."""
    async with asyncio.timeout(20):
        while True:
            with suppress(httpx2.TransportError):  # nobody listens yet
                answer = await client.get("/readyz")
                if holds(answer):
                    return answer
            await asyncio.sleep(0.05)
