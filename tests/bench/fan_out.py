"""One status in fifty open rooms at once: how soon each room has read it, and its card shows it.

There is no broadcast to many rooms, so somebody moves each of fifty incidents to *identified* in the same moment. What
Slack takes at most in a minute (50 edits, 20 topics) bounds the cards; sentences are bounded by nothing but us.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox.client import SandboxClient
from bot.sandbox.slack.seed import BOT_TOKEN
from tests.bench import requests
from tests.bench.bot import Running, bot, sandbox, warm
from tests.bench.databases import execute
from tests.bench.figures import Figure, Wish, quantile
from tests.bench.filling import copied, kept
from tests.bench.senders import send_all

LATENCY = 0.12
CARDS_A_MINUTE = 50


async def fan_out(wish: Wish) -> AsyncIterator[Figure]:
    """A status change in 50 open incidents at once: until every room has read it, until every card shows it."""
    rooms = wish.size(50, 6)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'muster.db'}"
        async with sandbox() as hands:
            wish.say(f"opening {rooms} rooms")
            async with bot(hands, url, slack_mode="http"):
                await warm(hands)
                await kept(url)
            await asyncio.to_thread(copied, url, 2, rooms)
            await _furnish(hands, url, rooms)
            async with bot(hands, url, slack_mode="http") as it:
                await hands.set_latency("slack", LATENCY)
                async for figure in _told(wish, it, rooms):
                    yield figure


async def _furnish(hands: SandboxClient, url: str, rooms: int) -> None:
    """Each copy gets a room and a card of its own in Slack."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as session:
        for number in range(2, rooms + 1):
            name = f"inc-{number}-copied"
            room = (await _slack(session, hands, "conversations.create", {"name": name}))["channel"]["id"]
            ts = (await _slack(session, hands, "chat.postMessage", {"channel": room, "text": f"INC-{number}"}))["ts"]
            of_it = f"incident = {number} AND name = "
            execute(url, f"UPDATE ref SET foreign_id = '{room}' WHERE {of_it}'slack.channel'")
            execute(url, f"UPDATE ref SET foreign_id = '{room}/{ts}' WHERE {of_it}'slack.card'")


async def _slack(
    session: aiohttp.ClientSession, hands: SandboxClient, method: str, said: Mapping[str, str]
) -> Mapping[str, Any]:
    async with session.post(f"{hands.url}/slack/api/{method}", json=dict(said)) as answer:
        found: dict[str, Any] = await answer.json()
    assert found["ok"], f"{method}: {found}"
    return found


async def _told(wish: Wish, it: Running, rooms: int) -> AsyncIterator[Figure]:
    since, before = await it.hands.last_call(), it.program.cpu
    wish.say(f"a status in {rooms} incidents at once")
    made = [requests.command(it.port, f"status identified INC-{n}") for n in range(1, rooms + 1)]
    begun = time.time()
    load = await send_all(it.port, made, senders=rooms)
    assert load.refused == 0
    wish.say("until every card shows it")
    await kept(it.database)
    calls = await it.hands.calls("slack", since=since)
    said, cards = _moments(calls, "chat.postMessage", begun), _moments(calls, "chat.update", begun)
    yield Figure(f"{rooms} at once: acknowledged, 99 %", load.quantile(0.99), "ms")
    yield Figure(f"{rooms} rooms have read it: 95 %", quantile(said, 0.95), "ms", note=f"{len(said)} sentences")
    floor = max(0, len(cards) - CARDS_A_MINUTE) * 60 / CARDS_A_MINUTE
    note = f"{len(cards)} edits; Slack's limit allows {floor:.0f} s"
    yield Figure("all cards show it", max(cards) / 1000, "s", most=round(floor * 1.15 + 2), note=note)
    yield Figure("processor time for each of them", (it.program.cpu - before) * 1000 / rooms, "ms")


def _moments(calls: Sequence[Mapping[str, Any]], method: str, begun: float) -> list[float]:
    """Milliseconds from the beginning to each good answer."""
    good = [call for call in calls if call["method"] == method and call["outcome"] == "ok"]
    return [(call["when"] + call["seconds"] - begun) * 1000 for call in good]
