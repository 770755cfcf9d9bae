"""How long from an act to what one sees of it, in a workspace of 20 channels and 2,000 messages.

`python -m tests.browser.speed` prints the figures; without anything else on the machine they are those of the README.
"""

import asyncio
import statistics
from dataclasses import dataclass
from itertools import pairwise

from playwright.async_api import CDPSession, Page

from bot.sandbox import SandboxClient, running
from tests.browser.window import Windows, chromium, launched

CHANNELS, MESSAGES, ACTS = 20, 2_000, 60
STORM, SECONDS = 300, 10.0
BUSY = "#general"
WATCH = """() => {
    window.longest = 0; window.frames = [];
    const took = ({ duration }) => { longest = Math.max(longest, duration); };
    new PerformanceObserver((list) => list.getEntries().forEach(took)).observe({ type: "longtask" });
    const frame = (at) => { frames.push(at); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""
SEND = """async (words) => {
    const field = document.getElementById("composer"), list = document.getElementById("messages");
    field.value = words;
    const begun = performance.now();
    const seen = new Promise((told) => new MutationObserver((_, watch) => {
        if (!list.lastElementChild.textContent.includes(words)) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => told(performance.now() - begun)));
    }).observe(list, { childList: true, subtree: true, characterData: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    return seen;
}"""


@dataclass(frozen=True)
class Figures:
    """Milliseconds from key to picture; and of a storm of messages: the longest task and frame by the clock, and the
    page's own work for each message, which other programs on the machine do not lengthen."""

    acts: list[float]
    longest_task: float
    longest_frame: float
    work: float
    shown: int
    arrived: bool

    @property
    def p50(self) -> float:
        return statistics.median(self.acts)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.acts, n=20)[-1]

    def __str__(self) -> str:
        return (
            f"{ACTS} messages sent among {MESSAGES:,} in {CHANNELS} channels, key to picture: "
            f"p50 {self.p50:.0f} ms, p95 {self.p95:.0f} ms.\n"
            f"{STORM} messages in {SECONDS:g} s: {self.work:.1f} ms of the page's work for each, longest task "
            f"{self.longest_task:.0f} ms, longest frame {self.longest_frame:.0f} ms, {self.shown} messages in the page."
        )


async def measure(windows: Windows, url: str) -> Figures:
    """Fills the sandbox, acts in it, and lets the storm come while two windows look on."""
    async with SandboxClient(url) as hands:
        await _fill(hands)
        page = await windows.open(f"{url}/as/ada/c/general")
        await windows.open(f"{url}/as/bo/c/general")
        await page.evaluate(WATCH)
        acts = [await page.evaluate(SEND, f"Act {number} of them") for number in range(ACTS)]
        await page.evaluate("() => { longest = 0; frames.length = 0; }")
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        work = await _worked(session)
        await _storm(hands)
        return await _figures(page, acts, (await _worked(session) - work) / STORM)


async def _fill(hands: SandboxClient) -> None:
    here = len(await hands.slack.channels())
    rooms = [f"room-{number}" for number in range(CHANNELS - here)]
    for room in rooms:
        await hands.slack.create_channel("ada", room)
    for number in range(MESSAGES):
        room = BUSY if number % 2 else f"#{rooms[number % len(rooms)]}"
        await hands.slack.post("ada", room, f"Message {number}: the *queue* of `checkout` is {number} long :eyes:")


async def _storm(hands: SandboxClient) -> None:
    clock = asyncio.get_running_loop().time
    begun = clock()
    for number in range(STORM):
        await asyncio.sleep(max(0.0, begun + number * SECONDS / STORM - clock()))
        await hands.slack.post("carla", BUSY, f"Storm {number}.")


async def _worked(session: CDPSession) -> float:
    """Milliseconds that the page's main thread has been on a processor.

    https://chromedevtools.github.io/devtools-protocol/tot/Performance/#method-enable
    """
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration")) * 1000


async def _figures(page: Page, acts: list[float], work: float) -> Figures:
    await page.wait_for_timeout(500)
    last = await page.evaluate("(words) => messages.textContent.includes(words)", f"Storm {STORM - 1}.")
    frames: list[float] = await page.evaluate("frames")
    return Figures(
        acts,
        await page.evaluate("longest"),
        max(after - before for before, after in pairwise(frames)),
        work,
        await page.locator("#messages article").count(),
        last,
    )


async def main() -> Figures:
    program = chromium()
    if program is None:
        raise SystemExit("There is no chromium here.")
    with running() as sandbox:
        async with launched(program) as windows:
            return await measure(windows, sandbox.url)


if __name__ == "__main__":
    print(asyncio.run(main()))
