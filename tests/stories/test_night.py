"""A human's night: three in the morning, an empty room, and somebody must be woken whatever else is broken."""

import pytest

from bot.incident.values import PageState, Status
from bot.sandbox import Rule
from bot.sandbox.slack import seed
from tests.stories.screen import button_of, words
from tests.stories.world import Plan, World

LATENCY = 0.4
"""Seconds that PagerDuty takes for a call, where the time matters."""
BO, DEV, ADA, EMI = "PUBO001", "PUDEV01", "PUADA01", "PUEMI01"


async def _woken(world: World) -> list[str]:
    """Whose phones rang, in order."""
    return [page.user for page in await world.hands.pagerduty.pages()]


async def test_the_page_is_out_before_anything_asked_since_the_commit_is_answered(world: World) -> None:
    world.sandbox.faults.latency.update(pagerduty=LATENCY, slack=LATENCY)
    number = await world.declare("checkout is down", severity=1, services=["checkout"], settle=False)
    await world.settled()
    declared = (await world.app.engine.reading.events(number))[0]
    (page,) = await world.hands.calls("pagerduty", "POST /incidents")
    since = [c for c in await world.hands.calls() if c["when"] > declared.recorded.timestamp()]
    answered = min(c["when"] + c["seconds"] for c in since if c["seconds"] is not None)
    assert page["when"] < answered, "it waits for the answer of nothing that was asked since"
    assert await _woken(world) == [BO]


@pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)
async def test_at_sev1_the_ladder_climbs_by_itself_and_all_of_it_is_on_the_timeline(world: World) -> None:
    await world.declare("checkout is down", severity=1, services=["checkout"])
    assert await _woken(world) == [BO]
    await world.pass_time(minutes=4)
    assert await _woken(world) == [BO], "five minutes are given to answer"
    await world.pass_time(minutes=1.1)
    assert await _woken(world) == [BO, DEV]
    told = await world.timeline()
    for line in (
        "Ada Marsh paged checkout: checkout is down",
        "PagerDuty is calling Bo Lind",
        "Nobody answered the page within 5 min",
        "Muster paged checkout, level 2: level 1 did not answer",
        "PagerDuty is calling Dev Anand",
    ):
        assert told.count(line) == 1, line
    await world.hands.pagerduty.acknowledge((await world.incident()).pages[-1].outside, by="Dev")
    await world.settled()
    assert "Dev Anand answered the page" in await world.timeline()
    await world.pass_time(minutes=20)
    assert await _woken(world) == [BO, DEV], "somebody is there: nobody else is woken"


async def test_at_sev2_the_next_level_is_one_button_away(world: World) -> None:
    await world.declare("checkout is slow", severity=2, services=["checkout"])
    await world.pass_time(minutes=5.1)
    assert await _woken(world) == [BO]
    assert "*Nobody answered* the page to checkout within 5 min." in (await world.said())[-1]
    await world.press("ada", "page_next")
    await world.settled()
    assert await _woken(world) == [BO, DEV]
    await world.press("ada", "page_next")
    await world.settled()
    assert await _woken(world) == [BO, DEV], "a second press wakes nobody twice"


async def test_above_the_last_level_people_are_told_to_call_by_hand(world: World) -> None:
    await world.declare("checkout is down", severity=1, services=["checkout"])
    for _ in range(4):
        await world.pass_time(minutes=5.1)
    assert await _woken(world) == [BO, DEV]
    assert any("That was the last level to page." in line for line in await world.timeline())
    assert any("last level" in said and "Bo Lind" in said for said in await world.said())


async def test_with_slack_down_the_page_leaves_all_the_same(world: World) -> None:
    await world.hands.slack.command("ada", "#ops", "declare everything is down")
    await world.hands.slack.wait_for_modal("ada", "What is wrong?")
    world.sandbox.faults.add(Rule("slack", "*", "500", times=None))
    await world.hands.slack.submit("ada", {"severity": "1", "services": ["checkout"]})
    await world.settled()
    assert await _woken(world) == [BO]
    await world.pass_time(minutes=5.1)
    assert await _woken(world) == [BO, DEV], "the ladder needs no room"
    world.sandbox.faults.clear()
    await world.pass_time(minutes=1)
    assert "*Incident Commander:* Ada Marsh" in words(await world.card()), "and the room comes when Slack does"


async def test_with_pagerduty_down_the_declarer_is_told_and_given_whom_to_call(
    world: World,
) -> None:
    world.sandbox.faults.add(Rule("pagerduty", "*", "503", times=None))
    await world.declare("checkout is down", severity=1, services=["checkout"])
    await world.pass_time(minutes=0.2)
    told = "\n".join(words(message) for message in await world.hands.slack.dm("ada"))
    assert "did not go out" in told
    assert "level 1: Bo Lind · +1 2025550102" in told
    assert "level 2: Dev Anand · +1 2025550103" in told
    said = "\n".join(await world.said())
    assert "level 1: Bo Lind" in said
    assert "2025550102" not in said, "numbers are for the one who must call"
    assert (await world.incident()).pages[0].state is PageState.FAILED
    answered = await world.type("ada", "oncall checkout")
    assert "2025550102" in words(answered["ephemerals"][-1])
    world.sandbox.faults.clear()
    await world.pass_time(minutes=2)
    assert await _woken(world) == [BO], "and the page leaves when PagerDuty is back, once"


async def test_what_our_own_page_opens_in_pagerduty_is_no_alert_of_its_own(world: World) -> None:
    """Nobody named a service: the page opens on whichever there is, which says nothing about that service."""
    await world.declare("who knows", severity=2)
    assert await _woken(world) == [ADA], "the fallback, since no service is named"
    i = await world.incident()
    assert (i.services, i.alarms) == ((), ())
    assert set((await world.room())["members"]) == {seed.BOT_USER, seed.ADA}
    await world.type("ada", "ack")
    await world.settled()
    said = await world.said()
    assert not [line for line in said if "alert" in line], said
    assert said.count("Ada Marsh answered the page to Incident commanders.") == 1
    await world.hands.pagerduty.trigger("checkout", "something else", priority="P3")
    await world.settled()
    assert not (await world.incident()).alarms, "an alert of that service waits for a decision"
    await world.type("ada", "resolve it was nothing")
    await world.settled()
    assert (await world.hands.pagerduty.incident(i.pages[0].outside or i.alerts[0].id)).status == "resolved"


async def test_nobody_in_command_is_mentioned_after_five_minutes_and_commanders_are_paged_after_ten(
    world: World,
) -> None:
    await world.hands.pagerduty.trigger("checkout", "checkout is down", priority="P1")
    await world.settled()
    assert (await world.incident()).status is Status.TRIAGE
    await world.pass_time(minutes=5.1)
    said = (await world.said())[-1]
    assert f"<@{seed.BO}>" in said
    assert "*nobody has taken command*" in said
    room = await world.room()
    assert button_of(room["messages"][-1], "take_role", "1/commander") is not None
    await world.pass_time(minutes=5.1)
    assert ADA in await _woken(world)
    told = await world.timeline()
    assert "Nobody has taken command yet" in told
    assert "Still nobody has taken command" in told
    assert "Muster paged Incident commanders: nobody has taken command" in told


async def test_whoever_takes_command_in_time_is_left_in_peace(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "checkout is down", priority="P1")
    await world.settled()
    await world.hands.slack.join("emi", (await world.room())["id"])
    await world.press("emi", "take_role", value="1/commander")
    await world.pass_time(minutes=12)
    assert ADA not in await _woken(world)
    assert "Nobody has taken command yet" not in await world.timeline()


async def test_an_overdue_update_is_one_private_prompt_to_the_commander(world: World) -> None:
    await world.declare("checkout is down", severity=1, services=["checkout"])
    await world.hands.pagerduty.acknowledge((await world.incident()).pages[0].outside, by="Bo")
    await world.pass_time(minutes=31)
    prompts = [words(m) for m in await world.hands.slack.dm("ada") if "is due" in words(m)]
    assert len(prompts) == 1
    assert prompts[0].startswith("A status update on INC-1 is due (SEV1: every 30 min):")
    assert not [said for said in await world.said() if "is due (SEV1" in said]
