"""From the door to the timeline: signed webhooks over HTTP, in any order, twice, odd or lost on the way."""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bot.engine.db import Database
from bot.engine.handle import Engine, utc_now
from bot.engine.inbox import Heard, Inbox
from bot.engine.schema import migrate
from bot.engine.tables import InboxState
from bot.incident.mirror import Alert, Report
from bot.incident.policy import Policy
from bot.incident.routing import HearAlert
from bot.incident.values import Status
from bot.integrations.pagerduty import Options, build_pagerduty
from bot.integrations.pagerduty.webhook import PATH, identity
from bot.sandbox import SandboxClient
from bot.sandbox.pagerduty.seed import NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET
from tests.integrations.pagerduty.conftest import Bot


async def history(hands: SandboxClient) -> list[bytes]:
    """Six events of one alert, as their webhooks carry them."""
    people = hands.pagerduty
    alert = await people.trigger("checkout", "5xx above 2 %", priority="P2")
    await hands.advance(3)
    await people.acknowledge(alert, "Bo")
    await hands.advance(3)
    await people.set_priority(alert, "P1", by="Bo")
    await hands.advance(3)
    await people.note(alert, "database is full", by="Bo")
    await hands.advance(3)
    await people.reassign(alert, ["Ada"], by="Bo")
    await hands.advance(3)
    await people.resolve(alert, by="Ada")
    return [json.dumps({"event": event}).encode() for event in await people.events()]


async def test_a_p1_opens_an_incident_and_its_story_lands_on_the_timeline(
    subscribed: Bot, hands: SandboxClient
) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await subscribed.settle(hands)
    incident = await subscribed.engine.reading.incident(1)
    assert incident is not None
    assert (incident.severity.label, incident.status, incident.alerts[0].id) == ("SEV1", Status.TRIAGE, alert)
    await hands.pagerduty.acknowledge(alert, "Bo")
    await hands.pagerduty.note(alert, "database is full", by="Bo")
    await subscribed.settle(hands)
    incident = await subscribed.engine.reading.incident(1)
    assert incident is not None
    assert incident.status is Status.INVESTIGATING
    told = [s.event.line() for s in await subscribed.engine.reading.events(1)]
    assert "Bo Lind noted in PagerDuty: database is full" in told


@pytest.mark.parametrize("seed", range(8))
async def test_in_any_order_and_any_number_the_end_is_the_same(
    tmp_path: Path, hands: SandboxClient, options: Options, seed: int
) -> None:
    bodies = await history(hands)
    shuffled = bodies + bodies[::2]
    random.Random(seed).shuffle(shuffled)
    ends = [await outcome(f"sqlite:///{tmp_path}/{n}.db", options, each) for n, each in enumerate((bodies, shuffled))]
    assert ends[0] == ends[1]


async def outcome(url: str, options: Options, bodies: list[bytes]) -> tuple[Any, ...]:
    """Mirrors, status, severity and the set of facts after these deliveries."""
    migrate(url)
    engine = Engine(Database.open(url), Policy())
    await engine.start()
    room = build_pagerduty(options, engine)
    inbox = Inbox(engine, {"pagerduty": room.reader})
    await inbox.start()
    for body in bodies:
        await engine.hear("pagerduty", *identity(body, []), body)
        await inbox.idle()
    incident = await engine.reading.incident(1)
    facts = {(s.event.kind, s.event.line()) for s in await engine.reading.events(1)}
    mirrors = await engine.reading.alerts(1)
    await inbox.stop()
    await room.stop()
    await engine.stop()
    engine.database.close()
    assert incident is not None
    return mirrors, incident.status, incident.severity, incident.alerts_clear, facts


async def test_every_permutation_of_a_history_makes_one_mirror(bot: Bot, hands: SandboxClient) -> None:
    reports = [await report(bot, body) for body in await history(hands)]
    ends = set()
    for order in itertools.permutations(reports):
        mirror = Alert(source="pagerduty", id=reports[0].alert)
        for one in order:
            mirror = mirror.heard(one).heard(one)
        ends.add(mirror.model_dump_json())
    assert len(ends) == 1


async def report(bot: Bot, body: bytes) -> Report:
    (said,) = await bot.room.reader(Heard("pagerduty", *identity(body, []), body, utc_now()))
    assert isinstance(said.command, HearAlert)
    return said.command.report


async def test_pagerduty_delivering_twice_and_out_of_order_changes_nothing(
    subscribed: Bot, hands: SandboxClient
) -> None:
    await hands.pagerduty.set_weather(hurry=0.001, copies=2, window=0.1)
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await hands.pagerduty.acknowledge(alert, "Bo")
    await hands.pagerduty.note(alert, "database is full", by="Bo")
    await subscribed.settle(hands)
    told = [s.event.line() for s in await subscribed.engine.reading.events(1)]
    assert told.count("Bo Lind noted in PagerDuty: database is full") == 1
    assert sum("acknowledged" in line for line in told) == 1
    assert await subscribed.engine.reading.incident(2) is None


async def test_a_rotated_secret_loses_no_webhook(bot: Bot, engine: Engine, hands: SandboxClient) -> None:
    await hands.pagerduty.set_weather(hurry=0.001)
    subscription = await hands.pagerduty.subscribe(bot.url + PATH, secrets=[NEXT_WEBHOOK_SECRET])
    await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    while bot.room.webhook.tally.unknown < 3:
        await hands.pagerduty.settle(0.05)
    await hands.pagerduty.set_secrets(subscription, [NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET])
    await bot.settle(hands)
    (delivery,) = await hands.pagerduty.deliveries()
    assert delivery.outcome == "delivered"
    assert set(delivery.statuses) == {503, 202}
    assert await engine.reading.incident(1) is not None


async def test_every_event_that_pagerduty_sends_is_taken_and_none_is_parked(
    subscribed: Bot, hands: SandboxClient
) -> None:
    people = hands.pagerduty
    alert = await people.trigger("checkout", "5xx above 2 %", priority="P1")
    await people.status_update(alert, "on it", by="Bo")
    await people.set_bridge(alert, url="https://meet.example.com/1", by="Bo")
    await people.set_fields(alert, {"environment": "production"}, by="Bo")
    task = await people.add_task(alert, "Fail over", to=["Ada"], by="Bo")
    await people.change_task(task, name="Fail over now", by="Bo")
    await people.complete_task(task, by="Ada")
    await people.assign_role(alert, "Scribe", "Finn", by="Bo")
    await people.run_workflow(alert, "Major incident", by="Bo")
    await people.run_action(alert, "Restart", by="Bo")
    await people.move(alert, "payments", by="Bo")
    await people.set_type(alert, "major", by="Bo")
    service = await people.create_service("new", "Checkout")
    await people.set_service_field(service, "tier", "1")
    await people.delete_service(service)
    await people.ping()
    await subscribed.settle(hands)
    assert {d.outcome for d in await people.deliveries()} == {"delivered"}
    assert await subscribed.engine.reading.deliveries(InboxState.PARKED) == []
    told = [s.event.line() for s in await subscribed.engine.reading.events(1)]
    for words in (
        "Bo Lind published a status update: on it",
        "Bo Lind set the conference bridge: https://meet.example.com/1",
        "Bo Lind set environment to production",
        "Bo Lind, PagerDuty task: “Fail over” created",
        "Ada Marsh, PagerDuty task: “Fail over now” completed",
        "Bo Lind set a PagerDuty role: Scribe to Finn Okafor",
        "Bo Lind, PagerDuty workflow: Major incident started",
        "Bo Lind moved the alert “5xx above 2 %” to payments",
        "Bo Lind changed the type of “5xx above 2 %” to major",
    ):
        assert words in told, words


async def test_a_note_that_was_cut_is_looked_up_in_full(subscribed: Bot, hands: SandboxClient) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    words = "word " * 4999 + "the end"
    await hands.pagerduty.note(alert, words, by="Bo")
    await subscribed.settle(hands)
    mirror = await subscribed.engine.reading.alert("pagerduty", alert)
    assert mirror is not None
    assert mirror.reports[-1].text == words


async def test_a_cut_note_stays_cut_while_pagerduty_cannot_be_asked(subscribed: Bot, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "GET /incidents/{id}/notes", "500", times=None)
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await hands.pagerduty.note(alert, "word " * 4999 + "the end", by="Bo")
    await subscribed.settle(hands)
    mirror = await subscribed.engine.reading.alert("pagerduty", alert)
    assert mirror is not None
    assert mirror.reports[-1].text.endswith(" …")


async def test_what_cannot_be_read_is_parked_with_its_reason_and_holds_nobody_up(
    engine: Engine, options: Options, expected_errors: list[str]
) -> None:
    odd = b'{"event": {"id": "01ODD", "event_type": "incident.triggered", "data": {"id": {}, "title": "Odd"}}}'
    good = b'{"event": {"id": "01GOOD", "event_type": "incident.triggered", "data": {"id": "PGOOD", "title": "Down"}}}'
    expected_errors.append("handling_failed")
    room = build_pagerduty(options, engine)
    inbox = Inbox(engine, {"pagerduty": room.reader}, backoff=0.01)
    await inbox.start()
    for body in (odd, b"{", good):
        await engine.hear("pagerduty", *identity(body, []), body)
    while len(await engine.reading.deliveries(InboxState.PARKED)) < 2:
        await inbox.idle()
    assert await engine.reading.alert("pagerduty", "PGOOD") is not None
    first, second = await engine.reading.deliveries(InboxState.PARKED)
    assert {first.key, second.key} > {"01ODD"}
    assert all(d.reason for d in (first, second))
    await inbox.stop()
    await room.stop()
