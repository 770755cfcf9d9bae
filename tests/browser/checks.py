"""What must hold on every page: axe finds nothing, nothing lies beyond the edge, the keyboard reaches all."""

import functools
from importlib.resources import files
from typing import Any

from playwright.async_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
    const found = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return found.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target, failureSummary }) =>
        `${target.join(" ")}: ${failureSummary.replaceAll("\\n", " ")}`) }));
}"""
WIDER = """() => [...document.querySelectorAll("body *")].filter((each) => {
    const { right, width } = each.getBoundingClientRect();
    each.right = right;
    const scrolls = each.closest(".scroll-x, pre, table, .table, #bookmarks, ul.menu");
    return width > 0 && right > innerWidth + 1 && !scrolls && each.checkVisibility({ visibilityProperty: true });
}).map((each) => `${each.localName}#${each.id}.${each.className} to ${each.right}`)"""
ORDER = """() => {
    const name = (each) => each.getAttribute("aria-label") || each.textContent.trim() || each.name || each.id;
    const { left, top } = document.activeElement.getBoundingClientRect();
    return [document.activeElement.localName, name(document.activeElement), left, top];
}"""


@functools.cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


async def accessible(page: Page) -> list[str]:
    """A sentence for each thing that axe holds against the page. https://dequeuniversity.com/rules/axe/"""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(_axe())  # not as a script of the page: its policy forbids that, rightly
    found: list[dict[str, Any]] = await page.evaluate(RUN, RULES)
    return [f"{page.url}: {each['help']} ({each['id']})\n    " + "\n    ".join(each["where"]) for each in found]


async def beyond_the_edge(page: Page) -> list[str]:
    """What stands further right than the window is wide."""
    return [f"{page.url}: {each}" for each in await page.evaluate(WIDER)]


async def by_keyboard(page: Page, most: int = 200) -> list[str]:
    """The names of all that Tab reaches, in order, once around."""
    reached: list[str] = []
    await page.evaluate("document.activeElement.blur()")
    for _ in range(most):
        await page.keyboard.press("Tab")
        kind, name, _, _ = await page.evaluate(ORDER)
        if kind == "body" or (reached and f"{kind} {name}" == reached[0]):
            break
        reached.append(f"{kind} {name}")
    return reached
