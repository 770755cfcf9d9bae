"""Brings a database to the shape this program expects, and refuses to work on any other."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError

from bot.engine import sqlite
from bot.engine.file_lock import FileLock
from bot.engine.folding import fold_again_if_rules_changed, refold
from bot.engine.reach import reaching

FOLDER = Path(__file__).with_name("migrations")


class Outdated(Exception):
    """The database has another shape than this program expects."""


def sqlite_path(url: str) -> Path:
    """The file that an `sqlite:///` URL names, by its real name: whatever link was given, the lock is one.

    Raises ValueError where it names none.
    """
    database = make_url(url).database
    if not database or database == ":memory:":
        raise ValueError("an SQLite database needs a file: sqlite:////var/lib/muster/muster.db")
    return Path(database).expanduser().resolve()


def driver_url(url: str) -> str:
    """The URL with our PostgreSQL driver, whichever way it was written (`postgres://`, as on Heroku, too)."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise ValueError(f"Muster keeps its data in SQLite or PostgreSQL, not in {scheme}")
    return f"postgresql+psycopg://{rest}"


def migrate(url: str, *, thorough: bool = True) -> None:
    """Creates or updates the database, folded states too: all of them, or (`thorough=False`) if the rules changed.

    Raises AlreadyRunning while a process has the SQLite file, Unusable where the database cannot be used.
    """
    if make_url(url).get_backend_name() == "sqlite":
        with reaching(url):
            _migrate_sqlite(sqlite_path(url), thorough)
        return
    with reaching(url):
        engine = create_engine(driver_url(url), connect_args={"connect_timeout": 10})
        with engine.begin() as connection:
            bring_up(connection, thorough=thorough)
        engine.dispose()


def _migrate_sqlite(path: Path, thorough: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        path.touch(mode=0o600)  # private incidents are in it; what SQLite keeps beside it gets the same rights
        engine = sqlite.write_engine(path)
        with engine.begin() as connection:
            bring_up(connection, thorough=thorough)
        engine.dispose()
    finally:
        lock.release()


def bring_up(connection: Connection, *, thorough: bool = True) -> None:
    """To the newest shape, folded states too (see `migrate`), within the caller's transaction. Raises Outdated."""
    refuse_newer(revision_of(connection))
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if thorough:
        refold(connection)
    else:
        fold_again_if_rules_changed(connection)


def configuration() -> Config:
    """Alembic's settings, made here so that they are found from a wheel and from any folder."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head() -> str:
    """The revision this program expects."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def version(engine: Engine) -> str:
    """The database's revision; empty when it has none, or when there is no such file."""
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    except OperationalError:
        if engine.dialect.name != "sqlite":
            raise
        return ""


def revision_of(connection: Connection) -> str:
    """The revision of a database; empty when it has none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def require_current(engine: Engine) -> None:
    """Raises Outdated (and lets the engine go) unless the database has the shape this program expects."""
    found, wanted = version(engine), head()
    if found == wanted:
        return
    engine.dispose()
    refuse_newer(found)
    raise Outdated("The database is not up to date. `muster migrate` brings it there.")


def refuse_newer(revision: str) -> None:
    """Raises Outdated for a revision that this program does not know."""
    known = {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if revision and revision not in known:
        raise Outdated("This database was made by a newer Muster. Run that version, or restore an older backup.")
