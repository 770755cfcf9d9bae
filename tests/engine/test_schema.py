"""The database's shape: migrations and models agree, and every busy question is answered by an index."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from bot.engine.claim import _CANDIDATES
from bot.engine.db import Database
from bot.engine.folding import differing
from bot.engine.heads import HEADS
from bot.engine.schema import Outdated, driver_url, migrate, sqlite_path
from bot.engine.tables import METADATA
from tests.engine.conftest import House
from tests.engine.stored_shape import GOLDEN, stored
from tests.engine.toys import ADA, Open, Say


def address(url: str) -> str:
    return url if url.startswith("sqlite") else driver_url(url)


def test_migrations_end_in_what_the_models_say(url: str) -> None:
    engine = create_engine(address(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    Database.open(url).close()


async def test_migrating_folds_again_what_was_folded_otherwise(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Say(incident=1, text="hello"), ADA)
        assert await engine.database.read(differing) == []
        before = await engine.reading.incident(1)

        def otherwise(connection: Connection) -> None:
            connection.execute(
                text("UPDATE incident SET state = replace(state, 'hello', 'folded by an older program')")
            )

        await engine.database.write(otherwise)
        assert [i.number for i in await engine.database.read(differing)] == [1]
    await asyncio.to_thread(migrate, house.url)
    async with house.process() as engine:
        assert await engine.reading.incident(1) == before


async def test_a_start_folds_again_only_what_other_rules_folded(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path / 'muster.db'}")
    migrate(house.url, thorough=False)
    async with house.process() as engine:
        await engine.handle(Open(title="as told"), ADA)

    with sqlite3.connect(tmp_path / "muster.db") as file:
        file.execute("UPDATE incident SET state = replace(state, 'as told', 'otherwise')")
    await asyncio.to_thread(migrate, house.url, thorough=False)
    async with house.process() as engine:
        believed = await engine.reading.incident(1)

    with sqlite3.connect(tmp_path / "muster.db") as file:
        file.execute("PRAGMA user_version = 7")
    await asyncio.to_thread(migrate, house.url, thorough=False)
    async with house.process() as engine:
        folded = await engine.reading.incident(1)

    assert believed is not None
    assert folded is not None
    assert [believed.title, folded.title] == ["otherwise", "as told"]


def test_a_database_of_a_newer_program_is_refused(url: str) -> None:
    engine = create_engine(address(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Outdated, match="newer Muster"):
        Database.open(url)


def test_migrating_works_from_any_folder(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'muster.db'}"
    code = f"from bot.engine.schema import migrate; migrate({url!r})"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(root)}, check=True)
    Database.open(url).close()


def test_a_database_in_memory_or_of_another_make_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        sqlite_path("sqlite://")
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Database.open("mysql://localhost/muster")
    assert driver_url("postgres://u:p@h/d") == "postgresql+psycopg://u:p@h/d"


SAMPLES = {
    "queues": "('a')",
    "systems": "('a')",
    "sources": "('a')",
    "blocked": "('-')",
    "now": "'2027'",
    "held": "'2027'",
    "page": "9",
    "most": "9",
    "least": "0",
    "below": "3",
}


@pytest.mark.parametrize(
    ("question", "indexes"),
    [(_CANDIDATES, ["ix_effect_waiting", "ix_effect_lane"]), (HEADS, ["ix_inbox_due", "ix_inbox_waiting"])],
)
def test_busy_questions_are_answered_by_partial_indexes(template: Path, question: str, indexes: list[str]) -> None:
    engine = create_engine(f"sqlite:///{template}")
    for name, value in SAMPLES.items():
        question = question.replace(f":{name}", value)
    with engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}"))
    engine.dispose()
    assert [index for index in indexes if index not in plan] == []
    assert "TEMP B-TREE" not in plan


def test_whoever_changes_what_is_stored_adds_a_revision() -> None:
    """It makes `migrate` fold anew, and processes of an older program, which could not read it, step back."""
    golden, now = json.loads(GOLDEN.read_text()), stored()
    if golden["revision"] == now["revision"]:
        assert golden["models"] == now["models"], "add a revision (an empty one will do), then see stored_shape.py"
    assert golden["revision"] == now["revision"], "python -m tests.engine.stored_shape"
