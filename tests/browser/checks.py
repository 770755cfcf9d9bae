"""What must hold on every page: axe finds nothing, nothing lies beyond the edge, the keyboard reaches all."""

import functools
from importlib.resources import files
from typing import Any

from playwright.async_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async ([type, values]) => {
    const found = await axe.run(document, { runOnly: { type, values }, resultTypes: ["violations"] });
    return found.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target, failureSummary }) =>
        `${target.join(" ")}: ${failureSummary.replaceAll("\\n", " ")}`) }));
}"""
WIDER = """() => {
    const words = document.createRange();
    const edges = (each) => [...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).flatMap((node) => {
        words.selectNodeContents(node);
        return [...words.getClientRects()];
    }).concat(each.getBoundingClientRect()).filter(({ width }) => width > 0).map(({ right }) => right);
    const isCut = (each) => each && (getComputedStyle(each).textOverflow === "ellipsis" || isCut(each.parentElement));
    const far = (each) => Math.max(0, ...edges(each));
    return [...document.querySelectorAll("body *")].filter((each) => far(each) > innerWidth + 1)
        .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !isCut(each))
        .filter((each) => !each.closest("pre, .wide, #bookmarks, .quiet"))
        .map((each) => `${each.localName}#${each.id}.${each.className} goes to ${far(each)}`);
}"""
LISTEN = """() => {
    window.reached = new Set();
    window.there = new Set(wanted()); // What comes meanwhile may come above where one is.
    document.addEventListener("focusin", ({ target }) => reached.add(target));
    wanted()[0].focus();
}"""
IS_THROUGH = "() => document.activeElement === document.body || document.activeElement === wanted()[0]"
MISSED = """() => {
    const name = (each) => each.getAttribute("aria-label") || each.textContent.trim() || each.name || each.id;
    const missed = wanted().filter((each) => there.has(each) && !reached.has(each));
    return missed.map((each) => `${each.localName} "${name(each)}"`);
}"""
WANTED = """window.wanted = () => {
    const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const all = [...document.querySelectorAll(kinds)].filter((each) => !each.disabled && each.tabIndex >= 0);
    return all.filter((each) => each.checkVisibility({ visibilityProperty: true }));
}"""


MOST = 400
"""So many times Tab is pressed, at most: what one comes to may bring buttons of its own."""


@functools.cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


async def accessible(page: Page) -> list[str]:
    """A sentence for each thing that axe holds against the page. https://dequeuniversity.com/rules/axe/"""
    return await _found(page, "tag", RULES)


async def legible(page: Page) -> list[str]:
    """Of that, what depends on colours."""
    return await _found(page, "rule", ["color-contrast", "link-in-text-block"])


async def _found(page: Page, kind: str, rules: list[str]) -> list[str]:
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(_axe())  # not as a script of the page: its policy forbids that, rightly
    found: list[dict[str, Any]] = await page.evaluate(RUN, [kind, rules])
    return [f"{page.url}: {each['help']} ({each['id']})\n    " + "\n    ".join(each["where"]) for each in found]


async def beyond_the_edge(page: Page) -> list[str]:
    """What stands further right than the window is wide."""
    return [f"{page.url}: {each}" for each in await page.evaluate(WIDER)]


async def out_of_reach(page: Page) -> list[str]:
    """What one could press or fill in and what Tab does not come to."""
    await page.evaluate(WANTED)
    await page.evaluate(LISTEN)
    for _ in range(MOST):
        await page.keyboard.press("Tab")
        if await page.evaluate(IS_THROUGH):
            break
    return [f"{page.url}: Tab does not reach {each}" for each in await page.evaluate(MISSED)]
