"""Whatever comes to a door: an answer or a hang-up, at once, no fault of ours, and the next one is served."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.web.control import Control, socket_beside
from tests.fuzz import examples
from tests.fuzz.badness import encoded
from tests.stories import corpus
from tests.stories.conftest import DatabaseUrl, OpenWorld
from tests.stories.corpus.doors import CLI, HTTP, LINES
from tests.stories.test_refused import posted
from tests.stories.test_refused import signed as slack_signed
from tests.stories.world import Plan, World

PATIENCE = 5.0
CUTS = 24
"""At which a good body is broken off."""


@pytest.fixture
async def world(open_world: OpenWorld) -> AsyncIterator[World]:
    """By HTTP; it serves on when the test is over."""
    world = await open_world(Plan(slack="http"))
    yield world
    assert await answered(world, HTTP["as it should be"][0]) == 200
    number = await world.declare("after all of it")
    assert await world.incident(number)


async def answered(world: World, sent: bytes) -> int | None:
    """The status that comes back for bytes on the line; None when it is hung up."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        try:
            writer.write(sent)
            writer.write_eof()
            first = await reader.readline()
        except ConnectionError:
            return None
        finally:
            writer.close()
    return int(first.split()[1]) if first else None


async def test_broken_http(world: World) -> None:
    got = {name: await answered(world, sent) for name, (sent, _) in HTTP.items()}
    assert got == {name: status for name, (_, status) in HTTP.items()}


async def test_a_slow_sender_holds_nobody_up(world: World) -> None:
    slow = [await asyncio.open_connection("127.0.0.1", world.port) for _ in range(50)]
    for _, writer in slow:
        writer.write(b"POST /webhooks/pagerduty HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert await answered(world, HTTP["as it should be"][0]) == 200
    for _, writer in slow:
        writer.close()


async def test_bodies_that_break_off(world: World, expected_errors: list[str]) -> None:
    """A webhook is kept and parked, wherever it breaks off; of Slack's, nothing is read."""
    expected_errors.append("bot.engine.inbox: handling_failed")
    whole = encoded(examples.WEBHOOKS["incident.triggered"])
    cuts = [len(whole) * n // CUTS for n in range(CUTS)]
    assert [await world.deliver(whole[:cut]) for cut in cuts] == [202] * CUTS
    event = encoded(examples.events("C0ROOM00001")["app_mention"])
    parts = [event[: len(event) * n // CUTS] for n in range(CUTS)]
    assert [(await posted(world, part, slack_signed(part)))[0] for part in parts] == [400] * CUTS
    await world.settled()
    for _ in range(2):
        await world.pass_time(minutes=1)
    parked = await world.app.engine.reading.deliveries(limit=1000)
    assert len(parked) == len(set(cuts))


async def test_bodies_of_another_kind_to_slack_s_door(world: World) -> None:
    """Whatever no event reader may choke on, Slack's door may not either: it is no delivery (400)."""
    bodies = [(name, body) for name, body in corpus.bodies() if not body.startswith(b'{"event": {"id": "corpus')]
    got = {name: (await posted(world, body, slack_signed(body)))[0] for name, body in bodies}
    assert got == dict.fromkeys(got, 400)


async def test_lines_to_the_control_socket(tmp_path: Path) -> None:
    async def retry(effect: int) -> int:
        return effect

    path = socket_beside(tmp_path / "muster.db")
    control = Control(path, {"outbox.retry": retry})
    await control.start()
    said = {name: await _said(path, line) for name, (line, _) in LINES.items()}
    assert {name: expected for name, (_, expected) in LINES.items() if expected not in said[name]} == {}
    assert await _said(path, b"x" * 200_000) == "", "longer than any line: hung up"
    assert json.loads(await _said(path, b'{"do": "outbox.retry", "effect": 7}\n')) == {"done": 7}
    await control.stop()


async def _said(path: Path, line: bytes) -> str:
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        writer.write_eof()
        try:
            return (await reader.read()).decode()
        except ConnectionError:
            return ""
        finally:
            writer.close()


@pytest.mark.parametrize("case", CLI)
def test_words_on_the_command_line(
    case: str,
    database_url: DatabaseUrl,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever it cannot do is said in plain words, with the code that scripts look at."""
    given, code = CLI[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_DATABASE_URL", database_url("sqlite"))
    monkeypatch.setattr(sys, "argv", ["muster", *given])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert (ended.value.code, "Traceback" in said) == (code, False)
    assert said.strip()
