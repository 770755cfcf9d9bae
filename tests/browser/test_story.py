"""The whole story in the browser: two people and one incident, from the alert to the postmortem, through a kill."""

import re

from playwright.async_api import expect

from bot.sandbox import SandboxClient
from bot.terminal.books import judged, read_books
from tests.browser.demo import Demo
from tests.browser.person import Person
from tests.browser.window import Windows

ALERT = "Sign-in fails for people with a passkey"
ROOM = "inc-1"
START = 45_000
"""Milliseconds that the bot may take to come back."""
SAID = "It began with the deploy at 14:02"


async def test_two_people_run_an_incident_in_the_browser_from_the_alert_to_the_postmortem(
    demo: Demo, windows: Windows
) -> None:
    ada = Person(await windows.open(f"{demo.url}/as/ada/pager"))
    await fires_an_alert(ada)
    await joins_the_room(ada)
    await takes_command(ada)
    await writes_it_down(ada)
    await tells_everybody(ada)
    bo = Person(await windows.open(f"{demo.url}/as/bo/c/C0INCIDENT"))
    await joins_the_room(bo)
    await hands_over(ada, bo)
    await kills_the_bot_and_starts_it_again(ada)
    await resolves(bo)
    await reads_the_postmortem(bo)

    async with SandboxClient(demo.url) as hands:
        books = await read_books(hands, demo.database_url)
    assert [incident.number for incident in books.incidents] == [1]
    assert not judged(books)[1]


async def fires_an_alert(ada: Person) -> None:
    await ada.page.get_by_role("combobox", name="What breaks").select_option(label=ALERT)
    await ada.presses("Fire")
    await expect(ada.page.get_by_role("link", name=ALERT)).to_be_visible()
    await ada.goes("Chat", "incidents")


async def joins_the_room(somebody: Person) -> None:
    await somebody.presses("Join", await somebody.sees(ALERT))
    await somebody.goes(ROOM)
    await expect(somebody.page.get_by_role("heading", level=1, name=re.compile(ROOM))).to_be_visible()


async def takes_command(ada: Person) -> None:
    await ada.presses("Take Incident Commander")
    await ada.sees("Ada Marsh is Incident Commander.")
    await ada.says("/incident sev 1")
    await ada.sees("SEV1")


async def writes_it_down(ada: Person) -> None:
    await ada.says("/incident note Deploy 4.2 is suspected")
    await ada.sees("Deploy 4.2 is suspected")
    await ada.says(SAID)
    await ada.reacts(SAID, "pushpin")


async def tells_everybody(ada: Person) -> None:
    await ada.says("/incident update")
    form = ada.form("Update on INC-1")
    await form.get_by_role("textbox", name="How do things stand?").fill("Half of all passkeys are refused")
    await ada.presses("Post", form)
    await expect(form).to_have_count(0)
    await ada.sees("Half of all passkeys are refused")


async def hands_over(ada: Person, bo: Person) -> None:
    await ada.says("/incident handover @bo")
    await bo.sees("Ada Marsh handed Incident Commander over to @Bo Lind")


async def kills_the_bot_and_starts_it_again(ada: Person) -> None:
    """What is asked of it while it is dead is refused in plain words, which stay; it goes on as soon as it is back."""
    page = ada.page
    room = page.url
    await ada.goes("Weather")
    await ada.presses("Kill Muster")
    await expect(page.get_by_role("heading", name="Muster is not there")).to_be_visible()
    await page.goto(room)
    await ada.tries("/incident note Nobody hears this")
    await expect(page.get_by_role("status")).to_contain_text("The app is not there.")
    await expect(ada.composer).to_have_value("/incident note Nobody hears this")
    await ada.reacts("Half of all passkeys are refused", "pushpin")
    await ada.goes("Weather")
    await ada.presses("Start Muster")
    await expect(page.get_by_role("heading", name="Muster is running")).to_be_visible(timeout=START)


async def resolves(bo: Person) -> None:
    await bo.says("/incident resolve Rolled back to 4.1")
    await bo.sees("Rolled back to 4.1")


async def reads_the_postmortem(bo: Person) -> None:
    draft = bo.page.get_by_role("log", name="Messages").get_by_role("figure").last
    await expect(draft).to_contain_text("Postmortem")
    await draft.get_by_role("link").first.click()
    await expect(bo.page.get_by_role("heading", name="Timeline")).to_be_visible()
    await expect(bo.page.get_by_role("main")).to_contain_text(SAID)
