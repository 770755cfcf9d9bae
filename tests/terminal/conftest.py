"""A ward for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.conftest import cluster as cluster  # the same server as the engine's tests
from tests.engine.conftest import template as template
from tests.terminal.ward import Ward, ward_of


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def ward(tmp_path: Path, template: Path) -> AsyncIterator[Ward]:
    async with ward_of(tmp_path, template) as standing:
        yield standing
