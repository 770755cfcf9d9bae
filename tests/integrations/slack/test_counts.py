"""What a person's act costs: one transaction at most, and at most two calls to Slack until its answer is visible."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection as DatabaseConnection

from bot.engine.handle import Engine
from bot.engine.line import Urgency
from bot.integrations.slack import commands
from bot.integrations.slack.client import Connection
from bot.integrations.slack.verbs import VERBS
from bot.sandbox import Sandbox, SandboxClient
from tests.integrations.slack.listening import Bot, listening, room_of
from tests.integrations.slack.table import FOLDER, Asked, Night, begin, night, read

assert commands.TOPICS
MOST_CALLS = 2


def asked_of(verb: str) -> list[Asked]:
    """Every row of a verb's file."""
    page = read((FOLDER / f"{verb}.txt").read_text("utf-8"))
    return [one for section in page.values() for one in section if isinstance(one, Asked)]


def counting(here: Night) -> list[Urgency]:
    """From now on, the transactions that somebody waits for."""
    counted: list[Urgency] = []
    write = here.engine.database.write

    async def counted_write(work: Callable[[DatabaseConnection], Any], urgency: Urgency = Urgency.PERSON) -> Any:
        counted.append(urgency)
        return await write(work, urgency)

    here.engine.database.write = counted_write  # type: ignore[method-assign]
    return counted


async def test_no_verb_takes_more_than_one_transaction(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with night(tmp_path) as here:
        counted = counting(here)
        taken: dict[str, int] = {}
        for verb in sorted(VERBS):
            for asked in asked_of(verb):
                counted.clear()
                here.now += timedelta(seconds=1)  # another press than the one before
                await here.react(asked.row)
                taken[str(asked.row)] = len(counted)
    assert [row for row, times in taken.items() if times > 1] == []
    assert sum(taken.values()) > 50, "what was typed was done"


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


async def test_no_verb_typed_alone_calls_slack_more_than_twice_before_its_answer_is_there(
    bot: Bot, connection: Connection, sandbox: Sandbox
) -> None:
    """What its facts lead to is promised, and nobody keeps promises here: what is called is called for the answer."""
    room = await room_of(bot, connection, "ada")
    await bot.say("ada", room, "lead")
    called: dict[str, list[str]] = {}
    for verb in sorted(VERBS):
        before = sandbox.calls.last
        result = await bot.hands.slack.command("ada", room, verb, wait=2)
        methods = [call.method for call in sandbox.calls.all("slack", since=before)]
        called[verb] = [method for method in methods if method != "apps.connections.open"]
        if await bot.hands.slack.modal("ada"):
            await bot.hands.slack.close("ada", clear=True)
        assert result["error"] is None, verb
    assert {verb: methods for verb, methods in called.items() if len(methods) > MOST_CALLS} == {}
    assert any(called.values())
