"""What Slack says of alerts: which joined, what their source says of them, and that all are clear."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.alerts import AlertJoined, AlertReported, AlertsClear, asks_back
from bot.incident.mirror import What
from bot.incident.model import Incident
from bot.incident.values import MUSTER
from bot.integrations.slack import actions, cards, sentences
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact

BOOKMARKED_ALERTS = 3


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case AlertJoined() as e:
            yield from _joined(fact, e)
        case AlertReported() as e:
            yield from _reported(fact, e)
        case AlertsClear():
            yield from fact.say(sentences.alerts_clear(fact.after), cards.resolve(fact.after))


def _joined(fact: Fact, e: AlertJoined) -> Iterator[Promise]:
    """A line and the people behind it. What a page of ours opened was told when it was paged."""
    fresh = (e.service.id,) if e.service and e.service.id and e.service.id not in _called(fact.before) else ()
    if not e.ours:
        yield from fact.news(sentences.alert_joined(e), *_back(fact))
    yield from fact.invite(f"alert/{e.source}/{e.alert}", e.assignees, () if e.ours else fresh)
    if len(fact.after.alerts) <= BOOKMARKED_ALERTS:
        where = "PagerDuty" if e.source == "pagerduty" else e.source
        yield from fact.bookmark(f"{where} · {e.title[:60]}", e.url)


def _called(before: Incident | None) -> set[str]:
    """The services whose on-call was invited already: all, unless this is the alert that the incident began with."""
    if before is None or (before.declared_by == MUSTER and not before.alarms):
        return set()
    return {s.id for s in before.services}


def _back(fact: Fact) -> list[Button]:
    """While monitoring, what fires again asks whether to go back to investigating."""
    if not asks_back(fact.event, fact.before):
        return []
    return [Button(label="Back to investigating?", action=actions.SET_STATUS, value=f"{fact.n}/investigating")]


def _reported(fact: Fact, e: AlertReported) -> Iterator[Promise]:
    if e.what in sentences.HEARD and not _told_as_answer(fact, e):
        yield from fact.news(sentences.alert_reported(e), *_back(fact))
    if e.what is What.ACKNOWLEDGED:
        yield from fact.invite(e.by.id, [e.by])
    if e.what is What.RESPONDER_ADDED and e.person:
        yield from fact.invite(e.person.id, [e.person])


def _told_as_answer(fact: Fact, e: AlertReported) -> bool:
    """Whether it is the acknowledgement of a page of ours: that somebody answered the page says so already."""
    line = fact.after.alert(e.source, e.alert)
    return e.what is What.ACKNOWLEDGED and line is not None and line.ours
