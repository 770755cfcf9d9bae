"""The workspace page under way: one keeps one's place in a long channel, and finds the way into others."""

import re

from playwright.async_api import Page, expect

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.browser.conftest import Open

PLACE = """() => {
    const box = document.getElementById("scroll");
    const top = box.getBoundingClientRect().top;
    const first = [...box.querySelectorAll(".message")].find((each) => each.getBoundingClientRect().bottom > top);
    return [first.id, Math.round(first.getBoundingClientRect().top - top)];
}"""
REST = """() => {
    const box = document.getElementById("scroll");
    return box.scrollHeight - box.scrollTop - box.clientHeight;
}"""


async def scrolled(page: Page, pixels: int) -> None:
    """As a wheel does; a page is told of it with its next frame."""
    await page.evaluate("(by) => document.getElementById('scroll').scrollBy(0, by)", pixels)
    await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


async def test_whoever_reads_further_up_keeps_their_place_whatever_comes_below_or_above(
    sandbox: Sandbox, hands: SandboxClient, screen: Open
) -> None:
    said = [(await hands.slack.post("ada", "#ops", f"number {n}."))["ts"] for n in range(130)]
    await hands.slack.post("ada", "#ops", "an answer", thread_ts=said[110])
    page = await screen(f"{sandbox.url}/as/ada/c/{seed.OPS}")
    log = page.get_by_role("log", name="Messages")
    await scrolled(page, 100_000)
    await hands.slack.post("bo", "#ops", "seen as it comes")
    await expect(log.get_by_text("seen as it comes")).to_be_in_viewport()

    await scrolled(page, -900)
    place = await page.evaluate(PLACE)
    for words in ("one", "two"):
        await hands.slack.post("bo", "#ops", words)
    await expect(page.get_by_role("button", name="2 new")).to_be_visible()
    await hands.slack.react("bo", "#ops", said[0], "eyes")
    assert await page.evaluate(PLACE) == place
    # Without the pointer: that would scroll the page to where it can be pressed.
    await page.get_by_role("link", name=re.compile("1 reply")).dispatch_event("click")
    await expect(page.get_by_role("log", name="Thread").get_by_text("an answer")).to_be_visible()
    assert await page.evaluate(PLACE) == place
    await page.get_by_role("link", name="Close the thread").click()
    await expect(page.get_by_role("log", name="Thread")).to_have_count(0)
    assert await page.evaluate(PLACE) == place

    await hands.slack.post("bo", "#ops", "three")
    await page.get_by_role("button", name="1 new").click()
    await expect(log.get_by_text("three")).to_be_in_viewport()
    assert await page.evaluate(REST) < 2

    oldest = log.get_by_role("article").filter(has_text="number 75.")
    await page.evaluate("() => (document.getElementById('scroll').scrollTop = 30)")
    await expect(log.get_by_text("number 20.", exact=True)).to_be_attached()
    await expect(oldest).to_be_in_viewport()
    await page.goto(f"{sandbox.url}/as/ada/c/{seed.OPS}?at={said[3]}")
    await expect(log.get_by_text("number 3.", exact=True)).to_be_in_viewport()


async def test_conversations_are_made_closed_left_joined_and_call_from_afar(
    sandbox: Sandbox, hands: SandboxClient, screen: Open
) -> None:
    await hands.slack.create_channel("bo", "release-train")
    page = await screen(f"{sandbox.url}/as/ada/c/{seed.OPS}")
    role = page.get_by_role
    await role("button", name="Join or make a channel").click()
    await page.get_by_label("Name", exact=True).press_sequentially("Payments rollout")
    await role("button", name="Make it").click()
    await expect(role("heading", name="payments-rollout", level=1)).to_be_visible()
    await role("link", name="Add people").click()
    await page.get_by_label("Whom to add").select_option("Muster")
    await role("button", name="Add", exact=True).click()
    await expect(role("button", name="Remove Muster")).to_be_visible()
    await page.get_by_label("Topic").fill("half of a <topic>")
    await hands.slack.invite("ada", "#payments-rollout", "bo")
    await expect(role("button", name="Remove Bo Lind")).to_be_visible()
    await expect(page.get_by_label("Topic")).to_have_value("half of a <topic>")
    await role("button", name="Set").click()
    await expect(page.locator("#channel-head")).to_contain_text("half of a <topic>")
    await role("button", name="Archive", exact=True).click()
    await role("dialog", name="Archive #payments-rollout?").get_by_role("button", name="Archive").click()
    await expect(role("textbox", name="Message #payments-rollout")).to_be_hidden()
    await role("button", name="Bring it back").click()
    await expect(role("textbox", name="Message #payments-rollout")).to_be_visible()
    await role("button", name="Leave", exact=True).click()
    await expect(role("textbox", name="Message #ops")).to_be_visible()
    await role("button", name="Join or make a channel").click()
    await role("button", name="Join #release-train").click()
    await expect(role("textbox", name="Message #release-train")).to_be_visible()

    await role("button", name="Message somebody").click()
    await role("button", name="Carla Reyes").click()
    await expect(page).to_have_title("Carla Reyes · Ada Marsh · Sandbox")
    await hands.slack.post("bo", "#ops", "among ourselves")
    await expect(page).to_have_title("• Carla Reyes · Ada Marsh · Sandbox")
    await hands.slack.post("bo", "#ops", "@ada look")
    await expect(page).to_have_title("(1) Carla Reyes · Ada Marsh · Sandbox")
    await role("link", name="ops", exact=False).first.click()
    await expect(page).to_have_title("ops · Ada Marsh · Sandbox")
    await expect(page.get_by_text("New", exact=True)).to_be_visible()
