"""The timeline in a night: marked, followed, offered, taken out; and redacted words are nowhere any more."""

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from bot.incident import RedactEntry
from bot.incident.habits import Marking
from bot.sandbox import SandboxClient, running
from bot.sandbox.slack import seed
from tests.stories.conftest import DatabaseUrl
from tests.stories.screen import Json, labels, whispers, words
from tests.stories.world import VIEWER, Plan, World

SECRET = "Umbrella bought Hooli"
SLUG = "umbrella-bought-hooli"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"a screen that says Umbrella bought Hooli"


class Following(World):
    """Marked messages are followed, and a writing hand marks them, too."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        marking = Marking(emoji=("writing_hand", "pushpin"), follow_edits=True)
        policy = self.settings.policy.model_copy(update={"marking": marking})
        self.settings = self.settings.model_copy(update={"policy": policy})

    async def open(self) -> None:
        await super().open()
        await self.hands.slack.subscribe("message.channels")


@pytest.fixture
async def world(database_url: DatabaseUrl) -> AsyncIterator[World]:
    with running() as sandbox:
        async with SandboxClient(sandbox.url) as hands:
            opened = Following(sandbox, hands, Plan(), database_url("sqlite"))
            await opened.open()
            yield opened
            await opened.stop()


async def test_what_people_marked_is_followed_and_what_they_forgot_is_offered(world: World) -> None:
    slack = world.hands.slack
    number = await world.declare("Checkout errors")
    room = (await world.room(number))["id"]
    await slack.join("bo", room)
    said = await slack.share_file("bo", room, "errors.png", PICTURE, "errors since 2:03")
    await slack.react("ada", room, said["ts"], "writing_hand::skin-tone-3")
    gone = await slack.post("bo", room, "it is the cache")
    await slack.pin("bo", room, gone["ts"])
    await world.settled()
    i = await world.incident(number)
    (image,) = next(iter(i.images.values()))
    assert (image.name, image.media_type, image.size) == ("errors.png", "image/png", len(PICTURE))
    await slack.edit_message("bo", room, said["ts"], "errors since 2:02")
    await slack.delete_message("bo", room, gone["ts"])
    await slack.post("bo", room, "not marked, and nobody's business")
    forgotten = await slack.post("bo", room, "rolled back to 4.2, errors dropped to 1 %")
    await slack.post("ada", room, "good morning everybody")
    await world.settled()
    assert "Bo Lind: errors since 2:02" in await world.timeline(number)
    shown = whispers(await world.type("ada", "timeline", number))
    assert "errors since 2:02 _(with a picture)_ _(corrected)_" in shown
    assert "it is the cache _(deleted in Slack)_" in shown
    assert "nobody's business" not in await heard(world)

    await world.type("ada", "resolve rolled back", number)
    await world.settled()
    offer = await offer_of(world, number)
    assert "rolled back to 4.2" in words(offer)
    assert labels(offer) == ["Add", "None of them"]
    await world.press("ada", "mark", number, value=f"{number}/{forgotten['ts']}")
    await world.settled()
    assert "Bo Lind: rolled back to 4.2, errors dropped to 1 %" in await world.timeline(number)
    over = await offer_of(world, number)
    assert words(over) == "_Nothing more is offered. :writing_hand: on a message still puts it on the timeline._"
    assert labels(over) == []

    await world.type("bo", "timeline export csv", number)
    await world.settled()
    table = await exported_to(world, "bo")
    assert ",Bo Lind: errors since 2:02," in table
    assert table.startswith("incident,entry,at,")


async def heard(world: World) -> str:
    """All that the inbox keeps."""
    bodies = await world.app.engine.database.read(
        lambda c: [bytes(row[0]).decode() for row in c.exec_driver_sql("SELECT body FROM inbox")]
    )
    return "\n".join(bodies)


async def offer_of(world: World, number: int) -> Json:
    refs = await world.app.engine.reading.refs(number)
    channel, _, ts = next(at for name, at in refs.items() if name.startswith("slack.offer.")).partition("/")
    return next(m for m in await world.hands.slack.messages(channel) if m["ts"] == ts)


async def exported_to(world: World, who: str) -> str:
    """What the file in somebody's direct messages says."""
    files = [file for message in await world.hands.slack.dm(who) for file in message.get("files") or []]
    content: str = (await world.hands.slack.file(files[-1]["id"]))["content"]
    return content


async def test_redacted_words_are_nowhere_any_more(world: World) -> None:
    number = await everywhere(world)
    held = await places(world)
    missing = {place for place, said in held.items() if SECRET not in said and SLUG not in said}
    assert not missing, "the secret was never there, so its absence would say nothing"
    while entries := await telling(world, number):
        await world.app.engine.handle(RedactEntry(incident=number, entry=entries[0]), VIEWER)
    await world.settled()
    before = world.sandbox.calls.last
    await afterwards(world, number)
    left = await places(world)
    left["calls"] = json.dumps([call.args for call in world.sandbox.calls.all(since=before)], default=str)
    assert {place for place, said in left.items() if SECRET in said or SLUG in said} == set()
    assert await world.unkept() == []


async def everywhere(world: World) -> int:
    """An incident whose secret is said in every way that there is."""
    slack = world.hands.slack
    number = await world.declare(SECRET)
    room = (await world.room(number))["id"]
    await slack.join("bo", room)
    await world.type("ada", f"note {SECRET}", number)
    await world.type("ada", f"summary {SECRET}", number)
    await world.type("ada", f"impact {SECRET}", number)
    await world.type("ada", f"note 02:10 we know that {SECRET}, as of today", number)
    said = await slack.share_file("bo", room, "screen.png", PICTURE, f"{SECRET}, look")
    await slack.react("ada", room, said["ts"], "pushpin")
    await slack.mention("bo", room, f"note in a thread: {SECRET}", thread_ts=said["ts"])
    await world.settled()
    await slack.edit_message("bo", room, said["ts"], f"{SECRET}, edited")
    await world.type("ada", "lead @bo", number)
    for typed in (
        f"update {SECRET}",
        f"task {SECRET} @bo 15m",
        f"task look again: {SECRET} @bo",
        f"followup {SECRET} @bo",
        f"link https://example.com/doc {SECRET}",
        f"page checkout {SECRET}",
        "runbook database-connections",
        f"runbook database-connections done 1 {SECRET}",
        f"rename {SLUG}",
        "postmortem draft",
    ):
        await world.type("ada", typed, number)
    await world.settled()
    await world.pass_time(minutes=20)
    await world.type("ada", "timeline export md", number)
    await world.settled()
    await world.type("bo", f"resolve {SECRET}", number)
    await world.settled()
    return number


async def afterwards(world: World, number: int) -> None:
    """What goes on after it: everything is drawn anew, and the bot starts again."""
    for typed in ("reopen", "sev 2", "note nothing special", "timeline export json", "resolve all is well"):
        await world.type("ada", typed, number)
    await world.settled()
    await world.hands.slack.home("ada")
    await world.restart()
    await world.settled()


async def telling(world: World, number: int) -> list[int]:
    """The facts that say the words, or repeat them in a name."""
    stored = await world.app.engine.reading.events(number)
    return [s.seq for s in stored if any(SECRET in word or SLUG in word for word in s.event.words)]


async def places(world: World) -> dict[str, str]:
    """Everything that could hold the words, by what it is called; people's own messages are their own."""
    channels = (await world.hands.slack.state())["channels"].values()
    rooms = [channel for channel in channels if not channel.get("is_im")]
    direct = [channel for channel in channels if channel.get("is_im")]
    return {
        "the database's files": on_disk(world),
        "messages of ours": said_in(rooms),
        "direct messages": said_in(direct),
        "files": await in_files(world, [*rooms, *direct]),
        "names and topics": json.dumps([[c["name"], c["topic"]["value"], c["bookmarks"]] for c in rooms]),
    }


def on_disk(world: World) -> str:
    """Every byte of the database's files."""
    path = Path(world.settings.database_url.removeprefix("sqlite:///"))
    return "".join(file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*") if file.is_file())


def ours_in(channels: Iterable[Json]) -> list[Json]:
    """Our own messages as they are now; what they said before, Slack shows to nobody. Its own lines are not ours: that
    it renamed a room it says with the old name, and lets no app take that back."""
    said = [m for channel in channels for m in channel["messages"] if m.get("bot_id") == seed.BOT_ID]
    return [{name: part for name, part in message.items() if name != "versions"} for message in said]


def said_in(channels: Iterable[Json]) -> str:
    return json.dumps(ours_in(channels), ensure_ascii=False)


async def in_files(world: World, channels: Iterable[Json]) -> str:
    """What stands in the files that we sent."""
    sent = [file["id"] for message in ours_in(channels) for file in message.get("files") or []]
    return "\n".join([(await world.hands.slack.file(file))["content"] for file in sent])
