"""Declaring with the form: privately, afterwards, twice the same, and for practice; through the real Bolt."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.engine.handle import Engine
from bot.incident import Declare, Resolve
from bot.incident.values import Actor, Status
from bot.integrations.slack.client import Connection
from bot.integrations.slack.likeness import RECENT, alike, is_strong
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import ADA, Bot, listening, room_of
from tests.integrations.slack.nights import NIGHT, TWO
from tests.stories.screen import labels, whispers, words

BO = Actor(id=f"slack:{seed.BO}", name="Bo Lind")
BEGAN, ENDED = "2026-01-05 10:00 UTC", "2026-01-05 11:30 UTC"


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


async def ended(bot: Bot, title: str = "Checkout errors") -> int:
    """An incident that was declared and resolved just now."""
    outcome = await bot.engine.handle(Declare(title=title), ADA)
    assert outcome.incident is not None
    await bot.engine.handle(Resolve(incident=outcome.incident.number), ADA)
    return outcome.incident.number


async def numbers(bot: Bot) -> list[int]:
    return sorted(i.number for i in await bot.engine.reading.recent(ADA))


async def test_a_tick_declares_privately(bot: Bot) -> None:
    await bot.say("ada", "#ops", "declare keys in a public repository")
    result = await bot.hands.slack.submit("ada", {"command": ["yes", "private"]})
    i = await bot.incident()
    assert (i.private, i.commander) == (True, ADA)
    assert "Its private room is being opened." in whispers(result)
    assert await bot.engine.reading.incident(1, BO) is None


async def test_what_is_over_already_asks_for_its_two_moments_and_keeps_what_was_typed(bot: Bot) -> None:
    await bot.say("ada", "#ops", "declare db down")
    await bot.hands.slack.fill("ada", {"title": "The database was down", "command": ["yes", "private"]})
    await bot.hands.slack.click("ada", "in/over")
    shown = await bot.hands.slack.wait_for_modal("ada", contains="When was it over?")
    assert shown["submit"]["text"] == "Put on record"
    assert "nobody is paged" in words(shown)
    result = await bot.hands.slack.submit("ada", {"severity": "1", "began": BEGAN, "ended": ENDED})
    assert "INC-1 is on record as resolved: The database was down." in whispers(result)
    i = await bot.incident()
    assert (i.status, i.commander, i.pages, i.private) == (Status.RESOLVED, None, (), True)
    assert i.moments.impact_start == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert i.moments.resolved == datetime(2026, 1, 5, 11, 30, tzinfo=UTC)


async def test_it_is_still_going_on_after_all(bot: Bot) -> None:
    await bot.say("ada", "#ops", "declare db down")
    await bot.hands.slack.click("ada", "in/over")
    await bot.hands.slack.wait_for_modal("ada", contains="When was it over?")
    await bot.hands.slack.click("ada", "in/goes_on")
    await bot.hands.slack.wait_for_modal("ada", contains="It is over already")
    await bot.hands.slack.submit("ada")
    i = await bot.incident()
    assert (i.is_open, i.commander, i.title) == (True, ADA, "db down")


@pytest.mark.parametrize(
    ("began", "over", "field", "said"),
    [
        (BEGAN, "soon", "ended", "Write a time such as"),
        (ENDED, BEGAN, "ended", "It ended after it began"),
        ("2090-01-01 10:00", ENDED, "began", "in the future"),
    ],
)
async def test_a_moment_that_cannot_be_is_refused_beside_its_field(
    bot: Bot, began: str, over: str, field: str, said: str
) -> None:
    await bot.say("ada", "#ops", "declare db down")
    await bot.hands.slack.click("ada", "in/over")
    await bot.hands.slack.wait_for_modal("ada", contains="When was it over?")
    result = await bot.hands.slack.submit("ada", {"began": began, "ended": over})
    assert said in result["errors"][field]
    assert await numbers(bot) == []


async def test_what_was_over_today_is_reopened_instead_and_the_form_says_so(bot: Bot) -> None:
    await ended(bot)
    opened = await bot.say("bo", "#ops", "declare checkout errors again")
    assert labels(opened["modal"])[0] == "Reopen INC-1 instead"
    await bot.hands.slack.click("bo", "run", value="INC-1 reopen")
    shown = await bot.hands.slack.wait_for_modal("bo", contains="reopened the incident")
    assert "submit" not in shown or not shown["submit"], "there is nothing left to declare"
    assert (await bot.incident()).is_open
    assert await numbers(bot) == [1]


async def test_who_joins_instead_is_told_in_the_form(bot: Bot, connection: Connection) -> None:
    await room_of(bot, connection)
    await bot.say("bo", "#ops", "declare errors in checkout")
    await bot.hands.slack.click("bo", "join_room")
    assert await bot.hands.slack.wait_for_modal("bo", contains="You are in")


async def test_what_is_refused_leaves_the_form_and_what_was_typed(bot: Bot) -> None:
    await bot.engine.handle(Declare(title="Checkout errors", command=False), ADA)
    await bot.say("bo", "#ops", "declare errors in checkout")
    await bot.hands.slack.click("bo", "join_room")
    assert await bot.hands.slack.wait_for_ephemeral("bo", contains="still being opened")
    assert "What is wrong?" in words(await bot.hands.slack.modal("bo") or {})


async def test_who_closed_the_form_is_told_all_the_same(bot: Bot, connection: Connection, sandbox: Sandbox) -> None:
    await room_of(bot, connection)
    await bot.say("bo", "#ops", "declare errors in checkout")
    sandbox.faults.add(Rule("slack", "views.update", "error", error="not_found"))
    await bot.hands.slack.click("bo", "join_room")
    assert await bot.hands.slack.wait_for_ephemeral("bo", contains="You are in")


async def test_what_is_nearly_sure_the_same_is_asked_about_once_and_a_second_click_declares(bot: Bot) -> None:
    await ended(bot, "Checkout errors in Europe")
    await bot.say("bo", "#ops", "declare")
    again = await bot.hands.slack.submit("bo", {"title": "Europe: checkout errors"})
    assert labels(again["modal"])[0] == "Reopen INC-1 instead"
    assert await numbers(bot) == [1]
    await bot.hands.slack.submit("bo")
    assert await numbers(bot) == [1, 2]
    assert (await bot.incident(2)).title == "Europe: checkout errors"


async def test_a_private_likeness_is_shown_to_nobody_outside_it(bot: Bot) -> None:
    await bot.engine.handle(Declare(title="Merger with Umbrella", private=True), ADA)
    for who, seen in (("bo", False), ("ada", True)):
        opened = await bot.say(who, "#ops", "declare merger with Umbrella")
        assert ("looks alike" in words(opened["modal"])) is seen
        await bot.hands.slack.close(who)
    await bot.say("bo", "#ops", "declare")
    await bot.hands.slack.submit("bo", {"title": "Merger with Umbrella"})
    assert (await bot.incident(2)).declared_by == BO


async def test_a_message_that_tells_of_what_is_known_offers_to_join(bot: Bot, connection: Connection) -> None:
    room = await room_of(bot, connection, "ada", "bo")
    message = await bot.hands.slack.post("bo", room, "checkout throws errors")
    await bot.hands.slack.message_shortcut("ada", room, message["ts"], "declare_from_message")
    shown = await bot.hands.slack.wait_for_modal("ada", contains="looks alike")
    assert labels(shown)[0] == "Join INC-1 instead"


async def test_a_drill_begins_from_a_scenario_and_changes_with_it(bot: Bot) -> None:
    opened = await bot.say("ada", "#ops", "drill disk")
    assert "disk is full" in initial(opened["modal"], "title-disk")
    await bot.hands.slack.click("ada", "in/scenario", selected="vendor")
    shown = await bot.hands.slack.wait_for_modal("ada", contains="payment provider")
    assert "payment provider" in initial(shown, "title-vendor")
    result = await bot.hands.slack.submit("ada", {"severity": "1", "services": ["PCHECK"]})
    i = await bot.incident()
    assert (i.drill, i.pages, i.commander) == (True, (), ADA)
    assert i.title == "Drill: The payment provider answers every third call with a time-out"
    assert i.summary.startswith("It is not ours to mend.")
    assert "It pages nobody." in whispers(result)


async def test_words_that_name_no_scenario_are_the_drill_s_title_and_nothing_begins_yet(bot: Bot) -> None:
    opened = await bot.say("ada", "#ops", "drill the office is on fire")
    assert initial(opened["modal"], "title-own") == "the office is on fire"
    assert await numbers(bot) == []


async def test_a_drill_is_nobody_s_likeness(bot: Bot) -> None:
    await bot.engine.handle(Declare(title="Drill: the database disk is full", drill=True), ADA)
    opened = await bot.say("bo", "#ops", "declare the database disk is full")
    assert "looks alike" not in words(opened["modal"])


def initial(modal: Any, field: str) -> str:
    block = next(b for b in modal["blocks"] if b.get("block_id") == field)
    return str(block["element"].get("initial_value", ""))


def test_open_ones_come_before_those_that_are_over() -> None:
    over = NIGHT.but(number=41, status=Status.RESOLVED, moments=NIGHT.moments.model_copy(update={"resolved": TWO}))
    assert alike("checkout errors", [over, NIGHT]) == alike("checkout errors", [NIGHT, over]) == NIGHT
    assert RECENT.total_seconds() == 86_400


@pytest.mark.parametrize(
    ("title", "sure"),
    [("checkout errors above", True), ("errors", False), ("checkout is slow", False), ("nothing alike", False)],
)
def test_only_most_of_the_telling_words_are_nearly_sure(title: str, sure: bool) -> None:
    assert is_strong(title, (), NIGHT) is sure


def test_another_service_is_another_incident() -> None:
    other = NIGHT.services[0].model_copy(update={"id": "PSEARCH"})
    assert not is_strong("checkout errors above", (other,), NIGHT)
    assert is_strong("checkout errors above", NIGHT.services, NIGHT)
