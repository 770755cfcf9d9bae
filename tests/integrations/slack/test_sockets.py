"""Socket Mode: one of two connections always listens, and what was heard is answered or comes again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.integrations.slack.client import Connection
from bot.integrations.slack.sockets import Sockets
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed

Work = Callable[[], Awaitable[None]]


async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=seed.BOT_TOKEN)


@asynccontextmanager
async def listening(
    connection: Connection, work: Work, stagger: float = 0.0, worth: Callable[[object], bool] = bool
) -> AsyncIterator[Sockets]:
    """Two connections behind which `/incident`, and a reaction, do some work."""
    bolt = AsyncApp(
        name="test",
        client=connection.web,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        signing_secret="none",
    )

    async def command(ack: AsyncAck) -> None:
        await work()
        await ack("done")

    bolt.command("/incident")(command)
    bolt.event("reaction_added")(command)
    sockets = Sockets(bolt, connection.web, seed.APP_TOKEN, stagger=stagger, worth_keeping=worth)
    await sockets.start()
    try:
        yield sockets
    finally:
        await sockets.stop()


async def nothing() -> None:
    """Work that is done at once."""


async def until_sockets(hands: SandboxClient, count: int) -> None:
    """Until so many are open, or more: one that is told to go is listened to for a while."""
    async with asyncio.timeout(5):
        while await hands.slack.sockets() < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_an_event_that_leads_to_nothing_is_acknowledged_and_goes_no_further(
    connection: Connection, hands: SandboxClient
) -> None:
    worked: list[str] = []

    async def work() -> None:
        worked.append("reaction")

    await hands.slack.join("ada", "#incidents")
    posted = await hands.slack.post("ada", "#incidents", "look at this")
    async with listening(connection, work, worth=lambda body: "pushpin" in str(body)):
        await hands.slack.react("ada", "#incidents", posted["ts"], "eyes")
        await hands.slack.react("ada", "#incidents", posted["ts"], "pushpin")
        async with asyncio.timeout(5):
            while not all(d["acked"] for d in await hands.slack.deliveries("reaction_added")):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert worked == ["reaction"]


async def test_there_are_two_connections_and_they_begin_at_different_times(
    connection: Connection, hands: SandboxClient
) -> None:
    async with listening(connection, nothing, stagger=0.3) as sockets:
        assert sockets.connected
        assert await hands.slack.sockets() == 1
        await until_sockets(hands, 2)


async def test_a_warning_to_both_leaves_no_gap(connection: Connection, hands: SandboxClient) -> None:
    async with listening(connection, nothing) as sockets:
        await until_sockets(hands, 2)
        typing = asyncio.create_task(_type(hands, 40))
        await hands.slack.disconnect_sockets("warning")
        assert await typing == 0
        assert sockets.connected


async def test_one_that_is_closed_at_once_leaves_no_gap_since_there_is_another(
    connection: Connection, hands: SandboxClient
) -> None:
    async with listening(connection, nothing):
        await until_sockets(hands, 2)
        typing = asyncio.create_task(_type(hands, 40))
        await hands.slack.disconnect_sockets("refresh_requested", how_many=1)
        assert await typing == 0
        await until_sockets(hands, 2)


async def _type(hands: SandboxClient, times: int) -> int:
    """How many of so many commands were not answered."""
    missed = 0
    for _ in range(times):
        result = await hands.slack.command("ada", "#ops", "help", wait=0)
        missed += not result["acked"]
    return missed


async def test_dropped_connections_come_back_by_themselves(connection: Connection, hands: SandboxClient) -> None:
    async with listening(connection, nothing) as sockets:
        await until_sockets(hands, 2)
        await hands.slack.drop_sockets()
        await until_sockets(hands, 2)
        assert sockets.connected


async def test_connections_that_drop_again_and_again_are_not_asked_for_without_a_pause(
    connection: Connection, hands: SandboxClient, sandbox: Sandbox
) -> None:
    async with listening(connection, nothing):
        await until_sockets(hands, 2)
        before = sandbox.calls.last
        for _ in range(20):
            await hands.slack.drop_sockets()
            await asyncio.sleep(0.05)
        assert len(sandbox.calls.all("slack", "apps.connections.open", since=before)) <= 8


async def test_a_handler_that_raises_is_not_acknowledged(
    connection: Connection, hands: SandboxClient, expected_errors: list[str]
) -> None:
    expected_errors.append("AsyncApp")

    async def broken() -> None:
        raise KeyError("x")

    async with listening(connection, broken):
        await hands.slack.configure(ack_seconds=0.3)
        assert not (await hands.slack.command("ada", "#ops", "help", wait=0))["acked"]


async def test_stopping_finishes_and_answers_what_is_in_hand(connection: Connection, hands: SandboxClient) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go_on.wait()

    async with listening(connection, slow) as sockets:
        typed = asyncio.create_task(hands.slack.command("ada", "#ops", "help", wait=0))
        await begun.wait()
        stopping = asyncio.create_task(sockets.stop())
        await asyncio.sleep(0.05)
        go_on.set()
        await stopping
        assert (await typed)["acked"]
        assert not sockets.connected


async def test_without_slack_it_goes_on_trying(connection: Connection, hands: SandboxClient, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "apps.connections.open", "500", times=2))
    async with listening(connection, nothing) as sockets:
        await until_sockets(hands, 2)
        assert sockets.connected


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/json"])
async def test_a_proxys_page_instead_of_a_ticket_ends_no_connection_for_good(
    connection: Connection, hands: SandboxClient, sandbox: Sandbox, kind: str
) -> None:
    headers, body = {"content-type": kind}, '"<h1>Bad gateway</h1>"'
    page = Rule("slack", "apps.connections.open", "answer", times=2, status=502, headers=headers, body=body)
    sandbox.faults.add(page)
    async with listening(connection, nothing) as sockets:
        await until_sockets(hands, 2)
        assert sockets.connected
