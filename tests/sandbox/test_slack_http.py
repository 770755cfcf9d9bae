"""Signed HTTP delivery to bolt behind Starlette, as the bot is reached without sockets."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources


class Bot:
    """A tiny web server in the bot's place: keeps what it was sent, answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Response] = []
        self.slow = 0.0

    async def endpoint(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        await asyncio.sleep(self.slow)
        return self.answers.pop(0) if self.answers else PlainTextResponse("")


@contextlib.asynccontextmanager
async def served(endpoint: Any) -> AsyncIterator[str]:
    """The endpoint at /slack/events of a server of its own."""
    app = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    await server.shutdown()


@pytest.fixture
async def bot(hands: SandboxClient) -> AsyncIterator[Bot]:
    heard = Bot()
    async with served(heard.endpoint) as url:
        await hands.slack.reach_by("http", url)
        yield heard


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
    expected = "v0=" + hmac.new(seed.SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(headers["x-slack-request-timestamp"])) < 5
    return fresh and headers["x-slack-signature"] == expected


@pytest.mark.fact(sources.COMMANDS)
async def test_commands_come_as_signed_forms_and_plain_words_answer_them(bot: Bot, hands: SandboxClient) -> None:
    bot.answers.append(PlainTextResponse("On it."))
    result = await hands.slack.command("ada", "#ops", "list")
    headers, body = bot.heard[0]
    assert is_signed(headers, body)
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode())["text"] == ["list"]
    assert (result["ack"], [whisper["text"] for whisper in result["ephemerals"]]) == ({"text": "On it."}, ["On it."])


@pytest.mark.fact(sources.EVENTS_API)
async def test_events_come_as_signed_json(bot: Bot, hands: SandboxClient) -> None:
    await hands.slack.mention("ada", "#incidents", "hello")
    await hands.slack.wait_for_delivery("app_mention")
    headers, body = bot.heard[0]
    assert is_signed(headers, body)
    said = json.loads(body)
    assert (said["type"], said["event"]["type"], said["event"]["user"]) == ("event_callback", "app_mention", seed.ADA)
    assert said["authorizations"][0]["user_id"] == seed.BOT_USER
    assert said["event_id"].startswith("Ev")
    assert "x-slack-retry-num" not in headers


@pytest.mark.fact(sources.EVENTS_API)
async def test_a_refused_event_comes_three_times_more_with_its_reason(bot: Bot, hands: SandboxClient) -> None:
    await hands.slack.configure(retry_scale=0.001)
    bot.answers += [PlainTextResponse("", 503), PlainTextResponse("", 500), PlainTextResponse("", 404)]
    await hands.slack.mention("ada", "#incidents", "hello")
    delivery = await hands.slack.wait_for_delivery("app_mention")
    retries = [(heard.get("x-slack-retry-num"), heard.get("x-slack-retry-reason")) for heard, _ in bot.heard]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503, 500, 404, 200]


@pytest.mark.fact(sources.EVENTS_API)
async def test_an_event_can_be_refused_for_good(bot: Bot, hands: SandboxClient) -> None:
    await hands.slack.configure(retry_scale=0.001)
    bot.answers.append(PlainTextResponse("", 500, {"x-slack-no-retry": "1"}))
    await hands.slack.mention("ada", "#incidents", "hello")
    await asyncio.sleep(0.5)
    assert len(bot.heard) == 1


@pytest.mark.fact(sources.EVENTS_API)
async def test_a_slow_answer_is_a_timeout(bot: Bot, hands: SandboxClient) -> None:
    await hands.slack.configure(ack_seconds=0.1, retry_scale=0.001)
    bot.slow = 0.3
    result = await hands.slack.command("ada", "#ops", "x")
    assert result["error"] == "operation_timeout"
    await hands.slack.mention("ada", "#incidents", "hello")
    for _ in range(200):
        if len(bot.heard) >= 3:
            break
        await asyncio.sleep(0.01)
    assert bot.heard[2][0]["x-slack-retry-reason"] == "http_timeout"


@pytest.mark.parametrize(("redirects", "outcome"), [(2, "acked"), (3, "too_many_redirects")])
@pytest.mark.fact(sources.EVENTS_API)
async def test_two_redirects_are_followed(bot: Bot, hands: SandboxClient, redirects: int, outcome: str) -> None:
    bot.answers += [RedirectResponse("/slack/events") for _ in range(redirects)]
    await hands.slack.mention("ada", "#incidents", "hello")
    delivery = await hands.slack.wait_for_delivery("app_mention")
    assert delivery["attempts"][0]["outcome"] == outcome


@pytest.mark.fact(sources.COMMANDS)
async def test_nobody_at_the_url_means_dispatch_failed(hands: SandboxClient) -> None:
    await hands.slack.reach_by("http", "http://127.0.0.1:9")
    assert (await hands.slack.command("ada", "#ops", "x"))["error"] == "dispatch_failed"


@pytest.mark.fact(sources.SIGNING)
async def test_bolt_verifies_what_the_sandbox_signs(app: AsyncApp, hands: SandboxClient) -> None:
    pressed: list[str] = []

    @app.command("/incident")
    async def incident(ack: AsyncAck, respond: Any, body: dict[str, Any]) -> None:
        await ack()
        await respond(f"later: {body['text']}")

    @app.action("go")
    async def go(ack: AsyncAck, action: dict[str, Any]) -> None:
        pressed.append(action["value"])
        await ack()

    handler = AsyncSlackRequestHandler(app)
    async with served(handler.handle) as url:
        assert await hands.slack.reach_by("http", url, verify=True)
        result = await hands.slack.command("ada", "#ops", "list")
        assert [whisper["text"] for whisper in result["ephemerals"]] == ["later: list"]
        button = {"type": "button", "action_id": "go", "value": "7", "text": {"type": "plain_text", "text": "Go"}}
        posted = await app.client.chat_postMessage(
            channel=seed.INCIDENTS, text="x", blocks=[{"type": "actions", "elements": [button]}]
        )
        assert (await hands.slack.click("ada", "go", "#incidents", posted["ts"], wait=0))["acked"]
        assert pressed == ["7"]


@pytest.mark.fact(sources.INTERACTION)
async def test_a_response_url_works_five_times_in_half_an_hour(
    bot: Bot, hands: SandboxClient, http: aiohttp.ClientSession
) -> None:
    async def use(url: str, **body: Any) -> tuple[int, str]:
        async with http.post(url, json={"text": "x", **body}) as response:
            return response.status, await response.text()

    async def fresh_url() -> str:
        await hands.slack.command("ada", "#ops", "x", wait=0)
        return parse_qs(bot.heard[-1][1].decode())["response_url"][0]

    url = await fresh_url()
    assert [(await use(url))[0] for _ in range(6)] == [200, 200, 200, 200, 200, 404]
    assert len(await hands.slack.ephemerals("ada")) == 5
    url = await fresh_url()
    assert await use(url, response_type="in_channel") == (200, "ok")
    assert [message["text"] for message in await hands.slack.messages("#ops")] == ["x"]
    await hands.advance(1801)
    status, said = await use(url)
    assert (status, json.loads(said)["error"]) == (404, "expired_url")


@pytest.mark.fact(sources.INTERACTION)
async def test_a_response_url_replaces_or_deletes_the_message_that_was_clicked(
    app: AsyncApp, bot: Bot, hands: SandboxClient, http: aiohttp.ClientSession
) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    await app.client.chat_postEphemeral(channel=seed.INCIDENTS, user=seed.ADA, text="for you", blocks=blocks)
    whisper = (await hands.slack.ephemerals("ada"))[0]
    await hands.slack.click("ada", "go", "#incidents", whisper["ts"], wait=0)
    payload = json.loads(parse_qs(bot.heard[-1][1].decode())["payload"][0])
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    await http.post(payload["response_url"], json={"text": "done", "replace_original": True})
    assert [shown["text"] for shown in await hands.slack.ephemerals("ada")] == ["done"]
    await http.post(payload["response_url"], json={"delete_original": True})
    assert await hands.slack.ephemerals("ada") == []
