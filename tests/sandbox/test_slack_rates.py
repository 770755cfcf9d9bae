"""Rate limits: off unless wanted, then as Slack's tiers have it."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources


async def waits(web: AsyncWebClient, method: str, times: int, **args: str) -> list[int]:
    """Call a method that often: the Retry-After of each refusal."""
    found = []
    for _ in range(times):
        try:
            await web.api_call(method, params=args)
        except SlackApiError as refusal:
            found.append(int(refusal.response.headers["Retry-After"]))
    return found


async def test_nothing_is_limited_unless_asked_for(web: AsyncWebClient) -> None:
    assert await waits(web, "usergroups.list", 30) == []


@pytest.mark.fact(sources.RATE_LIMITS)
async def test_a_method_may_be_called_as_often_as_its_tier_says(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.configure(limits="strict")
    assert await waits(web, "usergroups.list", 21) == [60]
    assert await waits(web, "users.info", 100, user=seed.ADA) == []
    assert await waits(web, "users.info", 1, user=seed.ADA) == [60]
    await hands.advance(61)
    assert await waits(web, "usergroups.list", 20) == []


@pytest.mark.fact(sources.RATE_LIMITS)
async def test_one_message_a_second_and_channel(sandbox: Sandbox, web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.configure(limits="strict")
    assert await waits(web, "chat.postMessage", 3, channel=seed.INCIDENTS, text="x") == [1, 1]
    assert await waits(web, "chat.postMessage", 1, channel=seed.ADA, text="x") == []
    await hands.advance(1)
    assert await waits(web, "chat.postMessage", 1, channel=seed.INCIDENTS, text="x") == []
    assert len(sandbox.slack.channels[seed.INCIDENTS].messages) == 2
    assert sandbox.calls.rate_limited() == 2


@pytest.mark.fact(sources.RATE_LIMITS)
async def test_a_short_burst_is_tolerated(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.configure(limits="burst")
    assert await waits(web, "chat.postMessage", 7, channel=seed.INCIDENTS, text="x") == [1, 1]


async def test_what_was_refused_did_not_happen(sandbox: Sandbox, web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.configure(limits="strict")
    for n in range(20):
        await web.conversations_create(name=f"inc-{n}")
    with pytest.raises(SlackApiError):
        await web.conversations_create(name="one-too-many")
    assert "one-too-many" not in sandbox.slack.names


@pytest.mark.fact(sources.RATE_LIMITS)
async def test_only_the_method_that_was_called_too_often_is_blocked(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.configure(limits="strict")
    assert await waits(web, "pins.list", 21, channel=seed.INCIDENTS) == [60]
    assert await waits(web, "usergroups.list", 20) == []
