"""An empty database, made once."""

from pathlib import Path

import pytest

from bot.engine.schema import migrate


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "muster.db"
    migrate(f"sqlite:///{path}")
    return path
