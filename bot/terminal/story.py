"""`muster demo --script`: a whole incident in the terminal, the bot killed in the middle, and the books checked."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from bot.sandbox import Impossible
from bot.sandbox.slack.seed import BO
from bot.terminal.books import examine, timeline_of
from bot.terminal.problem import Problem
from bot.terminal.stage import Stage, set_up

PATIENCE = 20.0
"""Seconds that each thing may take to be seen."""
LATENCY = 0.12
"""Seconds that Slack takes for each call, as it does in the world."""
LINK = re.compile(r"<[^|>]*\|([^>]*)>")
DEAD = 1.0
"""Seconds that the bot stays dead."""


def play(port: int) -> None:
    """Plays it. Raises Problem when something does not happen, or when the books do not agree at the end."""
    asyncio.run(_play(port, Console(highlight=False)))


async def _play(port: int, console: Console) -> None:
    begun = time.monotonic()
    with console.status("A Slack workspace and a PagerDuty account come up, and the bot …"):
        stage = set_up(port)
        standing = await stage.__aenter__()
    try:
        console.print(f"[bold]Muster's demo.[/bold] Sandbox at {standing.sandbox.url}, bot at {standing.bot.url}\n")
        await _perform(Story(standing), console)
        await _print_postmortem(standing, console)
        await _check(standing, console)
    finally:
        await stage.__aexit__(None, None, None)
    console.print(f"\n[green]The story is complete[/green], {time.monotonic() - begun:.0f} s.")


async def _perform(story: "Story", console: Console) -> None:
    for number, (title, act) in enumerate(story.acts, start=1):
        begun = time.monotonic()
        with console.status(f"{number}. {title} …"):
            try:
                said = await act()
            except Impossible as error:
                raise Problem(f"{number}. {title}: {error}", *story.stage.bot.last_lines()) from None
        console.print(f"[green]✓[/green] {number:>2}. {title} [dim]({time.monotonic() - begun:.1f} s)[/dim]")
        console.print(f"       {said}", markup=False, style="dim")


async def _print_postmortem(stage: Stage, console: Console) -> None:
    console.rule("muster postmortem INC-1")
    console.print(Markdown(await stage.bot.verb("postmortem", "INC-1")))
    console.rule()


async def _check(stage: Stage, console: Console) -> None:
    with console.status("The books of both sides are compared …"):
        entries, wrong = await examine(stage)
    for entry in entries:
        console.print(f"[green]✓[/green] {entry}")
    if wrong:
        raise Problem("The books do not agree:", *(f"✗ {sentence}" for sentence in wrong))


@dataclass
class Story:
    """The incident, act by act. Each act returns once the world shows what it should, with a sentence about it."""

    stage: Stage
    room: str = ""
    first: str = ""
    newest: str = ""

    @property
    def acts(self) -> tuple[tuple[str, Callable[[], Awaitable[str]]], ...]:
        return (
            ("An alert fires in PagerDuty, and a war room opens", self.alert),
            ("Ada takes command, Carla communications", self.roles),
            ("Ada notes what she sees; Dev pins a message", self.notes),
            ("It is worse than thought: SEV1", self.severity),
            ("A second alert of the same service joins", self.second_alert),
            ("In the middle of a command, the bot is killed (SIGKILL)", self.killed),
            ("It is started again, and finishes what it had promised", self.started_again),
            ("Bo resolves the incident", self.resolve),
            ("The postmortem draft is in the room", self.draft),
        )

    async def alert(self) -> str:
        hands = self.stage.hands
        await hands.set_latency("slack", LATENCY)
        self.first = await hands.pagerduty.trigger(
            "checkout", "Checkout answers 5xx to every fifth request", priority="P2"
        )
        channel = await hands.slack.wait_for_channel("inc-1", seconds=PATIENCE)
        self.room = channel["id"]
        await self.seen("Checkout answers 5xx")
        await self.until(self._bo_is_in, "nobody on call was invited")
        for user in ("ada", "carla", "dev"):
            await hands.slack.join(user, self.room)
        return f"#{channel['name']}; Bo, on call for checkout, is in it"

    async def roles(self) -> str:
        await self.say("ada", "lead")
        await self.seen("*Incident Commander*")
        await self.say("carla", "role comms")
        return await self.seen("*Communications*")

    async def notes(self) -> str:
        await self.say("ada", "note the errors began with the deploy of 4.2")
        await self.seen("noted: the errors began")
        posted = await self.stage.hands.slack.post("dev", self.room, "Rolling back checkout to 4.1")
        await self.stage.hands.slack.react("dev", self.room, posted["ts"], "pushpin")
        await self.until(lambda: self.knows("Rolling back checkout"), "the pinned message is not on the timeline")
        return "Both are on the timeline"

    async def severity(self) -> str:
        await self.say("ada", "sev1")
        return await self.seen("raised the severity")

    async def second_alert(self) -> str:
        self.newest = await self._newest()
        await self.stage.hands.pagerduty.trigger("checkout", "Payment queue grows without end", priority="P3")
        return await self.seen("Another alert")

    async def killed(self) -> str:
        hands = self.stage.hands
        self.newest = await self._newest()
        answer = await hands.slack.command("ada", self.room, "status identified", wait=0)
        await self.stage.bot.kill()
        await hands.pagerduty.acknowledge(self.first, by="Bo")
        await asyncio.sleep(DEAD)
        ada = "Ada's command was answered" if answer["acked"] else "Ada's command was not answered"
        room = "the room has not heard of it yet" if await self._newest() == self.newest else "the room knows of it"
        return f"{ada}, {room}; Bo acknowledges the alert, and nobody listens"

    async def started_again(self) -> str:
        await self.stage.bot.start()
        if not await self.knows("to identified"):
            await self.stage.hands.slack.command("ada", self.room, "status identified")
        said = await self.seen("moved it to *identified*")
        await self.until(lambda: self.knows("acknowledged the alert"), "the acknowledgement was lost")
        return f"“{said}” PagerDuty's webhook came again, and was heard"

    async def resolve(self) -> str:
        await self.say("bo", "resolve Rolled back to 4.1")
        said = await self.seen("*resolved* INC-1")
        await self.until(self._all_resolved, "PagerDuty still has an open incident")
        return f"“{said}” Both alerts are resolved in PagerDuty too"

    async def draft(self) -> str:
        await self.until(self._has_file, "no file came")
        return "A file in the room, and `muster postmortem INC-1` prints it"

    async def say(self, user: str, words: str) -> None:
        """Types `/incident words` in the room. Raises Impossible when Slack shows that user an error."""
        self.newest = await self._newest()
        answer = await self.stage.hands.slack.command(user, self.room, words)
        if answer["error"]:
            raise Impossible(f"/incident {words}: {answer['error']}")

    async def seen(self, words: str) -> str:
        """Waits for a message that is newer than what was done last; returns its text, in one line."""
        hands = self.stage.hands.slack
        message = await hands.wait_for_message(self.room, words, after=self.newest, seconds=PATIENCE)
        return " ".join(LINK.sub(r"\1", str(message["text"])).split())

    async def knows(self, words: str) -> bool:
        """Whether the bot's timeline, read from its database, has an entry with these words."""
        return any(words in entry.text for entry in await timeline_of(self.stage, 1))

    async def until(self, holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        """Looks every now and then. Raises Impossible when it never comes true."""
        end = time.monotonic() + PATIENCE
        while not await holds():
            if time.monotonic() > end:
                raise Impossible(otherwise)
            await asyncio.sleep(0.1)

    async def _bo_is_in(self) -> bool:
        return BO in (await self._channel())["members"]

    async def _has_file(self) -> bool:
        return any(message.get("files") for message in (await self._channel())["messages"])

    async def _all_resolved(self) -> bool:
        return all(i.status == "resolved" for i in (await self.stage.hands.pagerduty.state()).incidents)

    async def _newest(self) -> str:
        """The newest message of the room, by its time stamp."""
        return max((str(message["ts"]) for message in (await self._channel())["messages"]), default="")

    async def _channel(self) -> dict[str, Any]:
        return await self.stage.hands.slack.channel(self.room)
