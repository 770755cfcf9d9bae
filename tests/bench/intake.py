"""How fast webhooks are taken durably, and `/incident` acknowledged meanwhile: `python -m tests.bench.intake`.

In turn, several rounds: 64 senders against a handler on the same server that only verifies and parses, then 64
senders against the bot, with slash commands coming in by signed HTTP all the while. Printed: the ratio of the
medians, the acknowledgement times, and that every webhook answered 2xx is in the database.
"""

import argparse
import asyncio
import hashlib
import hmac
import statistics
import time
from urllib.parse import urlencode

from bot.sandbox.pagerduty.seed import WEBHOOK_SECRET
from bot.sandbox.slack import seed
from tests.bench.bot import Running, running
from tests.bench.processes import free_port, program
from tests.bench.senders import SECRET, Load, send_all, webhook_request


async def main(rounds: int, webhooks: int, senders: int) -> None:
    """Measures and prints."""
    port = free_port()
    async with program(port, "tests.bench.verify_only", str(port)), running(slack_mode="http") as bot:
        yardstick, ours, acks = [], [], []
        for n in range(rounds):
            plain = [webhook_request(port, f"Y{n}", secret=SECRET) for _ in range(webhooks)]
            yardstick.append(await send_all(port, plain, senders))
            signed = [webhook_request(bot.port, f"M{n}", secret=WEBHOOK_SECRET) for _ in range(webhooks)]
            load, heard = await _with_commands(bot, signed, senders)
            ours.append(load)
            acks += heard
        _print(yardstick, ours, sorted(acks))
        print(f"answered 2xx: {sum(load.accepted for load in ours)}, in the database: {bot.heard()}")


async def _with_commands(bot: Running, signed: list[bytes], senders: int) -> tuple[Load, list[float]]:
    """The load, with a slash command every 50 ms beside it; the acknowledgement times in milliseconds."""
    acks: list[float] = []
    stop = asyncio.Event()
    commands = asyncio.create_task(_commands(bot.port, acks, stop))
    load = await send_all(bot.port, signed, senders)
    stop.set()
    await commands
    return load, acks


async def _commands(port: int, acks: list[float], stop: asyncio.Event) -> None:
    while not stop.is_set():
        begun = time.perf_counter()
        load = await send_all(port, [_command(port, f"note INC-1 load {begun}")], senders=1)
        acks.append((time.perf_counter() - begun) * 1000 if load.accepted else float("inf"))
        await asyncio.sleep(0.05)


def _command(port: int, text: str) -> bytes:
    """A signed slash command as Slack posts it, as the bytes of an HTTP/1.1 request."""
    stamp = str(int(time.time()))
    trigger = f"{time.time_ns()}.bench"
    body = urlencode(
        {
            "command": "/incident",
            "text": text,
            "user_id": seed.ADA,
            "user_name": "ada",
            "team_id": seed.TEAM_ID,
            "channel_id": seed.GENERAL,
            "channel_name": "general",
            "trigger_id": trigger,
            "api_app_id": seed.APP_ID,
            "response_url": "http://127.0.0.1:9/none",
        }
    ).encode()
    mac = hmac.new(seed.SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={mac}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _print(yardstick: list[Load], ours: list[Load], acks: list[float]) -> None:
    base, rate = statistics.median(x.rate for x in yardstick), statistics.median(x.rate for x in ours)
    print(f"verify and parse only: {base:.0f}/s    taken durably: {rate:.0f}/s    ratio {rate / base:.2f} (goal 0.5)")
    print(f"webhook answered: p50 {ours[-1].quantile(0.5):.1f} ms, p99 {ours[-1].quantile(0.99):.1f} ms")
    p99 = acks[min(len(acks) - 1, int(0.99 * len(acks)))]
    print(f"/incident acknowledged meanwhile: {len(acks)} times, p50 {acks[len(acks) // 2]:.0f} ms, p99 {p99:.0f} ms")
    print(f"refused: {sum(x.refused for x in ours)}")


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--webhooks", type=int, default=6000)
    words.add_argument("--senders", type=int, default=64)
    asyncio.run(main(**vars(words.parse_args())))
