"""Verbs that write reach the running process over a socket beside its database."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.web.control import LONGEST_PATH, Control, Failed, NotRunning, ask, socket_beside


async def double(number: int) -> int:
    return 2 * number


async def refuse() -> None:
    raise LookupError("there is no such effect")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return socket_beside(tmp_path / "muster.db")


@pytest.fixture
def left_over(path: Path) -> Path:
    path.touch()
    return path


@pytest.fixture
async def running(path: Path) -> AsyncIterator[None]:
    control = Control(path, {"double": double, "refuse": refuse})
    await control.start()
    yield
    await control.stop()


@pytest.mark.usefixtures("running")
async def test_what_is_asked_for_is_done_over_there(path: Path) -> None:
    assert await asyncio.to_thread(ask, path, "double", number=21) == 42


@pytest.mark.usefixtures("running")
async def test_a_refusal_comes_back_as_a_sentence(path: Path) -> None:
    with pytest.raises(Failed, match="there is no such effect"):
        await asyncio.to_thread(ask, path, "refuse")
    with pytest.raises(Failed, match="does not know how to do that"):
        await asyncio.to_thread(ask, path, "unheard of")
    with pytest.raises(Failed, match="TypeError"):
        await asyncio.to_thread(ask, path, "double", other=1)


@pytest.mark.usefixtures("running")
async def test_only_its_owner_may_use_it(path: Path) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("line", [b"", b"no json\n", b"[1]\n", b"x" * 100_000])
async def test_nonsense_on_the_line_harms_nobody(path: Path, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line)
    writer.write_eof()
    await reader.read()
    writer.close()

    assert await asyncio.to_thread(ask, path, "double", number=1) == 2


async def test_where_nobody_runs_it_says_so(path: Path) -> None:
    with pytest.raises(NotRunning):
        ask(path, "double", number=1)


async def test_a_socket_left_by_a_killed_process_is_no_hindrance(left_over: Path) -> None:
    control = Control(left_over, {"double": double})
    await control.start()
    try:
        assert await asyncio.to_thread(ask, left_over, "double", number=1) == 2
    finally:
        await control.stop()
    with pytest.raises(NotRunning):
        await asyncio.to_thread(ask, left_over, "double", number=1)


def test_a_path_too_long_for_a_socket_is_shortened_the_same_way_each_time() -> None:
    deep = Path("/very") / ("long" * 40) / "muster.db"

    assert socket_beside(deep) == socket_beside(deep)
    assert len(str(socket_beside(deep)).encode()) <= LONGEST_PATH
    assert socket_beside(deep) != socket_beside(deep.with_name("other.db"))
