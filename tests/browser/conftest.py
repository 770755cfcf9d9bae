"""A browser for each test, and screens in it that must show no error and load nothing from outside."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, async_playwright

from tests.sandbox.conftest import app, connect, hands, http, sandbox, web

__all__ = ["app", "connect", "hands", "http", "sandbox", "web"]

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
"""A container's root may not use Chromium's own sandbox; small containers have little shared memory."""
PATIENCE = 10_000
"""Milliseconds that anything on a page may take."""
Open = Callable[[str], Awaitable[Page]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def chromium() -> str:
    """The browser's program: `$MUSTER_CHROMIUM`, else Debian's `chromium`; without one the test is skipped."""
    found = os.environ.get("MUSTER_CHROMIUM") or shutil.which("chromium")
    if found is None:
        if os.environ.get("MUSTER_REQUIRE_BROWSER"):
            pytest.fail("There is no chromium here, and MUSTER_REQUIRE_BROWSER is set.")
        pytest.skip("There is no chromium here.")
    return found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def screen(browser: Browser) -> AsyncIterator[Open]:
    """Opens an address on a screen of its own, as another person's; what goes wrong on any of them fails the test."""
    wrong: list[str] = []

    async def opened(address: str) -> Page:
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        _watch(page, address, wrong)
        await page.goto(address)
        return page

    yield opened
    assert not wrong, "\n".join(wrong)


def _watch(page: Page, address: str, wrong: list[str]) -> None:
    ours = address.split("/as/")[0]

    def said(message: ConsoleMessage) -> None:
        # The browser's own line for an act that the sandbox refuses: a page shows the refusal.
        if message.type == "error" and "400 (Bad Request)" not in message.text:
            wrong.append(f"console: {message.text}")

    def raised(error: Error) -> None:
        wrong.append(f"page: {error}")

    def asked(request: Request) -> None:
        if not request.url.startswith((ours, "data:", "blob:")):
            wrong.append(f"from outside: {request.url}")

    page.on("console", said)
    page.on("pageerror", raised)
    page.on("request", asked)
