"""A storm of alerts: one incident, few rooms, few messages, nothing lost; and what does not belong there is taken out.

The whole of it, 2,000 alerts in a minute with Slack's limits in force, is `python -m tests.bench --only storm`.
"""

import asyncio
from dataclasses import dataclass, field

from bot.incident.mirror import Worth
from bot.incident.model import Incident
from bot.incident.values import MUSTER
from bot.sandbox.slack import seed
from tests.stories.screen import Json, button_of, buttons, whispers, words
from tests.stories.world import World

SERVICES, ALERTS = 30, 150
GRAVE = 10
"""Every so many-th alert is a P2, the last of all a P1."""
ROOMS, MESSAGES = 3, 40


async def test_a_storm_is_one_incident_that_people_can_work_with(world: World) -> None:
    storm = Weather(world)
    await storm.breaks()
    await storm.is_one_incident_with_every_alert_in_it()
    await storm.is_told_in_few_words()
    await storm.one_service_is_split_off_by_its_menu()
    await storm.another_is_not_related_and_comes_back()
    await storm.clears_up()
    assert await world.unkept() == []


@dataclass
class Weather:
    """The chapters, in order."""

    world: World
    alerts: list[str] = field(default_factory=list)

    async def breaks(self) -> None:
        pagerduty = self.world.hands.pagerduty
        for n in range(SERVICES):
            await pagerduty.create_service(f"Service {n:02d}", "Incident commanders")
        waves = [range(n, min(n + 25, ALERTS)) for n in range(0, ALERTS, 25)]
        for wave in waves:
            self.alerts += await asyncio.gather(*(self._fire(n) for n in wave))
        await self._calms_down()

    async def _calms_down(self) -> None:
        """Until all is on the card, which waits a few seconds for more."""
        await self.world.settled(60)
        await self.world.pass_time(minutes=0.1)

    async def _fire(self, n: int) -> str:
        priority = "P1" if n == ALERTS - 1 else "P2" if n % GRAVE == GRAVE - 1 else None
        return await self.world.hands.pagerduty.trigger(f"Service {n % SERVICES:02d}", f"fault {n}", priority=priority)

    async def storm(self) -> Incident:
        (found,) = [i for i in await self.world.app.engine.reading.recent(MUSTER) if i.storm]
        return found

    async def is_one_incident_with_every_alert_in_it(self) -> None:
        there = await self.world.app.engine.reading.recent(MUSTER)
        assert len(there) <= ROOMS
        belongs = [a.id for i in there for a in i.alarms]
        assert sorted(belongs) == sorted(self.alerts), "each alert is in one incident, and in one only"
        storm = await self.storm()
        assert len(storm.alarms) > 0.8 * ALERTS
        assert storm.severity.label == "SEV1"
        card = words(await self.world.card(storm.number))
        count = f"{len(storm.alarms)} of {len(storm.alarms)} firing"
        assert f"*Alerts:* {SERVICES} services, {count}: *Service 29 (SEV1)* · *Service " in card
        assert len(card.splitlines()) <= 12

    async def is_told_in_few_words(self) -> None:
        rooms = [c for c in await self.world.hands.slack.channels() if c["name"].startswith("inc-")]
        assert len(rooms) <= ROOMS
        calls = await self.world.hands.calls("slack")
        posted = [call for call in calls if call["method"] == "chat.postMessage" and call["outcome"] == "ok"]
        assert len(posted) <= MESSAGES
        said = await self.world.said((await self.storm()).number)
        assert sum("Many services alert at once, so this room is for all of them." in one for one in said) == 1
        assert any(one.startswith("*Service 29* fires as SEV1: ") for one in said), "it is not only an item of a list"

    async def one_service_is_split_off_by_its_menu(self) -> None:
        n = (await self.storm()).number
        shown = await self.world.type("ada", "alerts", n)
        assert f"*Alerts of INC-{n}*" in whispers(shown)
        (whisper,) = shown["ephemerals"]
        await self._choose(whisper, "Split off")
        await self._calms_down()
        own = max(i.number for i in await self.world.app.engine.reading.recent(MUSTER))
        new, storm = await self.world.incident(own), await self.world.incident(n)
        assert ([s.name for s in new.services], new.severity.label) == (["Service 29"], "SEV1")
        assert "Service 29" not in {a.service for a in storm.alarms}
        count = len(new.alarms)
        assert count > 1
        said = f"Ada Marsh split *Service 29* off with its {count} alerts. It goes on as INC-{own}."
        assert said in await self.world.said(n)
        assert f"1 of {count} firing" not in words(await self.world.card(own))
        assert f"*Alerts:* {count} of {count} firing" in words(await self.world.card(own))

    async def another_is_not_related_and_comes_back(self) -> None:
        n = (await self.storm()).number
        before = {a.id for a in (await self.storm()).alarms}
        triage = len(await self.world.hands.slack.messages("#incidents"))
        await self.world.type("ada", "alerts unrelated Service 12", n)
        await self.world.settled()
        assert "Service 12" not in {s.name for s in (await self.storm()).services}
        waiting = (await self.world.hands.slack.messages("#incidents"))[triage:]
        assert len(waiting) == 1, "a service that is taken out is put to people once"
        assert button_of(waiting[0], "dismiss_alert") is not None
        await self.world.press("ada", "join_alert", n)
        await self.world.settled()
        assert {a.id for a in (await self.storm()).alarms} == before
        (rated,) = [m for m in await self.world.hands.slack.messages("#incidents") if m["ts"] == waiting[0]["ts"]]
        assert f"Part of INC-{n}" in words(rated)
        menu = button_of(rated, "worth")
        assert menu is not None
        which = next(o["value"] for o in menu["options"] if o["value"].endswith(Worth.HEALED))
        await self._rate("#incidents", rated["ts"], which)
        await self.world.settled()
        (rated,) = [m for m in await self.world.hands.slack.messages("#incidents") if m["ts"] == waiting[0]["ts"]]
        assert "It healed by itself" in words(rated)
        assert button_of(rated, "worth") is None, "nobody is asked twice"

    async def clears_up(self) -> None:
        n = (await self.storm()).number
        said = len(await self.world.said(n))
        for alert in self.alerts:
            await self.world.hands.pagerduty.resolve(alert, by="Finn")
        await self._calms_down()
        assert f"*Alerts:* {SERVICES - 1} services, all " in words(await self.world.card(n))
        assert (await self.world.said(n))[said:] == ["All alerts are clear. Resolve?\nResolve"]

    async def _rate(self, channel: str, ts: str, worth: str) -> Json:
        return await self.world.hands.slack.click("bo", "worth", channel=channel, ts=ts, selected=worth, wait=5)

    async def _choose(self, message: Json, label: str) -> None:
        """Something from the first menu of a message."""
        menu = next(element for element in buttons(message) if element["type"] == "overflow")
        value = next(o["value"] for o in menu["options"] if o["text"]["text"] == label)
        await self.world.hands.slack.click(
            "ada", menu["action_id"], channel=message["channel"], ts=message["ts"], selected=value
        )


async def test_alerts_that_were_apart_open_their_rooms_as_always(world: World) -> None:
    for service in ("checkout", "payments"):
        await world.hands.pagerduty.trigger(service, f"{service} is down", priority="P1")
    await world.settled()
    assert [i.storm for i in await world.app.engine.reading.recent(MUSTER)] == [False, False]
    assert seed.BO in (await world.room())["members"]
    shown = await world.type("bo", "ack")
    assert whispers(shown).splitlines()[0] == "You have it."
    assert "When you know: what was the page “checkout is down” worth?" in whispers(shown)
    (whisper,) = shown["ephemerals"]
    menu = button_of(whisper, "worth")
    assert menu is not None
    real = menu["options"][0]["value"]
    await Weather(world)._rate(whisper["channel"], whisper["ts"], real)
    await world.settled()
    (alert,) = await world.app.engine.reading.alerts(1)
    assert alert.worth is Worth.REAL
    again = await world.type("bo", "ack")
    assert "worth" not in whispers(again), "nobody is asked twice"
