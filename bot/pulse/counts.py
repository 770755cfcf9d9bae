"""What `/metrics` counts: a figure for each promise, with labels of which there are few and that name nobody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.engine.durations import Durations
from bot.engine.line import Unavailable
from bot.engine.look import Look
from bot.engine.queues import Queue, Queues, count_queues
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.slack.inbound import Inbound
from bot.integrations.watch import Watchman
from bot.pulse.happenings import Happenings
from bot.pulse.watched import Watched, Workers
from bot.web.vitals import Sample

PATIENCE = 5.0
"""Seconds that the database may take; Prometheus waits ten. Without it the other figures are still told."""
FRESH = 1.0
LANES = (("pagerduty", "page"), ("slack", "room"), ("slack", "card"), ("slack", "say"), ("slack", "tell"))
SOURCES = ("pagerduty", "slack")
STATES = ("waiting", "parked")
"""Counted from the start, at 0, so that an alert on them has something to look at."""


@dataclass
class Counts:
    """All figures, from what is in this process. `happenings` counts from now on."""

    watched: Watched
    happenings: Happenings = field(init=False)

    def __post_init__(self) -> None:
        engine = self.watched.engine
        self.happenings = Happenings(engine.clock)
        self._queues = Look(lambda: count_queues(engine.database, engine.clock), FRESH)
        engine.counted = self.happenings.decided
        if self.watched.workers:
            self.watched.workers.outbox.counted = self.happenings.tried

    async def all(self) -> Sequence[Sample]:
        """Asks the database once, whatever hangs."""
        watched = self.watched
        found = await self._found()
        samples = [*_outbox(found.outbox), *_inbox(found.inbox)] if found else []
        samples += [Sample("muster_database_up", "1 while the database tells what waits", float(found is not None))]
        samples += _happened(self.happenings)
        samples += _late(watched.workers) if watched.workers else ()
        samples += _slack(watched.slack) if watched.slack else ()
        samples += _pagerduty(watched.pagerduty) if watched.pagerduty else ()
        samples += _watch(watched.watchman) if watched.watchman else ()
        return samples

    async def _found(self) -> Queues | None:
        try:
            return await self._queues.found(PATIENCE)
        except Unavailable:
            return None


def _outbox(queues: Iterable[Queue]) -> Iterator[Sample]:
    """Promises by sort of lane: page, room, card, topic, invite, say (sentences), tell (direct messages) and so on."""
    zero = (Queue(system, state, 0, 0.0, 0, 0, lane) for system, lane in LANES for state in STATES)
    for queue in _all(zero, queues):
        labels = {"system": queue.name, "lane": queue.lane, "state": queue.state}
        yield Sample("muster_outbox", "Promises that are not kept yet", queue.count, labels)
        yield Sample("muster_outbox_oldest_seconds", "Age of the oldest of them", queue.oldest, labels)
        yield Sample("muster_outbox_tries", "Tries that they took so far", queue.tries, labels)
        yield Sample("muster_outbox_doubts", "Those that may have taken effect", queue.doubts, labels)


def _inbox(queues: Iterable[Queue]) -> Iterator[Sample]:
    zero = (Queue(source, state, 0, 0.0, 0) for source in SOURCES for state in STATES)
    for queue in _all(zero, queues):
        labels = {"source": queue.name, "state": queue.state}
        yield Sample("muster_inbox", "Deliveries that are not handled yet", queue.count, labels)
        yield Sample("muster_inbox_oldest_seconds", "Age of the oldest of them", queue.oldest, labels)


def _all(zero: Iterable[Queue], found: Iterable[Queue]) -> list[Queue]:
    """What was found, and zero for what is always shown."""
    by_labels = {(queue.name, queue.lane, queue.state): queue for queues in (zero, found) for queue in queues}
    return [by_labels[labels] for labels in sorted(by_labels)]


def _happened(happenings: Happenings) -> Iterator[Sample]:
    for (lane, outcome), count in happenings.tries.items():
        labels = {"lane": lane, "outcome": outcome}
        yield Sample("muster_tries", "Tries to keep a promise, by what came of them", count, labels, "counter")
    for how, count in happenings.doubts.items():
        told = "Doubts whether a try took effect: raised, and how they were settled"
        yield Sample("muster_doubts", told, count, {"how": how}, "counter")
    for step, took in (("opened", happenings.opened), ("usable", happenings.usable)):
        told = "From declaring an incident to its war room, and to the first people asked into it"
        yield Sample("muster_room_seconds", told, took, {"step": step}, "histogram")


def _late(workers: Workers) -> Iterator[Sample]:
    late = workers.ticker.late()
    yield Sample("muster_clock_late_seconds", "How late the look at what falls due is", workers.late)
    for name, seconds in late.items():
        yield Sample("muster_tick_late_seconds", "The same of each thing done regularly", seconds, {"tick": name})


def _slack(slack: Inbound) -> Iterator[Sample]:
    yield Sample("muster_slack_connected", "1 while Slack can reach us", float(slack.connected))
    yield Sample("muster_slack_refused", "1 while Slack refuses one of our tokens", float(bool(slack.health.refused)))
    told = "Requests signed with another secret than ours since the start (HTTP mode)"
    yield Sample("muster_slack_signature_mismatches", told, slack.mismatches, kind="counter")
    yield from _durations("muster_ack_seconds", "How long Slack waited for our answer", "kind", slack.acks.by_kind)


def _pagerduty(pagerduty: PagerDuty) -> Iterator[Sample]:
    """Webhooks by what became of them. `signature_mismatch`: well-formed, but signed with none of our secrets."""
    tally, health = pagerduty.webhook.tally, pagerduty.health
    outcomes = {
        "accepted": tally.accepted,
        "unsigned": tally.unsigned,
        "signature_mismatch": tally.unknown,
        "too_large": tally.too_large,
        "failed": tally.failed,
    }
    for name, count in outcomes.items():
        yield Sample(
            "muster_webhooks", "PagerDuty webhooks since the start, by outcome", count, {"outcome": name}, "counter"
        )
    answers = pagerduty.webhook.answers
    yield Sample("muster_webhook_seconds", "How long PagerDuty waited for our answer", answers, {}, "histogram")
    off, deaf = float(health.webhook_disabled), float(health.deaf_since is not None)
    yield Sample("muster_webhook_disabled", "1 while PagerDuty has switched our subscription off", off)
    yield Sample("muster_webhook_unheard", "1 while something happened there that no webhook told us", deaf)
    yield Sample("muster_pagerduty_up", "1 while PagerDuty answers what we ask", float(not health.trouble))
    yield Sample("muster_pagerduty_refused", "1 while PagerDuty refuses our token", float(health.refused))


def _watch(watchman: Watchman) -> Iterator[Sample]:
    raised = watchman.raised
    for condition in watchman.conditions:
        labels = {"condition": condition.name}
        yield Sample(
            "muster_alarm", "1 while an alarm about Muster itself is up", float(condition.name in raised), labels
        )
    for (name, action, fate), count in dict(watchman.sent).items():
        labels = {"condition": name, "action": action, "fate": fate}
        yield Sample("muster_alarms", "Alarms sent, by what became of them", count, labels, "counter")
    for fate in ("sent", "failed"):
        yield Sample("muster_heartbeats", "Signs of life", watchman.beats[fate], {"fate": fate}, "counter")


def _durations(name: str, told: str, label: str, found: Mapping[str, Durations]) -> Iterator[Sample]:
    for value, took in found.items():
        yield Sample(name, told, took, {label: value}, "histogram")
