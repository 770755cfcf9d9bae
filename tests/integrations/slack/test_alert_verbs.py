"""Taking alerts out by verb, by menu, by button; saying what they were worth; and who may."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.engine.handle import Engine
from bot.incident import DismissAlert, HearAlert, JoinAlert, MakePrivate, Resolve
from bot.incident.mirror import Alert, Report, What, Worth
from bot.incident.values import MUSTER, Service
from bot.integrations.slack import actions
from bot.integrations.slack.client import Connection
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import ADA, Bot, listening, room_of


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    """INC-1 with two alerts on Checkout and one on Search, whose id has a slash in it."""
    name = await room_of(bot, connection, "ada", "bo", "gus")
    for alert, service in (("Q1", "Checkout"), ("Q2", "Checkout"), ("Q/3", "Search")):
        await bot.engine.handle(HearAlert(report=fired(alert, service)), MUSTER)
        await bot.engine.handle(JoinAlert(incident=1, source="pagerduty", alert=alert), ADA)
    return name


def fired(alert: str, service: str) -> Report:
    return Report(
        source="pagerduty",
        alert=alert,
        key=f"triggered/{alert}",
        at=datetime.now(UTC),
        what=What.TRIGGERED,
        by=MUSTER,
        title=f"{alert} is wrong",
        service=Service(id=f"P{service}", name=service),
        urgency="high",
        status="triggered",
    )


async def press(bot: Bot, action: str, value: str, user: str = seed.ADA) -> None:
    """A button or a menu, as a socket would bring it."""
    pressed = {"type": "static_select", "action_id": action, "action_ts": "1.1", "selected_option": {"value": value}}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": seed.TEAM_ID},
        "user": {"id": user, "team_id": seed.TEAM_ID},
        "trigger_id": f"{action}.{value}.{user}",
        "channel": {"id": seed.OPS},
        "actions": [pressed],
    }
    answer = await bot.inbound.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload))
    assert answer.status == 200


async def alert(bot: Bot, id: str) -> Alert:
    found = await bot.engine.reading.alert("pagerduty", id)
    assert found is not None
    return found


def told(result: Any) -> str:
    return "\n".join(e["text"] for e in result["ephemerals"])


async def test_the_list_can_be_typed_and_pressed(bot: Bot, room: str) -> None:
    assert "Alerts of INC-1" in told(await bot.say("ada", room, "alerts"))
    panel = (await bot.say("ada", room, ""))["ephemerals"][0]
    buttons = [e for b in panel["blocks"] if b["type"] == "actions" for e in b["elements"]]
    (alerts,) = [e["action_id"] for e in buttons if e.get("value") == "1/alerts"]
    shown = await bot.hands.slack.click("ada", alerts, channel=room, ts=panel["ts"], value="1/alerts")
    assert "Alerts of INC-1" in told(shown)


async def test_a_service_with_one_alert_is_split_off_by_its_name(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "alerts split off search")
    assert [a.id for a in (await bot.incident(2)).alerts] == ["Q/3"]
    assert [a.id for a in (await bot.incident(1)).alerts] == ["Q1", "Q2"]


async def test_a_service_with_several_must_be_chosen_from_the_list(bot: Bot, room: str) -> None:
    said = told(await bot.say("ada", room, "alerts unrelated Checkout"))
    assert said == "2 alerts here are of Checkout: choose which, with the menu at /incident INC-1 alerts."
    await press(bot, actions.ALERT, "unrelated/1/pagerduty/Q2")
    assert (await alert(bot, "Q2")).incident is None
    await press(bot, actions.ALERT, "split/1/pagerduty/Q/3")
    assert (await alert(bot, "Q/3")).incident == 2


async def test_each_button_does_what_the_verb_does(bot: Bot, room: str) -> None:
    await press(bot, actions.SPLIT_OFF, "1/pagerduty/Q/3")
    assert (await alert(bot, "Q/3")).incident == 2
    await press(bot, actions.NOT_RELATED, "1/pagerduty/Q1")
    assert (await alert(bot, "Q1")).incident is None
    await press(bot, actions.NOT_RELATED, "1/pagerduty/Q1")
    assert (await bot.lines()).count("Ada Marsh took the alert “Q1 is wrong” out: it is not related") == 1


@pytest.mark.parametrize(
    ("action", "value"),
    [
        (actions.ALERT, "burn/1/pagerduty/Q1"),
        (actions.ALERT, "split/1/pagerduty"),
        (actions.SPLIT_OFF, "x/pagerduty/Q1"),
        (actions.WORTH, "pagerduty/Q1/priceless"),
        (actions.WORTH, "pagerduty/Q9/real"),
        (actions.WORTH, "real"),
    ],
)
async def test_a_button_that_means_nothing_changes_nothing(bot: Bot, room: str, action: str, value: str) -> None:
    before = await bot.lines()
    await press(bot, action, value)
    assert await bot.hands.slack.wait_for_message("@ada", "older version")
    assert await bot.lines() == before


async def test_nothing_is_taken_out_of_what_is_over(bot: Bot, room: str) -> None:
    await bot.engine.handle(Resolve(incident=1), ADA)
    said = "INC-1 is resolved. /incident INC-1 reopen opens it again."
    assert told(await bot.say("ada", room, "alerts split search")) == said
    assert "Alerts of INC-1" in told(await bot.say("ada", room, "alerts"))


async def test_a_guest_without_a_duty_takes_nothing_out_and_rates_nothing(bot: Bot, room: str) -> None:
    await bot.engine.handle(HearAlert(report=fired("Q4", "Mail")), MUSTER)
    await bot.engine.handle(DismissAlert(source="pagerduty", alert="Q4"), ADA)
    for value in ("pagerduty/Q1/real", "pagerduty/Q4/real"):
        await press(bot, actions.WORTH, value, seed.GUS)
    await press(bot, actions.SPLIT_OFF, "1/pagerduty/Q/3", seed.GUS)
    assert (await alert(bot, "Q/3")).incident == 1
    assert ((await alert(bot, "Q1")).worth, (await alert(bot, "Q4")).worth) == (None, None)


async def test_what_an_alert_was_worth_is_kept_and_thanked_for(bot: Bot, room: str) -> None:
    await bot.engine.handle(HearAlert(report=fired("Q4", "Mail")), MUSTER)
    await bot.engine.handle(DismissAlert(source="pagerduty", alert="Q4"), ADA)
    await press(bot, actions.WORTH, "pagerduty/Q4/healed")
    assert await bot.hands.slack.wait_for_message("@ada", "Noted for “Q4 is wrong”: it healed by itself.")
    assert ((await alert(bot, "Q4")).worth, (await alert(bot, "Q4")).worth_by) == (Worth.HEALED, ADA.id)


async def test_of_a_private_incident_only_who_is_in_it_says_what_an_alert_was_worth(bot: Bot, room: str) -> None:
    await bot.engine.handle(MakePrivate(incident=1), ADA)
    await press(bot, actions.WORTH, "pagerduty/Q1/real", seed.CARLA)
    await press(bot, actions.SPLIT_OFF, "1/pagerduty/Q/3", seed.CARLA)
    assert (await alert(bot, "Q1")).worth is None
    assert (await alert(bot, "Q/3")).incident == 1
    await press(bot, actions.WORTH, "pagerduty/Q1/real")
    assert (await alert(bot, "Q1")).worth is Worth.REAL
