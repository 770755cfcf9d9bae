"""What is said at once to one person, refused by Slack: nothing waits for it, and whoever asks again gets it."""

from collections.abc import Awaitable, Callable, Sequence

from bot.sandbox import Rule
from tests.campaign.faults_table import Refusal
from tests.campaign.faults_world import Brisk, OpenBrisk, unless
from tests.stories.screen import whispers, words

OPS = "#ops"
PREVIEW = "So it will look"
LATE = "Slack did not open the form in time. Please try once more."
Ask = Callable[[Brisk], Awaitable[str]]
"""Somebody asks; what they see of it."""


async def a_form(world: Brisk) -> str:
    return whispers(await world.hands.slack.command("ada", OPS, "declare Checkout errors"))


async def a_preview(world: Brisk) -> str:
    slack = world.hands.slack
    if await slack.modal("ada") is None:
        await slack.command("ada", OPS, "INC-1 update")
        await slack.wait_for_modal("ada", "How do things stand?")
    await slack.fill("ada", {"condition": "1 in 5 payments fails"})
    await slack.click("ada", "in/preview", wait=0.2)
    return words(await slack.modal("ada") or {})


async def a_home(world: Brisk) -> str:
    return words(await world.hands.slack.home("ada", wait=0.2) or {})


async def an_answer(world: Brisk) -> str:
    """To a mention in the room, which has no address to be answered at: beside it, or in a direct message."""
    slack, room = world.hands.slack, (await world.room())["id"]
    before = len(await slack.ephemerals("ada", room)), len(await slack.dm("ada"))
    await slack.mention("ada", room, "list")
    await world.settled()
    said = [*(await slack.ephemerals("ada", room))[before[0] :], *(await slack.dm("ada"))[before[1] :]]
    return "\n".join(map(words, said))


ASKED: dict[str, tuple[Ask, str, str]] = {
    "views.open": (a_form, LATE, "What is wrong?"),
    "views.update": (a_preview, "How do things stand?", PREVIEW),
    "views.publish": (a_home, "", "Declare an incident"),
    "chat.postEphemeral": (an_answer, "INC-1", "INC-1"),
}
"""By method: what is asked, what is seen although it is refused, and what when it is asked again."""


async def again(open_world: OpenBrisk, rows: Sequence[Refusal], right: object) -> list[str]:
    (row,) = rows
    ask, meanwhile, then = ASKED[row.method]
    async with open_world() as world:
        await world.declare("Search is slow")
        world.sandbox.faults.add(rule := Rule("slack", row.method, "error", error=row.code))
        first, second = await ask(world), await ask(world)
        return unless(
            (rule.struck, f"{row} was never met"),
            (meanwhile in first, f"refused, they see: {first}"),
            (then in second, f"asked again, they see: {second}"),
            (not await world.unkept(), "something waits for it"),
        )
