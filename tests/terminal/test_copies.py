"""backup, restore and copy-database as verbs: what they print, what they refuse, and in which words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli
from bot.engine.db import Database
from bot.engine.schema import migrate
from bot.terminal.problem import Problem
from tests.engine.conftest import Cluster

Verb = Callable[..., Result]
SHARED = (
    "postgresql+psycopg://ada:not-to-be-seen@db.example/muster",
    "postgres://ada@db.example/muster?password=not-to-be-seen",
)


@pytest.fixture
def verb(tmp_path: Path) -> Verb:
    """Runs `muster …` on an SQLite database in `tmp_path`, or with these settings."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    migrate(url)

    def run(*words: str, **environment: str) -> Result:
        return CliRunner().invoke(cli.app, words, env={"MUSTER_DATABASE_URL": url} | environment)

    return run


def refusal(done: Result) -> str:
    """The sentences in which it said no."""
    assert isinstance(done.exception, Problem), done.exception
    assert done.exception.code == 1
    return "\n".join(done.exception.sentences)


def test_a_backup_says_what_is_in_it_and_that_it_keeps_words_that_are_redacted_later(
    verb: Verb, tmp_path: Path
) -> None:
    done = verb("backup", str(tmp_path / "copy.db"))

    assert done.exit_code == 0
    assert f"{tmp_path / 'copy.db'}: " in done.stdout
    assert " bytes, checked. lease 2." in done.stdout
    assert "What is redacted from now on is still in this copy" in done.stdout


def test_a_backup_overwrites_only_by_force(verb: Verb, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("somebody's thesis")

    said = refusal(verb("backup", str(tmp_path / "copy.db")))
    assert said == f"{tmp_path / 'copy.db'} is there already. Name another file, or say --force."
    assert verb("backup", str(tmp_path / "copy.db"), "--force").exit_code == 0


@pytest.mark.parametrize("name", ["muster.db", "muster.db-wal", "muster.db-shm", "muster.db.lock", "link.db"])
def test_a_backup_never_overwrites_the_database_or_its_log_not_even_by_force(
    verb: Verb, tmp_path: Path, name: str
) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "muster.db")

    assert "the running database itself" in refusal(verb("backup", str(tmp_path / name), "--force"))
    assert verb("outbox", "list").exit_code == 0


def test_a_database_is_not_restored_from_itself(verb: Verb, tmp_path: Path) -> None:
    assert "is the database itself." in refusal(verb("restore", str(tmp_path / "muster.db")))


def test_a_backup_into_a_folder_that_is_not_there_says_so(verb: Verb, tmp_path: Path) -> None:
    assert "No such file or directory." in refusal(verb("backup", str(tmp_path / "gone" / "copy.db")))


def test_a_restore_says_what_is_not_in_it_and_where_the_present_one_is_kept(verb: Verb, tmp_path: Path) -> None:
    verb("backup", str(tmp_path / "copy.db"))
    done = verb("restore", str(tmp_path / "copy.db"))

    assert done.exit_code == 0
    assert "What people did in Slack since the copy was made is not in it." in done.stdout
    kept = done.stdout.splitlines()[-1].removeprefix("The one that was there before is kept: ")
    assert Path(kept).read_bytes()[:15] == b"SQLite format 3"


def test_a_restore_is_refused_while_a_bot_runs(verb: Verb, tmp_path: Path) -> None:
    verb("backup", str(tmp_path / "copy.db"))
    running = Database.open(f"sqlite:///{tmp_path / 'muster.db'}")
    try:
        assert "Stop it first" in refusal(verb("restore", str(tmp_path / "copy.db")))
    finally:
        running.close()


def test_a_restore_from_what_is_no_backup_leaves_all_as_it_was(verb: Verb, tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("chapter one")

    said = refusal(verb("restore", str(tmp_path / "thesis")))
    assert said.endswith("cannot be copied: file is not a database. The database is as it was.")


@pytest.mark.parametrize(
    ("verb_", "command"),
    [
        ("backup", "pg_dump --format=custom --file=copy.db postgresql://ada@db.example/muster"),
        (
            "restore",
            "pg_restore --clean --if-exists --single-transaction --dbname=postgresql://ada@db.example/muster copy.db",
        ),
    ],
)
def test_on_postgresql_its_own_tools_are_named_with_the_command_and_without_the_password(
    verb: Verb, verb_: str, command: str
) -> None:
    for url in SHARED:
        said = refusal(verb(verb_, "copy.db", MUSTER_DATABASE_URL=url))
        assert said.endswith(f": {command}")
        assert "not-to-be-seen" not in said


@pytest.fixture
def shared(cluster: Cluster) -> Iterator[str]:
    url = cluster.fresh()
    yield url
    cluster.drop(url)


def test_a_copy_is_tried_first_and_then_made(verb: Verb, shared: str, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'muster.db'}"

    tried = verb("copy-database", source, shared, "--dry-run")
    made = verb("copy-database", source, shared)

    assert tried.stdout == "It can be copied. lease 2. Nothing was written.\n"
    assert made.stdout.startswith("Copied and compared, row by row. lease 2.\nNow set MUSTER_DATABASE_URL to it")


def test_a_copy_that_cannot_be_made_says_why(verb: Verb, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'muster.db'}"
    there = "postgresql://ada:not-to-be-seen@127.0.0.1:1/muster"

    said = refusal(verb("copy-database", source, there))
    assert said.startswith("The database muster of ada at 127.0.0.1:1 cannot be used.")
    assert "not-to-be-seen" not in said
    assert "not in mysql" in refusal(verb("copy-database", source, "mysql://ada@db/muster"))
    assert "one and the same" in refusal(verb("copy-database", source, source))
    running = Database.open(source)
    try:
        assert "Stop it first" in refusal(verb("copy-database", source, f"sqlite:///{tmp_path / 'new.db'}"))
    finally:
        running.close()


def test_a_database_that_is_away_is_said_so_by_every_verb(verb: Verb) -> None:
    away = {"MUSTER_DATABASE_URL": "postgresql://ada:not-to-be-seen@127.0.0.1:1/muster"}

    for words in (("timeline", "INC-1"), ("outbox", "list"), ("migrate",), ("replay", "--all")):
        said = refusal(verb(*words, **away))
        assert said.startswith("The database muster of ada at 127.0.0.1:1 cannot be used. It does not answer: ")
        assert "not-to-be-seen" not in said
