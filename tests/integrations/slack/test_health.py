"""Whether Slack takes our tokens is known without anybody's doing something, and told from its bad days."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.engine.handle import Engine
from bot.integrations.slack.client import Connection
from bot.integrations.slack.health import APP_TOKEN, BOT_TOKEN
from bot.integrations.slack.inbound import Inbound, build_inbound
from bot.sandbox import Rule, Sandbox
from bot.sandbox.slack import seed


async def never(effect: int) -> bool:
    return False


@asynccontextmanager
async def inbound(engine: Engine, connection: Connection) -> AsyncIterator[Inbound]:
    """By sockets, asking after its token many times a second."""
    built = build_inbound(engine=engine, client=connection.web, retry=never, app_token=seed.APP_TOKEN)
    built.look_every = 0.02
    await built.start()
    await built.start_sockets()
    try:
        yield built
    finally:
        await built.stop_sockets()
        await built.stop()


async def until_trouble(slack: Inbound, words: str) -> None:
    async with asyncio.timeout(5):
        while slack.health.trouble != words and (words not in slack.health.trouble or not words):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_both_tokens_are_known_to_be_taken(engine: Engine, connection: Connection) -> None:
    async with inbound(engine, connection) as slack:
        assert slack.health.taken == {BOT_TOKEN, APP_TOKEN}
        assert slack.health.trouble == ""


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "token_expired"])
async def test_a_token_that_is_refused_on_a_quiet_day_is_noticed_and_so_is_its_return(
    engine: Engine, connection: Connection, sandbox: Sandbox, code: str
) -> None:
    async with inbound(engine, connection) as slack:
        sandbox.faults.add(Rule("slack", "auth.test", "error", times=None, error=code))
        await until_trouble(slack, f"Slack refuses the bot token ({code})")
        sandbox.faults.clear()
        await until_trouble(slack, "")


@pytest.mark.parametrize("kind", ["500", "reset", "malformed", "429"])
async def test_a_bad_day_of_slacks_is_no_refusal(
    engine: Engine, connection: Connection, sandbox: Sandbox, kind: str
) -> None:
    async with inbound(engine, connection) as slack:
        sandbox.faults.add(Rule("slack", "auth.test", kind, times=None))  # type: ignore[arg-type]
        await asyncio.sleep(0.2)
        assert slack.health.refused == {}

        sandbox.faults.clear()  # and it goes on looking
        sandbox.faults.add(Rule("slack", "auth.test", "error", times=None, error="token_revoked"))
        await until_trouble(slack, "Slack refuses the bot token (token_revoked)")


async def test_a_wrong_app_token_is_noticed_at_the_start(
    engine: Engine, connection: Connection, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Rule("slack", "apps.connections.open", "error", times=None, error="invalid_auth"))
    built = build_inbound(engine=engine, client=connection.web, retry=never, app_token=seed.APP_TOKEN)
    starting = asyncio.create_task(built.start_sockets())
    await until_trouble(built, "Slack refuses the app-level token (invalid_auth)")
    await built.stop_sockets()
    starting.cancel()


async def test_a_proxys_page_in_slacks_place_ends_no_connection_for_good(
    engine: Engine, connection: Connection, sandbox: Sandbox
) -> None:
    async with inbound(engine, connection) as slack:
        sandbox.faults.add(Rule("slack", "apps.connections.open", "malformed", times=4))
        sandbox.connections.cut_all()
        async with asyncio.timeout(15):
            while slack._sockets is None or len(slack._sockets._open) < 2 or not slack.connected:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
