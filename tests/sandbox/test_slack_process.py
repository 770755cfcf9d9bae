"""The sandbox as a thread and as a process: starts, says so, refuses nonsense, stops."""

import asyncio
import sys
import time

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient, start
from bot.sandbox.slack import seed


async def test_the_sandbox_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot.sandbox", stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        assert line.startswith("sandbox ready at http://127.0.0.1:")
        async with SandboxClient(line.split()[-1]) as hands, aiohttp.ClientSession() as session:
            web = AsyncWebClient(seed.BOT_TOKEN, base_url=f"{hands.url}/slack/api/", session=session)
            await web.chat_postMessage(channel=seed.INCIDENTS, text="hello")
            assert (await hands.slack.messages("#incidents"))[0]["text"] == "hello"
    finally:
        process.terminate()
        await process.communicate()


def test_starting_and_stopping_costs_next_to_nothing() -> None:
    began = time.monotonic()
    for _ in range(20):
        start().stop()
    assert time.monotonic() - began < 2


async def test_two_sandboxes_know_nothing_of_each_other(sandbox: Sandbox, web: AsyncWebClient) -> None:
    other = start()
    try:
        await web.conversations_create(name="inc-1")
        assert "inc-1" not in other.slack.names
        assert other.url != sandbox.url
    finally:
        other.stop()


async def test_stopping_frees_the_port(http: aiohttp.ClientSession) -> None:
    first = start()
    first.stop()
    again = start(int(first.url.rpartition(":")[2]))
    try:
        async with http.get(again.url) as response:
            assert "Ada Marsh · Sandbox" in await response.text()
    finally:
        again.stop()


async def test_only_this_machine_can_reach_it(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("path", ["slack/no_such_act", "nobody/post", "slack/_workspace", "slack/__init__"])
async def test_there_is_no_act_that_is_not_meant_to_be(
    sandbox: Sandbox, http: aiohttp.ClientSession, path: str
) -> None:
    async with http.post(f"{sandbox.url}/control/{path}", json={}) as response:
        assert response.status == 404


async def test_an_act_with_wrong_arguments_is_refused_with_a_reason(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{sandbox.url}/control/slack/post", json={"nonsense": 1}) as response:
        assert response.status == 400
        assert "user" in (await response.json())["error"]


async def test_time_moves_forward_only(hands: SandboxClient) -> None:
    before = time.time()
    assert await hands.advance(3600) >= before + 3600
    with pytest.raises(RuntimeError, match="forward"):
        await hands.advance(-1)
