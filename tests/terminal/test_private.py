"""On the command line a private incident is printed only to who says that they may read it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli
from bot.engine.db import Database
from bot.engine.handle import Engine
from bot.engine.schema import migrate
from bot.incident import Declare
from bot.incident.policy import Policy
from bot.incident.values import Actor
from bot.terminal.problem import Problem

ADA = Actor(id="slack:UADA", name="Ada")
SECRET = "Umbrella"
Verb = Callable[..., Result]


@pytest.fixture
def verb(tmp_path: Path) -> Verb:
    """Runs `muster …` where INC-1 is private and INC-2 is open to all."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    migrate(url)

    async def begin() -> None:
        database = Database.open(url)
        engine = Engine(database, Policy())
        await engine.start()
        await engine.handle(Declare(title=SECRET, private=True), ADA)
        await engine.handle(Declare(title="Search is slow"), ADA)
        await engine.stop()
        database.close()

    asyncio.run(begin())
    return lambda *words: CliRunner().invoke(cli.app, words, env={"MUSTER_DATABASE_URL": url})


READS = [
    ("timeline",),
    ("timeline", "--json"),
    ("timeline", "--format", "csv"),
    ("postmortem",),
    ("postmortem", "--fresh"),
]


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_a_private_incident_is_printed_only_where_it_is_asked_for(verb: Verb, words: tuple[str, ...]) -> None:
    name, *options = words
    done = verb(name, "INC-1", *options)
    assert isinstance(done.exception, Problem)
    assert done.exception.sentences == ("INC-1 is private. If you may read it, say so: --private.",)
    assert SECRET not in done.stdout
    assert SECRET in verb(name, "INC-1", *options, "--private").stdout
    assert "Search is slow" in verb(name, "INC-2", *options).stdout, "what is open needs no word"
