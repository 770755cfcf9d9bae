"""A fresh sandbox for each test, and a person's hands on it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.sandbox import Sandbox, SandboxClient, running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture
async def hands(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as client:
        yield client
