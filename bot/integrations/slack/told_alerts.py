"""What Slack says of alerts: which joined, what their source says of them, which left, and that all are clear."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.alerts import AlertGraded, AlertJoined, AlertLeft, AlertReported, AlertsClear, asks_back
from bot.incident.mirror import What
from bot.incident.storms import StormBegan
from bot.incident.values import MUSTER, Service
from bot.integrations.slack import actions, cards, sentences
from bot.integrations.slack.asking import run
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.storm_invitations import InviteToStorm
from bot.integrations.slack.text import cut, escape, link, name

BOOKMARKED_ALERTS = 3
TOLD_SINGLY = 3
"""So many alerts of an incident are told one by one; of more only what is new about them."""
CROWD = 5
"""With more alerts than this, what becomes of each is for the card and the timeline; what people write is told."""
WRITTEN = frozenset({What.NOTE, What.RESPONDER_ADDED, What.RESPONDER_REPLIED, What.STATUS_UPDATE, What.BRIDGE})


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case StormBegan():
            yield from _storm(fact)
        case AlertJoined() as e:
            yield from _joined(fact, e)
        case AlertGraded() as e:
            yield from _graded(fact, e)
        case AlertReported() as e:
            yield from _reported(fact, e)
        case AlertLeft(along=False) as e:
            yield from _left(fact, e)
        case AlertsClear():
            yield from fact.say(sentences.alerts_clear(fact.after), cards.resolve(fact.after))


def _storm(fact: Fact) -> Iterator[Promise]:
    text = (
        "Many services alert at once, so this room is for all of them. While that goes on, no alert opens a room of "
        "its own. *Split off* what needs one."
    )
    yield from fact.say(text, run("All alerts", fact.n, "alerts"))


def _joined(fact: Fact, e: AlertJoined) -> Iterator[Promise]:
    """A line and the people behind it. What a page of ours opened was told when it was paged."""
    if not e.ours and _is_news(fact, e):
        yield from fact.news(_joined_text(fact, e), *_back(fact), *_choices(fact, e))
    yield from _invited(fact, e)
    if len(fact.after.alerts) <= BOOKMARKED_ALERTS:
        where = "PagerDuty" if e.source == "pagerduty" else e.source
        yield from fact.bookmark(f"{where} · {e.title[:60]}", e.url, plain=where)


def _is_news(fact: Fact, e: AlertJoined) -> bool:
    """Whether the room must notice: the first few, a further service, the first that fires again.

    A storm names so many services that are new to it, and as many that may deserve an incident of their own.
    """
    before, after, most = fact.before, fact.after, fact.policy.storm.named
    fresh = before is not None and e.service is not None and e.service not in before.services
    if not after.storm:
        return len(after.alarms) <= TOLD_SINGLY or fresh or (before is not None and before.alerts_clear)
    return (fresh and len(after.services) <= most) or (e.severity is not None and _is_gravest(fact, e.alert))


def _is_gravest(fact: Fact, alert: str) -> bool:
    """Whether it is the gravest of its service so far, among the first few services that may deserve their own."""
    grave = {a.id: a for a in fact.after.alarms if a.severity is not None}
    mine = grave.get(alert)
    if mine is None or mine.severity is None or len({a.service for a in grave.values()}) > fact.policy.storm.named:
        return False
    others = (a.severity for a in grave.values() if a.service == mine.service and a is not mine)
    return all(other is not None and mine.severity < other for other in others)


def _joined_text(fact: Fact, e: AlertJoined) -> str:
    if not fact.after.storm:
        return sentences.alert_joined(e, fact.after)
    what, where = link(e.url, cut(e.title, 200)), escape(e.service.name) if e.service else "An alert"
    severity = fact.policy.severity(e.severity) if e.severity is not None else None
    return f"*{where}* fires as {escape(severity.label)}: {what}." if severity else f"*{where}* fires, too: {what}."


def _graded(fact: Fact, e: AlertGraded) -> Iterator[Promise]:
    if _is_gravest(fact, e.alert):
        where = escape(e.service or "An alert")
        text = f"*{where}* is {escape(e.label)} now: {escape(cut(e.title, 200))}."
        yield from fact.news(text, *_choices(fact, e))


def _choices(fact: Fact, e: AlertJoined | AlertGraded) -> list[Button]:
    """What can be done about an alert here. The only one of an incident cannot be split off."""
    which = f"{fact.n}/{e.source}/{e.alert}"
    split = Button(label="Split off", action=actions.SPLIT_OFF, value=which)
    apart = Button(label="Not related", action=actions.NOT_RELATED, value=which)
    return [split, apart] if len(fact.after.alarms) > 1 else [apart]


def _invited(fact: Fact, e: AlertJoined) -> Iterator[Promise]:
    """The people behind it; in a storm each of them once, and the on-call of its services all together."""
    if not fact.after.storm:
        yield from fact.invite(f"alert/{e.source}/{e.alert}", e.assignees, () if e.ours else _fresh(fact, e))
        return
    for person in e.assignees:
        yield from fact.invite(person.id, [person])
    if not e.ours and e.service and _is_new(fact, e.service):
        yield Promise(InviteToStorm(incident=fact.n, called_at=fact.event.at), fact.key("invite-to-storm"))


def _is_new(fact: Fact, service: Service) -> bool:
    """Whether it is the first alert of its service."""
    return not any(a.service == service.name for a in (fact.before or fact.after).alarms)


def _fresh(fact: Fact, e: AlertJoined) -> tuple[str, ...]:
    """The service, unless its on-call was invited already: all are, unless the incident began with this alert."""
    before = fact.before
    if e.service is None or not e.service.id:
        return ()
    begins = before is None or (before.declared_by == MUSTER and not before.alarms)
    called = set() if before is None or begins else {s.id for s in before.services}
    return () if e.service.id in called else (e.service.id,)


def _back(fact: Fact) -> list[Button]:
    """While monitoring, what fires again asks whether to go back to investigating."""
    if not asks_back(fact.event, fact.before):
        return []
    return [Button(label="Back to investigating?", action=actions.SET_STATUS, value=f"{fact.n}/investigating")]


def _left(fact: Fact, e: AlertLeft) -> Iterator[Promise]:
    """Who took what out, and where it is now."""
    count = sum(a.service == e.service for a in fact.before.alarms) if fact.before and fact.before.storm else 1
    what = f"*{escape(e.service)}*" if count > 1 else f"“{escape(cut(e.title, 200))}”"
    with_all = f" with its {count} alerts" if count > 1 else ""
    if e.into is not None:
        yield from fact.news(f"{name(e.by)} split {what} off{with_all}. It goes on as INC-{e.into}.")
        return
    where = " It waits for a decision in the triage channel." if fact.places.triage else ""
    undo = Button(label="Take it back", action=actions.JOIN_ALERT, value=f"{fact.n}/{e.source}/{e.alert}")
    yield from fact.news(f"{name(e.by)} took {what} out{with_all}: not related.{where}", undo)


def _reported(fact: Fact, e: AlertReported) -> Iterator[Promise]:
    if e.what in sentences.HEARD and not _told_as_answer(fact, e) and not _is_one_of_many(fact, e):
        yield from fact.news(sentences.alert_reported(e), *_back(fact))
    if e.what is What.ACKNOWLEDGED:
        yield from fact.invite(e.by.id, [e.by])
    if e.what is What.RESPONDER_ADDED and e.person:
        yield from fact.invite(e.person.id, [e.person])


def _is_one_of_many(fact: Fact, e: AlertReported) -> bool:
    """Whether it is one turn of one alert in a crowd; the first that fires again after all were clear is news."""
    if e.what in WRITTEN or len(fact.after.alarms) <= CROWD:
        return False
    return not (fact.before is not None and fact.before.alerts_clear and not fact.after.alerts_clear)


def _told_as_answer(fact: Fact, e: AlertReported) -> bool:
    """Whether it is the acknowledgement of a page of ours: that somebody answered the page says so already."""
    line = fact.after.alert(e.source, e.alert)
    return e.what is What.ACKNOWLEDGED and line is not None and line.ours
