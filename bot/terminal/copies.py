"""`muster backup`, `muster restore`, `muster copy-database`: the database as a file, and from one kind to another."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot.engine.backup import InTheWay, Unsound, back_up
from bot.engine.backup import restore as put_back
from bot.engine.copying import NotCopied
from bot.engine.copying import copy_database as copy_rows
from bot.engine.db import AlreadyRunning
from bot.engine.reach import Unusable, for_its_own_tools
from bot.engine.schema import Outdated
from bot.settings import without_password
from bot.terminal.config import settings
from bot.terminal.problem import Problem
from bot.web.control import socket_of

PG_DUMP = "pg_dump --format=custom --file={file} {url}"
PG_RESTORE = "pg_restore --clean --if-exists --single-transaction --dbname={url} {file}"
WORDS = "What is redacted from now on is still in this copy: delete it when you would delete the words."
SINCE = (
    "What people did in Slack since the copy was made is not in it. What happened in PagerDuty is read again; an "
    "incident that began since gets a room anew. Promises that may have been kept since are looked for first: {doubts}."
)


def backup(file: Path, *, force: bool) -> None:
    """Copies the SQLite database into `file`, beside a running bot. Raises Problem."""
    url = settings().database_url
    _only_sqlite(url, PG_DUMP, file)
    try:
        with _bar() as bar:
            copy = back_up(url, file, force=force, progress=lambda done, total: bar("pages", done, total))
    except InTheWay as error:
        raise Problem(f"{error} Name another file, or say --force.") from None
    except (Unsound, Outdated, OSError) as error:
        raise Problem(_said(error)) from None
    print(f"{file}: {copy.size:,} bytes, checked. {_counted(copy.rows)}.\n{WORDS}")


def restore(file: Path) -> None:
    """Puts a copy in the SQLite database's place; the present one is kept beside it. Raises Problem."""
    url = settings().database_url
    _only_sqlite(url, PG_RESTORE, file)
    try:
        with _bar() as bar:
            done = put_back(file, url, progress=lambda done, total: bar("pages", done, total))
    except AlreadyRunning as error:
        raise Problem(f"{error} Stop it first: a database is not changed under a running bot.") from None
    except (Unsound, Outdated, OSError) as error:
        raise Problem(f"{_said(error)} The database is as it was.") from None
    print(f"The database is what {file} holds, and up to date. {_counted(done.copy.rows)}.")
    print(SINCE.format(doubts=done.doubts))
    if done.aside:
        print(f"The one that was there before is kept: {done.aside}")


def copy_database(source: str, target: str, *, dry_run: bool) -> None:
    """Copies everything from one database into another, new one. Raises Problem."""
    try:
        with _bar() as bar:
            rows = copy_rows(source, target, dry_run=dry_run, progress=bar)
    except AlreadyRunning as error:
        raise Problem(f"{error} Stop it first.") from None
    except (NotCopied, Outdated, Unusable, ValueError, OSError) as error:
        raise Problem(_said(error)) from None
    if dry_run:
        print(f"It can be copied. {_counted(rows)}. Nothing was written.")
        return
    print(f"Copied and compared, row by row. {_counted(rows)}.")
    print(f"Now set MUSTER_DATABASE_URL to it and start Muster; keep {without_password(source)} until you are content.")


def _only_sqlite(url: str, command: str, file: Path) -> None:
    if socket_of(url) is None:
        told = command.format(file=shlex.quote(str(file)), url=shlex.quote(for_its_own_tools(url)))
        raise Problem(
            "This database is PostgreSQL's, which has tools of its own (they ask for the password, or find it in "
            f"~/.pgpass): {told}"
        )


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{table} {count:,}" for table, count in sorted(rows.items()) if count) or "No rows"


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'The file'}: {error.strerror or error}."
    return str(error)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal; elsewhere nothing."""
    console = Console(file=sys.stderr)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("")

        def told(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield told
