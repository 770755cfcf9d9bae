"""Verbs that change the queues by hand, without a running bot."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli
from bot.engine.schema import migrate
from bot.terminal.problem import Problem


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database in which one delivery is parked."""
    file = tmp_path / "muster.db"
    migrate(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as there, there:
        there.execute(
            "INSERT INTO inbox (source, key, grp, body, heard_at, state, reason)"
            " VALUES ('pagerduty', 'k', '', x'00', '2026-11-21 12:00:00.000000', 'parked', 'odd')"
        )
    return file


def muster(database: Path, *words: str) -> Result:
    return CliRunner().invoke(cli.app, words, env={"MUSTER_DATABASE_URL": f"sqlite:///{database}"})


def test_a_delivery_that_is_nothing_to_us_can_be_given_up(database: Path) -> None:
    assert "odd" in muster(database, "inbox", "list").stdout

    assert muster(database, "inbox", "drop", "1").stdout == "Entry 1 is given up for good.\n"

    assert muster(database, "inbox", "list").stdout.startswith("Nothing is parked")
    again = muster(database, "inbox", "drop", "1")
    assert isinstance(again.exception, Problem)
    assert again.exception.sentences == ("There is no parked entry 1. `muster inbox list` shows them.",)


def test_what_befalls_a_database_that_was_opened_is_told_in_plain_words(database: Path) -> None:
    words = database.read_bytes()
    database.write_bytes(words[:8192] + b"\x5a" * (len(words) - 8192))

    said = muster(database, "inbox", "list").exception

    assert isinstance(said, Problem), said
