"""`@muster <verb>` in a thread, where Slack allows no slash command: the answer is there, for the asker's eyes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.engine.handle import Engine
from bot.integrations.slack import commands
from bot.integrations.slack.client import Connection
from bot.sandbox import Sandbox, SandboxClient
from tests.integrations.slack.listening import Bot, listening, room_of
from tests.stories.screen import labels, words

FORMS = "A thread opens no form."


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


class Thread:
    """A thread in an incident's room, and what is said in it."""

    def __init__(self, bot: Bot, room: str, ts: str) -> None:
        self.bot, self.room, self.ts = bot, room, ts

    async def ask(self, words: str, who: str = "ada") -> dict[str, Any] | None:
        """What the asker alone is answered there; None where facts speak for themselves in the room."""
        known, whispered = await self.told(), len(await self.whispers(who))
        await self.bot.hands.slack.post(who, self.room, f"@muster {words}", thread_ts=self.ts)
        async with asyncio.timeout(4):
            while True:
                lines = await self.whispers(who)
                if len(lines) > whispered:
                    return lines[-1]
                if await self.told() > known:
                    return None
                await asyncio.sleep(0.01)

    async def told(self) -> int:
        """How many facts the timeline shows: who comes in is none of them."""
        return sum(s.event.shown for s in await self.bot.engine.reading.events(1))

    async def whispers(self, who: str) -> list[dict[str, Any]]:
        return [e for e in await self.bot.hands.slack.ephemerals(who) if e.get("thread_ts") == self.ts]


@pytest.fixture
async def thread(bot: Bot, connection: Connection) -> Thread:
    room = await room_of(bot, connection, "ada", "bo", "gus")
    first = await bot.hands.slack.post("bo", room, "what now?")
    return Thread(bot, room, first["ts"])


async def test_every_bare_verb_is_answered_in_the_thread_and_what_opens_a_form_brings_its_button(
    thread: Thread,
) -> None:
    silent = []
    for verb in commands.in_order():
        whisper = await thread.ask(verb.name)
        if whisper is None:
            silent.append(verb.name)
            continue
        assert "Something went wrong" not in words(whisper), verb.name
        if FORMS in words(whisper):
            await thread.bot.hands.slack.click("ada", "run", channel=thread.room, ts=whisper["ts"], value=verb.name)
            assert await thread.bot.hands.slack.modal("ada"), verb.name
            await thread.bot.hands.slack.close("ada", clear=True)
    assert silent == ["lead", "leave"], "what acts when it is bare is heard in the room"


async def test_what_is_typed_after_the_command_is_answered_alike_in_a_thread(thread: Thread) -> None:
    for said in ("sev 9", "status", "timeline 99", "renam x", "oncall Payments", "merge into INC-1", "update edit"):
        typed = await thread.bot.say("ada", thread.room, said)
        whisper = await thread.ask(said)
        assert whisper is not None
        assert (words(whisper), labels(whisper)) == (words(typed["ephemerals"][-1]), labels(typed["ephemerals"][-1]))


async def test_words_that_a_form_needs_come_along_with_its_button(thread: Thread) -> None:
    whisper = await thread.ask("declare the search index is stale")
    assert whisper is not None
    assert labels(whisper) == ["Open the form"]
    await thread.bot.hands.slack.click("ada", "run", channel=thread.room, ts=whisper["ts"])
    assert "the search index is stale" in str(await thread.bot.hands.slack.wait_for_modal("ada", "What is wrong?"))


async def test_the_bare_mention_shows_what_can_be_done(thread: Thread) -> None:
    whisper = await thread.ask("")
    assert whisper is not None
    assert "Resolve" in labels(whisper)


async def test_who_may_not_act_is_refused_there(thread: Thread) -> None:
    for verb in ("catchup", "drill", "list", "note hello"):
        whisper = await thread.ask(verb, who="gus")
        assert whisper is not None
        assert "As a guest" in words(whisper)


async def test_nobody_else_sees_the_answer(thread: Thread) -> None:
    whisper = await thread.ask("catchup")
    assert whisper is not None
    assert "INC-1" in words(whisper)
    assert await thread.whispers("bo") == []
    said = await thread.bot.hands.slack.messages(thread.room, thread_ts=thread.ts)
    assert not any(message.get("bot_id") for message in said)
