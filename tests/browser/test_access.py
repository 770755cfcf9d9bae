"""The pages for everybody: with a screen reader, without a pointer, in either colour, on a phone."""

from tests.browser.checks import accessible, beyond_the_edge, legible, out_of_reach
from tests.browser.demo import Demo
from tests.browser.furnished import Places, furnish
from tests.browser.screens import OVER_A_ROOM
from tests.browser.window import Windows

OVER = ("identity", "message-menu", "picker", "jump", "offers", "sent", "form")


async def test_every_page_is_labelled_legible_reached_by_keyboard_and_no_wider_than_a_phone(
    demo: Demo, windows: Windows
) -> None:
    places = await furnish(demo.url)
    wide = await windows.open(f"{demo.url}/as/ada")
    phone = await windows.open(f"{demo.url}/as/ada", width=390, height=844)
    wrong: list[str] = []
    for path in paths(places):
        await wide.goto(demo.url + path)
        wrong += await accessible(wide) + await out_of_reach(wide)
        await wide.emulate_media(color_scheme="dark")
        wrong += await legible(wide)
        await wide.emulate_media(color_scheme="light")
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
