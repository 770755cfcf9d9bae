"""How the sandbox's PagerDuty delivers its webhooks: signed, in order, again, and not for ever."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pdpyras
import pytest
from aiohttp import web

from bot.sandbox import Impossible, Rule, Sandbox, SandboxClient
from bot.sandbox.pagerduty.hands import DeliveryReport
from bot.sandbox.pagerduty.seed import API_TOKEN, FROM_EMAIL, NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET
from tests.sandbox import sources

Json = dict[str, Any]


@dataclass
class Received:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Json:
        event: Json = json.loads(self.body)["event"]
        return event

    @property
    def said(self) -> tuple[str, str]:
        """The event's type, and the title of its incident."""
        data = self.event["data"]
        return self.event["event_type"], data.get("title") or data["incident"]["summary"]


@dataclass
class Receiver:
    """Our end of the webhook. `answers` are the statuses to give in turn, then 202; `stall` is seconds before each."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    stall: float = 0.0
    most_at_once: int = 0
    _now: int = 0
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, request: web.Request) -> web.Response:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.received.append(Received(headers, await request.read()))
            self._heard.set()
            await asyncio.sleep(self.stall)
            return web.Response(status=self.answers.pop(0) if self.answers else 202)
        finally:
            self._now -= 1

    async def wait_for(self, number: int) -> None:
        """Until so many have arrived."""
        async with asyncio.timeout(5):
            while len(self.received) < number:
                self._heard.clear()
                await self._heard.wait()

    @property
    def types(self) -> list[str]:
        return [one.event["event_type"] for one in self.received]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    heard = Receiver()
    app = web.Application(client_max_size=2**20)
    app.router.add_post("/hook", heard.hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    heard.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield heard
    await runner.cleanup()


@pytest.fixture
async def subscribed(hands: SandboxClient, receiver: Receiver) -> str:
    """The id of a subscription to everything, in a hurry."""
    await hands.pagerduty.set_weather(hurry=0.001)
    return await hands.pagerduty.subscribe(receiver.url)


def signature(secret: str, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def reports(hands: SandboxClient) -> list[DeliveryReport]:
    """The delivery log, once nothing is on its way."""
    assert await hands.pagerduty.settle()
    return await hands.pagerduty.deliveries()


@pytest.mark.fact(sources.PD_SIGNATURES)
async def test_a_webhook_is_signed_and_named_as_pagerduty_does(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Übergabe läuft nicht ✂")
    [report] = await reports(hands)
    [got] = receiver.received
    assert got.headers["x-pagerduty-signature"] == signature(WEBHOOK_SECRET, got.body)
    assert got.headers["user-agent"] == "PagerDuty-Webhook/V3.0"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-webhook-subscription"] == subscribed
    assert got.headers["x-webhook-id"] == report.webhook_id
    assert (got.event["id"], got.event["data"]["id"]) == (report.event_id, incident)
    assert (report.outcome, report.statuses) == ("delivered", (202,))


@pytest.mark.fact(sources.PD_SIGNATURES)
async def test_during_a_rotation_every_secret_signs(hands: SandboxClient, receiver: Receiver, subscribed: str) -> None:
    await hands.pagerduty.set_secrets(subscribed, [WEBHOOK_SECRET, NEXT_WEBHOOK_SECRET])
    await hands.pagerduty.trigger("checkout", "Slow")
    await reports(hands)
    [got] = receiver.received
    both = [signature(WEBHOOK_SECRET, got.body), signature(NEXT_WEBHOOK_SECRET, got.body)]
    assert got.headers["x-pagerduty-signature"] == ",".join(both)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.fact(sources.PD_DELIVERY)
async def test_after_this_answer_it_is_tried_again_with_the_same_id(
    hands: SandboxClient, receiver: Receiver, subscribed: str, status: int
) -> None:
    receiver.answers = [status, status]
    await hands.pagerduty.trigger("checkout", "Slow")
    [report] = await reports(hands)
    assert (report.outcome, report.statuses) == ("delivered", (status, status, 202))
    assert {got.headers["x-webhook-id"] for got in receiver.received} == {report.webhook_id}
    assert len({got.body for got in receiver.received}) == 1


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_no_answer_in_time_is_tried_again(hands: SandboxClient, receiver: Receiver, subscribed: str) -> None:
    await hands.pagerduty.set_weather(hurry=0.001, timeout=0.05)
    receiver.stall = 0.3
    await hands.pagerduty.trigger("checkout", "Slow")
    await receiver.wait_for(2)
    receiver.stall = 0.0
    [report] = await reports(hands)
    assert report.outcome == "delivered"
    assert report.statuses[:2] == (None, None)
    assert report.errors[0] == "no answer within 0.05 s"


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_nobody_at_home_is_tried_again_until_the_two_days_are_over(
    hands: SandboxClient, receiver: Receiver
) -> None:
    await hands.pagerduty.subscribe("http://127.0.0.1:9/hook")
    await hands.pagerduty.trigger("checkout", "Slow")
    for hours in (1, 46, 2):
        assert [r.outcome for r in await hands.pagerduty.deliveries()] == ["pending"]
        await hands.advance(hours * 3600)
        await asyncio.sleep(0.1)
    [report] = await reports(hands)
    assert report.outcome == "dropped"
    assert set(report.statuses) == {None}
    assert len(report.statuses) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
@pytest.mark.fact(sources.PD_DELIVERY)
async def test_this_answer_is_final(hands: SandboxClient, receiver: Receiver, subscribed: str, status: int) -> None:
    receiver.answers = [status]
    await hands.pagerduty.trigger("checkout", "Slow")
    [report] = await reports(hands)
    assert (report.outcome, report.statuses) == ("dropped", (status,))


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_three_drops_in_a_row_switch_the_subscription_off_for_a_day(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    receiver.answers = [401] * 3
    await hands.pagerduty.hold()
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    for words in ("one", "two", "three"):
        await hands.pagerduty.note(incident, words)
    await hands.pagerduty.release()
    assert [r.statuses for r in await reports(hands)] == [(401,), (401,), (401,), ()]
    assert {r.outcome for r in await reports(hands)} == {"dropped"}
    assert len(receiver.received) == 3
    assert [s["temporarily_disabled"] for s in await hands.pagerduty.subscriptions()] == [True]
    await hands.pagerduty.note(incident, "nobody hears this")
    await reports(hands)
    assert len(receiver.received) == 3
    await hands.advance(24 * 3600)
    await hands.pagerduty.note(incident, "a day later")
    await reports(hands)
    assert receiver.types[3:] == ["incident.annotated"]


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_a_success_in_between_forgives_the_drops(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    receiver.answers = [400, 400, 202, 400, 400]
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    for number in range(5):
        await hands.pagerduty.note(incident, f"note {number}")
    outcomes = [r.outcome for r in await reports(hands)]
    assert outcomes == ["dropped", "dropped", "delivered", "dropped", "dropped", "delivered"]


@pytest.mark.fact(sources.PD_REST)
async def test_a_switched_off_subscription_can_be_enabled_over_rest(
    sandbox: Sandbox, hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    receiver.answers = [401] * 3
    for number in range(3):
        await hands.pagerduty.trigger("checkout", f"Number {number}")
    await reports(hands)
    with rest(sandbox) as pd:
        path = f"webhook_subscriptions/{subscribed}"
        assert pd.rget(path)["delivery_method"]["temporarily_disabled"] is True
        assert pd.rpost(f"{path}/enable")["delivery_method"]["temporarily_disabled"] is False
    await hands.pagerduty.trigger("checkout", "Heard again")
    await reports(hands)
    assert receiver.received[-1].said == ("incident.triggered", "Heard again")


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_one_incident_waits_behind_its_own_head_and_no_other(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    await hands.pagerduty.set_weather(hurry=0.05)
    receiver.answers = [503]
    held_up = await hands.pagerduty.trigger("checkout", "Held up")
    await receiver.wait_for(1)
    await hands.pagerduty.acknowledge(held_up, "Bo")
    await hands.pagerduty.trigger("search", "Side by side")
    await reports(hands)
    assert [got.said for got in receiver.received] == [
        ("incident.triggered", "Held up"),
        ("incident.triggered", "Side by side"),
        ("incident.triggered", "Held up"),
        ("incident.acknowledged", "Held up"),
    ]


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_different_incidents_are_delivered_side_by_side(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    receiver.stall = 0.2
    for number in range(4):
        await hands.pagerduty.trigger("checkout", f"Number {number}")
    await reports(hands)
    assert receiver.most_at_once == 4


async def test_held_events_leave_in_any_order_and_number(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    await hands.pagerduty.hold()
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.acknowledge(incident, "Bo")
    await hands.pagerduty.resolve(incident, "Bo")
    kinds = ["incident.triggered", "incident.acknowledged", "incident.resolved"]
    assert await hands.pagerduty.held() == kinds
    assert receiver.received == []
    assert await hands.pagerduty.release([2, 0, 0, 1], keep=True) == 4
    await reports(hands)
    assert receiver.types == [kinds[2], kinds[0], kinds[0], kinds[1]]
    assert receiver.received[1].headers["x-webhook-id"] == receiver.received[2].headers["x-webhook-id"]
    await hands.pagerduty.release()
    await hands.pagerduty.note(incident, "no longer held")
    await reports(hands)
    assert receiver.types[4:] == [*kinds, "incident.annotated"]


async def test_what_is_released_keeps_its_order_over_incidents_and_nothing_overtakes_it(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    receiver.stall = 0.03
    await hands.pagerduty.hold()
    first = await hands.pagerduty.trigger("checkout", "First")
    await hands.pagerduty.trigger("search", "Second")
    await hands.pagerduty.release([1, 0, 1])
    await hands.pagerduty.acknowledge(first, "Bo")
    await reports(hands)
    assert receiver.most_at_once == 1
    assert [got.said for got in receiver.received] == [
        ("incident.triggered", "Second"),
        ("incident.triggered", "First"),
        ("incident.triggered", "Second"),
        ("incident.acknowledged", "First"),
    ]


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_each_event_can_come_twice(hands: SandboxClient, receiver: Receiver, subscribed: str) -> None:
    await hands.pagerduty.set_weather(copies=2)
    await hands.pagerduty.trigger("checkout", "Slow")
    await reports(hands)
    assert len(receiver.received) == 2
    assert len({(got.event["id"], got.headers["x-webhook-id"]) for got in receiver.received}) == 1


async def test_events_of_one_moment_can_be_shuffled(hands: SandboxClient, receiver: Receiver, subscribed: str) -> None:
    await hands.pagerduty.set_weather(window=0.3)
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    for number in range(8):
        await hands.pagerduty.note(incident, str(number))
    await reports(hands)
    sent = [event["id"] for event in await hands.pagerduty.events()]
    arrived = [got.event["id"] for got in receiver.received]
    assert arrived != sent
    assert sorted(arrived) == sorted(sent)


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [
        ("duplicate", ["incident.triggered", "incident.triggered", "incident.acknowledged"]),
        ("lose", ["incident.acknowledged"]),
        ("hold", ["incident.acknowledged", "incident.triggered"]),
    ],
)
async def test_a_fault_strikes_a_webhook_on_its_way(
    sandbox: Sandbox, hands: SandboxClient, receiver: Receiver, subscribed: str, kind: Any, arrived: list[str]
) -> None:
    sandbox.faults.add(Rule("pagerduty", "incident.triggered", kind))
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.settle()
    await hands.pagerduty.acknowledge(incident, "Bo")
    await reports(hands)
    assert receiver.types == arrived


@pytest.mark.fact(sources.PD_DELIVERY)
async def test_what_is_too_large_is_never_sent_and_long_words_arrive_cut(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.note(incident, "x" * 300_000)
    await hands.pagerduty.rename(incident, "y" * 300_000)
    await hands.pagerduty.acknowledge(incident, "Bo")
    assert [r.outcome for r in await reports(hands)] == ["delivered", "delivered", "too_large"]
    note = receiver.received[1].event["data"]
    assert note["trimmed"] is True
    assert len(note["content"]) < 55_000


@pytest.mark.fact(sources.PD_REST)
async def test_a_ping_reaches_one_subscriber_whatever_it_subscribed_to(
    hands: SandboxClient, receiver: Receiver
) -> None:
    chosen = await hands.pagerduty.subscribe(receiver.url, events=["incident.resolved"])
    await hands.pagerduty.subscribe(receiver.url)
    await hands.pagerduty.ping(chosen)
    await reports(hands)
    [got] = receiver.received
    assert got.headers["x-webhook-subscription"] == chosen
    assert (got.event["event_type"], got.event["resource_type"]) == ("pagey.ping", "pagey")
    assert got.event["data"] == {"message": "Hello from your friend Pagey!", "type": "ping"}
    assert got.event["agent"] == {"id": "PMUSTER", "type": "user_reference"}


@pytest.mark.fact(sources.PD_REST)
async def test_a_subscriber_hears_only_what_it_asked_for(hands: SandboxClient, receiver: Receiver) -> None:
    await hands.pagerduty.subscribe(receiver.url, service="search")
    await hands.pagerduty.subscribe(receiver.url, events=["incident.resolved"])
    for service in ("search", "checkout"):
        incident = await hands.pagerduty.trigger(service, service)
        await hands.pagerduty.resolve(incident, "Dev")
    await reports(hands)
    assert sorted(got.said for got in receiver.received) == [
        ("incident.resolved", "checkout"),
        ("incident.resolved", "search"),
        ("incident.resolved", "search"),
        ("incident.triggered", "search"),
    ]


def rest(sandbox: Sandbox) -> pdpyras.APISession:
    session = pdpyras.APISession(API_TOKEN, default_from=FROM_EMAIL)
    session.url, session.trust_env = sandbox.pagerduty_url, False
    return session


@pytest.mark.fact(sources.PD_REST)
async def test_a_bot_registers_its_own_webhook_and_learns_the_secret_once(
    sandbox: Sandbox, hands: SandboxClient, receiver: Receiver
) -> None:
    with rest(sandbox) as pd:
        body = {
            "type": "webhook_subscription",
            "delivery_method": {"type": "http_delivery_method", "url": receiver.url},
            "events": ["incident.triggered"],
            "filter": {"type": "service_reference", "id": "PSCHECK"},
            "description": "muster",
        }
        made = pd.rpost("webhook_subscriptions", json={"webhook_subscription": body})
        secret, path = made["delivery_method"]["secret"], f"webhook_subscriptions/{made['id']}"
        assert len(secret) == 64
        assert pd.rget(path)["delivery_method"]["secret"] is None
        await hands.pagerduty.trigger("checkout", "Slow")
        await hands.pagerduty.trigger("search", "Not mine")
        await reports(hands)
        [got] = receiver.received
        assert got.headers["x-pagerduty-signature"] == signature(secret, got.body)
        changed = pd.rput(path, json={"webhook_subscription": {"events": ["incident.resolved"], "active": False}})
        assert (changed["events"], changed["active"]) == (["incident.resolved"], False)
        assert pd.post(f"{path}/ping").status_code == 202
        assert pd.delete(path).status_code == 204
        assert list(pd.iter_all("webhook_subscriptions")) == []
        wrong = pd.post(
            "webhook_subscriptions", json={"webhook_subscription": {**body, "events": ["incident.made_up"]}}
        )
        assert wrong.status_code == 400


async def test_a_subscription_may_be_deleted_while_webhooks_are_on_their_way(
    sandbox: Sandbox, hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    receiver.stall = 0.2
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.note(incident, "Waits its turn")
    await receiver.wait_for(1)
    with rest(sandbox) as pd:
        pd.rdelete(f"webhook_subscriptions/{subscribed}")
    assert [r.outcome for r in await reports(hands)] == ["delivered", "dropped"]
    assert receiver.types == ["incident.triggered"]


@pytest.mark.fact(sources.PD_HELP)
async def test_ten_subscriptions_are_enough_for_one_scope(
    sandbox: Sandbox, hands: SandboxClient, receiver: Receiver
) -> None:
    for _ in range(10):
        await hands.pagerduty.subscribe(receiver.url)
    body = {
        "type": "webhook_subscription",
        "delivery_method": {"type": "http_delivery_method", "url": receiver.url},
        "events": ["incident.triggered"],
        "filter": {"type": "account_reference"},
    }
    with rest(sandbox) as pd:
        assert pd.post("webhook_subscriptions", json={"webhook_subscription": body}).status_code == 400


async def test_a_webhook_is_brought_again_word_for_word(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    await hands.pagerduty.trigger("checkout", "Once")
    [first] = await reports(hands)
    await hands.pagerduty.redeliver(first.webhook_id)
    assert [report.webhook_id for report in await reports(hands)] == [first.webhook_id] * 2
    assert receiver.received[0].body == receiver.received[1].body
    assert receiver.received[1].headers["x-webhook-id"] == first.webhook_id
    with pytest.raises(Impossible, match="no webhook 'nothing'"):
        await hands.pagerduty.redeliver("nothing")


async def test_to_a_disabled_subscription_nothing_goes_until_it_is_enabled(
    hands: SandboxClient, receiver: Receiver, subscribed: str
) -> None:
    await hands.pagerduty.trigger("checkout", "Heard")
    [first] = await reports(hands)
    await hands.pagerduty.disable(subscribed)
    await hands.pagerduty.trigger("checkout", "Unheard")
    with pytest.raises(Impossible, match="enable it first"):
        await hands.pagerduty.redeliver(first.webhook_id)
    await hands.pagerduty.enable(subscribed)
    await hands.pagerduty.trigger("checkout", "Heard again")
    await reports(hands)
    assert [one.said[1] for one in receiver.received] == ["Heard", "Heard again"]
