"""Statements of the busy paths, worked out once: on SQLite they go to the driver as they stand.

`Connection.execute` works out anew each time how values are written and what comes back, a hundred calls around one of
three microseconds. On PostgreSQL, where the way there and back costs more than that, it is left to do so.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from bot.engine.dialects import is_postgres

Statement = Select[Any] | Insert | Update | Delete
"""One that is built once, in a module: what was worked out is kept for as long as it is used."""
Translate = Callable[[Any], Any]
KEPT = 500
"""Statements that are kept ready; one with a list of values is another for each length of it."""


def run(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any]:
    """Its rows, as `Connection.execute` would give them; to be called where a transaction is open.

    `values` by name, in the same order each time; lists where the statement has an IN of that name. Raises DBAPIError.
    """
    if is_postgres(connection):
        result = connection.execute(statement, values)
        return result.all() if result.returns_rows else ()
    lengths = tuple([len(value) if value.__class__ is list else None for value in values.values()])
    return _ready(statement, connection.dialect, tuple(values), lengths).run(connection, values)


def run_each(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """An insert of some rows, one after the other; whatever it returns."""
    if is_postgres(connection):
        result = connection.execute(statement, rows)
        return result.all() if result.returns_rows else ()
    return [row for values in rows for row in run(connection, statement, values)]


@dataclass(frozen=True, slots=True)
class _Ready:
    """The text, what stands at its places, and what comes back."""

    text: str
    places: tuple[tuple[str, Translate | None], ...]
    """The value of each question mark: its name, and how the driver takes it."""
    lists: Mapping[str, Sequence[str]]
    """The names of a list's values."""
    fixed: Mapping[str, Any]
    """What the statement itself says, and what its table says of columns that are not given."""
    row: Callable[..., Any]
    columns: tuple[Translate | None, ...]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        given = {**self.fixed, **values}
        for name, names in self.lists.items():
            given.update(zip(names, values[name], strict=True))
        taken = [given[name] if write is None else write(given[name]) for name, write in self.places]
        try:
            driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
            found = driver.cursor().execute(self.text, taken).fetchall()
        except sqlite3.Error as error:  # as SQLAlchemy would raise it
            raise DBAPIError.instance(self.text, None, error, sqlite3.Error) from error
        return [
            self.row(*[cell if read is None else read(cell) for read, cell in zip(self.columns, cells, strict=True)])
            for cells in found
        ]


@lru_cache(KEPT)
def _ready(statement: Statement, dialect: Dialect, names: tuple[str, ...], lengths: tuple[int | None, ...]) -> _Ready:
    """`lengths`: of the named values those that are lists."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    shape = {name: None if n is None else [None] * n for name, n in zip(names, lengths, strict=True)}
    said = compiled.construct_expanded_state(shape)
    write = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
    }
    write |= {part: write[name] for name, parts in said.parameter_expansion.items() for part in parts}
    columns = statement.exported_columns
    return _Ready(
        text=said.statement,
        places=tuple((name, write[name]) for name in said.positiontup or ()),
        lists=said.parameter_expansion,
        fixed={**compiled.params, **_usual(compiled)},
        row=namedtuple("Row", [str(column.key) for column in columns]),
        columns=tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
    )


def _usual(compiled: SQLCompiler) -> dict[str, Any]:
    """What columns hold that an insert says nothing of; plain values, none that would be made anew each time."""
    defaults = {column.key: column.default for column in compiled.insert_prefetch}
    return {name: default.arg for name, default in defaults.items() if isinstance(default, ScalarElementColumnDefault)}
