"""`muster demo --script`: a whole incident in the terminal, the bot killed in the middle, and the books checked."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rich.console import Console
from rich.markdown import Markdown

from bot.sandbox import Impossible
from bot.sandbox.slack.seed import BO
from bot.terminal.books import examine
from bot.terminal.problem import Problem
from bot.terminal.scene import Scene
from bot.terminal.stage import Stage, set_up

LATENCY = 0.12
"""Seconds that Slack takes for each call, as it does in the world."""
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
        await _perform(Story(await Scene.of(standing)), console)
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
                raise Problem(f"{number}. {title}: {error}", *story.scene.bot.last_lines()) from None
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

    scene: Scene

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
        scene = self.scene
        await scene.hands.set_latency("slack", LATENCY)
        await scene.fire("checkout", "Checkout answers 5xx to every fifth request", "P2")
        room = await scene.enter("ada", "carla", "dev")
        await scene.seen("Checkout answers 5xx")
        await scene.until(lambda: scene.has(BO), "nobody on call was invited")
        return f"#{room}; Bo, on call for checkout, is in it"

    async def roles(self) -> str:
        await self.scene.say("ada", "lead")
        await self.scene.seen("*Incident Commander*")
        await self.scene.say("carla", "role comms")
        return await self.scene.seen("*Communications*")

    async def notes(self) -> str:
        scene = self.scene
        await scene.say("ada", "note the errors began with the deploy of 4.2")
        await scene.seen("noted: the errors began")
        posted = await scene.hands.slack.post("dev", scene.room, "Rolling back checkout to 4.1")
        await scene.hands.slack.react("dev", scene.room, posted["ts"], "pushpin")
        await scene.until(lambda: scene.knows("Rolling back checkout"), "the pinned message is not on the timeline")
        return "Both are on the timeline"

    async def severity(self) -> str:
        await self.scene.say("ada", "sev1")
        return await self.scene.seen("raised the severity")

    async def second_alert(self) -> str:
        await self.scene.fire("checkout", "Payment queue grows without end", "P3")
        return await self.scene.seen("Another alert")

    async def killed(self) -> str:
        scene = self.scene
        scene.newest = await scene.last()
        answer = await scene.hands.slack.command("ada", scene.room, "status identified", wait=0)
        await scene.bot.kill()
        await scene.hands.pagerduty.acknowledge(scene.alerts[0], by="Bo")
        await asyncio.sleep(DEAD)
        ada = "Ada's command was answered" if answer["acked"] else "Ada's command was not answered"
        room = "the room has not heard of it yet" if await scene.last() == scene.newest else "the room knows of it"
        return f"{ada}, {room}; Bo acknowledges the alert, and nobody listens"

    async def started_again(self) -> str:
        scene = self.scene
        await scene.bot.start()
        if not await scene.knows("to identified"):
            await scene.hands.slack.command("ada", scene.room, "status identified")
        said = await scene.seen("moved it to *identified*")
        await scene.until(lambda: scene.knows("acknowledged the alert"), "the acknowledgement was lost")
        return f"“{said}” PagerDuty's webhook came again, and was heard"

    async def resolve(self) -> str:
        await self.scene.say("bo", "resolve Rolled back to 4.1")
        said = await self.scene.seen("*resolved* INC-1")
        await self.scene.until(self.scene.is_calm, "PagerDuty still has an open incident")
        return f"“{said}” Both alerts are resolved in PagerDuty too"

    async def draft(self) -> str:
        await self.scene.until(self.scene.has_file, "no file came")
        return "A file in the room, and `muster postmortem INC-1` prints it"
