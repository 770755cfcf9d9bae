"""What the calls of runbooks may meet: each is made once, never again by itself, and what became of it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.incident import Declare, OpenRunbook, RunAction
from bot.incident.steps import Call, Runbook, Step
from bot.sandbox import Rule
from tests.campaign.faults_world import Brisk, OpenBrisk, act, unless

UNKNOWN = "nobody can tell from here"
HUGE = 3_000_000


@dataclass(frozen=True)
class Met:
    """What a call meets: what it is answered (nothing: no answer, and the line stays open), and what is told then."""

    name: str
    answer: bytes
    told: str


def _answer(head: str, body: bytes = b"", length: int | None = None) -> bytes:
    said = len(body) if length is None else length
    return f"HTTP/1.1 {head}\r\nContent-Length: {said}\r\n\r\n".encode() + body


MET = (
    Met("done", _answer("200 OK", b"ten more"), "worked: 200 OK: ten more"),
    Met("a refusal", _answer("409 Conflict", b"busy"), "went wrong: 409 Conflict: busy"),
    Met("a failure", _answer("500 Internal Server Error"), "went wrong: 500 Internal Server Error"),
    Met("a failure in front of it", _answer("503 Service Unavailable", b"<html>"), "went wrong: 503"),
    Met("a redirect", _answer("302 Found\r\nLocation: /elsewhere"), "went wrong: 302 Found"),
    Met("too many", _answer("429 Too Many Requests\r\nRetry-After: 1"), "went wrong: 429"),
    Met("three megabytes", _answer("200 OK", b"x" * HUGE), "worked: 200 OK: xxx"),
    Met("no text", _answer("200 OK", b"\x00\xff\xfe"), "worked: 200 OK"),
    Met("cut off in the middle", _answer("200 OK", b"ten", length=50), UNKNOWN),
    Met("a closed line", b"\r\n", UNKNOWN),
    Met("no HTTP", b"220 mail.example ESMTP\r\n\r\n", UNKNOWN),
    Met("no answer", b"", UNKNOWN),
)


async def a_runbooks_calls_are_answered_in_every_way(open_world: OpenBrisk) -> list[str]:
    """Each call is made once, and the room is told what became of it; where nobody can tell, that."""
    wrong = []
    for met in MET:
        async with open_world() as world, _server(met) as (port, asked):
            said = await _called(world, port)
            wrong += unless(
                (len(asked) == 1, f"{met.name}: it was called {len(asked)} times"),
                (sum(met.told in line for line in said) == 1, f"{met.name}: the room reads {said}"),
            )
    return wrong


async def nobody_listens_where_a_runbook_calls(open_world: OpenBrisk) -> list[str]:
    """It was not made, and that is said."""
    async with open_world() as world:
        said = await _called(world, port=1)
        return unless((any("it was not made" in line for line in said), f"the room reads {said}"))


async def slack_is_down_while_a_runbook_calls(open_world: OpenBrisk) -> list[str]:
    """The call does not wait for Slack and is made once; what became of it is told afterwards, once."""
    done = MET[0]
    async with open_world() as world, _server(done) as (port, asked):
        await act(world, Declare(title="Orders wait", severity=4))
        world.sandbox.faults.add(Rule("slack", "*", "503", times=None))
        await _confirmed(world, port)
        early = len(asked)
        world.sandbox.faults.clear()
        await world.wait(600)
        told = sum(done.told in line for line in await _told(world))
        return unless(
            (early == 1, f"it was called {early} times while Slack was down"),
            (len(asked) == 1, "it was called again"),
            (told == 1, f"it is told {told} times"),
            (not await world.unkept(), "something is left"),
        )


async def _called(world: Brisk, port: int) -> list[str]:
    """What the room is told once the call has come to an end."""
    await act(world, Declare(title="Orders wait", severity=4))
    await _confirmed(world, port)
    await world.all_kept()
    return await _told(world)


async def _told(world: Brisk) -> list[str]:
    """The sentences about the call; the runbook's own message shows it, too."""
    return [line for line in await world.said() if "(step 1 of “Orders”)" in line]


async def _confirmed(world: Brisk, port: int) -> None:
    call = Call(name="Scale orders", url=f"http://127.0.0.1:{port}/jobs", timeout=1)
    steps = (Step(number=1, text="Add workers", action=call),)
    await act(world, OpenRunbook(incident=1, runbook=Runbook(name="orders", title="Orders", steps=steps)))
    await act(world, RunAction(incident=1, run=1, step=1, call=call))


@asynccontextmanager
async def _server(met: Met) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Its port, and the first line of each request as it comes."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        if met.answer:
            writer.write(met.answer)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


CALLS = (
    a_runbooks_calls_are_answered_in_every_way,
    nobody_listens_where_a_runbook_calls,
    slack_is_down_while_a_runbook_calls,
)
"""Every such day."""
