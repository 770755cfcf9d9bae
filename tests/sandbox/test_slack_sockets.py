"""Socket Mode with the real bolt: greeting, envelopes, acks, redelivery, refreshes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources
from tests.sandbox.conftest import Connect


@asynccontextmanager
async def socket(sandbox: Sandbox, http: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A bare socket that has been greeted, and that acks only what the test acks."""
    opener = AsyncWebClient(seed.APP_TOKEN, base_url=sandbox.slack_url, session=http)
    url = (await opener.apps_connections_open(app_token=seed.APP_TOKEN))["url"]
    async with http.ws_connect(url) as opened:
        yield opened


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_a_new_socket_is_greeted(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with socket(sandbox, http) as first, socket(sandbox, http) as second:
        assert (await first.receive_json())["num_connections"] == 1
        hello = await second.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 2)
        assert hello["debug_info"]["approximate_connection_time"] == 3600
        assert hello["connection_info"]["app_id"] == seed.APP_ID


async def test_a_socket_needs_a_ticket_and_a_ticket_opens_one(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    opener = AsyncWebClient(seed.APP_TOKEN, base_url=sandbox.slack_url, session=http)
    url = (await opener.apps_connections_open(app_token=seed.APP_TOKEN))["url"]
    async with http.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(url)


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_ten_sockets_are_the_most(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    sandbox.slack.settings.max_connections = 1
    async with socket(sandbox, http) as first, socket(sandbox, http) as second:
        assert (await first.receive_json())["type"] == "hello"
        assert await second.receive_json() == {"type": "disconnect", "reason": "too_many_websockets"}


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_a_command_arrives_whole_and_its_ack_is_shown(
    app: AsyncApp, connect: Connect, hands: SandboxClient
) -> None:
    heard: list[dict[str, Any]] = []

    @app.command("/incident")
    async def incident(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack("On it.")

    await connect(app)
    result = await hands.slack.command("ada", "#ops", "lead @bo in #general see https://example.com/x?a=1")
    assert (result["acked"], result["error"], result["ack"]) == (True, None, {"text": "On it."})
    assert [whisper["text"] for whisper in result["ephemerals"]] == ["On it."]
    assert await hands.slack.ephemerals("bo") == []
    body = heard[0]
    expected = f"lead <@{seed.BO}|bo> in <#{seed.GENERAL}|general> see <https://example.com/x?a=1>"
    assert body["text"] == expected
    assert set(body) == {
        "token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name", "command", "text",
        "api_app_id", "is_enterprise_install", "response_url", "trigger_id",
    }  # fmt: skip


@pytest.mark.fact(sources.COMMANDS)
async def test_words_are_sent_as_typed_where_the_app_wants_no_escaping(
    app: AsyncApp, connect: Connect, hands: SandboxClient
) -> None:
    @app.command("/incident")
    async def incident(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack({"response_type": "in_channel", "text": body["text"], "blocks": []})

    await connect(app)
    await hands.slack.configure(should_escape=False)
    result = await hands.slack.command("ada", "#ops", "@bo <b>")
    assert [message["text"] for message in result["messages"]] == ["@bo <b>"]


@pytest.mark.fact(sources.COMMANDS)
async def test_a_late_ack_is_a_timeout_for_the_person(app: AsyncApp, connect: Connect, hands: SandboxClient) -> None:
    @app.command("/incident")
    async def incident(ack: AsyncAck) -> None:
        await asyncio.sleep(0.3)
        await ack("too late")

    await connect(app)
    await hands.slack.configure(ack_seconds=0.1)
    result = await hands.slack.command("ada", "#ops", "x")
    assert (result["acked"], result["timed_out"], result["error"]) == (False, True, "operation_timeout")
    assert 100 <= result["ms"] < 300
    assert await hands.slack.ephemerals("ada") == []


async def test_without_a_bot_a_command_cannot_be_dispatched(hands: SandboxClient) -> None:
    result = await hands.slack.command("ada", "#ops", "x")
    assert (result["acked"], result["error"]) == (False, "dispatch_failed")


@pytest.mark.fact(sources.SLACK_CONNECT)
async def test_people_of_other_companies_have_no_commands(hands: SandboxClient) -> None:
    await hands.slack.share_channel("#ops")
    await hands.slack.invite("ada", "#ops", "xenia")
    with pytest.raises(Exception, match="other companies"):
        await hands.slack.command("xenia", "#ops", "x")


@pytest.mark.fact(sources.ENVELOPE)
async def test_an_unacked_event_comes_again_and_says_why(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    await hands.slack.configure(ack_seconds=0.05, retry_scale=0.001)
    async with socket(sandbox, http) as deaf:
        await deaf.receive_json()
        await hands.slack.mention("ada", "#incidents", "hello")
        envelopes = [await deaf.receive_json() for _ in range(4)]
    assert [(one["retry_attempt"], one["retry_reason"]) for one in envelopes] == [
        (0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")
    ]  # fmt: skip
    assert len({one["payload"]["event_id"] for one in envelopes}) == 1
    assert len({one["envelope_id"] for one in envelopes}) == 4
    assert envelopes[0]["accepts_response_payload"] is False


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_an_acked_event_does_not_come_again(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    await hands.slack.configure(ack_seconds=0.3, retry_scale=0.001)
    async with socket(sandbox, http) as opened:
        await opened.receive_json()
        await hands.slack.mention("ada", "#incidents", "hello")
        envelope = await opened.receive_json()
        await opened.send_json({"envelope_id": envelope["envelope_id"]})
        delivery = await hands.slack.wait_for_delivery("app_mention")
        with pytest.raises(TimeoutError):
            await opened.receive_json(timeout=0.5)
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == ["acked"]


async def test_an_event_waits_for_a_bot_that_was_away(app: AsyncApp, connect: Connect, hands: SandboxClient) -> None:
    heard = asyncio.Event()

    @app.event("app_mention")
    async def mentioned() -> None:
        heard.set()

    await hands.slack.configure(retry_scale=0.003)
    await hands.slack.mention("ada", "#incidents", "anybody?")
    await connect(app)
    await asyncio.wait_for(heard.wait(), 3)
    attempts = (await hands.slack.wait_for_delivery("app_mention"))["attempts"]
    assert attempts[0]["outcome"] == "connection_failed"


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_payloads_go_to_any_of_the_sockets(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    async with socket(sandbox, http) as one, socket(sandbox, http) as other:
        await one.receive_json()
        await other.receive_json()
        for n in range(20):
            await hands.slack.mention("ada", "#incidents", str(n))
        reads = [asyncio.create_task(one.receive_json()), asyncio.create_task(other.receive_json())]
        done, _ = await asyncio.wait(reads, timeout=2)
        assert len(done) == 2


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_a_refresh_makes_bolt_reconnect_without_loss(
    app: AsyncApp, connect: Connect, hands: SandboxClient
) -> None:
    heard: list[str] = []

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any]) -> None:
        heard.append(event["text"].split()[-1])

    await connect(app)
    await connect(app)
    await hands.slack.configure(retry_scale=0.003)
    assert await hands.slack.disconnect_sockets("refresh_requested", how_many=1) == 1
    for n in range(10):
        await hands.slack.mention("ada", "#incidents", str(n))
    for _ in range(300):
        if len(set(heard)) == 10 and await hands.slack.sockets() == 2:
            break
        await asyncio.sleep(0.01)
    assert sorted(set(heard), key=int) == [str(n) for n in range(10)]
    assert await hands.slack.sockets() == 2


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_a_disabled_link_opens_no_socket_any_more(
    app: AsyncApp, sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    async with socket(sandbox, http) as opened:
        await opened.receive_json()
        await hands.slack.disconnect_sockets("link_disabled")
        assert (await opened.receive_json())["reason"] == "link_disabled"
        assert (await opened.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    opener = AsyncWebClient(seed.APP_TOKEN, base_url=sandbox.slack_url, session=http)
    with pytest.raises(SlackApiError, match="forbidden_team"):
        await opener.apps_connections_open(app_token=seed.APP_TOKEN)


async def test_a_socket_lost_before_its_ack_means_another_try(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    await hands.slack.configure(retry_scale=0.001)
    async with socket(sandbox, http) as first:
        await first.receive_json()
        await hands.slack.mention("ada", "#incidents", "hello")
        await first.receive_json()
        async with socket(sandbox, http) as second:
            await second.receive_json()
            await hands.slack.drop_sockets(how_many=1)
            again = await second.receive_json()
            assert (again["retry_attempt"], again["payload"]["event"]["type"]) == (1, "app_mention")
            assert again["retry_reason"] == "connection_failed"
            await second.send_json({"envelope_id": again["envelope_id"]})
            await hands.slack.wait_for_delivery("app_mention")


@pytest.mark.fact(sources.EVENTS_API)
async def test_only_subscribed_events_of_the_bots_channels_come(
    app: AsyncApp, connect: Connect, hands: SandboxClient
) -> None:
    @app.event({"type": "message"})
    async def message() -> None:
        pass

    await connect(app)
    await hands.slack.post("ada", "#incidents", "unheard")
    await hands.slack.subscribe("message.channels")
    await hands.slack.post("ada", "#incidents", "heard")
    await hands.slack.post("ada", "#general", "elsewhere")
    delivery = await hands.slack.wait_for_delivery("message")
    assert delivery["payload"]["event"]["text"] == "heard"
    assert len(await hands.slack.deliveries("message")) == 1


@pytest.mark.parametrize(
    ("kind", "order"), [("duplicate", ["one", "one", "two"]), ("hold", ["two", "one"]), ("lose", ["two"])]
)
async def test_events_can_come_twice_out_of_order_or_never(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient, kind: Any, order: list[str]
) -> None:
    sandbox.faults.add(Rule("slack", "app_mention", kind))
    heard = []
    async with socket(sandbox, http) as opened:
        await opened.receive_json()
        for word in ("one", "two"):
            await hands.slack.mention("ada", "#incidents", word)
        for _ in order:
            envelope = await opened.receive_json(timeout=2)
            heard.append(envelope["payload"]["event"]["text"].split()[-1])
            await opened.send_json({"envelope_id": envelope["envelope_id"]})
    assert heard == order


async def test_a_past_delivery_is_brought_again_word_for_word(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    async with socket(sandbox, http) as opened:
        await opened.receive_json()
        await hands.slack.react("ada", "#incidents", (await hands.slack.post("bo", "#incidents", "x"))["ts"], "eyes")
        first = await opened.receive_json()
        await opened.send_json({"envelope_id": first["envelope_id"]})
        delivery = await hands.slack.wait_for_delivery("reaction_added")
        again = asyncio.create_task(hands.slack.redeliver(delivery["id"]))
        second = await opened.receive_json()
        await opened.send_json({"envelope_id": second["envelope_id"]})
        assert len((await again)["attempts"]) == 2
    assert json.dumps(first["payload"]) == json.dumps(second["payload"])
    assert second["retry_attempt"] == 1
