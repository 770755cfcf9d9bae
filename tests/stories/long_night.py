"""The long night: a second plot, of what a room can do beside opening and closing. It goes on among few, and is one of
two that are one; a runbook is followed, words are taken back, and what nobody marked is offered at the end."""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bot.sandbox import Impossible
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Channel, Message
from bot.settings import Runbooks
from tests.stories.plot import CALLED, TRIED, Plot
from tests.stories.screen import Json, button_of, words
from tests.stories.world import World

OPS = "#ops"
BOARD = "https://graphs.example/checkout"
SECRET = "hunter2"
MILESTONE = "rolled back to 4.2, errors dropped to 1 %"
UNTIL_ARCHIVED = 120.0
"""Seconds after which a room whose incident was merged is closed."""
BOOK = """---
title: Orders queue
url: https://wiki.example/orders-queue
actions:
  scale:
    name: Scale orders
    url: {url}/heartbeats/scale-{{incident}}
---
## Steps
1. **Does it grow?** Look twice.
2. **Add workers.** Ten at a time. <!-- action: scale -->
"""


def shelve(folder: Path, sandbox_url: str) -> dict[str, str]:
    """Puts the runbook of this night into the folder; the variables of a bot that has it."""
    folder.mkdir(exist_ok=True)
    (folder / "orders-queue.md").write_text(BOOK.format(url=sandbox_url))
    return {"MUSTER_RUNBOOKS__FOLDER": str(folder), "MUSTER_RUNBOOKS__PLAIN_HTTP": "true"}


class LongNight(Plot):
    """As `Plot`: each chapter returns once people see what it led to."""

    @property
    def chapters(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            self.an_alert_opens_a_room,
            self.ada_takes_command,
            self.everybody_is_told_how_it_stands,
            self.a_runbook_is_followed,
            self.the_room_is_called_otherwise,
            self.dev_takes_the_timeline_along,
            self.words_are_taken_back,
            self.two_are_one,
            self.it_goes_on_among_few,
            self.bo_takes_over,
            self.it_is_over,
        )

    async def everybody_is_told_how_it_stands(self) -> None:
        """An update, told to who follows; put right in both places."""
        await self.type("finn", "INC-1 update follow", OPS)
        await self.type("ada", "update 1 in 5 payments fails")
        await self.seen("1 in 5 payments fails")
        await self.told("finn", "1 in 5 payments fails")
        await self.fill_in("ada", "update edit", {"condition": "1 in 10 payments fails"})
        await self.until(lambda: self._reads("put right by"), "the edit")
        await self.told("finn", "put right by")

    async def a_runbook_is_followed(self) -> None:
        """Its call is made once: where nobody can tell whether it was, people look, and make it if it was not."""
        await self.type("ada", "runbook orders-queue")
        await self.seen("Runbook Orders queue")
        await self.type("ada", "runbook orders-queue done 1")
        pressed: list[str] = []
        while not await self.world.hands.heartbeats(CALLED):
            await self.until(lambda: self._button("run_action") not in (None, *pressed), "the button of the call")
            pressed.append(str(self._button("run_action")))
            await self.press("ada", "run_action", pressed[-1])
            await self.until(lambda: len(self._endings()) == len(pressed), "what became of the call")
        await self.type("ada", "runbook orders-queue done 2")
        await self.until(lambda: self._reads("That was the last step"), "the end of the runbook")

    async def the_room_is_called_otherwise(self) -> None:
        """Who is asked to do something comes in, and is asked once who they are, for PagerDuty does not know them."""
        await self.type("ada", "rename checkout payments")
        await self.until(lambda: self._room().name == "inc-1-checkout-payments", "the other name")
        await self.type("ada", f"link {BOARD} {SECRET} board")
        await self.seen(SECRET)
        await self.until(lambda: self._bookmarked(BOARD), "the bookmark")
        await self.type("ada", "task rotate the keys @carla 15m")
        await self.told("carla", "rotate the keys")
        await self.until(lambda: seed.CARLA in self._room().members, "Carla")
        await self.type("carla", "task take 1")
        await self.told("carla", "Which PagerDuty user are you?")

    async def dev_takes_the_timeline_along(self) -> None:
        await self.type("dev", "timeline export md")
        await self.until(lambda: self._files("dev"), "the export")

    async def words_are_taken_back(self) -> None:
        """They go out of the room, its bar and the file."""
        await self.redact("ada", SECRET)
        await self.until(lambda: not self._bookmarked(BOARD), "the bookmark's end")
        await self.until(lambda: not self._files("dev"), "the export's end")
        await self.until(lambda: not self._reads(SECRET), "the words' end")

    async def two_are_one(self) -> None:
        """Another alert opened a room of its own; it closes."""
        await self.world.hands.pagerduty.trigger("search", "Index is slow", priority="P2")
        await self.until(lambda: len(self._rooms()) > 1 and self._rooms()[-1].pins, "the second room")
        other = self._rooms()[-1].id
        await self.world.hands.slack.join("ada", other)
        await self.type("ada", "lead", other)
        await self.type("ada", "task rebuild the index @emi 15m", other)
        await self.told("emi", "rebuild the index")
        await self.type("ada", "merge into INC-1", other)
        await self.seen("merged INC-2 into this incident")
        for place in (other, seed.INCIDENTS):
            await self.until(partial(self._reads, "was merged into INC-1", place), "where it goes on")

    async def it_goes_on_among_few(self) -> None:
        await self.type("ada", "private @finn @dev")
        await self.until(lambda: any(c.is_private and c.pins for c in self._rooms()), "the private room")
        self.room = next(c.id for c in self._rooms() if c.is_private)
        await self.until(lambda: {seed.ADA, seed.DEV, seed.FINN} <= {*self._room().members}, "its people")
        await self.type("ada", "note the keys are new")
        await self.seen("the keys are new")

    async def bo_takes_over(self) -> None:
        await self.type("ada", "handover @bo")
        await self.told("bo", "You have command of INC-1 now")

    async def it_is_over(self) -> None:
        """What looks like a milestone and was not marked is offered; the room of the other incident closes."""
        posted = await self.world.hands.slack.post("dev", self.room, MILESTONE)
        await self.type("ada", "resolve Rolled back to 4.1")
        await self.seen("*resolved* INC-1")
        await self.until(lambda: self._button("mark"), "the offer")
        await self.press("ada", "mark", f"1/{posted['ts']}")
        await self.until(lambda: self._reads("Nothing more is offered"), "the end of the offer")
        await self.until(lambda: any(m.files for m in self._messages()), "the draft")
        await self.world.turn_page(UNTIL_ARCHIVED)
        await self.until(lambda: any(c.is_archived for c in self._rooms()), "the end of the other room")
        await self.until(lambda: all(i.status == "resolved" for i in self.world.sandbox.pagerduty.incidents.values()))

    async def fill_in(self, who: str, typed: str, values: Json) -> None:
        """Types a command until its form is there, and sends that until it is taken."""

        async def ask() -> None:
            await self.world.hands.slack.command(who, self.room, typed)

        await self._in_form(who, ask, values)

    async def redact(self, who: str, said: str) -> None:
        """Takes the words of the entry that holds these off the timeline, for good."""
        hands = self.world.hands.slack

        async def ask() -> None:
            for shown in (await hands.command(who, self.room, "timeline"))["ephemerals"]:
                for block in (b for b in shown.get("blocks") or [] if said in words({"blocks": [b]})):
                    entry = block["accessory"]
                    wish = next(o["value"] for o in entry["options"] if o["value"].startswith("redact/"))
                    await hands.click(who, entry["action_id"], shown["channel"], shown["ts"], selected=wish)

        await self._in_form(who, ask, {})

    async def _in_form(self, who: str, ask: Callable[[], Awaitable[None]], values: Json) -> None:
        hands = self.world.hands.slack
        end = time.monotonic() + self.patience
        while await hands.modal(who) is None:
            if time.monotonic() > end:
                raise Impossible("the form never came")
            await ask()

        async def send() -> Json | None:
            return await hands.submit(who, values, wait=0) if await hands.modal(who) else None

        await self.insist(send)
        if await hands.modal(who):
            await hands.close(who, clear=True)

    async def told(self, who: str, said: str) -> None:
        await self.until(lambda: any(said in _shown(m) for m in self._direct(who)), f"{said!r} to {who}")

    def _direct(self, who: str) -> list[Message]:
        slack = self.world.sandbox.slack
        person = slack.person(who)
        found = [c for c in list(slack.channels.values()) if c.is_im and person.id in c.members]
        return [m for c in found for m in list(c.messages.values()) if not m.deleted]

    def _files(self, who: str) -> list[str]:
        """What was sent to somebody and is still there."""
        slack = self.world.sandbox.slack
        return [file for m in self._direct(who) for file in m.files if not slack.files[file].deleted]

    def _room(self) -> Channel:
        return self.world.sandbox.slack.channels[self.room]

    def _bookmarked(self, link: str) -> bool:
        return any(b.link == link for b in list(self._room().bookmarks.values()))

    def _reads(self, said: str, where: str = "") -> bool:
        """Whether it stands in the room (or that channel), in any block of any message."""
        channel = self.world.sandbox.slack.channels[where or self.room]
        return any(said in _shown(m) for m in list(channel.messages.values()))

    def _button(self, action: str) -> Any:
        """The value of the newest such button."""
        found = [b["value"] for m in self._messages() if (b := button_of(m.fields, action)) is not None]
        return found[-1] if found else None

    def _endings(self) -> list[str]:
        """What was said of the runbook's calls that ended."""
        return [m.text for m in self._messages() if TRIED in m.text]


def _shown(message: Message) -> str:
    return words(message.fields)


class Shelved(World):
    """A world whose bot has the runbook of this night, in that folder."""

    def __init__(self, *told: Any, folder: Path) -> None:
        super().__init__(*told)
        shelve(folder, self.sandbox.url)
        self.settings = self.settings.model_copy(update={"runbooks": Runbooks(folder=folder, plain_http=True)})
