"""How long from a webhook to a usable war room, in round trips to Slack: `python -m tests.bench.war_room`.

Usable: the room exists, the on-call is invited and the card is posted, each answered by Slack. Slack takes 120 ms a
call. Printed: the ratio to two latencies for one incident at a time and for twenty at once, and new connections.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from typing import Any

from bot.sandbox.client import SandboxClient
from tests.bench.bot import running

REST = 1.5
"""Seconds between two incidents: the announcements of the first are out by then."""
REFILL = 5.0
"""Seconds in which the budget of new channels is whole again after the warm-up."""
SEEN = 1.5
"""Seconds after which the first look is taken at what was called."""
SLACK_CALLS = ("conversations.invite", "chat.postMessage")


async def main(latency: float, runs: int, burst: int) -> None:
    """Measures and prints; the bot and the sandbox are processes of their own."""
    await _one_at_a_time(latency, [f"Bench {n:03d}" for n in range(runs)])
    await _at_once(latency, [f"Burst {n:03d}" for n in range(burst)])


async def _one_at_a_time(latency: float, names: Sequence[str]) -> None:
    async with running(services=names) as bot:
        await bot.hands.set_latency("slack", latency)
        since = await bot.hands.last_call()
        known = {c["connection"] for c in await bot.hands.calls("slack")}
        seconds = []
        for name in names:
            seconds += await _usable(bot.hands, [name])
            await asyncio.sleep(REST)
        fresh = {c["connection"] for c in await bot.hands.calls("slack", since=since)} - known
        _print("one at a time", seconds, latency, limit=1.15)
        print(f"new connections to Slack for {len(names)} incidents: {len(fresh)} (kept open before: {len(known)})")


async def _at_once(latency: float, names: Sequence[str]) -> None:
    """All in one moment, within what Slack's tier for new channels allows in a minute."""
    async with running(services=names) as bot:
        await bot.hands.set_latency("slack", latency)
        await asyncio.sleep(REFILL)
        _print(f"{len(names)} at once", await _usable(bot.hands, names), latency, limit=1.6)


async def _usable(hands: SandboxClient, services: Sequence[str]) -> list[float]:
    """Fires a P1 on each service at once; seconds from each webhook's arrival to the last of the three answers."""
    since = await hands.last_call()
    await asyncio.gather(*(hands.pagerduty.trigger(name, f"{name} is down", priority="P1") for name in services))
    await asyncio.sleep(SEEN)  # no look at the sandbox, which has the other core, while it is being measured
    async with asyncio.timeout(60):
        while True:
            rooms = await _rooms(hands, services)
            done = _answers(await hands.calls("slack", since=since), set(rooms.values()))
            if len(rooms) == len(services) and all(len(done[c]) == len(SLACK_CALLS) for c in rooms.values()):
                break
            await asyncio.sleep(0.3)
    arrived = await _arrived(hands)
    return [max(done[rooms[name]].values()) - arrived[name] for name in services]


async def _rooms(hands: SandboxClient, services: Sequence[str]) -> dict[str, str]:
    """Service name -> id of its war room, for those that have one."""
    found = {}
    for channel in await hands.slack.channels():
        for name in services:
            if f"-{name.lower().replace(' ', '-')}-" in channel["name"]:
                found[name] = channel["id"]
    return found


def _answers(calls: Sequence[dict[str, Any]], channels: set[str]) -> dict[str, dict[str, float]]:
    """Channel -> method -> wall time of its first good answer."""
    first: dict[str, dict[str, float]] = {channel: {} for channel in channels}
    for call in calls:
        channel = call["args"].get("channel", "")
        if call["outcome"] == "ok" and call["method"] in SLACK_CALLS and channel in first:
            first[channel].setdefault(call["method"], call["when"] + call["seconds"])
    return first


async def _arrived(hands: SandboxClient) -> dict[str, float]:
    """Service name -> wall time at which its webhook was sent to the bot."""
    events = [event.get("event", event) for event in await hands.pagerduty.events()]
    service = {e["id"]: e["data"]["service"]["summary"] for e in events if e["event_type"] == "incident.triggered"}
    sent = {d.event_id: d.sent_at[0].timestamp() for d in await hands.pagerduty.deliveries() if d.sent_at}
    return {name: sent[event] for event, name in service.items() if event in sent}


def _print(what: str, seconds: Sequence[float], latency: float, *, limit: float) -> None:
    ordered = sorted(s * 1000 for s in seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    two = 2 * latency * 1000
    print(
        f"{what}: usable p50 {statistics.median(ordered):.0f} ms ({statistics.median(ordered) / two:.2f} x two calls),"
        f" p95 {p95:.0f} ms ({p95 / two:.2f}), worst {ordered[-1]:.0f} ms; goal {limit}"
    )


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--latency", type=float, default=0.12, help="seconds that Slack takes for a call")
    words.add_argument("--runs", type=int, default=10)
    words.add_argument("--burst", type=int, default=20)
    asyncio.run(main(**vars(words.parse_args())))
