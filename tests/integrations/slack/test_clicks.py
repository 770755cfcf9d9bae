"""Every button and every form does what its verb does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.engine.handle import Engine
from bot.incident import AssignRole, HearAlert, Nudge, SetSeverity
from bot.incident.mirror import Report, What
from bot.incident.nudges import due
from bot.incident.values import MUSTER, Service
from bot.integrations.slack import actions
from bot.integrations.slack.client import Connection
from bot.integrations.slack.verbs import FORMS
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import ADA, Bot, listening, room_of


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo")


async def press(bot: Bot, action: str, value: str, *, channel: str = "", trigger: str = "1.1.x") -> None:
    """A button of Ada's, as a socket would bring it."""
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": seed.TEAM_ID},
        "user": {"id": seed.ADA, "team_id": seed.TEAM_ID},
        "trigger_id": trigger,
        "channel": {"id": channel},
        "actions": [{"type": "button", "action_id": action, "value": value, "action_ts": "1.1"}],
    }
    answer = await bot.inbound.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload))
    assert answer.status == 200


async def pressed(bot: Bot, room: str, value: str) -> Any:
    """A button of the panel, really pressed."""
    panel = (await bot.say("ada", room, ""))["ephemerals"][0]
    found = [e for b in panel["blocks"] if b["type"] == "actions" for e in b["elements"] if e["value"] == value]
    action = found[0]["action_id"]
    return await bot.hands.slack.click("ada", action, channel=room, ts=panel["ts"], value=value)


def told(result: Any) -> str:
    return "\n".join(e["text"] for e in result["ephemerals"])


@pytest.mark.parametrize(
    ("verb", "title"),
    [("note", "Note on INC-1"), ("page", "Page about INC-1"), ("sev", "Severity of INC-1"), ("role", "Roles of INC-1")],
)
async def test_the_panel_opens_what_the_bare_verb_opens(bot: Bot, room: str, verb: str, title: str) -> None:
    assert (await pressed(bot, room, f"1/{verb}"))["modal"]["title"]["text"] == title


async def test_the_panel_shows_what_the_bare_verb_shows(bot: Bot, room: str) -> None:
    assert "Timeline of INC-1" in told(await pressed(bot, room, "1/timeline"))


async def test_the_panel_moves_the_incident_on(bot: Bot, room: str) -> None:
    await pressed(bot, room, "1/identified")
    assert (await bot.incident()).status == "identified"
    assert (await pressed(bot, room, "1"))["modal"]["title"]["text"] == "Resolve INC-1"


async def test_more_in_the_card_shows_the_panel_and_more_in_the_help_the_other_verbs(bot: Bot, room: str) -> None:
    shown = await bot.say("ada", room, "help")
    result = await bot.hands.slack.click("ada", "help_more", channel=room, ts=shown["ephemerals"][0]["ts"])
    assert "Hand command to someone else" in str(result["ephemerals"])
    await press(bot, actions.PANEL, "1")
    assert await bot.hands.slack.wait_for_message("@ada", "INC-1")


@pytest.mark.parametrize(
    ("verb", "values", "line"),
    [
        ("sev", {"severity": "2"}, "Ada Marsh raised the severity from SEV3 to SEV2"),
        ("resolve", {"text": "rolled back"}, "Ada Marsh resolved the incident: rolled back"),
        ("cancel", {"text": "a test"}, "Ada Marsh canceled the incident: a test"),
        ("summary", {"summary": "disk full"}, "Ada Marsh set the summary to “disk full”"),
        ("impact", {"impact": "nobody pays"}, "Ada Marsh set the impact to “nobody pays”"),
        ("role", {"role": "scribe", "person": "bo"}, "Bo Lind is Scribe (named by Ada Marsh)"),
        ("handover", {"person": "bo"}, "Bo Lind is Incident Commander (named by Ada Marsh)"),
        ("page", {"target": "service/PCHECK", "why": "it burns"}, "Ada Marsh paged Checkout: it burns"),
        ("page", {"target": "policy/PPOLICY", "why": ""}, "Ada Marsh paged Shop first line"),
        ("page", {"target": "service/PCHECK", "person": "bo", "why": ""}, "Ada Marsh paged Bo Lind"),
        ("note", {"text": "saw it"}, "Ada Marsh: saw it"),
    ],
)
async def test_a_form_does_what_its_verb_does_with_words(
    bot: Bot, room: str, verb: str, values: dict[str, Any], line: str
) -> None:
    await bot.say("ada", room, verb)
    result = await bot.hands.slack.submit("ada", values)
    assert result["errors"] == {}
    assert line in await bot.lines()


@pytest.mark.parametrize(
    ("verb", "values", "field"),
    [
        ("page", {"person": "carla"}, "person"),
        ("page", {"target": None, "why": "x"}, "target"),
        ("handover", {"person": "muster"}, "person"),
        ("handover", {"person": "xenia"}, "person"),
        ("resolve", {"at": "tomorrow"}, "at"),
        ("edit", {"declared": ""}, "declared"),
        ("edit", {"detected": "2999-01-01 10:00"}, "detected"),
    ],
)
async def test_a_form_that_is_refused_stays_open_with_the_reason_beside_the_field(
    bot: Bot, room: str, verb: str, values: dict[str, Any], field: str
) -> None:
    await bot.engine.directory.remember_services([])
    await bot.say("ada", room, verb)
    result = await bot.hands.slack.submit("ada", values)
    assert list(result["errors"]) == [field]


async def test_a_form_without_fields_says_in_its_place_what_is_refused(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "note secret")
    shown = await bot.say("ada", room, "timeline")
    seq = next(s.seq for s in await bot.engine.reading.events(1) if s.event.kind == "noted")
    await bot.hands.slack.click(
        "ada", f"entry#{seq}", channel=room, ts=shown["ephemerals"][0]["ts"], selected=f"redact/1/{seq}"
    )
    await bot.engine.handle(AssignRole(incident=1, role="commander", person=ADA), ADA)
    form = FORMS.pop("redact")
    try:
        result = await bot.hands.slack.submit("ada")
    finally:
        FORMS["redact"] = form
    assert "older version" in str(result["modal"]["blocks"])


async def test_an_entry_is_hidden_from_its_menu(bot: Bot, room: str) -> None:
    await press(bot, actions.ENTRY, "hide/1/1")
    assert (await bot.lines())[-1] == "Ada Marsh hid an entry"


async def test_a_snoozed_reminder_comes_back_later(bot: Bot, room: str) -> None:
    await bot.engine.handle(SetSeverity(incident=1, to=1), ADA)
    key = next(d.key for d in due(await bot.incident(), bot.engine.policy) if d.key.startswith("update/"))
    bot.engine.clock = lambda: datetime.now(UTC) + timedelta(minutes=31)
    await bot.engine.handle(Nudge(incident=1, key=key), MUSTER)
    await press(bot, actions.SNOOZE, f"1/{key}")
    assert await bot.hands.slack.wait_for_message("@ada", "reminded again")
    assert key in (await bot.incident()).snoozed


def report(alert: str) -> Report:
    return Report(
        source="pagerduty",
        alert=alert,
        key=f"triggered/{alert}",
        at=datetime.now(UTC),
        what=What.TRIGGERED,
        by=MUSTER,
        title="disk full",
        service=Service(id="PCHECK", name="Checkout"),
        urgency="high",
        status="triggered",
    )


async def test_an_alert_that_waits_is_declared_joined_or_dismissed(bot: Bot, room: str) -> None:
    for alert in ("A/1", "A2", "A3"):
        await bot.engine.handle(HearAlert(report=report(alert)), MUSTER)
    await press(bot, actions.DECLARE_ALERT, "pagerduty/A/1")
    assert await bot.hands.slack.wait_for_message("@ada", "INC-2 is declared")
    await press(bot, actions.JOIN_ALERT, "1/pagerduty/A2", trigger="2")
    await press(bot, actions.DISMISS_ALERT, "pagerduty/A3", trigger="3")
    assert [a.id for a in (await bot.incident(2)).alerts] == ["A/1"]
    assert [a.id for a in (await bot.incident(1)).alerts] == ["A2"]
    dismissed = await bot.engine.reading.alert("pagerduty", "A3")
    assert dismissed is not None
    assert dismissed.dismissed


async def test_joining_a_room_that_slack_guards_says_so(bot: Bot, room: str, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "conversations.invite", "error", error="cant_invite", times=1))
    sandbox.faults.add(Rule("slack", "conversations.invite", "reset", times=1))
    for words in ("did not let you in", "does not answer"):
        listed = await bot.say("carla", "#ops", "list")
        result = await bot.hands.slack.click("carla", "join_room", channel="#ops", ts=listed["ephemerals"][0]["ts"])
        assert words in told(result)


async def test_joining_before_the_room_is_there_asks_for_patience(bot: Bot) -> None:
    await bot.say("ada", "#ops", "")
    declared = await bot.hands.slack.submit("ada")
    result = await bot.hands.slack.click("ada", "join_room", channel="#ops", ts=declared["ephemerals"][0]["ts"])
    assert "still being opened" in told(result)


async def test_a_form_that_slack_does_not_open_is_told(bot: Bot, room: str, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "views.open", "error", error="expired_trigger_id", times=1))
    assert "did not open the form in time" in told(await bot.say("ada", room, "note"))


async def test_the_declare_button_fills_in_what_was_said(bot: Bot, room: str) -> None:
    offered = await bot.say("ada", "#ops", "status identified")
    opened = await bot.hands.slack.click(
        "ada", "declare_form", channel="#ops", ts=offered["ephemerals"][0]["ts"], value="status identified"
    )
    assert "status identified" in str(opened["modal"])
