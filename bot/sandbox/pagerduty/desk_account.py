"""What an administrator does to the account, and what a test does to its webhooks."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any, Literal

from pydantic import JsonValue

from bot.sandbox.pagerduty import details
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.acts import act
from bot.sandbox.pagerduty.deliveries import Delivery, Weather
from bot.sandbox.pagerduty.records import ChangeEvent, Service
from bot.sandbox.pagerduty.rest import Quota
from bot.sandbox.pagerduty.seed import BOT_USER, WEBHOOK_SECRET
from bot.sandbox.pagerduty.subscriptions import EVENT_TYPES, Subscription
from bot.sandbox.pagerduty.watch import Watch
from bot.sandbox.pagerduty.webhooks import Webhooks

Json = dict[str, Any]


class AccountDesk:
    """People on call, services, abilities, limits; subscriptions, deliveries, and the weather on their way."""

    def __init__(self, account: Account, webhooks: Webhooks, quota: Quota, watch: Watch) -> None:
        self._account, self._webhooks, self._quota, self._watch = account, webhooks, quota, watch

    @property
    def webhooks(self) -> Webhooks:
        """The way to the bot, for those who watch it."""
        return self._webhooks

    def state(self) -> Json:
        """A snapshot, `records.State` as JSON."""
        return self._account.state().model_dump(mode="json")

    def pages(self) -> list[Json]:
        """Who was notified, in order."""
        return [page.model_dump(mode="json") for page in self._account.pages]

    def events(self) -> list[Json]:
        """Every event that happened, whether or not anybody was told."""
        return [event.to_json()["event"] for event in self._account.events]

    @act
    def set_on_call(self, schedule: str, user: str) -> None:
        """The shift changes."""
        directory = self._account.directory
        rota, person = directory.schedule(schedule), directory.user(user).id
        users = rota.users if person in rota.users else (*rota.users, person)
        directory.schedules[rota.id] = rota.model_copy(update={"on_call": person, "users": users})

    @act
    def report_change(self, service: str, summary: str) -> str:
        """A deploy, say. Returns its id."""
        account = self._account
        change = ChangeEvent(
            id=account.new_id("01", 26),
            service=account.directory.service(service).id,
            summary=summary,
            at=account.now(),
        )
        account.directory.changes.append(change)
        return change.id

    @act
    def create_service(self, name: str, policy: str, description: str = "", by: str | None = None) -> str:
        account = self._account
        chosen = account.directory.policy(policy)
        service = Service(
            id=account.new_id("P", 7), name=name, description=description, policy=chosen.id, teams=chosen.teams
        )
        self._change(service, by, "created")
        return service.id

    @act
    def update_service(self, service: str, name: str, by: str | None = None) -> None:
        known = self._account.directory.service(service)
        self._change(known.model_copy(update={"name": name}), by, "updated")

    @act
    def delete_service(self, service: str, by: str | None = None) -> None:
        self._change(self._account.directory.service(service), by, "deleted")

    def _change(self, service: Service, by: str | None, change: Literal["created", "updated", "deleted"]) -> None:
        agent = self._account.directory.user(by).id if by else None
        details.change_service(self._account, service, agent, change)

    @act
    def set_service_field(self, service: str, name: str, value: JsonValue, by: str | None = None) -> None:
        agent = self._account.directory.user(by).id if by else None
        details.set_service_field(self._account, self._account.directory.service(service), agent, name, value)

    def set_abilities(self, abilities: list[str]) -> None:
        """What the account's plan allows; without `coordinated_responding`, asking for responders answers 402."""
        self._account.abilities[:] = abilities

    def set_rate_limit(self, a_minute: int) -> None:
        self._quota.limit = a_minute

    def escalate_after(self, seconds: float | None) -> None:
        """How long an incident may wait for an acknowledgement before it escalates; None (as at first) is for ever."""
        self._watch.unanswered = None if seconds is None else timedelta(seconds=seconds)
        self._watch.start()

    @act
    def subscribe(
        self,
        url: str,
        secrets: list[str] | None = None,
        events: list[str] | None = None,
        service: str | None = None,
    ) -> str:
        """Send every event (or these, or those of one service) there, signed with each secret; returns its id."""
        chosen = self._account.directory.service(service).id if service else None
        subscription = Subscription(
            id=self._account.new_id("P", 7),
            url=url,
            secrets=tuple(secrets or [WEBHOOK_SECRET]),
            events=tuple(events or sorted(EVENT_TYPES)),
            filter_kind="service_reference" if chosen else "account_reference",
            filter_id=chosen,
        )
        return self._webhooks.keep(subscription).id

    @act
    def set_secrets(self, subscription: str, secrets: list[str]) -> None:
        """Rotation: each secret signs each webhook."""
        self._webhooks.keep(self._webhooks.subscription(subscription), secrets=tuple(secrets))

    @act
    def enable(self, subscription: str) -> None:
        self._webhooks.keep(self._webhooks.subscription(subscription), disabled_until=None, drops=0)

    @act
    def disable(self, subscription: str) -> None:
        """As after three webhooks in a row that failed: nothing goes there for a day, or until `enable`."""
        self._webhooks.switch_off(self._webhooks.subscription(subscription))

    @act
    def redeliver(self, webhook_id: str) -> None:
        """Send a webhook of the delivery log once more, word for word."""
        self._webhooks.redeliver(webhook_id)

    @act
    def ping(self, subscription: str | None = None, by: str = BOT_USER) -> None:
        """`pagey.ping` to one subscriber, or to all."""
        chosen = [self._webhooks.subscription(subscription)] if subscription else self._webhooks.subscriptions.values()
        for one in chosen:
            self._webhooks.ping(one, self._account.directory.user(by).id)

    def subscriptions(self) -> list[Json]:
        return [
            {**one.model_dump(mode="json"), "temporarily_disabled": self._webhooks.disabled(one)}
            for one in self._webhooks.subscriptions.values()
        ]

    def set_weather(
        self,
        timeout: float = 5.0,
        hurry: float = 1.0,
        copies: int = 1,
        delay: float = 0.0,
        window: float = 0.0,
    ) -> None:
        """How webhooks travel from now on; see `deliveries.Weather`. What is not named is as it was at first."""
        self._webhooks.weather = Weather(timeout, hurry, copies, delay, window)

    def fair_weather(self) -> None:
        """Webhooks leave at once, once, in order; what was held goes out; nobody is switched off."""
        weather = self._webhooks.weather
        self._webhooks.weather = Weather(weather.timeout, weather.hurry)
        if self._webhooks.held is not None:
            self._webhooks.release(None, keep=False)
        for subscription in list(self._webhooks.subscriptions):
            self.enable(subscription)

    def hold(self) -> None:
        """Keep events back from now on, until `release`."""
        self._webhooks.held = []

    def held(self) -> list[str]:
        """The types of the events kept back, in order."""
        return [event.event_type for event in self._webhooks.held or []]

    def release(self, order: list[int] | None = None, keep: bool = False) -> int:
        """Send what was kept back, one after the other, in this order of indexes, repeats allowed (None: each once).

        With `keep`, they stay held and may be released again in another order. Returns how many left.
        """
        return self._webhooks.release(order, keep)

    def deliveries(self) -> list[Json]:
        """The delivery log, oldest first; see `deliveries.Delivery`."""
        return [_told(delivery) for delivery in self._webhooks.deliveries]

    def clear_deliveries(self) -> None:
        """Forget the log; what is on its way stays on its way."""
        self._webhooks.deliveries.clear()

    async def settle(self, seconds: float = 5.0) -> bool:
        """Wait until no webhook is on its way; False if some still are when the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._webhooks.quiet.wait()
        return self._webhooks.quiet.is_set()


def _told(delivery: Delivery) -> Json:
    return {
        "webhook_id": delivery.webhook_id,
        "subscription": delivery.subscription,
        "event_id": delivery.event.id,
        "event_type": delivery.event.event_type,
        "subject": delivery.event.subject,
        "outcome": delivery.outcome,
        "statuses": [tried.status for tried in delivery.tries],
        "errors": [tried.error for tried in delivery.tries if tried.error],
        "milliseconds": [round(tried.milliseconds, 1) for tried in delivery.tries],
        "sent_at": [tried.at.isoformat() for tried in delivery.tries],
    }
