"""Fifteen things that hurt users of bots like this one, each told as a story in which it does not happen."""

import time

import pytest

from bot.incident.review import POSTMORTEM
from bot.incident.values import Status
from bot.sandbox import Rule
from bot.sandbox.slack import seed
from tests.stories.screen import Json, labels, whispers, words
from tests.stories.world import World


async def room_names(world: World) -> list[str]:
    return [c["name"] for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]


async def shown_in_room(world: World) -> list[Json]:
    """The messages of ours in the room, the card too."""
    return [m for m in (await world.room())["messages"] if m.get("bot_id") and not m.get("subtype")]


async def test_pain_01_what_slack_sends_again_is_not_done_again(world: World) -> None:
    await world.hands.slack.command("ada", "#ops", "declare carts are empty")
    await world.hands.slack.wait_for_modal("ada", "What is wrong?")
    await world.hands.slack.submit("ada", {"severity": "3"}, times=2)
    await world.settled()
    await world.type("ada", "note the cache was cold")
    await world.settled()
    before = await world.said()
    for delivery in await world.hands.slack.deliveries():
        await world.hands.slack.redeliver(delivery["id"])
    await world.settled()
    assert await room_names(world) == ["inc-1-carts-are-empty"]
    assert await world.said() == before
    assert (await world.timeline()).count("Ada Marsh: the cache was cold") == 1


async def test_pain_02_a_form_opens_in_time_while_the_database_and_pagerduty_are_slow(world: World) -> None:
    world.sandbox.faults.add(Rule("pagerduty", "*", "hang", times=None))
    slow = world.people(_keep_writing_slowly(world))
    answered = await world.hands.slack.command("ada", "#ops", "declare all is slow")
    await world.hands.slack.wait_for_modal("ada", "What is wrong?", seconds=3)
    assert answered["error"] is None
    slow.cancel()


async def _keep_writing_slowly(world: World) -> None:
    while True:
        await world.app.engine.database.write(lambda _: time.sleep(0.3))


async def test_pain_03_a_long_or_taken_name_ends_in_a_room_and_in_a_resolution(world: World) -> None:
    await world.hands.slack.create_channel("carla", "inc-1-uberlauf")
    await world.hands.slack.create_channel("carla", "inc-2-down")
    await world.declare("Überlauf im Zahlungsverkehr " * 6, services=["checkout"])
    await world.declare("down", by="bo")
    first, second = (await world.room(1))["name"], (await world.room(2))["name"]
    assert first.startswith("inc-1-uberlauf-im-zahlungsverkehr")
    assert len(first) <= 80
    assert second.startswith("inc-2-down-")
    for number in (1, 2):
        await world.hands.slack.command("ada", "#ops", f"INC-{number} resolve rolled back")
    await world.settled()
    assert [(await world.incident(n)).status for n in (1, 2)] == [Status.RESOLVED] * 2
    assert await world.unkept() == []


async def test_pain_04_slack_says_slow_down_and_every_word_arrives_once(world: World) -> None:
    await world.declare("busy")
    world.sandbox.faults.add(Rule("slack", "chat.postMessage", "429", times=6, retry_after=0.2))
    for n in range(8):
        await world.type("ada", f"note finding {n}")
    await world.settled(60)
    said = await world.said()
    assert [sum(f"finding {n}" in line for line in said) for n in range(8)] == [1] * 8


async def test_pain_05_buttons_of_before_an_update_work_after_it(world: World) -> None:
    await world.declare("a long night", command=False)
    await world.restart()
    await world.acquainted()
    await world.press("ada", "take_role", value="1/commander")
    await world.settled()
    assert "Ada Marsh is *Incident Commander*." in await world.said()


async def test_pain_06_a_time_is_what_the_person_meant_and_says_its_zone(world: World) -> None:
    await world.declare("where the clock differs")
    await world.hands.slack.change_person("dev", tz="Asia/Kolkata")
    await world.settled()
    await world.hands.slack.join("dev", (await world.room())["id"])
    answered = await world.type("dev", "note yesterday 23:10 the first complaint")
    await world.settled()
    assert "IST" in whispers(answered) or "UTC+" in whispers(answered), whispers(answered)
    noted = next(s.event for s in await world.app.engine.reading.events(1) if "first complaint" in s.event.line())
    assert (noted.at.hour, noted.at.minute) == (17, 40), "half past five hours before UTC's 23:10"


async def test_pain_07_a_marked_message_keeps_its_own_time_its_link_and_its_day(world: World) -> None:
    await world.declare("it went on for days", severity=2)
    room = (await world.room())["id"]
    message = await world.hands.slack.post("ada", room, "found the leak")
    await world.pass_time(minutes=2 * 24 * 60)
    await world.hands.slack.react("ada", room, message["ts"], "pushpin")
    await world.settled()
    entry = next(s.event for s in await world.app.engine.reading.events(1) if "found the leak" in s.event.line())
    assert entry.at.timestamp() == pytest.approx(float(message["ts"]), abs=1)
    assert message["ts"].replace(".", "") in entry.link
    await world.type("ada", "resolve patched")
    await world.settled()
    drafted = await world.app.engine.reading.document(1, POSTMORTEM)
    assert drafted is not None
    assert f"{entry.at:%Y-%m-%d}" in drafted.body
    assert entry.link in drafted.body


async def test_pain_08_no_document_stands_in_the_way_of_resolving(world: World) -> None:
    await world.declare("resolve me", severity=2)
    world.sandbox.faults.add(Rule("slack", "files.getUploadURLExternal", "500", times=None))
    await world.type("ada", "resolve restarted")
    await world.app.inbox.idle()
    assert (await world.incident()).status is Status.RESOLVED
    world.sandbox.faults.clear()
    await world.pass_time(minutes=5)
    assert [m for m in (await world.room())["messages"] if m.get("files")]


async def test_pain_09_pagerduty_is_resolved_with_it_and_a_second_page_goes_out_too(world: World) -> None:
    alert = await world.hands.pagerduty.trigger("checkout", "5xx", priority="P1")
    await world.settled()
    await world.hands.slack.join("ada", (await world.room())["id"])
    before = len(await world.hands.pagerduty.pages())
    for service in ("search", "payments"):
        await world.type("ada", f"page {service} we need you")
        await world.settled()
    assert len(await world.hands.pagerduty.pages()) == before + 2
    told = await world.timeline()
    for service in ("search", "payments"):
        assert f"Ada Marsh paged {service}: we need you" in told
    await world.type("ada", "resolve rolled back")
    await world.settled()
    assert (await world.hands.pagerduty.incident(alert)).status == "resolved"


async def test_pain_10_a_loud_night_is_one_card_and_a_handful_of_lines(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "alarm 0", priority="P1")
    await world.settled()
    await world.hands.slack.join("ada", (await world.room())["id"])
    card = await world.card()
    for n in range(1, 10):
        await world.hands.pagerduty.trigger("checkout", f"alarm {n}", priority="P2")
    await world.press("ada", "take_role", value="1/commander")
    for word in ("identified", "monitoring"):
        await world.type("ada", f"status {word}")
    await world.settled()
    assert (await world.card())["ts"] == card["ts"], "edited where it stands"
    assert len(await world.hands.slack.messages("#incidents")) == 1
    assert len(await shown_in_room(world)) <= 10
    assert seed.ADA not in {ping for p in await world.hands.slack.pings() for ping in p.get("users", [])}


async def test_pain_11_what_is_broken_elsewhere_holds_no_room_up(world: World) -> None:
    world.sandbox.faults.add(Rule("pagerduty", "*", "500", times=None))
    world.sandbox.faults.add(Rule("slack", "bookmarks.add", "error", times=None, error="restricted_action"))
    await world.hands.slack.archive("ada", "#incidents")
    await world.declare("everything else is down too", severity=2, services=["checkout"], settle=False)
    room = await world.hands.slack.wait_for_channel("inc-1")
    await world.hands.slack.wait_for_message(room["id"], "INC-1", seconds=5)
    assert (await world.incident()).commander is not None


async def test_pain_12_whoever_is_not_in_pagerduty_is_told_what_to_do_instead(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "unlinked", priority="P1")
    await world.settled()
    await world.hands.slack.join("carla", (await world.room())["id"])
    answered = await world.type("carla", "page @carla")
    assert "Page a service instead, or call them." in whispers(answered)


async def test_pain_13_no_announcement_channel_is_a_line_with_its_reason_and_a_retry(world: World) -> None:
    await world.hands.slack.archive("ada", "#incidents")
    await world.declare("unannounced")
    card = await world.card()
    assert "Could not announce it: there is no public channel #incidents" in words(card)
    assert "Retry" in labels(card)
    await world.hands.slack.unarchive("ada", "#incidents")
    await world.press("ada", "retry_step")
    await world.settled()
    assert "INC-1" in words((await world.hands.slack.messages("#incidents"))[-1])


async def test_pain_14_what_was_done_is_seen_by_all_stays_done_and_an_archived_room_says_so(world: World) -> None:
    await world.declare("who has it")
    room = (await world.room())["id"]
    await world.hands.slack.join("bo", room)
    await world.type("ada", "handover @bo")
    await world.settled()
    assert any("Bo Lind" in line or f"<@{seed.BO}>" in line for line in await world.said())
    await world.restart()
    await world.acquainted()
    commander = (await world.incident()).commander
    assert commander is not None
    assert commander.name == "Bo Lind"
    await world.hands.slack.archive("ada", room)
    answered = await world.hands.slack.command("bo", "#ops", "INC-1 note still here")
    await world.settled()
    assert answered["error"] is None
    assert "Bo Lind: still here" in await world.timeline()


async def test_pain_15_the_room_says_what_it_means_and_links_where_it_came_from(world: World) -> None:
    await world.hands.pagerduty.trigger("checkout", "context", priority="P1")
    await world.settled()
    await world.hands.slack.join("ada", (await world.room())["id"])
    answered = await world.type("ada", "sev 2")
    await world.settled()
    assert answered["error"] is None
    assert any("many customers" in line and "update is due" in line for line in await world.said())
    assert [b["title"] for b in (await world.room())["bookmarks"]] == ["PagerDuty · context"]
