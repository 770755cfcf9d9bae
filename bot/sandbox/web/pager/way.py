"""The way of PagerDuty's webhooks to the bot: what arrived, with which answer, and what may go wrong under way."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import groupby, islice

from markupsafe import Markup

from bot.sandbox.pagerduty.deliveries import Delivery, Try
from bot.sandbox.pagerduty.subscriptions import Subscription
from bot.sandbox.pagerduty.webhooks import Webhooks
from bot.sandbox.web.buttons import button, switch
from bot.sandbox.web.markup import el
from bot.sandbox.web.pager.viewer import Viewer
from bot.sandbox.web.windows import Region

SHOWN = 50
LATE, SHUFFLED = 5.0, 3.0
"""Seconds: how late "Late" is, and within which time "Out of order" shuffles."""
OUTCOMES = {
    "pending": "on its way",
    "delivered": "arrived",
    "dropped": "given up",
    "lost": "lost",
    "too_large": "too large",
}


def regions(viewer: Viewer, webhooks: Webhooks) -> Iterator[Region]:
    """The switches, the subscriptions, the newest deliveries."""
    held = None if webhooks.held is None else len(webhooks.held)
    weather = webhooks.weather
    face = (weather.copies, weather.delay, weather.window, weather.timeout, weather.hurry, held)
    yield Region("pager-way-only", "pager-way", face, partial(_switches, webhooks, held))
    for subscription in list(webhooks.subscriptions.values()):
        key, is_off = f"sub-{subscription.id}", webhooks.disabled(subscription)
        drawn = partial(_subscription, subscription, is_off, key)
        yield Region(key, "pager-subscriptions", (subscription.url, is_off), drawn)
    yield from deliveries(viewer, webhooks, None)


def deliveries(viewer: Viewer, webhooks: Webhooks, incident: str | None) -> Iterator[Region]:
    """The newest, or those about one incident, the last first."""
    numbered = zip(range(len(webhooks.deliveries) - 1, -1, -1), reversed(webhooks.deliveries), strict=True)
    wanted = ((number, one) for number, one in numbered if incident in (None, one.event.subject))
    for number, delivery in islice(wanted, SHOWN):
        face = (delivery.webhook_id, delivery.outcome, len(delivery.tries))
        yield Region(f"d-{number}", "pager-deliveries", face, partial(_delivery, viewer, number, delivery))


def _switches(webhooks: Webhooks, held: int | None) -> Markup:
    weather, act = webhooks.weather, "pagerduty/set_weather"
    late = replace(weather, delay=0.0 if weather.delay else LATE)
    twice = replace(weather, copies=1 if weather.copies > 1 else 2)
    shuffled = replace(weather, window=0.0 if weather.window else SHUFFLED)
    waits = f"{held} {'waits' if held == 1 else 'wait'} now." if held is not None else None
    return el(
        "div",
        switch("Late", bool(weather.delay), act, asdict(late), f"Each leaves {LATE:g} s after its event.", "late"),
        switch("Twice", weather.copies > 1, act, asdict(twice), "Each arrives twice under one id.", "twice"),
        switch(
            "Out of order",
            bool(weather.window),
            act,
            asdict(shuffled),
            f"Those of the same {SHUFFLED:g} s are shuffled.",
            "shuffled",
        ),
        switch(
            "Held back",
            held is not None,
            "pagerduty/hold" if held is None else "pagerduty/release",
            {},
            "None leaves; all leave, in order, when you switch this off.",
            "held",
            waits,
        ),
        id="pager-way-only",
    )


def _subscription(subscription: Subscription, is_off: bool, key: str) -> Markup:
    act = "pagerduty/enable" if is_off else "pagerduty/disable"
    meaning = f"PagerDuty tells {subscription.url}. After three failures in a row it stops for a day."
    args = {"subscription": subscription.id}
    row = switch("Switched on", not is_off, act, args, meaning, f"{key}-switch", "It has stopped." if is_off else None)
    return el("li", row, id=key)


def _delivery(viewer: Viewer, number: int, delivery: Delivery) -> Markup:
    what = delivery.event.event_type.removeprefix("incident.").replace("_", " ").replace(".", " ")
    about = viewer.account.incidents.get(delivery.event.subject)
    told = f"{what} #{about.number}" if about else what
    again = {"webhook_id": delivery.webhook_id}
    return el(
        "li",
        el("span", el("b", told), el("small", _answers(delivery), cls="soft"), cls="told"),
        el("span", OUTCOMES[delivery.outcome], cls=f"outcome {delivery.outcome}"),
        viewer.time(delivery.created_at),
        button("Again", "pagerduty/redeliver", again, cls="plain", name=f"Deliver {told} again"),
        id=f"d-{number}",
        cls="delivery",
    )


def _answers(delivery: Delivery) -> str:
    """ "3 × nobody there → 202 · 14 ms"."""
    if not delivery.tries:
        return "not sent yet" if delivery.outcome == "pending" else "never sent"
    runs = [(answer, len(list(same))) for answer, same in groupby(map(_answer, delivery.tries))]
    told = " → ".join(answer if times == 1 else f"{times} × {answer}" for answer, times in runs[-4:])
    last = delivery.tries[-1]
    return told if last.status is None else f"{told} · {last.milliseconds:.0f} ms"


def _answer(one: Try) -> str:
    if one.status is not None:
        return str(one.status)
    return "no answer" if "no answer" in (one.error or "") else "nobody there"
