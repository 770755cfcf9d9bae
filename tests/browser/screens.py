"""Pictures of every page, of all that opens above them, and of every message and form that the bot sends.

`python -m tests.browser.screens FOLDER` takes them, in light and dark, on a phone and on a wide screen: for eyes.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from playwright.async_api import Page
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox import running as sandbox_running
from bot.sandbox.slack import seed
from tests.browser import demo, exhibits
from tests.browser.furnished import Places, furnish, resolve
from tests.browser.window import Scheme, Windows, chromium, launched

WIDTHS = {390: 844, 1280: 800}
SETTLED = 400
"""Milliseconds until a page has scrolled and its pictures are there."""
Opener = Callable[[Page], Awaitable[None]]


@dataclass
class Camera:
    """Takes each picture in both colours and in all widths."""

    pages: list[Page]
    url: str
    folder: Path

    @staticmethod
    async def on(windows: Windows, url: str, folder: Path) -> "Camera":
        pages = [await windows.open(url, width=width, height=height) for width, height in WIDTHS.items()]
        return Camera(pages, url, folder)

    async def take(self, name: str, path: str, opens: Opener | None = None) -> None:
        for page, width in zip(self.pages, WIDTHS, strict=True):
            await page.goto(self.url + path)
            if opens:
                await opens(page)
            await page.wait_for_timeout(SETTLED)
            for scheme in get_args(Scheme):
                await page.emulate_media(color_scheme=scheme)
                await page.screenshot(path=self.folder / f"{name}-{width}-{scheme}.png")


def pages(places: Places) -> Iterator[tuple[str, str]]:
    """All pages by name, as Ada sees them; and what is different for others."""
    yield "room", f"/as/ada{places.room}"
    yield "thread", f"/as/ada{places.thread}"
    yield "details", f"/as/ada{places.room}?pane=details"
    yield "announcements", f"/as/ada/c/{seed.INCIDENTS}"
    yield "general-unread", f"/as/ada/c/{seed.GENERAL}"
    yield "empty-channel", f"/as/ada/c/{seed.OPS}"
    yield "home", "/as/ada/home"
    yield "pager", "/as/ada/pager"
    yield "pager-incident", f"/as/ada{places.incident}"
    yield "weather", "/as/ada/weather"
    yield "file", f"/as/ada{places.file}"
    yield "guest", "/as/gus"
    yield "external", "/as/xenia"
    yield "not-joined", f"/as/finn{places.room}"
    yield "no-login", "/as/xenia/pager"
    yield "beside", "/beside/ada/bo"
    yield "nowhere", "/as/ada/c/C000000000"


async def presses(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label).first.click()


async def identity(page: Page) -> None:
    await presses(page, "You are Ada Marsh")


async def drawer(page: Page) -> None:
    if await (found := page.get_by_role("button", name="Channels", exact=True)).is_visible():
        await found.click()


async def browse(page: Page) -> None:
    await drawer(page)
    await presses(page, "Join or make a channel")


async def whom(page: Page) -> None:
    await drawer(page)
    await presses(page, "Message somebody")


async def message_menu(page: Page) -> None:
    await page.get_by_role("button", name="More actions").last.click()


async def picker(page: Page) -> None:
    await page.locator("[data-emoji-into]").first.click()


async def jump(page: Page) -> None:
    await page.keyboard.press("Control+k")


async def keys(page: Page) -> None:
    await identity(page)
    await presses(page, "Keys")


async def write(page: Page, words: str) -> None:
    """Into the composer, in place of the draft that the last picture left there."""
    composer = page.get_by_role("main").get_by_role("textbox").last
    await composer.clear()
    await composer.press_sequentially(words)


async def offers(page: Page) -> None:
    await write(page, "/")


async def mentions(page: Page) -> None:
    await write(page, "Ask @")


async def refused(page: Page) -> None:
    await write(page, "/nothing ")
    await page.keyboard.press("Enter")


async def form(page: Page) -> None:
    await write(page, "/incident update ")
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("textbox").first.wait_for()


async def sent(page: Page) -> None:
    await message_menu(page)
    await page.get_by_role("menuitem", name="What was sent").click()


OVER_A_ROOM: dict[str, Opener] = {
    "identity": identity,
    "browse": browse,
    "whom": whom,
    "drawer": drawer,
    "message-menu": message_menu,
    "picker": picker,
    "jump": jump,
    "keys": keys,
    "offers": offers,
    "mentions": mentions,
    "refused": refused,
    "sent": sent,
    "form": form,
}


async def pages_of_the_demo(windows: Windows, folder: Path) -> None:
    async with demo.running() as running:
        places = await furnish(running.url)
        camera = await Camera.on(windows, running.url, folder)
        for name, path in pages(places):
            await _tried(camera, name, path)
        for name, opens in OVER_A_ROOM.items():
            await _tried(camera, f"over-{name}", f"/as/ada{places.room}", opens)
        draft = await resolve(running.url, places)
        await _tried(camera, "room-resolved", f"/as/bo{places.room}")
        await _tried(camera, "postmortem", f"/as/bo{draft}")


async def _tried(camera: Camera, name: str, path: str, opens: Opener | None = None) -> None:
    """One picture that cannot be taken keeps nobody from the others."""
    try:
        await camera.take(name, path, opens)
    except Exception as error:
        print(f"{name}: {str(error).splitlines()[0]}", flush=True)


async def exhibits_of_the_bot(windows: Windows, folder: Path) -> None:
    with sandbox_running() as sandbox:
        handler = await _connected(sandbox)
        web = AsyncWebClient(seed.BOT_TOKEN, base_url=sandbox.slack_url)
        camera = await Camera.on(windows, sandbox.url, folder)
        async with SandboxClient(sandbox.url) as hands:
            await _messages(camera, web)
            for name in exhibits.forms():
                await hands.slack.command("ada", "#ops", name, raw=True)
                await _tried(camera, f"form-{name.replace('/', '-')}", f"/as/ada/c/{seed.OPS}")
                await hands.slack.close("ada", clear=True)
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _connected(sandbox: Sandbox) -> AsyncSocketModeHandler:
    web = AsyncWebClient(seed.BOT_TOKEN, base_url=sandbox.slack_url)
    app = AsyncApp(client=web, signing_secret=seed.SIGNING_SECRET)
    exhibits.shows_forms(app)
    client = AsyncWebClient(seed.APP_TOKEN, base_url=sandbox.slack_url)
    handler = AsyncSocketModeHandler(app, seed.APP_TOKEN, web_client=client)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    return handler


async def _messages(camera: Camera, web: AsyncWebClient) -> None:
    """Each message by itself, in a window high enough for it."""
    for name, content in exhibits.said().items():
        posted = await web.chat_postMessage(channel=seed.INCIDENTS, text=content["text"], blocks=content["blocks"])
        await _tried(camera, f"said-{name.replace('/', '-')}", f"/as/ada/c/{seed.INCIDENTS}?at={posted['ts']}")
        await web.chat_delete(channel=seed.INCIDENTS, ts=str(posted["ts"]))


async def take(folder: Path) -> list[str]:
    """All of them, into a folder; what went wrong on the pages meanwhile."""
    program = chromium()
    if program is None:
        raise SystemExit("There is no chromium here.")
    async with launched(program) as windows:
        await pages_of_the_demo(windows, folder)
        await exhibits_of_the_bot(windows, folder)
        return windows.wrong


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("python -m tests.browser.screens FOLDER")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    wrong = asyncio.run(take(Path(sys.argv[1])))
    raise SystemExit("\n".join(wrong) or 0)
