"""Webhooks in any order, any number of times: the same incident in the end.

A sample, through the real webhook, inbox and engine; all 720 orders stand with the rules (test_any_order.py there).
"""

import json
import random
import re
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from bot.engine.reading import Reading
from bot.incident.values import Status
from tests.stories.world import Plan, World

SAMPLE = 60
HISTORY = ("triggered", "acknowledged", "priority_updated", "annotated", "reassigned", "resolved")
Json = dict[str, Any]


@pytest.fixture
async def history(world: World) -> list[Json]:
    """What PagerDuty tells of one incident: opened at P3, taken, raised to P1, noted on, handed on, resolved."""
    pagerduty = world.hands.pagerduty
    await pagerduty.hold()
    alert = await pagerduty.trigger("checkout", "5xx", priority="P3")
    await pagerduty.acknowledge(alert, by="Bo")
    await pagerduty.set_priority(alert, "P1", by="Bo")
    await pagerduty.note(alert, "it is the cache", by="Bo")
    await pagerduty.reassign(alert, ["Dev"], by="Bo")
    await pagerduty.resolve(alert, by="Dev")
    told = [event.get("event", event) for event in await pagerduty.events()]
    told = [event for event in told if event["event_type"].partition(".")[2] in HISTORY]
    world.app.outbox._performers = {}  # the rooms that all these would open are not what this is about
    world.calm()  # sixty services within a second would be one storm
    assert [event["event_type"].partition(".")[2] for event in told] == list(HISTORY)
    return told


def _of_another(history: Sequence[Json], number: int) -> list[bytes]:
    """The same history of another PagerDuty incident, on a service of its own: they must not join each other."""
    told = json.dumps(history)
    data = history[0]["data"]
    told = (
        told.replace(data["id"], f"Q{number:09d}")
        .replace("PSCHECK", f"PS{number:05d}")
        .replace("checkout", f"svc {number}")
    )
    for event in history:
        told = told.replace(event["id"], f"{event['id']}{number:05d}")
    return [json.dumps({"event": event}).encode() for event in json.loads(told)]


def _shuffled(bodies: Sequence[bytes], order: Sequence[int], chance: random.Random) -> list[bytes]:
    """In that order, and some of them again at any later place."""
    sent = [bodies[place] for place in order]
    for again in chance.sample(sent, 2):
        sent.insert(chance.randint(sent.index(again) + 1, len(sent)), again)
    return sent


async def _end(reading: Reading, number: int) -> tuple[object, ...]:
    """How an incident ended, without what names this one of them or when we heard of it."""
    alert = await reading.alert("pagerduty", f"Q{number:09d}")
    assert alert is not None
    assert alert.incident is not None, f"history {number} opened nothing"
    i = await reading.incident(alert.incident)
    assert i is not None
    facts = [s.event for s in await reading.events(i.number)]
    told = sorted((e.kind, e.by.name, _plain(e.line(), number, i.number)) for e in facts)
    moments = i.moments.model_copy(update={"declared": None})
    mirror = [(r.at, r.what, r.by.name, r.text) for r in alert.reports]
    return i.status, i.severity, moments, i.alerts_clear, [a.clear for a in i.alerts], told, mirror


def _plain(line: str, number: int, incident: int) -> str:
    return re.sub(rf"svc {number}\b|inc-{incident}\b|INC-{incident}\b", "…", line)


@pytest.mark.parametrize("world", [Plan(), Plan(database="postgresql")], indirect=True, ids=str)
async def test_shuffled_and_repeated_webhooks_converge(world: World, history: list[Json]) -> None:
    chance = random.Random(7)
    orders = chance.sample(list(permutations(range(len(history)))), SAMPLE)
    for number, order in enumerate([tuple(range(len(history))), *orders]):
        for body in _shuffled(_of_another(history, number), order, chance):
            assert await world.deliver(body) == 202
    await world.app.inbox.idle()
    wanted = await _end(world.app.engine.reading, 0)
    assert wanted[0] is Status.INVESTIGATING
    for number, order in enumerate(orders, start=1):
        assert await _end(world.app.engine.reading, number) == wanted, f"order {order}"
