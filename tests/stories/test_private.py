"""What must not be seen is not seen, and what was taken back is gone.

Every surface, and every guard taken away, is in `tests/privacy`; here the whole program runs, on both databases.
"""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.incident import Declare
from bot.incident.values import Service
from bot.sandbox.slack import seed
from tests.stories.screen import words
from tests.stories.world import VIEWER, Plan, World

SECRET = "merger with Umbrella"
BOTH = pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)


async def _declare_privately(world: World) -> None:
    wish = Declare(
        title=SECRET, severity=1, private=True, services=(Service(id="PSCHECK", name="checkout"),), summary=SECRET
    )
    await world.app.engine.handle(wish, VIEWER)
    await world.settled()


@BOTH
async def test_a_private_incident_is_seen_by_nobody_outside_its_room(world: World) -> None:
    await _declare_privately(world)
    room = await world.room()
    assert room["is_private"]
    assert set(room["members"]) == {seed.BOT_USER, seed.ADA, seed.BO}, "who is on call is let in"
    for channel in ("#general", "#incidents", "#ops"):
        assert SECRET not in str(await world.hands.slack.messages(channel, with_system=True))
    for person in ("carla", "dev", "emi", "finn"):
        assert SECRET not in str(await world.hands.slack.dm(person))
        assert "INC-1" not in str(await world.hands.slack.home(person))
    assert SECRET not in str(await world.hands.pagerduty.state()), "PagerDuty has an audience of its own"
    for path in ("/", "/metrics", "/readyz"):
        assert SECRET not in await _page(world, path)


async def test_redacted_words_are_gone_from_the_files_the_room_and_the_draft(world: World) -> None:
    number = await world.declare("leak")
    alert = await world.hands.pagerduty.trigger("checkout", "side", priority="P3")
    await world.settled()
    await world.hands.slack.click("ada", "join_alert", channel="#incidents", **await _newest(world, "#incidents"))
    await world.settled()
    await world.type("ada", f"note the password is {SECRET}", number)
    await world.type("ada", f"note the password is {SECRET} as I said", number)
    await world.hands.pagerduty.note(alert, f"the password is {SECRET}", by="Bo")
    await world.type("ada", "postmortem draft", number)
    await world.settled()
    assert SECRET in await _on_disk(world)
    for _ in range(3):
        await _redact(world, number)
    await world.settled()
    assert await _entries_with(world, number) == []
    assert SECRET not in await _on_disk(world)
    room = await world.room(number)
    shown = [m for m in room["messages"] if m.get("bot_id")]
    assert SECRET not in str([words(m) for m in shown])
    assert sum("_This entry was redacted._" in words(m) for m in shown) >= 2
    assert "Ada Marsh redacted an entry" in await world.timeline(number)
    files = [await world.hands.slack.file(f["id"]) for m in shown for f in m.get("files") or []]
    assert SECRET not in str([file["content"] for file in files])
    draft = await world.app.engine.reading.document(number, "postmortem")
    assert draft is not None
    assert SECRET not in draft.body


async def _newest(world: World, channel: str) -> dict[str, Any]:
    return {"ts": (await world.hands.slack.messages(channel))[-1]["ts"]}


async def _entries_with(world: World, number: int) -> list[int]:
    stored = await world.app.engine.reading.events(number)
    return [s.seq for s in stored if SECRET in s.event.line()]


async def _redact(world: World, number: int) -> None:
    """By the menu beside the entry, as a person does it."""
    entries = await _entries_with(world, number)
    if not entries:
        return
    shown = (await world.type("ada", "timeline", number))["ephemerals"][-1]
    for place in range(1, 9):
        if any(f"redact/{number}/{entries[0]}" in str(block) for block in shown["blocks"]):
            break
        shown = (await world.type("ada", f"timeline {place}", number))["ephemerals"][-1]
    await world.hands.slack.click(
        "ada",
        f"entry#{entries[0]}",
        channel=shown["channel"],
        ts=shown["ts"],
        selected=f"redact/{number}/{entries[0]}",
    )
    await world.hands.slack.wait_for_modal("ada", "for good")
    await world.hands.slack.submit("ada")
    await world.settled()


async def _on_disk(world: World) -> str:
    """Every byte of the database's files, as far as it is text."""
    path = Path(world.settings.database_url.removeprefix("sqlite:///"))
    return "".join(file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*") if file.is_file())


async def _page(world: World, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(world.url + path) as answer:
        return await answer.text()
