"""How Slack reaches an app: what it signs, what an envelope holds, how long it waits, what a response may do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
import pytest
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed, triggers, views
from bot.sandbox.slack.http_delivery import signature
from bot.sandbox.slack.workspace import Settings
from tests.sandbox import sources
from tests.sandbox.conformance.conftest import Json

fact = pytest.mark.fact
NOW, BODY = 1_795_000_000, b'{"type":"event_callback"}'


class Stopped(Clock):
    def now(self) -> float:
        return NOW


@pytest.mark.parametrize(
    ("sent_at", "secret", "body", "valid"),
    [
        pytest.param(NOW, seed.SIGNING_SECRET, BODY, True, id="of this moment"),
        pytest.param(NOW - 300, seed.SIGNING_SECRET, BODY, True, id="300 s old"),
        pytest.param(NOW - 301, seed.SIGNING_SECRET, BODY, False, id="301 s old"),
        pytest.param(NOW + 301, seed.SIGNING_SECRET, BODY, False, id="301 s ahead"),
        pytest.param(NOW, "another secret", BODY, False, id="by another secret"),
        pytest.param(NOW, seed.SIGNING_SECRET, BODY + b" ", False, id="of another body"),
    ],
)
@fact(sources.SIGNING)
def test_a_signature(sent_at: int, secret: str, body: bytes, valid: bool) -> None:
    headers = {"x-slack-request-timestamp": str(sent_at), "X-SLACK-SIGNATURE": signature(str(sent_at), BODY, secret)}
    assert SignatureVerifier(seed.SIGNING_SECRET, Stopped()).is_valid_request(body, headers) is valid


@fact(sources.VERIFIER)
def test_a_signature_is_v0_and_the_hex_of_a_sha256() -> None:
    made = SignatureVerifier(seed.SIGNING_SECRET).generate_signature(timestamp=str(NOW), body=BODY)
    assert signature(str(NOW), BODY) == made
    assert made is not None
    assert (made[:3], len(made)) == ("v0=", 67)


@pytest.mark.parametrize(
    ("figure", "real"),
    [
        pytest.param(Settings().ack_seconds, 3, id="an ack: 3 s", marks=fact(sources.INTERACTION)),
        pytest.param(Settings().trigger_seconds, 3, id="a trigger: 3 s", marks=fact(sources.INTERACTION)),
        pytest.param(Settings().retry_delays[0], 0, id="first retry: nearly at once", marks=fact(sources.EVENTS_API)),
        pytest.param(Settings().retry_delays[1], 60, id="second retry: 1 min", marks=fact(sources.EVENTS_API)),
        pytest.param(Settings().retry_delays[2], 300, id="third retry: 5 min", marks=fact(sources.EVENTS_API)),
        pytest.param(Settings().max_connections, 10, id="sockets: 10", marks=fact(sources.SOCKET_MODE)),
        pytest.param(triggers.URL_USES, 5, id="uses of a response_url: 5", marks=fact(sources.INTERACTION)),
        pytest.param(triggers.URL_SECONDS, 1800, id="life of a response_url: 30 min", marks=fact(sources.INTERACTION)),
        pytest.param(views.DEEPEST, 3, id="modals on one another: 3", marks=fact(sources.MODALS)),
    ],
)
def test_the_figure_is(figure: float, real: float) -> None:
    assert figure == real


@asynccontextmanager
async def socket(sandbox: Sandbox, http: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A bare socket that has been greeted; nobody else is connected."""
    opener = AsyncWebClient(seed.APP_TOKEN, base_url=sandbox.slack_url, session=http)
    async with http.ws_connect((await opener.apps_connections_open(app_token=seed.APP_TOKEN))["url"]) as opened:
        await opened.receive_json()
        yield opened


async def act(kind: str, hands: SandboxClient) -> None:
    """Bring one envelope of that kind about."""
    if kind == "slash_commands":
        await hands.slack.command("ada", "#ops", "x", wait=0)
    elif kind == "interactive":
        await hands.slack.shortcut("ada", "declare", wait=0)
    else:
        await hands.slack.mention("ada", "#incidents", "x")


@pytest.fixture
async def quick(hands: SandboxClient) -> AsyncIterator[SandboxClient]:
    """Nobody is waited for longer than need be."""
    await hands.slack.configure(ack_seconds=0.05, retry_scale=0.001)
    yield hands
    await hands.slack.configure(ack_seconds=3.0, retry_scale=1.0)


@pytest.mark.parametrize(
    ("kind", "may_answer"),
    [
        pytest.param("slash_commands", True, id="slash_commands", marks=fact(sources.SOCKET_MODE)),
        pytest.param("interactive", True, id="interactive", marks=fact(sources.SOCKET_MODE)),
        pytest.param("events_api", False, id="events_api", marks=fact(sources.ENVELOPE)),
    ],
)
async def test_an_envelope_says_what_it_brings(
    sandbox: Sandbox, http: aiohttp.ClientSession, quick: SandboxClient, kind: str, may_answer: bool
) -> None:
    async with socket(sandbox, http) as opened:
        await act(kind, quick)
        envelope = await opened.receive_json(timeout=2)
    first = SocketModeRequest.from_dict(envelope)
    assert first is not None
    assert (first.type, first.accepts_response_payload) == (kind, may_answer)
    assert {"payload", "envelope_id", "type", "accepts_response_payload"} <= envelope.keys()
    assert ("retry_attempt" in envelope) is (kind == "events_api")


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
@fact(sources.SOCKET_MODE)
async def test_a_socket_is_told_why_it_is_to_go(
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    quick: SandboxClient,
    reason: Literal["warning", "refresh_requested"],
) -> None:
    async with socket(sandbox, http) as opened:
        await quick.slack.disconnect_sockets(reason)
        told = await opened.receive_json()
        assert (told["type"], told["reason"], set(told["debug_info"])) == ("disconnect", reason, {"host"})
        await act("slash_commands", quick)
        if reason == "warning":
            # About ten seconds are left.
            assert (await opened.receive_json(timeout=2))["type"] == "slash_commands"
        else:
            with pytest.raises(TimeoutError):
                await opened.receive_json(timeout=0.1)


@pytest.mark.parametrize(
    ("what", "has"),
    [
        pytest.param("command", True, id="a command has one", marks=fact(sources.COMMANDS)),
        pytest.param("shortcut", False, id="a global shortcut has none", marks=fact(sources.INTERACTION)),
    ],
)
async def test_a_response_url(hands: SandboxClient, what: str, has: bool) -> None:
    await act({"command": "slash_commands", "shortcut": "interactive"}[what], hands)
    newest = (await hands.slack.deliveries())[-1]
    assert ("response_url" in newest["payload"]) is has
    assert newest["payload"]["trigger_id"]


async def respond(hands: SandboxClient, http: aiohttp.ClientSession, said: Json) -> int:
    """What the newest payload's response_url answers to this."""
    url = (await hands.slack.deliveries())[-1]["payload"]["response_url"]
    async with http.post(url, json=said) as response:
        return response.status


@fact(sources.INTERACTION)
async def test_a_response_is_ephemeral_unless_it_says_in_channel(
    hands: SandboxClient, http: aiohttp.ClientSession
) -> None:
    await act("slash_commands", hands)
    assert await respond(hands, http, {"text": "only you"}) == 200
    assert await respond(hands, http, {"text": "everybody", "response_type": "in_channel"}) == 200
    assert [whisper["text"] for whisper in await hands.slack.ephemerals("ada", "#ops")] == ["only you"]
    assert [message["text"] for message in await hands.slack.messages("#ops")] == ["everybody"]


BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
CARD = [{"type": "actions", "elements": [BUTTON]}]


@pytest.mark.parametrize(
    ("said", "public", "whispered"),
    [
        pytest.param({"replace_original": True, "text": "new"}, ["new"], [], id="replace_original"),
        pytest.param({"replace_original": "true", "text": "new"}, ["new"], [], id="replace_original, as a string"),
        pytest.param({"replace_original": False, "text": "new"}, ["card"], ["new"], id="without replace_original"),
        pytest.param({"delete_original": True}, [], [], id="delete_original"),
        pytest.param({"delete_original": True, "text": "new"}, [], ["new"], id="delete_original and a new message"),
    ],
)
@fact(sources.INTERACTION)
async def test_the_message_that_was_clicked(
    web: AsyncWebClient,
    hands: SandboxClient,
    http: aiohttp.ClientSession,
    new_room: Callable[[], str],
    said: Json,
    public: list[str],
    whispered: list[str],
) -> None:
    room = new_room()
    await web.conversations_invite(channel=room, users=seed.ADA)
    card = await web.chat_postMessage(channel=room, text="card", blocks=CARD)
    await hands.slack.click("ada", "go", room, card["ts"], wait=0)
    assert await respond(hands, http, said) == 200
    assert [message["text"] for message in await hands.slack.messages(room)] == public
    assert [whisper["text"] for whisper in await hands.slack.ephemerals("ada", room)] == whispered
