"""A statement that is worked out once writes what SQLAlchemy would have written, and brings back the same."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from bot.engine import tables as t
from bot.engine.dialects import insert, insert_new, is_postgres
from bot.engine.prepared import run, run_each
from tests.engine.conftest import House
from tests.engine.toys import NOON

HEARD = {"source": "toy", "key": "odd \0 words", "body": b"\0", "heard_at": NOON}
TIMER = {"incident": 1, "key": "look/", "due_at": NOON}
SOME = select(t.timer).where(t.timer.c.key.in_(bindparam("keys", expanding=True))).order_by(t.timer.c.key)
GONE = delete(t.timer).where(t.timer.c.incident == bindparam("number")).returning(t.timer.c.key)


async def written(house: House, work: Callable[[Connection], Any]) -> Any:
    async with house.process() as engine:
        return await engine.database.write(work)


async def test_a_row_is_stored_as_sqlalchemy_stores_it(house: House) -> None:
    def work(connection: Connection) -> list[Any]:
        run(connection, insert(is_postgres(connection), t.inbox), HEARD)
        connection.execute(insert(is_postgres(connection), t.inbox), {**HEARD, "key": "its twin"})
        raw = connection.exec_driver_sql("SELECT * FROM inbox ORDER BY id").all()
        return [row._mapping for row in raw]

    ours, twin = await written(house, work)
    differing = {name for name in ours if ours[name] != twin[name]}
    assert differing == {"id", "key"}
    assert ours["key"] == "odd � words"


async def test_rows_come_back_as_sqlalchemy_brings_them(house: House) -> None:
    def work(connection: Connection) -> None:
        run_each(connection, insert(is_postgres(connection), t.timer), [TIMER, {**TIMER, "key": "page/"}])
        for keys in (["look/"], ["look/", "page/", "none/"]):
            ours = run(connection, SOME, {"keys": keys})
            theirs = connection.execute(SOME, {"keys": keys}).all()
            assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
            assert ours[0].due_at == NOON
        assert sorted(row.key for row in run(connection, GONE, {"number": 1})) == ["look/", "page/"]
        assert not run(connection, SOME, {"keys": ["look/"]})

    await written(house, work)


async def test_what_was_there_already_is_not_returned_as_new(house: House) -> None:
    def work(connection: Connection) -> None:
        new = insert_new(connection, t.inbox, "key")
        assert len(run_each(connection, new, [HEARD])) == 1
        assert [row.key for row in run_each(connection, new, [HEARD, {**HEARD, "key": "another"}])] == ["another"]

    await written(house, work)


async def test_what_a_database_refuses_is_raised_as_sqlalchemy_raises_it(house: House) -> None:
    def work(connection: Connection) -> None:
        run(connection, insert(is_postgres(connection), t.timer), TIMER)
        run(connection, insert(is_postgres(connection), t.timer), TIMER)

    with pytest.raises(IntegrityError):
        await written(house, work)
