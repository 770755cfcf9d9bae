"""The main job from end to end: an alert, a room, people at work in it, the resolution, the postmortem."""

from dataclasses import dataclass

import pytest

from bot.incident.review import POSTMORTEM
from bot.incident.values import Status
from bot.sandbox import Rule
from bot.sandbox.slack import seed
from tests.stories.screen import button_of, labels, whispers, words
from tests.stories.world import VIEWER, Plan, World

EVERYWHERE = [Plan(slack, database) for slack in ("socket", "http") for database in ("sqlite", "postgresql")]


@pytest.mark.parametrize("world", EVERYWHERE, indirect=True, ids=str)
async def test_an_alert_becomes_a_room_work_in_it_a_resolution_and_a_postmortem(world: World) -> None:
    story = Story(world)
    await story.an_alert_opens_a_room()
    await story.it_is_announced_and_people_join()
    await story.somebody_takes_command_and_gives_roles()
    await story.people_write_things_down()
    await story.a_second_alert_joins_and_it_gets_worse()
    await story.it_is_resolved_here_and_there()
    await story.the_postmortem_is_there()
    assert await world.unkept() == []
    assert await world.app.engine.reading.deliveries() == []


@dataclass
class Story:
    """The chapters, in order."""

    world: World
    alert: str = ""
    second: str = ""

    async def an_alert_opens_a_room(self) -> None:
        world = self.world
        self.alert = await world.hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
        await world.settled()
        room = await world.room()
        assert room["name"] == "inc-1-5xx-above-2"
        assert room["topic"]["value"].startswith("SEV1 · Triage · Incident Commander: nobody yet · next update ")
        assert set(room["members"]) == {seed.BOT_USER, seed.BO}, "the on-call is invited, nobody else is dragged in"
        card = await world.card()
        assert words(card).splitlines()[0] == "INC-1 · 5xx above 2 %"
        assert "*Incident Commander:* nobody yet" in words(card)
        assert len(words(card).splitlines()) <= 12
        assert labels(card)[:2] == ["Take Incident Commander", "Take Deputy"]
        assert [b["title"] for b in room["bookmarks"]] == ["PagerDuty · 5xx above 2 %"]
        assert (await world.hands.pagerduty.incident(self.alert)).status == "triggered"

    async def it_is_announced_and_people_join(self) -> None:
        world, slack = self.world, self.world.hands.slack
        (announced,) = await slack.messages("#incidents")
        assert "*INC-1* · 5xx above 2 %\n*SEV1* · *Triage*" in words(announced)
        join = button_of(announced, "join_room")
        assert join is not None
        assert join["text"]["text"] == "Join"
        answered = await slack.click("ada", "join_room", channel="#incidents", ts=announced["ts"])
        assert whispers(answered).startswith("You are in <#")
        assert seed.ADA in (await world.room())["members"]

    async def somebody_takes_command_and_gives_roles(self) -> None:
        world = self.world
        await world.press("ada", "take_role", value="1/commander")
        await world.settled()
        assert "Ada Marsh is *Incident Commander*." in await world.said()
        assert (await world.incident()).status is Status.INVESTIGATING
        assert "Incident Commander: Ada Marsh" in (await world.room())["topic"]["value"]
        (told,) = await world.hands.slack.dm("ada")
        assert words(told).startswith("You are *Incident Commander* of INC-1")
        await world.type("ada", "role scribe @bo")
        await world.settled()
        assert f"<@{seed.BO}> is *Scribe*, named by Ada Marsh." in await world.said()

    async def people_write_things_down(self) -> None:
        world, slack, room = self.world, self.world.hands.slack, (await self.world.room())["id"]
        await world.type("bo", "note pool exhausted on db-2")
        found = await slack.post("bo", room, "it began with the deploy of 14:02")
        await slack.react("ada", room, found["ts"], "pushpin")
        pinned = await slack.post("ada", room, "rolling back now")
        await slack.pin("bo", room, pinned["ts"])
        thread = await slack.post("bo", room, "shall I fail over?")
        await slack.mention("ada", room, "note decided against failing over", thread_ts=thread["ts"])
        await slack.wait_for_delivery("app_mention")
        await world.settled()
        told = await world.timeline()
        for line in (
            "Bo Lind: pool exhausted on db-2",
            "Bo Lind: it began with the deploy of 14:02",
            "Ada Marsh: rolling back now",
            "Ada Marsh: decided against failing over",
        ):
            assert told.count(line) == 1
        await slack.unreact("ada", room, found["ts"], "pushpin")
        await world.settled()
        assert "Bo Lind: it began with the deploy of 14:02" not in await world.timeline()

    async def a_second_alert_joins_and_it_gets_worse(self) -> None:
        world = self.world
        self.second = await world.hands.pagerduty.trigger("checkout", "latency above 3 s", priority="P2")
        await world.settled()
        rooms = [c for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]
        assert len(rooms) == 1, "the second alert opens no second room"
        assert any(said.startswith("Another alert on checkout joined: ") for said in await world.said())
        await world.hands.pagerduty.note(self.alert, "looking at the database", by="Dev")
        await world.hands.pagerduty.acknowledge(self.alert, by="Bo")
        await world.settled()
        told = await world.timeline()
        assert "Dev Anand noted in PagerDuty: looking at the database" in told
        assert "Bo Lind acknowledged the alert “5xx above 2 %”" in told
        await world.type("ada", "impact Nobody can order")
        await world.type("ada", "status mitigated")
        await world.settled()
        assert (await world.incident()).status is Status.MONITORING

    async def it_is_resolved_here_and_there(self) -> None:
        world = self.world
        await world.press("ada", "resolve_form")
        await world.hands.slack.wait_for_modal("ada", "What fixed it?")
        await world.hands.slack.submit("ada", {"text": "Rolled back to 4.1"})
        await world.settled()
        assert (await world.incident()).status is Status.RESOLVED
        for alert in (self.alert, self.second):
            assert (await world.hands.pagerduty.incident(alert)).status == "resolved"
        told = await world.timeline()
        assert told.count("Ada Marsh resolved the incident: Rolled back to 4.1") == 1
        assert not [line for line in told if line.startswith("Muster resolved")], "our own echo is no news"
        assert "Resolved" in (await world.room())["topic"]["value"]
        (announced,) = await world.hands.slack.messages("#incidents")
        assert "*Resolved*" in words(announced)
        assert button_of(announced, "join_room") is None

    async def the_postmortem_is_there(self) -> None:
        world = self.world
        drafted = await world.app.engine.reading.document(1, POSTMORTEM)
        assert drafted is not None
        assert drafted.version == 1
        for part in ("5xx above 2 %", "Rolled back to 4.1", "pool exhausted on db-2", "Nobody can order"):
            assert part in drafted.body
        (shared,) = [m for m in (await world.room())["messages"] if m.get("files")]
        file = await world.hands.slack.file(shared["files"][0]["id"])
        assert file["content"] == drafted.body
        assert any(said.startswith("The postmortem draft, version 1, is below.") for said in await world.said())


async def test_whoever_cannot_be_invited_is_named_and_the_others_come(world: World) -> None:
    await world.hands.pagerduty.set_on_call("Search primary", "Zoe")
    await world.hands.pagerduty.trigger("payments", "no money", priority="P1")
    await world.settled()
    await world.hands.pagerduty.reassign("no money", ["Ada", "Zoe"], by="Finn")
    await world.hands.pagerduty.add_responder("no money", "Zoe", by="Finn")
    await world.settled()
    assert seed.FINN in (await world.room())["members"]
    missing = (
        "Zoe Laurent could not be invited: no Slack account with their PagerDuty e-mail is known; invite them by hand"
    )
    assert missing in await world.said()


async def test_what_failed_is_on_the_card_with_its_reason_and_a_retry_that_works(world: World) -> None:
    world.sandbox.faults.add(Rule("slack", "conversations.invite", "error", times=None, error="restricted_action"))
    number = await world.declare("nobody comes", services=["payments"])
    card = await world.card(number)
    assert ":warning: Could not invite people: " in words(card)
    world.sandbox.faults.clear()
    await world.hands.slack.join("ada", (await world.room(number))["id"])
    await world.press("ada", "retry_step", number)
    await world.settled()
    assert seed.FINN in (await world.room(number))["members"]
    assert ":warning:" not in words(await world.card(number))
    assert await world.unkept() == []


async def test_declaring_by_hand_takes_one_form_and_the_declarer_has_command(world: World) -> None:
    number = await world.declare("checkout looks odd", services=["checkout"])
    i = await world.incident(number)
    assert (i.title, i.severity.label, i.status) == ("checkout looks odd", "SEV3", Status.INVESTIGATING)
    assert i.commander is not None
    assert i.commander.name == "Ada Marsh"
    assert set((await world.room(number))["members"]) == {seed.BOT_USER, seed.ADA, seed.BO}
    assert await world.hands.pagerduty.pages() == [], "SEV3 wakes nobody"


async def test_words_that_are_no_command_become_a_title_and_nothing_happens_by_itself(world: World) -> None:
    answered = await world.hands.slack.command("carla", "#ops", "status page is down for everybody")
    modal = await world.hands.slack.wait_for_modal("carla", "What is wrong?")
    assert modal["title"]["text"] == "Declare an incident"
    assert modal["blocks"][0]["element"]["initial_value"] == "status page is down for everybody"
    assert answered["error"] is None
    assert await world.app.engine.reading.recent(VIEWER) == []


async def test_a_second_declaration_of_the_same_thing_is_offered_the_first(world: World) -> None:
    await world.declare("payments are failing everywhere")
    await world.hands.slack.command("bo", "#ops", "declare payments failing in europe")
    modal = await world.hands.slack.wait_for_modal("bo", "looks alike")
    assert labels(modal)[0] == "Join INC-1 instead"
    await world.hands.slack.click("bo", "join_room")
    await world.settled()
    assert seed.BO in (await world.room())["members"]


async def test_a_raised_severity_pages_whom_it_implies_once(world: World) -> None:
    number = await world.declare("slow", services=["search"])
    await world.type("ada", "sev1", number)
    await world.settled()
    assert [(p.user, p.kind) for p in await world.hands.pagerduty.pages()] == [("PUDEV01", "incident")]
    assert "PagerDuty is calling Dev Anand." in await world.said(number)
    await world.type("ada", "sev 2", number)
    await world.type("ada", "sev 1", number)
    await world.settled()
    assert len(await world.hands.pagerduty.pages()) == 1


async def test_a_note_with_a_time_at_its_head_is_put_there_and_can_be_put_back(world: World) -> None:
    number = await world.declare("a note")
    answered = await world.type("ada", "note 00:01 the night began", number)
    assert "Noted at 00:01 CE" in whispers(answered)
    await world.settled()
    assert (await world.timeline(number))[0] == "Ada Marsh: the night began"
    (whisper,) = answered["ephemerals"]
    await world.hands.slack.click("ada", "use_now", channel=whisper["channel"], ts=whisper["ts"])
    await world.settled()
    assert (await world.timeline(number))[-1] == "Ada Marsh: 00:01 the night began"


async def test_high_urgency_waits_for_a_decision_and_each_of_the_three_is_kept(world: World) -> None:
    slack, pagerduty = world.hands.slack, world.hands.pagerduty
    for title in ("disk filling", "certificate expires"):
        await pagerduty.trigger("identity", title)
    await world.settled()
    assert await world.app.engine.reading.recent(VIEWER) == [], "no room without a decision"
    cards = {words(m).splitlines()[0].split("|")[-1]: m["ts"] for m in await slack.messages("#incidents")}
    disk, certificate = cards["disk filling>"], cards["certificate expires>"]
    await slack.click("ada", "declare_alert", channel="#incidents", ts=disk)
    await slack.click("ada", "dismiss_alert", channel="#incidents", ts=certificate)
    await world.settled()
    assert (await world.incident()).title == "disk filling"
    await pagerduty.trigger("search", "queue growing")
    await world.settled()
    queue = (await slack.messages("#incidents"))[-1]
    join = button_of(queue, "join_alert")
    assert join is not None
    assert join["text"]["text"] == "Join INC-1"
    await slack.click("bo", join["action_id"], channel="#incidents", ts=queue["ts"])
    await world.settled()
    assert [a.title for a in (await world.incident()).alerts] == ["disk filling", "queue growing"]
    shown = {m["ts"]: words(m) for m in await slack.messages("#incidents")}
    assert "Part of INC-1" in shown[disk]
    assert "Part of INC-1" in shown[queue["ts"]]
    assert "Dismissed: no incident needed" in shown[certificate]
