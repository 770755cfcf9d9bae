"""What one does on the PagerDuty and the weather page, seen as it happens."""

import re

from playwright.async_api import expect

from bot.sandbox import Sandbox, SandboxClient
from tests.browser.conftest import Open
from tests.sandbox.test_pagerduty_webhooks import Receiver, receiver

__all__ = ["receiver"]


async def test_an_alert_is_fired_acknowledged_and_delivered_again(
    sandbox: Sandbox, hands: SandboxClient, receiver: Receiver, screen: Open
) -> None:
    await hands.pagerduty.subscribe(receiver.url)
    page = await screen(f"{sandbox.url}/as/bo/pager")
    await page.get_by_label("What breaks").select_option("Card payments time out")
    await page.get_by_role("button", name="Fire", exact=True).click()
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Card payments time out"))
    await expect(card).to_contain_text("Calling Finn Okafor")
    await card.get_by_role("button", name="Acknowledge").click()
    await expect(card).to_contain_text("Bo Lind has it")
    await page.get_by_role("button", name="Deliver triggered #1 again").click()
    await expect(page.get_by_role("button", name="Deliver triggered #1 again")).to_have_count(2)
    await receiver.wait_for(3)
    assert receiver.types == ["incident.triggered", "incident.acknowledged", "incident.triggered"]

    await page.get_by_label("What breaks").select_option("Something else …")
    await page.get_by_label("What the monitor says").fill("The moon is gone")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="The moon is gone").click()
    await page.get_by_role("button", name="Hand over…").click()
    await page.get_by_role("button", name="Ada Marsh").click()
    await expect(page.get_by_role("region", name="Incident")).to_contain_text("Calling Ada Marsh")
    await page.get_by_label("Note").fill("It was here yesterday")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("listitem").filter(has_text="Bo Lind noted")).to_contain_text("It was here yesterday")


async def test_a_slider_pushed_with_the_keyboard_acts_and_comes_back_with_fair_weather(
    sandbox: Sandbox, hands: SandboxClient, screen: Open
) -> None:
    page = await screen(f"{sandbox.url}/as/ada/weather")
    slider = page.get_by_role("region", name="Slack").get_by_role("slider", name="Too many requests")
    await slider.focus()
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    await expect(page.get_by_text("Slack answers 429: too many requests, for one call in five.")).to_be_visible()
    await expect(slider).to_have_attribute("aria-valuetext", "one call in five")
    assert [(rule["kind"], rule["probability"]) for rule in await hands.faults()] == [("429", 0.2)]
    await page.get_by_role("button", name="Drop the sockets").click()
    await page.get_by_role("button", name="Fair weather").click()
    await expect(page.get_by_role("heading", name=re.compile("fair"))).to_be_visible()
    await expect(slider).to_have_value("0")
    assert await hands.faults() == []
    await expect(page.locator("#toasts")).to_be_empty()
