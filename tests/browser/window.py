"""Opens pages in Debian's Chromium and keeps what goes wrong on them: errors, failures, anything from outside."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, Response, async_playwright, expect

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
"""A container's root may not use Chromium's own sandbox; small containers have little shared memory."""
PATIENCE = 15_000
"""Milliseconds that anything on a page may take, where several tests share two cores."""
Scheme = Literal["light", "dark"]


def chromium() -> str | None:
    """The browser's program: `$MUSTER_CHROMIUM`, else Debian's `chromium`."""
    return os.environ.get("MUSTER_CHROMIUM") or shutil.which("chromium")


@dataclass
class Windows:
    """One browser; every page is another person's, for pages of one context share six connections."""

    browser: Browser
    wrong: list[str] = field(default_factory=list)
    """A sentence for everything that a page should not have done."""

    async def open(self, address: str, *, width: int = 1280, height: int = 800, scheme: Scheme = "light") -> Page:
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        self._watch(page, urlsplit(address).netloc)
        await page.goto(address)
        return page

    def _watch(self, page: Page, ours: str) -> None:
        def said(message: ConsoleMessage) -> None:
            # The browser's own line for an act that the sandbox refuses: the page shows the refusal.
            if message.type in ("error", "warning") and "400 (Bad Request)" not in message.text:
                self.wrong.append(f"console of {page.url}: {message.text}")

        def raised(error: Error) -> None:
            self.wrong.append(f"script of {page.url}: {error}")

        def asked(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme not in ("data", "blob") and address.netloc != ours:
                self.wrong.append(f"{page.url} asks outside: {request.url}")

        def answered(response: Response) -> None:
            if response.status >= 500:
                self.wrong.append(f"{page.url}: {response.status} from {response.url}")

        page.on("console", said)
        page.on("pageerror", raised)
        page.on("request", asked)
        page.on("response", answered)


@contextlib.asynccontextmanager
async def launched(program: str) -> AsyncIterator[Windows]:
    """A browser of its own, without a screen; it ends with the block."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield Windows(browser)
        await browser.close()
