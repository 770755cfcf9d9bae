"""What `muster doctor` makes of Slack's answers: one sentence each, saying what to do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.integrations.slack.checkup import Told, Wanted, check_app, check_bot
from bot.integrations.slack.client import Connection
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from bot.web.server import Server

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SCOPES = ("commands", "chat:write", "pins:write")
ANNOUNCE = "MUSTER_SLACK__ANNOUNCE_CHANNEL"
WANTED = Wanted(SCOPES, channels={ANNOUNCE: "#incidents"})
Answering = Callable[..., Awaitable[Connection]]


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    """A Slack that answers with headers of one's choice."""
    standing: list[Server | Connection] = []

    async def start(scopes: str, date: datetime) -> Connection:
        headers = {"x-oauth-scopes": scopes, "date": format_datetime(date, usegmt=True)}

        async def any_method(request: Request) -> Response:
            said: dict[str, Any] = {"ok": True, "channels": [{"id": "C1", "name": "incidents", "is_member": True}]}
            return JSONResponse(said, headers=headers)

        server = Server(Starlette(routes=[Route("/api/{method}", any_method, methods=["GET", "POST"])]), "127.0.0.1", 0)
        await server.start()
        connection = await Connection.open("xoxb-1", f"{server.url}/api/")
        standing.extend((connection, server))
        return connection

    yield start
    for one in standing:
        await (one.close() if isinstance(one, Connection) else one.stop())


async def test_a_token_that_may_do_all_of_it_leaves_nothing_to_say(answering: Answering) -> None:
    connection = await answering("commands,chat:write,pins:write,channels:read", NOW)

    assert await check_bot(connection, WANTED, NOW) == Told()


async def test_scopes_that_lack_are_named(answering: Answering) -> None:
    connection = await answering("commands", NOW)

    assert (await check_bot(connection, WANTED, NOW)).wrong == (
        "The app lacks the scopes chat:write, pins:write. Paste `muster manifest` into its settings, install it anew.",
    )


async def test_scopes_that_may_be_declined_are_a_remark(answering: Answering) -> None:
    connection = await answering(",".join(SCOPES), NOW)

    told = await check_bot(connection, Wanted(SCOPES, ("groups:read",)), NOW)
    assert told == Told((), ("without the scopes groups:read no incident can be private",))


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(seconds=59), []),
        (timedelta(minutes=6), ["This machine's clock is 360 s behind Slack's. Let NTP set it."]),
        (timedelta(minutes=-6), ["This machine's clock is 360 s ahead of Slack's. Let NTP set it."]),
    ],
)
async def test_a_clock_that_is_off_is_told(answering: Answering, off: timedelta, said: list[str]) -> None:
    connection = await answering(",".join(SCOPES), NOW + off)

    assert list((await check_bot(connection, WANTED, NOW)).wrong) == said


async def test_the_shared_channels_must_be_there_and_have_us_in_them(
    connection: Connection, hands: SandboxClient
) -> None:
    async def told(channel: str) -> tuple[str, ...]:
        return (await check_bot(connection, Wanted((), channels={ANNOUNCE: channel}), datetime.now(UTC))).wrong

    assert await told("#incidents") == ()
    assert await told(seed.INCIDENTS) == ()
    assert await told("#ops") == (f"Muster is not in #ops ({ANNOUNCE}). Invite it there.",)
    assert await told("#nowhere") == (
        f"There is no channel #nowhere that Muster sees ({ANNOUNCE}). Make it or invite Muster, or set another.",
    )
    assert await told("") == (f"{ANNOUNCE} is not set: incidents are announced nowhere.",)
    await hands.slack.archive("ada", "#ops")
    assert await told("#ops") == (f"#ops is archived. Unarchive it, or set another channel in {ANNOUNCE}.",)


async def test_a_token_that_slack_refuses_is_told_with_its_reason(connection: Connection, hands: SandboxClient) -> None:
    await hands.slack.revoke_token()
    said = (await check_bot(connection, WANTED, NOW)).wrong

    assert len(said) == 1
    assert said[0].startswith("The bot token is refused (")


async def test_a_slack_that_is_not_there_is_told(connection: Connection, sandbox: Sandbox) -> None:
    sandbox.stop()

    assert (await check_bot(connection, WANTED, NOW)).wrong[0].startswith("Slack cannot be reached")
    assert (await check_app(sandbox.slack_url, seed.APP_TOKEN))[0].startswith("Slack cannot be reached")


async def test_the_app_level_token_is_tried_without_opening_a_socket(sandbox: Sandbox) -> None:
    assert await check_app(sandbox.slack_url, seed.APP_TOKEN) == []
    assert (await check_app(sandbox.slack_url, "xapp-wrong"))[0].startswith("The app-level token is refused (")
    assert sandbox.calls.all("slack", "apps.connections.open")
