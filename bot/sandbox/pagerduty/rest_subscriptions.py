"""The REST calls by which a bot registers its own webhook and looks after it."""

import secrets

from bot.sandbox.pagerduty import rendering
from bot.sandbox.pagerduty.asks import Ask, Endpoint, Reply
from bot.sandbox.pagerduty.bodies import ChangeSubscription, CreateSubscription
from bot.sandbox.pagerduty.problems import invalid
from bot.sandbox.pagerduty.seed import BOT_USER
from bot.sandbox.pagerduty.subscriptions import EVENT_TYPES, Subscription

PER_SCOPE = 10


def _shown(ask: Ask, subscription: Subscription, status: int = 200, secret: str | None = None) -> Reply:
    disabled = ask.webhooks.disabled(subscription)
    return Reply({"webhook_subscription": rendering.subscription(ask.account, subscription, disabled, secret)}, status)


def _subscription(ask: Ask) -> Subscription:
    return ask.webhooks.subscription(ask.params["id"])


def list_subscriptions(ask: Ask) -> Reply:
    kind, id = ask.one("filter_type"), ask.one("filter_id")
    found = [
        s
        for s in ask.webhooks.subscriptions.values()
        if kind in (None, s.filter_kind.removesuffix("_reference")) and id in (None, s.filter_id)
    ]
    return Reply(
        ask.page(
            "webhook_subscriptions", found, lambda s: rendering.subscription(ask.account, s, ask.webhooks.disabled(s))
        )
    )


def create_subscription(ask: Ask) -> Reply:
    new = ask.body(CreateSubscription).webhook_subscription
    _demand_known(new.events)
    scope = (new.filter.type, new.filter.id)
    if sum((s.filter_kind, s.filter_id) == scope for s in ask.webhooks.subscriptions.values()) >= PER_SCOPE:
        raise invalid(f"at most {PER_SCOPE} webhook subscriptions for one scope")
    secret = secrets.token_urlsafe(48)
    subscription = Subscription(
        id=ask.account.new_id("P", 7),
        url=new.delivery_method.url,
        secrets=(secret,),
        events=new.events,
        filter_kind=new.filter.type,
        filter_id=new.filter.id,
        description=new.description,
        active=new.active,
        custom_headers=tuple((header.name, header.value) for header in new.delivery_method.custom_headers),
    )
    return _shown(ask, ask.webhooks.keep(subscription), 201, secret)


def _demand_known(events: tuple[str, ...]) -> None:
    unknown = sorted(set(events) - EVENT_TYPES)
    if unknown:
        raise invalid(*(f"there is no event type {name!r}" for name in unknown))


def get_subscription(ask: Ask) -> Reply:
    return _shown(ask, _subscription(ask))


def change_subscription(ask: Ask) -> Reply:
    """Everything but the delivery method can change."""
    before, change = _subscription(ask), ask.body(ChangeSubscription).webhook_subscription
    _demand_known(change.events or ())
    changes: dict[str, object] = {
        "events": change.events or before.events,
        "description": before.description if change.description is None else change.description,
        "active": before.active if change.active is None else change.active,
    }
    if change.filter is not None:
        changes |= {"filter_kind": change.filter.type, "filter_id": change.filter.id}
    return _shown(ask, ask.webhooks.keep(before, **changes))


def delete_subscription(ask: Ask) -> Reply:
    del ask.webhooks.subscriptions[_subscription(ask).id]
    return Reply({}, 204)


def enable_subscription(ask: Ask) -> Reply:
    return _shown(ask, ask.webhooks.keep(_subscription(ask), disabled_until=None, drops=0))


def ping_subscription(ask: Ask) -> Reply:
    ask.webhooks.ping(_subscription(ask), BOT_USER)
    return Reply({}, 202)


ENDPOINTS = (
    Endpoint("GET", "/webhook_subscriptions", list_subscriptions),
    Endpoint("POST", "/webhook_subscriptions", create_subscription),
    Endpoint("GET", "/webhook_subscriptions/{id}", get_subscription),
    Endpoint("PUT", "/webhook_subscriptions/{id}", change_subscription),
    Endpoint("DELETE", "/webhook_subscriptions/{id}", delete_subscription),
    Endpoint("POST", "/webhook_subscriptions/{id}/enable", enable_subscription),
    Endpoint("POST", "/webhook_subscriptions/{id}/ping", ping_subscription),
)
