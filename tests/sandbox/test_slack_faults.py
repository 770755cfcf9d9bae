"""The sandbox told to fail: what the caller sees, and whether the act took effect."""

import asyncio
import errno
import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.faults import Kind
from bot.sandbox.slack import seed

ROOM = seed.INCIDENTS
Failures = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)


def texts(sandbox: Sandbox) -> list[str]:
    return [message.text for message in sandbox.slack.channels[ROOM].messages.values()]


@pytest.mark.parametrize(
    ("kind", "acted"),
    [
        ("429", False),
        ("500", False),
        ("503", False),
        ("error", False),
        ("malformed", False),
        ("reset", False),
        ("hang", False),
        ("500_after", True),
        ("error_after", True),
        ("reset_after", True),
        ("hang_after", True),
    ],
)
async def test_a_fault_takes_the_answer_and_only_an_after_fault_leaves_the_act(
    sandbox: Sandbox, kind: Kind, acted: bool
) -> None:
    web = AsyncWebClient(seed.BOT_TOKEN, base_url=sandbox.slack_url, retry_handlers=[], timeout=1)
    sandbox.faults.add(Rule("slack", "chat.postMessage", kind))
    with pytest.raises(Failures):
        await web.chat_postMessage(channel=ROOM, text="once")
    assert texts(sandbox) == (["once"] if acted else [])
    call = sandbox.calls.all("slack", "chat.postMessage")[-1]
    assert call.acted is acted
    assert (await web.chat_postMessage(channel=ROOM, text="again"))["ok"]


async def test_too_many_requests_names_the_wait(sandbox: Sandbox, web: AsyncWebClient) -> None:
    sandbox.faults.add(Rule("slack", "auth.test", "429", retry_after=12))
    with pytest.raises(SlackApiError) as caught:
        await web.auth_test()
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    assert caught.value.response.headers["Retry-After"] == "12"
    assert sandbox.calls.rate_limited() == 1


async def test_a_reset_is_a_reset_and_not_an_orderly_end(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    sandbox.faults.add(Rule("slack", "*", "reset", times=None))
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await http.post(f"{sandbox.slack_url}auth.test")
    assert caught.value.errno == errno.ECONNRESET


async def test_a_hang_lasts_until_the_caller_gives_up(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    sandbox.faults.add(Rule("slack", "auth.test", "hang"))
    with pytest.raises(TimeoutError):
        await http.post(f"{sandbox.slack_url}auth.test", timeout=aiohttp.ClientTimeout(total=0.2))
    for _ in range(100):
        if sandbox.calls.all()[-1].outcome == "hang":
            break
        await asyncio.sleep(0.01)
    assert sandbox.calls.all()[-1].outcome == "hang"


async def test_a_rule_can_wait_for_its_moment_and_strike_a_few_times(sandbox: Sandbox, web: AsyncWebClient) -> None:
    sandbox.faults.add(Rule("slack", "chat.postMessage", "error", error="fatal_error", after=1, times=2))
    seen = []
    for n in range(5):
        try:
            await web.chat_postMessage(channel=ROOM, text=str(n))
            seen.append("ok")
        except SlackApiError as refusal:
            seen.append(refusal.response["error"])
    assert seen == ["ok", "fatal_error", "fatal_error", "ok", "ok"]


async def test_the_first_rule_that_fits_wins(sandbox: Sandbox, web: AsyncWebClient) -> None:
    sandbox.faults.add(Rule("pagerduty", "*", "500"), Rule("slack", "auth.test", "error", error="first"))
    sandbox.faults.add(Rule("slack", "*", "error", error="second"))
    for expected in ("first", "second"):
        with pytest.raises(SlackApiError) as caught:
            await web.auth_test()
        assert caught.value.response["error"] == expected
    assert (await web.auth_test())["ok"]


async def test_faults_by_chance_repeat_with_their_seed(hands: SandboxClient, web: AsyncWebClient) -> None:
    async def outcomes() -> list[bool]:
        await hands.seed_faults(5)
        seen = []
        for _ in range(20):
            try:
                seen.append(bool((await web.auth_test())["ok"]))
            except SlackApiError:
                seen.append(False)
        return seen

    await hands.add_fault("slack", "auth.test", "error", times=None, probability=0.5)
    first = await outcomes()
    assert len(set(first)) == 2
    assert await outcomes() == first


async def quickest(web: AsyncWebClient) -> float:
    """The shortest of five calls, in seconds: a busy machine slows some, hardly all."""
    took = []
    for _ in range(5):
        started = time.monotonic()
        await web.auth_test()
        took.append(time.monotonic() - started)
    return min(took)


async def test_latency_is_added_to_every_call(hands: SandboxClient, web: AsyncWebClient) -> None:
    await web.auth_test()
    await hands.set_latency("slack", 0.1)
    assert await quickest(web) >= 0.1
    await hands.clear_faults()
    assert await quickest(web) < 0.1


async def test_faults_are_seen_and_cleared_from_another_process(hands: SandboxClient, web: AsyncWebClient) -> None:
    await hands.add_fault("slack", "auth.test", "503", times=None)
    with pytest.raises(SlackApiError):
        await web.auth_test()
    assert [(rule["kind"], rule["struck"]) for rule in await hands.faults()] == [("503", 1)]
    await hands.clear_faults()
    assert (await web.auth_test())["ok"]
