"""What Slack was asked for a war room, and when each answer was there: read from the sandbox's books."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.client import SandboxClient

USABLE = ("conversations.invite", "chat.postMessage")
"""A room is usable once it exists, the on-call is invited and the card is posted."""
SEEN = 1.5
"""Seconds after which the first look is taken at what was called."""
Books = Sequence[Mapping[str, Any]]


async def usable_after(hands: SandboxClient, services: Sequence[str], seconds: float = 90) -> list[float]:
    """Fires a P1 on each service at once; milliseconds from each webhook's arrival to the last answer needed."""
    since = await hands.last_call()
    await asyncio.gather(*(hands.pagerduty.trigger(name, f"{name} is down", priority="P1") for name in services))
    await asyncio.sleep(SEEN)  # no look at the sandbox, which has the other core, while it is being measured
    async with asyncio.timeout(seconds):
        while True:
            rooms = await _rooms(hands, services)
            done = answered(await hands.calls("slack", since=since), set(rooms.values()), USABLE)
            if len(rooms) == len(services) and all(len(done[c]) == len(USABLE) for c in rooms.values()):
                break
            await asyncio.sleep(0.3)
    arrived = await _arrived(hands)
    return [(max(done[rooms[name]].values()) - arrived[name]) * 1000 for name in services]


async def _rooms(hands: SandboxClient, services: Sequence[str]) -> dict[str, str]:
    """Service name -> id of its war room, for those that have one."""
    found = {}
    for channel in await hands.slack.channels():
        for name in services:
            if f"-{name.lower().replace(' ', '-')}-" in channel["name"]:
                found[name] = channel["id"]
    return found


def answered(calls: Books, channels: set[str], methods: Sequence[str]) -> dict[str, dict[str, float]]:
    """Channel -> method -> wall time of its first good answer."""
    first: dict[str, dict[str, float]] = {channel: {} for channel in channels}
    for call in calls:
        channel = call["args"].get("channel", "")
        if call["outcome"] == "ok" and call["method"] in methods and channel in first:
            first[channel].setdefault(call["method"], call["when"] + call["seconds"])
    return first


async def _arrived(hands: SandboxClient) -> dict[str, float]:
    """Service name -> wall time at which its webhook was sent to the bot."""
    events = [event.get("event", event) for event in await hands.pagerduty.events()]
    service = {e["id"]: e["data"]["service"]["summary"] for e in events if e["event_type"] == "incident.triggered"}
    sent = {d.event_id: d.sent_at[0].timestamp() for d in await hands.pagerduty.deliveries() if d.sent_at}
    return {name: sent[event] for event, name in service.items() if event in sent}
