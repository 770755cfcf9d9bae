"""How the running bot is doing: what `/readyz` looks at and what `/metrics` counts."""

from collections.abc import Sequence

from bot.engine.db import Unavailable
from bot.engine.handle import Engine
from bot.engine.queues import Queue, count_queues
from bot.engine.soundness import has_our_shape
from bot.engine.timers import Ticker
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.slack.inbound import Inbound
from bot.web.vitals import Check, Count, Look, Sample, Vitals

LATE = 60.0
"""Seconds that the clock may be late: nudges and the ladder of pages hang on it."""
NOTHING_PROMISED = Queue(name="slack", state="waiting", count=0, oldest=0.0, tries=0)
NOTHING_HEARD = Queue(name="pagerduty", state="waiting", count=0, oldest=0.0, tries=0)
"""So that a metric is there, at 0, before the first of its kind."""


def vitals(engine: Engine, ticker: Ticker | None, slack: Inbound | None, pagerduty: PagerDuty | None) -> Vitals:
    """What is not part of this process' role is None, and not looked at."""
    looks: dict[str, Look] = {"database": lambda: database(engine)}
    counts: list[Count] = [lambda: queues(engine)]
    if ticker:
        looks["clock"] = lambda: clock(ticker)
        counts.append(lambda: lateness(ticker))
    if slack:
        looks["slack"] = lambda: connection(slack)
        counts.append(lambda: connected(slack))
    if pagerduty:
        looks["pagerduty"] = lambda: account(pagerduty)
        counts.append(lambda: webhooks(pagerduty))
    return Vitals(looks, counts)


async def database(engine: Engine) -> Check:
    """It can be read, and has the shape that this program expects."""
    try:
        fine = await has_our_shape(engine.database)
    except (Unavailable, OSError) as error:
        return Check("database", fine=False, says=f"The database does not answer: {error}")
    says = "" if fine else "The database was migrated by another version; restart the bot with that version."
    return Check("database", fine, says)


async def clock(ticker: Ticker) -> Check:
    """What falls due is seen in time."""
    late = ticker.lateness
    says = "" if late <= LATE else f"The clock is {late:.0f} s late: reminders and the ladder of pages wait."
    return Check("clock", late <= LATE, says)


async def connection(slack: Inbound) -> Check:
    """Slack can reach us, and we know who we are there."""
    says = "" if slack.connected else "Slack is not connected yet; tried again all the time. `muster doctor` says why."
    return Check("slack", slack.connected, says)


async def account(pagerduty: PagerDuty) -> Check:
    """PagerDuty takes our token."""
    trouble = pagerduty.health.trouble
    return Check("pagerduty", not trouble, trouble)


async def queues(engine: Engine) -> Sequence[Sample]:
    """How much waits, for how long, at both ends."""
    both = await count_queues(engine.database, engine.clock)
    samples: list[Sample] = []
    for queue in both.outbox or (NOTHING_PROMISED,):
        labels = {"system": queue.name, "state": queue.state}
        samples += [
            Sample("muster_outbox", "Promises that are not kept yet", queue.count, labels),
            Sample("muster_outbox_oldest_seconds", "Age of the oldest of them", queue.oldest, labels),
            Sample("muster_outbox_tries", "Tries that they took so far", queue.tries, labels),
            Sample("muster_outbox_doubts", "Those that may have taken effect", queue.doubts, labels),
        ]
    for queue in both.inbox or (NOTHING_HEARD,):
        labels = {"source": queue.name, "state": queue.state}
        samples += [
            Sample("muster_inbox", "Deliveries that are not handled yet", queue.count, labels),
            Sample("muster_inbox_oldest_seconds", "Age of the oldest of them", queue.oldest, labels),
        ]
    return samples


async def lateness(ticker: Ticker) -> Sequence[Sample]:
    return [Sample("muster_clock_late_seconds", "How late the last look at what falls due was", ticker.lateness)]


async def connected(slack: Inbound) -> Sequence[Sample]:
    return [
        Sample("muster_slack_connected", "1 while Slack can reach us", float(slack.connected)),
        Sample(
            "muster_slack_signature_mismatches",
            "Requests signed with another secret than ours since the start (HTTP mode)",
            slack.mismatches,
            kind="counter",
        ),
    ]


async def webhooks(pagerduty: PagerDuty) -> Sequence[Sample]:
    """Webhooks by what became of them. `unknown`: well-formed, but signed with none of our secrets."""
    tally = pagerduty.webhook.tally
    told = "PagerDuty webhooks since the start, by outcome"
    outcomes = {
        "accepted": tally.accepted,
        "unsigned": tally.unsigned,
        "signature_mismatch": tally.unknown,
        "too_large": tally.too_large,
        "failed": tally.failed,
    }
    found = [Sample("muster_webhooks", told, count, {"outcome": name}, "counter") for name, count in outcomes.items()]
    disabled = float(pagerduty.health.webhook_disabled)
    found.append(Sample("muster_webhook_disabled", "1 while PagerDuty has switched our subscription off", disabled))
    return found
