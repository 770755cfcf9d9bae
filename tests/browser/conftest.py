"""A browser for each test, and screens in it that must show no error and load nothing from outside."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.browser import demo as demos
from tests.browser.demo import Demo
from tests.browser.window import Windows, chromium, launched
from tests.sandbox.conftest import app, connect, hands, http, sandbox, web

__all__ = ["app", "connect", "hands", "http", "sandbox", "web"]

Open = Callable[[str], Awaitable[Page]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def windows() -> AsyncIterator[Windows]:
    """A browser; what goes wrong on any of its pages fails the test. Without Chromium the test is skipped."""
    program = chromium()
    if program is None:
        if os.environ.get("MUSTER_REQUIRE_BROWSER"):
            pytest.fail("There is no chromium here, and MUSTER_REQUIRE_BROWSER is set.")
        pytest.skip("There is no chromium here.")
    async with launched(program) as windows:
        yield windows
    assert not windows.wrong, "\n".join(windows.wrong)


@pytest.fixture
def screen(windows: Windows) -> Open:
    """Opens an address on a screen of its own, as another person's."""
    return windows.open


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with demos.running() as running:
        yield running
