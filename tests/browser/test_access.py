"""The pages for everybody: with a screen reader, by keyboard alone, in either colour, on a phone."""

from collections.abc import AsyncIterator
from typing import get_args

from playwright.async_api import Page, expect

from tests.browser.checks import accessible, beyond_the_edge, by_keyboard
from tests.browser.demo import Demo
from tests.browser.furnished import Places, furnish
from tests.browser.screens import OVER_A_ROOM
from tests.browser.window import Scheme, Windows

OVER = ("identity", "message-menu", "picker", "jump", "offers", "sent")


async def test_every_page_is_labelled_legible_and_no_wider_than_a_phone(demo: Demo, windows: Windows) -> None:
    places = await furnish(demo.url)
    wide = await windows.open(f"{demo.url}/as/ada")
    phone = await windows.open(f"{demo.url}/as/ada", width=390, height=844)
    wrong: list[str] = []
    for path in paths(places):
        await wide.goto(demo.url + path)
        wrong += [each async for each in in_both_colours(wide)]
        await phone.goto(demo.url + path)
        wrong += await beyond_the_edge(phone)
    for name in OVER:
        await wide.goto(f"{demo.url}/as/ada{places.room}")
        await OVER_A_ROOM[name](wide)
        wrong += await accessible(wide)
    assert not wrong, "\n".join(wrong)


def paths(places: Places) -> list[str]:
    """Every kind of page."""
    within = (places.thread, f"{places.room}?pane=details", "/home", "/pager", places.incident, "/weather", places.file)
    return [f"/as/ada{path}" for path in within]


async def in_both_colours(page: Page) -> AsyncIterator[str]:
    for scheme in get_args(Scheme):
        await page.emulate_media(color_scheme=scheme)
        for each in await accessible(page):
            yield f"{scheme}: {each}"


async def test_an_incident_is_declared_without_a_pointer(demo: Demo, windows: Windows) -> None:
    page = await windows.open(f"{demo.url}/as/ada/home")
    await expect(page.get_by_role("button", name="Declare an incident")).to_be_visible()
    reached = await by_keyboard(page)
    for wanted in ("a Skip to the conversation", "a Chat", "a PagerDuty", "a Weather", "button Declare an incident"):
        assert wanted in reached, reached
    await page.get_by_role("button", name="Declare an incident").press("Enter")
    form = page.get_by_role("dialog", name="Declare an incident")
    await expect(form.get_by_role("textbox", name="What is wrong?")).to_be_focused()
    await page.keyboard.type("Cards fail")
    await page.keyboard.press("Control+Enter")
    await expect(form).to_have_count(0)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("inc-1")
    await expect(page.get_by_role("option", name="inc-1-cards-fail")).to_be_visible()
    await page.keyboard.press("Enter")
    composer = page.get_by_role("textbox", name="Message #inc-1-cards-fail")
    await expect(composer).to_be_focused()
    await page.keyboard.type("/incident lead ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log", name="Messages")).to_contain_text("You have command of INC-1 already.")
