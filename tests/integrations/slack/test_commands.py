"""`/incident` as people type it, in a room and outside, through the real Bolt and a Slack that keeps its rules."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.engine.handle import Engine
from bot.incident import Declare
from bot.incident.policy import Policy
from bot.incident.timeline import timeline
from bot.incident.values import Actor, Status
from bot.integrations.slack import commands
from bot.integrations.slack.client import Connection
from bot.integrations.slack.verbs import VERBS
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import ADA, Bot, listening, room_of


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo", "dev")


def told(result: Any) -> str:
    """What the person alone was shown."""
    return "\n".join(e["text"] for e in result["ephemerals"])


def buttons(result: Any) -> list[tuple[str, str]]:
    """(label, action) of every button that the person alone was shown."""
    rows = [b for e in result["ephemerals"] for b in e["blocks"] if b["type"] == "actions"]
    return [(b["text"]["text"], b["action_id"].partition("#")[0]) for r in rows for b in r["elements"]]


def title_of(modal: Any) -> str:
    """The initial title of a declare form."""
    field = next(b for b in modal["blocks"] if b.get("block_id") == "title")
    return str(field["element"].get("initial_value", ""))


async def test_bare_outside_a_room_opens_the_declare_form_and_one_click_declares(bot: Bot) -> None:
    opened = await bot.say("ada", "#ops", "")
    assert opened["modal"]["title"]["text"] == "Declare an incident"
    assert (await bot.hands.slack.submit("ada"))["errors"] == {}
    i = await bot.incident()
    assert (i.severity.label, i.title, i.commander) == ("SEV3", "Untitled incident", ADA)


async def test_bare_in_a_room_shows_the_panel_to_the_asker_alone(bot: Bot, room: str) -> None:
    result = await bot.say("ada", room, "")
    assert ("Resolve", "resolve_form") in buttons(result)
    assert result["messages"] == []


@pytest.mark.parametrize(
    "words", ["page loads are failing", "status page down", "sev high again", "checkout is slow", "list is empty"]
)
async def test_words_that_are_no_command_become_the_title_of_a_declaration(bot: Bot, words: str) -> None:
    opened = await bot.say("ada", "#ops", words)
    assert title_of(opened["modal"]) == words
    assert await bot.engine.reading.open_incidents(ADA) == []


async def test_in_a_room_nothing_acts_on_a_guess(bot: Bot, room: str) -> None:
    result = await bot.say("ada", room, "resolv it now")
    assert buttons(result) == [("/incident resolve it now", "run"), ("Add as note", "run")]
    assert (await bot.incident()).is_open
    line = result["ephemerals"][0]
    await bot.hands.slack.click("ada", "run#2", channel=room, ts=line["ts"])
    assert "Ada Marsh: resolv it now" in await bot.lines()


async def test_declare_fills_in_the_title_and_points_to_a_likeness(bot: Bot, room: str) -> None:
    opened = await bot.say("bo", "#ops", "declare errors in checkout")
    assert title_of(opened["modal"]) == "errors in checkout"
    assert "looks alike" in str(opened["modal"]["blocks"][0])
    await bot.hands.slack.click("bo", "in/severity", selected="2")
    refilled = await bot.hands.slack.wait_for_modal("bo", contains="SEV2 pages")
    assert "looks alike" in str(refilled["blocks"][0])
    await bot.hands.slack.click("bo", "join_room")
    assert await bot.hands.slack.wait_for_modal("bo", "You are in")


async def test_declaring_at_a_severity_that_pages_says_whom_it_pages_and_pages(bot: Bot) -> None:
    await bot.say("ada", "#ops", "declare db down")
    await bot.hands.slack.click("ada", "in/severity", selected="1")
    await bot.hands.slack.click("ada", "in/services", selected=["PCHECK"])
    shown = await bot.hands.slack.wait_for_modal("ada", contains="SEV1 pages Checkout (Bo Lind)")
    assert title_of(shown) == "db down"
    result = await bot.hands.slack.submit("ada", {"severity": "1", "services": ["PCHECK"]})
    assert "Paging Checkout" in told(result)
    assert [p.target.name for p in (await bot.incident()).pages] == ["Checkout"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("sev 1", "Ada Marsh raised the severity from SEV3 to SEV1"),
        ("P2", "Ada Marsh raised the severity from SEV3 to SEV2"),
        ("severity sev4", "Ada Marsh lowered the severity from SEV3 to SEV4"),
        ("status identified", "Ada Marsh moved the incident from triage to identified"),
        ("mitigated", "Ada Marsh moved the incident from triage to monitoring"),
        ("resolve rolled back to 4.2", "Ada Marsh resolved the incident: rolled back to 4.2"),
        ("fixed", ""),
        ("cancel false alarm", "Ada Marsh canceled the incident: false alarm"),
        ("summary disk full on db1", "Ada Marsh set the summary to “disk full on db1”"),
        ("impact nobody can pay", "Ada Marsh set the impact to “nobody can pay”"),
        ("lead", "Ada Marsh is Incident Commander"),
        ("ic @bo", "Bo Lind is Incident Commander (named by Ada Marsh)"),
        ("role scribe @dev", "Dev Anand is Scribe (named by Ada Marsh)"),
        ("role @dev comms", "Dev Anand is Communications (named by Ada Marsh)"),
        ("role sme", "Ada Marsh is Subject-Matter Expert"),
        ("handover @bo", "Bo Lind is Incident Commander (named by Ada Marsh)"),
        ("page checkout because it burns", "Ada Marsh paged Checkout: it burns"),
        ('escalate "Shop first line": nobody there', "Ada Marsh paged Shop first line: nobody there"),
        ("page @bo", "Ada Marsh paged Bo Lind"),
        ("note rolled back, see INC-7", "Ada Marsh: rolled back, see INC-7"),
        ("note ask @bo & <b>", "Ada Marsh: ask @Bo Lind & <b>"),
    ],
)
async def test_a_verb_with_words_acts_and_the_room_hears_the_fact(bot: Bot, room: str, words: str, line: str) -> None:
    result = await bot.say("ada", room, words)
    assert result["error"] is None
    if line:
        assert line in await bot.lines()
        assert told(result) == ""
    else:
        assert result["modal"]["title"]["text"] == "Resolve INC-1"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("sev", "Severity of INC-1"),
        ("resolve", "Resolve INC-1"),
        ("cancel", "Cancel INC-1"),
        ("edit", "Edit INC-1"),
        ("summary", "Summary of INC-1"),
        ("impact", "Impact of INC-1"),
        ("role", "Roles of INC-1"),
        ("handover", "Hand over INC-1"),
        ("page", "Page about INC-1"),
        ("note", "Note on INC-1"),
        ("declare", "Declare an incident"),
    ],
)
async def test_a_bare_verb_opens_its_form_and_changes_nothing(bot: Bot, room: str, words: str, title: str) -> None:
    before = await bot.lines()
    result = await bot.say("ada", room, words)
    assert result["modal"]["title"]["text"] == title
    assert await bot.lines() == before


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("list", "1 incident is open"),
        ("show", "INC-1 · SEV3"),
        ("info INC-1", "INC-1 · SEV3"),
        ("INC-1", "INC-1 · SEV3"),
        ("status", "nobody has command"),
        ("timeline", "Timeline of INC-1"),
        ("oncall", "Who is on call"),
        ("oncall checkout", "Who is on call"),
        ("pm", "No postmortem is owed for INC-1: it is SEV3"),
        ("help", "What can be typed"),
        ("help sev", "Set how bad it is"),
    ],
)
async def test_a_question_is_answered_to_the_asker_alone(bot: Bot, room: str, words: str, answer: str) -> None:
    result = await bot.say("ada", room, words)
    assert answer in told(result)
    assert result["messages"] == []


async def test_outside_the_room_an_incident_is_named_first_or_last(bot: Bot, room: str) -> None:
    first = await bot.say("ada", "#ops", "INC-1 sev 2")
    last = await bot.say("ada", "#ops", "status identified inc-1")
    assert "INC-1: Ada Marsh raised the severity from SEV3 to SEV2." in told(first)
    assert "from triage to identified" in told(last)


async def test_outside_the_room_without_a_name_the_open_ones_are_offered(bot: Bot, room: str) -> None:
    result = await bot.say("ada", "#ops", "sev 1")
    assert buttons(result) == [("INC-1 Checkout errors", "run"), ("Declare an incident", "declare_form")]
    await bot.hands.slack.click("ada", "run", channel="#ops", ts=result["ephemerals"][0]["ts"], value="INC-1 sev 1")
    assert (await bot.incident()).severity.label == "SEV1"


async def test_an_incident_that_is_not_there_is_named_in_the_refusal(bot: Bot) -> None:
    assert "There is no INC-99." in told(await bot.say("ada", "#ops", "INC-99 sev 1"))


async def test_a_private_incident_is_not_there_for_those_outside_it(bot: Bot) -> None:
    await bot.engine.handle(Declare(title="leak", private=True), ADA)
    assert "There is no INC-1." in told(await bot.say("bo", "#ops", "show INC-1"))
    assert "No incident is open" in told(await bot.say("bo", "#ops", "list"))
    shown = await bot.say("ada", "#ops", "show INC-1")
    assert "leak" in str(shown["ephemerals"][0]["blocks"])
    assert "leak" not in told(shown), "a lock screen shows that it is private, not what it is"


async def test_a_note_with_a_time_says_it_back_and_use_now_takes_it_away(bot: Bot, room: str) -> None:
    result = await bot.say("ada", room, "note 00:01 rolled back")
    assert told(result).startswith("Noted at ")
    seq, noted = next((s.seq, s) for s in await bot.engine.reading.events(1) if s.event.kind == "noted")
    assert noted.event.line() == "Ada Marsh: rolled back", "the time stands beside it, once"
    line = result["ephemerals"][0]
    await bot.hands.slack.click("ada", "use_now", channel=room, ts=line["ts"])
    stored = await bot.engine.reading.events(1)
    corrected = stored[-1].event
    assert corrected.model_dump()["entry"] == seq
    assert corrected.model_dump()["happened"] == noted.recorded
    assert timeline(stored)[-1].text == "Ada Marsh: 00:01 rolled back"


async def test_a_held_role_is_asked_for_once_and_then_taken(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "lead")
    asked = await bot.say("bo", room, "lead")
    assert "Ada Marsh has been Incident Commander of INC-1" in told(asked)
    assert (await bot.incident()).commander == ADA
    await bot.hands.slack.click("bo", "take_over", channel=room, ts=asked["ephemerals"][0]["ts"])
    assert (await bot.incident()).commander == Actor(id=f"slack:{seed.BO}", name="Bo Lind")
    assert await bot.hands.slack.ephemerals("bo", room) == []


async def test_giving_a_held_role_to_somebody_keeps_that_person_through_the_question(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "lead")
    asked = await bot.say("bo", room, "lead @dev")
    await bot.hands.slack.click("bo", "take_over", channel=room, ts=asked["ephemerals"][0]["ts"])
    assert (await bot.incident()).commander == Actor(id=f"slack:{seed.DEV}", name="Dev Anand")


async def test_on_call_shows_numbers_only_while_pagerduty_is_down(bot: Bot, room: str) -> None:
    up = str((await bot.say("ada", room, "oncall"))["ephemerals"])
    bot.pagerduty_up = False
    down = str((await bot.say("ada", room, "oncall"))["ephemerals"])
    assert "Bo Lind" in up
    assert "+1 555 0100" not in up
    assert "PagerDuty does not answer" in down
    assert "+1 555 0100" in down


async def test_leaving_one_of_several_roles_asks_which(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "lead")
    await bot.say("ada", room, "role scribe")
    opened = await bot.say("ada", room, "leave")
    assert opened["modal"]["title"]["text"] == "Leave a role in INC-1"
    await bot.hands.slack.submit("ada", {"role": "scribe"})
    assert [h.role for h in (await bot.incident()).holdings] == ["commander"]
    await bot.say("ada", room, "leave ic")
    assert (await bot.incident()).holdings == ()


async def test_a_resolved_incident_refuses_and_says_what_to_do(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "done it is over")
    assert "/incident INC-1 reopen opens it again" in told(await bot.say("ada", room, "sev 1"))
    await bot.say("ada", room, "reopen")
    assert (await bot.incident()).status is Status.INVESTIGATING


async def test_a_draft_can_be_asked_for_before_one_is_owed(bot: Bot, room: str) -> None:
    state = await bot.say("ada", room, "postmortem")
    await bot.hands.slack.click("ada", "run", channel=room, ts=state["ephemerals"][0]["ts"])
    assert (await bot.incident()).review


async def test_untrusted_words_ping_nobody_and_stay_as_typed(bot: Bot, room: str) -> None:
    before = len(await bot.hands.slack.pings())
    result = await bot.say("ada", room, "<!channel> @here & </b> what")
    assert "&lt;!channel&gt;" in told(result)
    assert len(await bot.hands.slack.pings()) == before


async def test_words_too_long_for_a_button_open_the_note_form_with_all_of_them(bot: Bot, room: str) -> None:
    words = "it burns " * 250
    opened = await bot.say("ada", room, words)
    assert opened["modal"]["title"]["text"] == "Note on INC-1"
    assert words.strip() in str(opened["modal"])


def test_every_verb_says_what_it_does_and_eight_belong_to_the_first_hour() -> None:
    assert all(v.help.endswith(".") and len(v.help) > 15 for v in VERBS.values())
    assert sum(v.first_hour for v in VERBS.values()) == 8


def test_no_word_means_two_verbs() -> None:
    said = [word for v in VERBS.values() for word in (v.name, *v.aliases, *v.shorthand)]
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("words", "in_room", "verb", "rest", "number"),
    [
        ("sev 1 INC-7", False, "sev", "1", 7),
        ("INC-7: sev 1", True, "sev", "1", 7),
        ("note same as INC-7", True, "note", "same as INC-7", None),
        ("note same as INC-7", False, "note", "same as INC-7", None),
        ("declare INC-7 again", False, "declare", "INC-7 again", None),
        ("MITIGATED", False, "status", "monitoring", None),
        ("p1", False, "sev", "p1", None),
        ("1", False, None, "1", None),
        ("INC-7", False, "show", "", 7),
    ],
)
def test_what_was_said_is_taken_apart(
    words: str, in_room: bool, verb: str | None, rest: str, number: int | None
) -> None:
    parsed = commands.parse(words, Policy(), in_room=in_room)
    assert (parsed.verb.name if parsed.verb else None, parsed.words, parsed.number) == (verb, rest, number)
