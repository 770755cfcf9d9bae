"""Twenty incidents at once while Slack enforces its limits to the letter, first in calm, then in a storm of sentences.

Limits: a message a second per channel without any burst, 20 new channels and 20 topics a minute, 50 edits. Told: what
is lost, how many calls Slack refuses, and whether rooms and pages are held up by what people write in twenty rooms.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from bot.sandbox.client import SandboxClient
from tests.bench import requests
from tests.bench.answers import usable_after
from tests.bench.bot import Running, running
from tests.bench.databases import ask, count, until
from tests.bench.figures import Figure, Wish, quantile
from tests.bench.filling import kept
from tests.bench.senders import send_all

LATENCY = 0.12
AFTER_WARM_UP = 5.0
REFILL = 62.0
"""Seconds until the budget of new channels is whole again."""
TARGETS = ("checkout", "payments", "search", "identity")
"""Services whose on-call is paged, each once in calm and once in the storm."""
PAGES = """SELECT (julianday(finished_at) - julianday(promised_at)) * 86400000 FROM effect
WHERE kind = 'page' AND state = 'kept' AND incident = {}"""
"""Milliseconds from the decision to page until PagerDuty had it."""
HURRY = 1.3
"""Times what it takes in calm: a room or a page that takes longer was held up."""


async def strict_limits(wish: Wish) -> AsyncIterator[Figure]:
    """Twenty rooms at once under Slack's strict limits: lost messages, refusals, and what sentences hold up."""
    rooms, sentences = wish.size(20, 4), wish.size(15, 3)
    calm, storm = ([f"{name} {n:03d}" for n in range(rooms)] for name in ("Calm", "Storm"))
    async with running(slack_mode="http", services=[*calm, *storm]) as bot:
        await bot.hands.slack.configure(limits="strict")
        await bot.hands.set_latency("slack", LATENCY)
        await asyncio.sleep(AFTER_WARM_UP)
        since = await bot.hands.last_call()
        wish.say(f"{rooms} rooms at once")
        before = await _rooms_and_pages(bot, calm, incident=1)
        if not wish.quick:
            wish.say("waiting for Slack's budget of new channels")
            await asyncio.sleep(REFILL)
        words = await _talk(bot, range(2, 2 + rooms), sentences)
        wish.say(f"{rooms} rooms at once, while {len(words)} sentences wait")
        after = await _rooms_and_pages(bot, storm, incident=2)
        wish.say("until all is said")
        await kept(bot.database, seconds=600)
        for what, one, other in zip(("rooms usable", "pages sent"), before, after, strict=True):
            most = max(HURRY * one, one + 100)
            yield Figure(f"{what} in calm: 95 %", one, "ms")
            yield Figure(f"{what} in a storm of sentences: 95 %", other, "ms", most=round(most))
        async for figure in _books(bot, since, words):
            yield figure


async def _rooms_and_pages(bot: Running, services: Sequence[str], incident: int) -> tuple[float, float]:
    """95 % of the rooms were usable, and all of four pages with PagerDuty, after so many milliseconds."""
    pages = asyncio.create_task(_page(bot, incident))
    usable = await usable_after(bot.hands, services, seconds=240)
    await pages
    await until(lambda: len(ask(bot.database, PAGES.format(incident))) == len(TARGETS), seconds=120)
    sent = [float(str(ms)) for (ms,) in ask(bot.database, PAGES.format(incident))]
    return quantile(usable, 0.95), max(sent)


async def _page(bot: Running, incident: int) -> None:
    """Once the alerts are in, somebody pages four services for an incident that is open already."""
    await asyncio.sleep(0.3)
    made = [requests.command(bot.port, f"page {target} INC-{incident}") for target in TARGETS]
    load = await send_all(bot.port, made, senders=1)
    assert load.refused == 0


async def _talk(bot: Running, incidents: Sequence[int], each: int) -> list[str]:
    """So many notes in every one of these rooms, at once; their words."""
    words = [f"sentence {n} of INC-{i}." for n in range(each) for i in incidents]
    made = [requests.command(bot.port, f"note INC-{told.split('INC-')[1][:-1]} {told}") for told in words]
    load = await send_all(bot.port, made, senders=8)
    assert load.refused == 0
    return words


async def _books(bot: Running, since: int, words: Sequence[str]) -> AsyncIterator[Figure]:
    """What Slack has in the end, against what was written and promised."""
    said = [str(message.get("text", "")) for message in await _messages(bot.hands)]
    times = [sum(told in text for text in said) for told in words]
    undone = count(bot.database, "SELECT count(*) FROM effect WHERE state NOT IN ('kept', 'dropped')")
    yield Figure("sentences lost", times.count(0), most=0, note=f"of {len(words)}")
    yield Figure("sentences said twice", sum(n > 1 for n in times), most=0)
    yield Figure("promises not kept", undone, most=0)
    calls = await bot.hands.calls("slack", since=since)
    by_method = Counter(call["method"] for call in calls if call["status"] == 429)
    told = "".join(f", {n} × {method}" for method, n in by_method.most_common())
    note = f"{by_method.total()} of {len(calls)}{told}"
    yield Figure("calls that Slack refused (429)", 100 * by_method.total() / len(calls), "%", most=2, note=note)


async def _messages(hands: SandboxClient) -> list[dict[str, object]]:
    rooms = [channel for channel in await hands.slack.channels() if channel["name"].startswith("inc-")]
    return [message for room in rooms for message in await hands.slack.messages(room["id"])]
