"""Somebody at the pages: finds everything by its role and its name, as eyes and screen readers do."""

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect


@dataclass(frozen=True)
class Person:
    """What a person does on one page, and what they see there. Whatever is not there in time fails the test."""

    page: Page

    async def goes(self, *names: str) -> None:
        """Follows links of the page's own navigation, by how their names begin."""
        for name in names:
            link = self.page.get_by_role("navigation").get_by_role("link", name=re.compile(rf"^{re.escape(name)}"))
            await link.first.click()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("main").get_by_role("textbox", name=re.compile("^Message "))

    async def says(self, words: str) -> None:
        """Writes into the composer of the channel, and sends; a command, too."""
        await self.tries(words)
        await expect(self.composer).to_have_value("")

    async def tries(self, words: str) -> None:
        """Writes and sends what may be refused."""
        await self.composer.click()
        await self.composer.press_sequentially(f"{words} ")  # the space ends what is being completed
        await self.composer.press("Enter")

    async def presses(self, label: str, within: Locator | None = None) -> None:
        """The newest button of that name."""
        place = within or self.page.get_by_role("main")
        await place.get_by_role("button", name=label, exact=True).last.click()

    async def reacts(self, to: str, emoji: str) -> None:
        """Finds an emoji by name in the picker, for the message with these words."""
        message = self.message(to)
        await message.hover()
        await message.get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name="React with another emoji").click()
        await self.page.get_by_role("searchbox", name="Find an emoji").fill(emoji)
        await self.page.get_by_role("dialog", name="Emoji").get_by_role("button", name=emoji, exact=True).click()
        await expect(message.get_by_role("button", name=re.compile(f"^{emoji}, "))).to_be_visible()

    def form(self, title: str) -> Locator:
        return self.page.get_by_role("dialog", name=title)

    def message(self, words: str) -> Locator:
        """The newest message in the channel that says so."""
        return self.page.get_by_role("log", name="Messages").get_by_role("article").filter(has_text=words).last

    async def sees(self, words: str) -> Locator:
        """Waits until a message says so."""
        await expect(self.message(words)).to_be_visible()
        return self.message(words)
