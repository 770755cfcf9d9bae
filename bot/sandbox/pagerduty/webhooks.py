"""Carries events to their subscribers as PagerDuty does: signed, in order per incident, again and again for 48 hours.

Source: "Webhook behavior" in PagerDuty's developer documentation. The pauses between tries are not documented there.
"""

import asyncio
import json
import random
import time
import uuid
from collections import deque
from collections.abc import Coroutine
from datetime import timedelta

import aiohttp

from bot.sandbox.faults import Faults
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.deliveries import Delivery, Try, Weather
from bot.sandbox.pagerduty.events import Event
from bot.sandbox.pagerduty.problems import invalid, not_found
from bot.sandbox.pagerduty.subscriptions import Subscription, signature

PAUSES = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0)
TRIED_FOR = timedelta(hours=48)
SWITCHED_OFF_FOR = timedelta(hours=24)
DROPS_ALLOWED = 3
LARGEST_BODY = 256 * 1024
GLANCE = 0.02

Lane = tuple[str, str]


class Webhooks:
    """Subscriptions and the queues to them. Lives on the sandbox's event loop."""

    def __init__(self, account: Account, faults: Faults) -> None:
        self._account, self._faults = account, faults
        self._random = random.Random(1)
        self._lanes: dict[Lane, deque[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._kept_back: list[Event] = []
        self._window: list[Event] = []
        self.quiet = asyncio.Event()
        self.quiet.set()
        self.held: list[Event] | None = None
        self.weather = Weather()
        self.subscriptions: dict[str, Subscription] = {}
        self.deliveries: list[Delivery] = []
        account.listeners.append(self.publish)

    def subscription(self, id: str) -> Subscription:
        if id not in self.subscriptions:
            raise not_found(f"there is no webhook subscription {id!r}")
        return self.subscriptions[id]

    def keep(self, subscription: Subscription, **changes: object) -> Subscription:
        fresh = subscription.model_copy(update=changes)
        self.subscriptions[fresh.id] = fresh
        return fresh

    def disabled(self, subscription: Subscription) -> bool:
        """Whether PagerDuty has switched it off for the day."""
        until = subscription.disabled_until
        return until is not None and self._account.now() < until

    def publish(self, event: Event) -> None:
        """An event happened: hold it, or send it to whom it concerns, as today's faults have it."""
        if self.held is not None:
            self.held.append(event)
            return
        rule = self._faults.delivery("pagerduty", event.event_type)
        match rule.kind if rule else "":
            case "lose":
                self._note_lost(event)
            case "hold":
                self._kept_back.append(event)
            case "duplicate":
                self._depart([event, event])
            case _:
                self._depart([event])

    def _depart(self, some: list[Event]) -> None:
        kept_back, self._kept_back = self._kept_back, []
        leaving = [event for event in (*some, *kept_back) for _ in range(self.weather.copies)]
        if self.weather.window <= 0:
            self._enqueue(leaving)
            return
        if not self._window:
            self._start(self._shuffle())
        self._window.extend(leaving)

    async def _shuffle(self) -> None:
        await asyncio.sleep(self.weather.window)
        leaving, self._window = self._window, []
        self._random.shuffle(leaving)
        self._enqueue(leaving)

    def ping(self, subscription: Subscription, by: str) -> None:
        """Send `pagey.ping` to this one subscriber."""
        account = self._account
        agent = {"id": by, "type": "user_reference"}
        data = {"message": "Hello from your friend Pagey!", "type": "ping"}
        event = Event(account.new_id("01", 26), "pagey.ping", account.now(), agent, data, subscription.id)
        self._queue((subscription.id, subscription.id), self._delivery(subscription, event))

    def redeliver(self, webhook_id: str) -> None:
        """Send a past webhook once more, word for word and under its id; 404 for one that is not in the log."""
        past = next((one for one in reversed(self.deliveries) if one.webhook_id == webhook_id), None)
        if past is None:
            raise not_found(f"there is no webhook {webhook_id!r}")
        if self.disabled(self.subscription(past.subscription)):
            raise invalid("The subscription is disabled: enable it first")
        again = Delivery(past.webhook_id, past.subscription, past.event, past.body, self._account.now())
        self.deliveries.append(again)
        self._queue((past.subscription, past.event.subject), again)

    def switch_off(self, subscription: Subscription) -> None:
        """Nothing goes there for a day; what waits for it is dropped."""
        self.keep(subscription, drops=0, disabled_until=self._account.now() + SWITCHED_OFF_FOR)
        self._empty(subscription.id)

    def release(self, order: list[int] | None, keep: bool) -> int:
        """Send what was held, one after the other, in this order (indexes, repeats allowed); returns how many leave."""
        held = self.held or []
        chosen = held if order is None else [held[index] for index in order]
        self._enqueue(chosen, released=True)
        if not keep:
            self.held = None
        return len(chosen)

    def _enqueue(self, some: list[Event], released: bool = False) -> None:
        for event in some:
            for subscription in self.subscriptions.values():
                if self._concerns(event, subscription):
                    lane = self._lane(subscription, event, released)
                    self._queue(lane, self._delivery(subscription, event))

    def _lane(self, subscription: Subscription, event: Event, released: bool) -> Lane:
        # What was released keeps its order over all incidents; what happens meanwhile must not overtake it.
        release = (subscription.id, "release")
        return release if released or release in self._lanes else (subscription.id, event.subject)

    def _concerns(self, event: Event, subscription: Subscription) -> bool:
        service = self._account.directory.services.get(event.service or "")
        return not self.disabled(subscription) and subscription.wants(event, service.teams if service else ())

    def _delivery(self, subscription: Subscription, event: Event) -> Delivery:
        # One webhook keeps its id over all its tries, and over a duplicate of it.
        webhook_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{subscription.id}/{event.id}"))
        body = json.dumps(event.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
        delivery = Delivery(webhook_id, subscription.id, event, body, self._account.now())
        self.deliveries.append(delivery)
        return delivery

    def _note_lost(self, event: Event) -> None:
        for subscription in self.subscriptions.values():
            if self._concerns(event, subscription):
                self._delivery(subscription, event).outcome = "lost"

    def _queue(self, lane: Lane, delivery: Delivery) -> None:
        if len(delivery.body) > LARGEST_BODY:
            delivery.outcome = "too_large"
            return
        if lane in self._lanes:
            self._lanes[lane].append(delivery)
            return
        self._lanes[lane] = deque([delivery])
        self._start(self._drain(lane))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.quiet.clear()
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self.quiet.set()

    async def _drain(self, lane: Lane) -> None:
        """Carry a lane's webhooks one at a time: the next leaves when this one is through or dropped."""
        queue = self._lanes[lane]
        while queue:
            await self._carry(queue[0])
            if queue:
                queue.popleft()
        del self._lanes[lane]

    async def _carry(self, delivery: Delivery) -> None:
        give_up = delivery.created_at + TRIED_FOR * self.weather.hurry
        number = 0
        while delivery.outcome == "pending":
            if self.weather.delay:
                await asyncio.sleep(self.weather.delay)
            tried = await self._try(delivery)
            delivery.tries.append(tried)
            if tried.succeeded:
                self._through(delivery)
            elif not tried.worth_repeating or self._account.now() >= give_up:
                self._dropped(delivery)
            else:
                await self._pause(delivery, PAUSES[min(number, len(PAUSES) - 1)])
                number += 1

    async def _pause(self, delivery: Delivery, seconds: float) -> None:
        # In glances, so that a test which moves the clock forward is noticed.
        due = self._account.now() + timedelta(seconds=seconds * self.weather.hurry)
        while delivery.outcome == "pending":
            left = (due - self._account.now()).total_seconds()
            if left <= 0:
                return
            await asyncio.sleep(min(left, GLANCE))

    async def _try(self, delivery: Delivery) -> Try:
        subscription = self.subscriptions.get(delivery.subscription)
        at, begun = self._account.now(), time.monotonic()
        if subscription is None:
            return Try(at, 410, 0.0, "the subscription was deleted")
        status, error = None, None
        try:
            async with asyncio.timeout(self.weather.timeout):
                status = await self._post(subscription, delivery)
        except TimeoutError:
            error = f"no answer within {self.weather.timeout:g} s"
        except aiohttp.ClientError as failure:
            error = type(failure).__name__
        return Try(at, status, (time.monotonic() - begun) * 1000, error)

    async def _post(self, subscription: Subscription, delivery: Delivery) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {
            "User-Agent": "PagerDuty-Webhook/V3.0",
            "Content-Type": "application/json",
            "X-Webhook-Id": delivery.webhook_id,
            "X-Webhook-Subscription": subscription.id,
            "X-PagerDuty-Signature": signature(subscription.secrets, delivery.body),
            **dict(subscription.custom_headers),
        }
        async with self._session.post(
            subscription.url, data=delivery.body, headers=headers, allow_redirects=False
        ) as response:
            await response.read()
            return response.status

    def _through(self, delivery: Delivery) -> None:
        delivery.outcome = "delivered"
        # It may have been deleted while the webhook was on its way.
        if delivery.subscription in self.subscriptions:
            self.keep(self.subscriptions[delivery.subscription], drops=0)

    def _dropped(self, delivery: Delivery) -> None:
        """Three in a row and the subscription is off for a day, its queue gone."""
        delivery.outcome = "dropped"
        if delivery.subscription not in self.subscriptions:
            return
        known = self.subscriptions[delivery.subscription]
        subscription = self.keep(known, drops=known.drops + 1)
        if subscription.drops >= DROPS_ALLOWED:
            self.switch_off(subscription)

    def _empty(self, subscription: str) -> None:
        for (owner, _), queue in self._lanes.items():
            if owner == subscription:
                for waiting in queue:
                    if waiting.outcome == "pending":
                        waiting.outcome = "dropped"
                queue.clear()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
