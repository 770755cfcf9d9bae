"""A company's own messages are what people read; where a file cannot be used, Muster's own words stand in its place."""

from pathlib import Path

from bot.settings import Messages
from tests.stories.screen import words
from tests.stories.world import World

RESOLVED = (
    "Well done, everybody: {incident} is over[[ after {took}]], says {person}[[ ({said})]]. <https://wiki.example|Rest>"
)


async def test_people_read_the_company_s_own_words(world: World, tmp_path: Path) -> None:
    (tmp_path / "duties").mkdir()
    (tmp_path / "duties" / "commander.md").write_text("Call the pope about {incident}.")
    (tmp_path / "resolved.md").write_text(RESOLVED)
    (tmp_path / "update.md").write_text("{conditon}")
    (tmp_path / "declared.md").write_text("Hear, hear: {title}[[, in {room}]]")
    await world.stop()
    world.settings = world.settings.model_copy(update={"messages": Messages(folder=tmp_path)})
    await world.start()
    await world.acquainted()

    await world.declare("Checkout {person} is <slow>")
    await world.type("ada", "update It is {person}")
    await world.settled()
    await world.type("ada", "resolve Put back <!here>")
    await world.settled()

    room, said = (await world.room())["id"], await world.said()
    assert "*Update 1* by Ada Marsh\nIt is {person}" in "\n".join(said)
    over = "Well done, everybody: INC-1 is over after less than a minute, says Ada Marsh (Put back &lt;!here&gt;)."
    assert any(line.startswith(f"{over} <https://wiki.example|Rest>") for line in said), said
    (announced,) = [m for m in (await world.hands.slack.channel("#incidents"))["messages"] if m.get("bot_id")]
    assert words(announced) == f"Hear, hear: Checkout {{person}} is &lt;slow&gt;, in <#{room}>"
    assert any(words(m).endswith("Call the pope about INC-1.") for m in await world.hands.slack.dm("ada"))
