"""A storm of alerts over many services in a minute, with Slack's limits in force: what people see of it, and how soon.

Limits: a message a second per channel without any burst, 20 new channels and topics, 50 edits, 50 invitations a minute.
The alerts come as webhooks, spread over the minute, in any order of services; one in twenty is a P2, one in a hundred
a P1.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from bot.sandbox.client import SandboxClient
from tests.bench.bot import Running, running
from tests.bench.databases import count, until
from tests.bench.figures import Figure, Wish
from tests.bench.filling import kept

LATENCY = 0.12
AFTER_WARM_UP = 5.0
GRAVE, GRAVEST = 20, 100
"""Every so many-th alert is a P2, a P1."""
ROOMS, MESSAGES, CARD_WITHIN = 3, 40, 10
"""What a storm may cost in rooms and messages, and the seconds after the last alert in which its card is right."""
BELONGS = "SELECT count(*) FROM alert WHERE incident IS NOT NULL AND source = 'pagerduty'"
STORMS = "SELECT count(*) FROM incident WHERE storm"


async def storm(wish: Wish) -> AsyncIterator[Figure]:
    """2,000 alerts over 60 services in a minute: rooms, messages, alerts lost, and when the card is right."""
    alerts, services, seconds = wish.size(2_000, 200), wish.size(60, 20), wish.size(60, 10)
    names = [f"Storm {n:02d}" for n in range(services)]
    async with running(slack_mode="http", services=names, storms=True) as bot:
        await bot.hands.slack.configure(limits="strict")
        await bot.hands.set_latency("slack", LATENCY)
        await asyncio.sleep(AFTER_WARM_UP)
        before = count(bot.database, BELONGS)
        since, cpu = await bot.hands.last_call(), bot.program.cpu
        wish.say(f"{alerts:,} alerts over {services} services in {seconds} s")
        took = await _fire(bot.hands, names, alerts, seconds)
        last = time.time()
        yield Figure(f"{alerts:,} alerts were fired in", took, "s", most=1.3 * seconds)
        await until(lambda: count(bot.database, BELONGS) - before >= alerts, seconds=120, every=0.1)
        yield Figure("after the last alert: all are in incidents", time.time() - last, "s", most=CARD_WITHIN)
        spent = (bot.program.cpu - cpu) * 1000 / alerts
        wish.say("until all is said")
        await kept(bot.database, seconds=600)
        async for figure in _seen(bot, since, alerts, last):
            yield figure
        undone = count(bot.database, "SELECT count(*) FROM effect WHERE state NOT IN ('kept', 'dropped')")
        yield Figure("promises not kept", undone, most=0)
        yield Figure("alerts lost", alerts - (count(bot.database, BELONGS) - before), most=0, note=f"of {alerts:,}")
        yield Figure("processor time for each alert", spent, "ms", note="all that follows from it included")
        yield Figure("memory at its worst", bot.program.most_resident, "MB")


async def _fire(hands: SandboxClient, names: Sequence[str], alerts: int, seconds: float) -> float:
    """Each in its moment of the time given; how long it really took."""
    begun = time.monotonic()

    async def one(n: int) -> None:
        await asyncio.sleep(max(0.0, n * seconds / alerts - (time.monotonic() - begun)))
        priority = "P1" if n % GRAVEST == GRAVEST - 1 else "P2" if n % GRAVE == GRAVE - 1 else None
        await hands.pagerduty.trigger(names[n * 7 % len(names)], f"fault {n}", priority=priority)

    await asyncio.gather(*(one(n) for n in range(alerts)))
    return time.monotonic() - begun


async def _seen(bot: Running, since: int, alerts: int, last: float) -> AsyncIterator[Figure]:
    """What Slack was asked for, and what stands on the storm's card."""
    calls = await bot.hands.calls("slack", since=since)
    good = [call for call in calls if call["outcome"] == "ok"]
    by_method = Counter(call["method"] for call in good)
    yield Figure("storm incidents", count(bot.database, STORMS), most=1, least=1)
    yield Figure("rooms opened", by_method["conversations.create"], most=ROOMS)
    told = ", ".join(f"{n} × {method}" for method, n in by_method.most_common(6))
    yield Figure("messages posted", by_method["chat.postMessage"], most=MESSAGES, note=told)
    refused = Counter(call["method"] for call in calls if call["status"] == 429)
    note = ", ".join(f"{n} × {method}" for method, n in refused.items())
    yield Figure("calls that Slack refused (429)", 100 * refused.total() / len(calls), "%", most=2, note=note)
    counted, right = _right(good, alerts)
    yield Figure("alerts counted on the card", counted, least=alerts * 0.9, note="others are in rooms of their own")
    yield Figure("after the last alert: the card is right", max(right - last, 0.0), "s", most=CARD_WITHIN)


def _right(calls: Sequence[Mapping[str, Any]], alerts: int) -> tuple[int, float]:
    """How many alerts the card counts in the end, and since when it says so (wall time)."""
    shown = [(_count(call), call["when"] + call["seconds"]) for call in calls if call["method"] == "chat.update"]
    most = max((n for n, _ in shown), default=0)
    return most, min((at for n, at in shown if n == most), default=time.time() + alerts)


def _count(call: Mapping[str, Any]) -> int:
    """The number of alerts that an edited message speaks of: `60 services, 1,840 of 2,000 firing`."""
    found = re.search(r"services, [\d,]+ of ([\d,]+) firing", str(call["args"].get("blocks", "")))
    return int(found[1].replace(",", "")) if found else 0
