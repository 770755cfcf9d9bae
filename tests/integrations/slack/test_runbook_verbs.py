"""The buttons of a runbook, and who answers for one; what is typed stands in `golden/answers/runbook.txt`."""

from datetime import UTC, datetime

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.handle import Engine
from bot.incident import Declare, OpenRunbook, RunAction, TickStep
from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.incident.steps import Outcome, Runbook
from bot.integrations.slack import runbook_verbs
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.modals import Filled
from bot.integrations.slack.people import People
from bot.integrations.slack.presses import OLD, PRESSES, Click, Hands
from bot.integrations.slack.verbs import FORMS, Answer, Ask, Do, House, Open, Show
from tests.integrations.slack.test_runbooks import BOOK

NOW = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
ADA = Person(slack="UADA", name="Ada", email="ada@example.com")
GIL = Person(slack="UGIL", name="Gil", guest=True)


async def hands(engine: Engine, *runbooks: Runbook) -> Hands:
    """What buttons may use, with an incident in which the first runbook is followed."""
    await engine.directory.remember_people([ADA, GIL])
    await engine.handle(Declare(title="Checkout errors"), ADA.actor)
    await engine.handle(OpenRunbook(incident=1, runbook=BOOK), ADA.actor)

    async def retry(effect: int) -> bool:
        raise AssertionError

    async def hear(source: str, key: str, group: str, body: bytes) -> None:
        raise AssertionError

    client = AsyncWebClient()
    people = People(client, engine.directory, engine.reading, engine.clock, Kept())
    shelf = runbooks or (BOOK,)
    house = House(Policy(), engine.directory, engine.reading, lambda: True, people.admit, runbooks=shelf)
    return Hands(house, client, retry, hear)


async def press(found: Hands, action: str, value: str, by: Person = ADA) -> Answer:
    return await PRESSES[action](Click(action, value, by, "", NOW), found)


async def followed(engine: Engine) -> Incident:
    incident = await engine.reading.incident(1)
    assert incident is not None
    return incident


async def test_a_line_of_the_menu_shows_that_step(engine: Engine) -> None:
    shown = await press(await hands(engine), "tick", "1/1/3/show")
    assert isinstance(shown, Show)
    assert shown.message.text == "Step 3 of Queue backlog"


@pytest.mark.parametrize("outcome", ["done", "skipped", "open"])
async def test_a_button_says_what_became_of_a_step(engine: Engine, outcome: str) -> None:
    wanted = await press(await hands(engine), "tick", f"1/1/2/{outcome}")
    assert isinstance(wanted, Do)
    assert wanted.command == TickStep(incident=1, run=1, step=2, outcome=Outcome(outcome))


async def test_what_did_not_work_is_asked_about_and_what_was_said_before_stands_there(engine: Engine) -> None:
    found = await hands(engine)
    before = TickStep(incident=1, run=1, step=2, outcome=Outcome.FAILED, note="no quota")
    await engine.handle(before, ADA.actor)
    asked = await press(found, "tick", "1/1/2/failed")
    assert isinstance(asked, Open)
    assert "no quota" in str(asked.form.blocks)

    ask = Ask(found.house, ADA, "runbook_failed", "", "", NOW, "", await followed(engine))
    filled = Filled({"note": {"in/note": {"value": "still none"}}}, asked.form.extra)
    sent = await FORMS[asked.form.verb](ask, filled)
    assert isinstance(sent, Do)
    assert sent.command == before.model_copy(update={"note": "still none"})


async def test_a_call_is_taken_from_the_file_as_it_is_now(engine: Engine) -> None:
    wanted = await press(await hands(engine), "run_action", "1/1/2/1")
    assert isinstance(wanted, Do)
    assert wanted.command == RunAction(incident=1, run=1, step=2, call=BOOK.steps[1].action, attempt=1)


async def test_a_call_that_was_taken_out_of_the_file_is_made_no_more(engine: Engine) -> None:
    changed = BOOK.model_copy(update={"steps": BOOK.steps[:1]})
    with pytest.raises(Refused, match="was changed since it was opened here"):
        await press(await hands(engine, changed), "run_action", "1/1/2/1")
    with pytest.raises(Refused, match="is done by hand"):
        await press(await hands(engine, changed), "run_action", "1/1/1/1")


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("tick", "1/1/2"),
        ("tick", "1/1/2/gone"),
        ("tick", "1/1/9/done"),
        ("tick", "1/2/1/done"),
        ("tick", "1/x/1/done"),
        ("tick", "1/1/-1/done"),
        ("run_action", "1/1/2/x"),
        ("run_action", "1/9/2/1"),
        ("run_action", "1"),
    ],
)
async def test_a_button_that_means_nothing_here_is_refused(engine: Engine, action: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        await press(await hands(engine), action, value)
    assert refused.value.sentence == OLD


@pytest.mark.parametrize(("action", "value"), [("tick", "1/1/1/done"), ("run_action", "1/1/2/1")])
async def test_a_guest_without_a_duty_may_press_neither(engine: Engine, action: str, value: str) -> None:
    with pytest.raises(Refused, match="As a guest"):
        await press(await hands(engine), action, value, by=GIL)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("ada@example.com", "Ada"),
        ("UADA", "Ada"),
        ("gone@example.com", None),
        ("app@example.com", None),
        ("nobody@example.com", None),
        ("", None),
    ],
)
async def test_the_owner_is_whoever_of_us_is_named_by_mail_or_id(engine: Engine, owner: str, name: str | None) -> None:
    other = BOOK.model_copy(update={"name": "other", "owner": owner})
    found = await hands(engine, other)
    gone = Person(slack="UGON", name="Gone", email="gone@example.com", gone=True)
    app = Person(slack="UAPP", name="App", email="app@example.com", bot=True)
    await engine.directory.remember_people([gone, app])
    wanted = await answer(found.house, Spoken("INC-1 runbook other", ADA, "", NOW))
    assert isinstance(wanted, Do)
    assert isinstance(wanted.command, OpenRunbook)
    known = wanted.command.owner
    assert (known.name if known else None) == name


async def test_without_any_runbook_it_is_said_where_they_come_from(engine: Engine) -> None:
    none = House(Policy(), engine.directory, engine.reading, lambda: True, (await hands(engine)).house.admit)
    shown = await answer(none, Spoken("runbook", ADA, "", NOW))
    assert isinstance(shown, Show)
    assert shown.message.text == runbook_verbs.NONE
