"""Why a database cannot be used, in a plain sentence that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, make_url
from sqlalchemy.exc import DatabaseError, InterfaceError

SAID = (
    (("password authentication failed", "no password supplied", "role "), "It refuses the user or the password there."),
    (("remaining connection slots", "too many connections", "too many clients"), "All its connections are taken."),
    (("translate host name", "resolve host", "name or service not known"), "No machine has that name."),
    (("starting up", "shutting down"), "It is starting or stopping: try again."),
    (("not a database", "malformed", "disk image"), "The file is damaged, or none of SQLite's: restore a backup."),
    (("unable to open",), "The file cannot be opened: do folder and file belong to this user?"),
    (("readonly", "read-only", "permission denied", "insufficient"), "This user may not write to it."),
    (("locked",), "Another program holds it locked."),
    (("disk is full", "no space left"), "The disk is full."),
    (("disk i/o",), "The disk fails, or is full."),
    (("database ",), "It has no database of that name: make it with `createdb`."),
)
"""Words of the two databases, which name no code while one connects, and what they mean; the first that fits counts."""
NO_DRIVER = "PostgreSQL needs its driver: pip install 'muster-bot[postgres]'."


class Unusable(Exception):
    """The database cannot be used: wrong address, wrong password, damaged file. One or two plain sentences."""


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Raises Unusable for what opening a database can fail with. Never names a password."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise Unusable(f"{_named(url)} cannot be used. {_meaning(str(error.orig))}") from None
    except OSError as error:  # the lock file beside it
        raise Unusable(f"{_named(url)} cannot be used. {_meaning(error.strerror or str(error))}") from None
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise Unusable(NO_DRIVER) from None


def _named(url: str) -> str:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return f"The database {address.database}"
    at = f"{address.host or 'the local socket'}{f':{address.port}' if address.port else ''}"
    return f"The database {address.database} of {address.username or 'this user'} at {at}"


def _meaning(said: str) -> str:
    words = said.casefold()
    told = next((means for marks, means in SAID if any(mark in words for mark in marks)), "")
    return told or f"It does not answer: {said.splitlines()[0].rstrip('.')}. Is the address right, and does it run?"


def for_its_own_tools(url: str) -> str:
    """A PostgreSQL URL as `pg_dump` takes it, without the password, which that asks for or finds in ~/.pgpass."""
    a = make_url(url).difference_update_query(["password"])
    bare = URL.create("postgresql", username=a.username, host=a.host, port=a.port, database=a.database, query=a.query)
    return bare.render_as_string()
