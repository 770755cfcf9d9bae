"""Whatever is wrong in a delivery, and wherever: a stated outcome, a clean log, nothing half done, and work goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.engine.tables import EffectState, InboxState
from tests.stories.conftest import OpenWorld
from tests.stories.corpus.shapes import Case, deliveries, webhooks
from tests.stories.test_refused import FORM
from tests.stories.test_refused import signed as slack_signed
from tests.stories.world import Plan, World, signed

AT_ONCE = 16
"""Requests that are under way side by side."""
EVERYTHING = 10_000


@pytest.fixture
async def world(open_world: OpenWorld) -> AsyncIterator[World]:
    """By HTTP; in order when the test is over."""
    world = await open_world(Plan(slack="http"))
    await world.declare("bad shapes")
    yield world
    for _ in range(2):
        await world.pass_time(minutes=1)
    assert await world.unkept() == []
    assert await world.app.engine.reading.effects(EffectState.SKIPPED) == []
    assert await world.app.engine.reading.deliveries(InboxState.WAITING) == []
    await world.type("ada", "note we go on")
    await world.settled()
    assert "Ada Marsh: we go on" in await world.timeline()


def test_the_corpus_has_more_than_a_thousand_cases_and_each_is_another() -> None:
    cases = [*webhooks(), *deliveries("C0ROOM00001")]
    assert len(cases) > 1_000
    assert len({case.name for case in cases}) == len(cases)
    assert {case.outcome for case in cases} == {"done", "parked", "200", "400", "404"}


async def test_webhooks_spoiled_in_every_place(world: World, expected_errors: list[str]) -> None:
    expected_errors.append("bot.engine.inbox: handling_failed")
    cases = {case.key: case for case in webhooks()}
    statuses = await _all(world, [(case, *_as_pagerduty_sends(case)) for case in cases.values()])
    assert {name: status for name, status in statuses.items() if status != 202} == {}
    await world.settled(60)
    for _ in range(2):
        await world.pass_time(minutes=1)
    parked = await world.app.engine.reading.deliveries(limit=EVERYTHING)
    expected = {case.name for case in cases.values() if case.outcome == "parked"}
    assert {cases[one.key].name for one in parked} == expected
    assert all(one.reason for one in parked)


async def test_deliveries_of_slack_spoiled_in_every_place(world: World) -> None:
    room = (await world.room())["id"]
    cases = list(deliveries(room))
    statuses = await _all(world, [(case, *_as_slack_sends(case)) for case in cases])
    assert {name: got for name, got in statuses.items() if str(got) != _outcomes(cases)[name]} == {}
    await world.settled(60)


def _outcomes(cases: list[Case]) -> dict[str, str]:
    return {case.name: case.outcome for case in cases}


async def _all(world: World, requests: list[tuple[Case, str, bytes, Mapping[str, str]]]) -> dict[str, int]:
    """The status that each case got."""
    got: dict[str, int] = {}
    async with aiohttp.ClientSession() as session:

        async def send(case: Case, path: str, body: bytes, headers: Mapping[str, str]) -> None:
            async with session.post(f"{world.url}{path}", data=body, headers=headers) as answer:
                got[case.name] = answer.status

        for first in range(0, len(requests), AT_ONCE):
            await asyncio.gather(*(send(*request) for request in requests[first : first + AT_ONCE]))
    return got


def _as_pagerduty_sends(case: Case) -> tuple[str, bytes, Mapping[str, str]]:
    body = json.dumps(case.given).encode()
    return "/webhooks/pagerduty", body, {"x-pagerduty-signature": signed(body), "x-webhook-id": case.key}


def _as_slack_sends(case: Case) -> tuple[str, bytes, Mapping[str, str]]:
    """Commands as a form, events as JSON, the rest as JSON in a form."""
    if case.name.startswith("command"):
        body = urlencode(case.given, errors="replace").encode()
    elif case.given.get("type") == "event_callback":
        body = json.dumps(case.given).encode()
    else:
        body = urlencode({"payload": json.dumps(case.given)}).encode()
    return "/slack/events", body, {"content-type": FORM, **slack_signed(body)}
