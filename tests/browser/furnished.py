"""A demo in which something has happened: what there is to look at on its pages."""

import struct
import zlib
from dataclasses import dataclass

from bot.sandbox import SandboxClient

SECONDS = 20.0


@dataclass(frozen=True)
class Places:
    """Paths below `/as/{person}`: the war room, a thread in it, an incident in PagerDuty, a file."""

    room: str
    thread: str
    incident: str
    file: str


def picture(width: int = 320, height: int = 120) -> bytes:
    """A graph that climbs, as PNG. https://www.w3.org/TR/png-3/"""
    low, high = b"\x1f\x6b\x55", b"\xe8\xee\xe9"
    rows = (
        b"\0" + b"".join(low if x * height > (height - y) * width else high for x in range(width))
        for y in range(height)
    )
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(rows))),
        (b"IEND", b""),
    )
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


async def furnish(url: str) -> Places:
    """Two alerts, one incident with people, notes, replies, marks, an update and files in its room."""
    async with SandboxClient(url) as hands:
        slack = hands.slack
        alert = await hands.pagerduty.trigger("checkout", "Checkout fails for one customer in eight", priority="P2")
        room = (await slack.wait_for_channel("inc-", seconds=SECONDS))["id"]
        await slack.wait_for_message(room, "Incident Commander", seconds=SECONDS)
        for user in ("ada", "carla"):
            await slack.join(user, room)
        await slack.command("ada", room, "lead")
        await hands.pagerduty.acknowledge(alert, by="Bo")
        said = await slack.post(
            "bo", room, "It began with *deploy 4.2*, see `checkout/cart.py` :fire:\n> 500 Internal error"
        )
        await slack.post("ada", room, "@bo can you roll back to 4.1?", thread_ts=said["ts"])
        await slack.post("bo", room, "On it, five minutes", thread_ts=said["ts"])
        for user, name in (("ada", "pushpin"), ("carla", "eyes"), ("ada", "eyes")):
            await slack.react(user, room, said["ts"], name)
        await slack.command("ada", room, "note One card provider is affected, the other is not")
        await slack.command("ada", room, "update One customer in eight cannot pay; Bo rolls back")
        await slack.share_file("bo", room, "errors.log", b"12:01 500 POST /cart\n12:02 500 POST /cart\n" * 9, "The log")
        shot = await slack.share_file("ada", room, "graph.png", picture())
        await slack.command("ada", room, "help")
        await slack.post("carla", "#general", "Customers write that they cannot pay. @ada do we know?")
        await hands.pagerduty.trigger("search", "Search takes four seconds to answer", priority="P3")
        await slack.wait_for_message("#incidents", "Search takes", seconds=SECONDS)
        file = shot["files"][0]["id"] if shot.get("files") else ""
    return Places(f"/c/{room}", f"/c/{room}?thread={said['ts']}", f"/pager/{alert}", f"/file/{file}")


async def resolve(url: str, places: Places) -> str:
    """Ends the incident; the path of its postmortem draft."""
    async with SandboxClient(url) as hands:
        room = places.room.removeprefix("/c/")
        await hands.slack.command("ada", room, "resolve Rolled back to 4.1")
        drafted = await hands.slack.wait_for_message(room, "Postmortem", seconds=SECONDS)
        while not drafted.get("files"):
            drafted = await hands.slack.wait_for_message(room, "", after=str(drafted["ts"]), seconds=SECONDS)
        return f"/file/{drafted['files'][0]['id']}"
