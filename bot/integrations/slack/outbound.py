"""What Slack makes of a fact: sentences for what people must notice, refreshed cards for the rest. Pure."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from bot.engine.effects import AlertAnnouncer, FactAnnouncer, Promise
from bot.incident.alerts import AlertGraded, AlertJoined, AlertReported, AlertSeen
from bot.incident.lifecycle import Canceled, Declared, Edited, Reopened, Resolved
from bot.incident.mirror import Alert, What
from bot.incident.model import Event, Incident
from bot.incident.notes import Redacted
from bot.incident.paging import (
    LadderEnded,
    NobodyToPage,
    PageAnswered,
    PageFailed,
    PageRequested,
    PageSent,
    PageUnanswered,
)
from bot.incident.policy import Policy
from bot.incident.review import DraftReady
from bot.incident.rooms import GOES_ON, CardReplaced, PeopleInvited, StepFailed
from bot.incident.severity import SeverityChanged
from bot.incident.status import StatusChanged
from bot.incident.upkeep import RoomUnarchived
from bot.incident.values import MUSTER, PageLine, TargetKind
from bot.integrations.slack import (
    actions,
    cards,
    sentences,
    told_alerts,
    told_catchup,
    told_links,
    told_nudges,
    told_roles,
    told_rooms,
    told_runs,
    told_tasks,
    told_timeline,
    told_updates,
    told_upkeep,
)
from bot.integrations.slack import effects as slack
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.effects import Button
from bot.integrations.slack.errors import BY_HAND, REASONS
from bot.integrations.slack.fact import Fact, Places
from bot.integrations.slack.text import channel_name

QUIET_STEPS = ("post ", "bring ", "take the redacted ")
"""Failures that the card shows and no sentence tells: a sentence that fails must not give rise to the next."""
ELSEWHERE = ("announce it", "bring the announcement", "tell ", "post the alert", "bring the alert")
"""Steps that have nothing to do with the room."""
SHUT = frozenset([BY_HAND, *(REASONS[code] for code in ("is_archived", "channel_not_found", "not_in_channel"))])
UNSEEN = (
    "seq",
    "news_at",
    "recent_notes",
    "marked",
    "members",
    "left",
    "followers",
    "images",
    "offered",
    "gone",
    "amended",
)
"""What of an incident no card shows."""
GATHERS = timedelta(seconds=4)
"""How long the card of a storm waits for more alerts: Slack lets all cards together be edited 50 times a minute."""
CROWDING = (AlertJoined, AlertReported, AlertSeen, AlertGraded)
"""Facts that come by the hundred then; what a person does is shown at once."""
LATER = "What it has to say waits, and is posted once it can be."


def announcer(places: Places) -> FactAnnouncer:
    """What Slack makes of facts, where these shared channels are set up."""

    def facts(event: Event, before: Incident | None, after: Incident, policy: Policy) -> Iterable[Promise]:
        fact = Fact(event, before, after, policy, places)
        for told in (*TOPICS, _refreshed):
            yield from map(fact.here, told(fact))

    return facts


def _told_first(fact: Fact) -> Iterator[Promise]:
    """What the facts of the incident's life, its room and its pages say aloud, and to whom."""
    after = fact.after
    match fact.event:
        case Declared() as e:
            yield from _opened(fact, e)
        case StatusChanged() as e:
            yield from fact.news(sentences.status_changed(e))
        case SeverityChanged() as e:
            yield from fact.news(sentences.severity_changed(e, fact.policy))
        case Resolved() as e:
            left = told_tasks.keep_buttons(after)
            text = f"{sentences.resolved(e, after, fact.wording)}{told_tasks.left_open(after)}"
            yield from fact.say(text, cards.form(after, "Reopen", "reopen"), *left)
        case Reopened() as e:
            yield from fact.say(sentences.reopened(e, after))
        case Canceled() as e:
            yield from fact.say(sentences.canceled(e, after))
        case Edited() as e:
            yield from fact.news(sentences.edited(e))
        case PageRequested() as e:
            yield from fact.news(sentences.page_requested(e))
        case PageSent() as e:
            yield from fact.news(sentences.page_sent(e))
        case PageFailed(above_top=False) as e:
            yield from _by_hand(fact, e.page, sentences.page_failed(e, after))
        case PageAnswered() as e:
            yield from _page_answered(fact, e)
        case PageUnanswered() as e:
            yield from _page_unanswered(fact, e)
        case LadderEnded() as e:
            yield from _by_hand(fact, e.page, sentences.ladder_ended())
        case NobodyToPage() as e:
            yield from _nobody_to_page(fact, e)
        case PeopleInvited() as e:
            yield from fact.say(sentences.uninvited(e)) if e.missing else ()
        case StepFailed() as e:
            yield from _step_failed(fact, e)
        case CardReplaced():
            yield Promise(slack.PinCard(incident=fact.n), fact.key("pin"))
        case DraftReady() as e:
            yield from _draft_ready(fact, e)


TOPICS: tuple[Callable[[Fact], Iterable[Promise]], ...] = (
    told_upkeep.told,
    _told_first,
    told_roles.told,
    told_timeline.told,
    told_alerts.told,
    told_nudges.told,
    told_tasks.told,
    told_catchup.told,
    told_updates.told,
    told_links.told,
    told_runs.told,
    told_rooms.told,
)
"""What each fact says aloud, and to whom: the one place where facts meet Slack. A topic is silent on others' facts."""


def _refreshed(fact: Fact) -> Iterator[Promise]:
    """The cards and the topic, only where what they show is another than before.

    In an archived room nothing can be drawn; it is drawn anew once people can write there again.
    """
    if fact.before is None or not fact.in_room or fact.moves:
        return
    before, after, policy = fact.before, fact.after, fact.policy
    redrawn, bridged = isinstance(fact.event, Redacted | RoomUnarchived), _sets_bridge(fact.event)
    if not (redrawn or bridged) and _look_alike(before, after):
        return
    can = redrawn or after.room is None or after.room.archived is None
    if can and (redrawn or bridged or _is_another_card(before, after, policy)):
        gathers = GATHERS if after.storm and isinstance(fact.event, CROWDING) else timedelta(0)
        yield Promise(slack.RefreshCard(incident=fact.n), fact.key("refresh-card"), gathers=gathers)
    if can and (redrawn or cards.topic(before, policy) != cards.topic(after, policy)):
        yield Promise(slack.SetTopic(incident=fact.n), fact.key("topic"))
    if fact.announced and (redrawn or _announced(fact, before) != _announced(fact, after)):
        yield Promise(slack.RefreshAnnouncement(incident=fact.n), fact.key("refresh-announcement"))


def _look_alike(before: Incident, after: Incident) -> bool:
    """Whether only what no card shows has changed, as with a note: this is quicker by far than to draw all twice."""
    return before.but(**{name: getattr(after, name) for name in UNSEEN}) == after


def _is_another_card(before: Incident, after: Incident, policy: Policy) -> bool:
    """Whether the card shows something else. Every alert of a storm moves its counts: there nothing has to be drawn."""
    if after.storm and before.alerts != after.alerts:
        return True
    return _card(before, policy) != _card(after, policy)


def _announced(fact: Fact, i: Incident) -> Message:
    return announcement(i, fact.policy, fact.wording)


def _card(i: Incident, policy: Policy) -> Message:
    troubles = tuple(cards.Trouble(step, reason) for step, reason in i.failed_steps.items())
    return cards.room_card(cards.CardState(i, policy, troubles=troubles))


def _sets_bridge(event: Event) -> bool:
    return isinstance(event, AlertReported) and event.what is What.BRIDGE


def _opened(fact: Fact, e: Declared) -> Iterator[Promise]:
    """The room, and everything that goes out side by side as soon as it is there."""
    n, i = fact.n, fact.after
    yield Promise(slack.OpenRoom(incident=n, name=channel_name(n, i.title), private=i.private), f"room/{n}")
    yield Promise(slack.PostCard(incident=n), f"card/{n}")
    if e.by != MUSTER:  # what an alert begins, the alert invites: its assignees and the on-call in one call
        on_call = () if e.quiet else tuple(s.id for s in i.services if s.id)
        yield from fact.invite("first", [e.by], on_call)
    yield Promise(slack.SetTopic(incident=n), f"topic/{n}")
    yield Promise(slack.PinCard(incident=n), f"pin/{n}")
    yield from fact.bookmark("Where it came from", e.source)
    yield from fact.bookmark("Bridge", fact.places.bridge, plain="Bridge")
    if fact.announced:
        yield Promise(slack.PostAnnouncement(incident=n), f"announcement/{n}")


def _nobody_to_page(fact: Fact, e: NobodyToPage) -> Iterator[Promise]:
    said = sentences.plainly(e)
    yield from fact.say(f"*{said}.*", cards.form(fact.after, "Page", "page"))
    yield from fact.tell(fact.after.declared_by, "that nobody was paged", f"{fact.after.name}: {said}.")


def _by_hand(fact: Fact, page: int, text: str) -> Iterator[Promise]:
    """No page will bring anybody: the room, and in private who answers for it, are told whom to call.

    The on-call are mentioned, the room gets their names; numbers go to private messages only.
    """
    line = fact.after.page(page)
    call = (line.target,) if line else ()
    yield from fact.say(text, call=call, wake=tuple(t.id for t in call if t.kind is TargetKind.SERVICE))
    concerned = {p.id: p for p in (fact.after.declared_by, fact.after.commander) if p}
    for person in concerned.values():
        yield from fact.tell(person, "whom to call by hand", f"{fact.after.name}: {text}", call=call)


def _page_answered(fact: Fact, e: PageAnswered) -> Iterator[Promise]:
    yield from fact.news(sentences.page_answered(e, fact.after), *([] if e.accepted else [_page_next(fact, e.page)]))
    yield from fact.invite(e.by.id, [e.by])


def _page_unanswered(fact: Fact, e: PageUnanswered) -> Iterator[Promise]:
    """Who is next: by itself where the severity climbs (the next fact says so), else by a button, else by hand."""
    line = fact.after.page(e.page)
    text = sentences.page_unanswered(e, fact.after)
    if fact.policy.implied_by(fact.after.severity).climbs:
        yield from fact.say(text)
    elif line is None or _is_last(line, fact.policy):
        yield from _by_hand(fact, e.page, f"{text} {sentences.ladder_ended()}")
    else:
        yield from fact.say(text, _page_next(fact, e.page))


def _is_last(line: PageLine, policy: Policy) -> bool:
    """Whether nobody is to be paged after this page."""
    if line.target.kind is TargetKind.USER:
        return policy.paging.commanders in (None, line.target)
    return line.level >= policy.paging.levels or line.above_top


def _page_next(fact: Fact, page: int) -> Button:
    return Button(label="Page next level", action=actions.PAGE_NEXT, value=f"{fact.n}/{page}", primary=True)


def _draft_ready(fact: Fact, e: DraftReady) -> Iterator[Promise]:
    yield from fact.say(sentences.draft_ready(e))
    yield Promise(slack.UploadDraft(incident=fact.n, version=e.version), f"draft/{fact.n}/{e.version}")


def _step_failed(fact: Fact, e: StepFailed) -> Iterator[Promise]:
    """The room is told; while there is none, or none that can be written to, those who answer for the incident."""
    has_retry = "" if e.reason.endswith(GOES_ON) else "has *Retry*."
    show = f"`/incident show {fact.after.name}` {has_retry or 'shows it.'}"
    if fact.after.room is None:
        told = f"{fact.after.name}: {sentences.plainly(e)}. {show}"
        yield from fact.tell(fact.after.declared_by, "that its room is not there", told)
    elif _is_shut(e.step, e.reason):
        if not any(_is_shut(*failed) for failed in (fact.before or fact.after).failed_steps.items()):
            yield from _shut(fact, f"{fact.after.name}: Muster cannot write in its room: {e.reason}. {LATER} {show}")
    elif not e.step.startswith(QUIET_STEPS):
        yield from fact.say(f"{sentences.plainly(e)}. The card {has_retry or 'shows it.'}")


def _is_shut(step: str, reason: str) -> bool:
    """Whether a step failed because of the room itself, so that telling it there would fail, too."""
    return reason in SHUT and not step.startswith(ELSEWHERE)


def _shut(fact: Fact, text: str) -> Iterator[Promise]:
    """Everybody who has a duty here, and the declarer, in private."""
    concerned = {p.id: p for p in (fact.after.declared_by, *(held.person for held in fact.after.holdings))}
    for person in concerned.values():
        yield from fact.tell(person, "that its room is shut", text)


def alert_announcer(places: Places) -> AlertAnnouncer:
    """What Slack makes of alerts that belonged to no incident: a card in the triage channel, kept up to date."""

    def alerts(before: Alert | None, after: Alert, policy: Policy) -> Iterable[Promise]:
        if not places.triage or not after.wants_triage(policy):
            return
        key = slack.triage_key(after.source, after.id)
        if not after.dismissed and not after.clear and after.incident is None:
            yield Promise(slack.PostTriage(source=after.source, alert=after.id), key)
        if before is not None and before.wants_triage(policy):
            refresh = slack.RefreshTriage(source=after.source, alert=after.id)
            yield Promise(refresh, f"{key}/{len(after.reports)}{_became(after)}")

    return alerts


def _became(alert: Alert) -> str:
    """What an alert's triage card shows beyond its reports, for the key of the promise to show it."""
    became = f"/joined/{alert.incident}" if alert.incident else "/dismissed" if alert.dismissed else ""
    left = f"/left/{len(alert.unrelated)}" if alert.unrelated else ""
    return f"{became}{left}" + (f"/{alert.worth}" if alert.worth else "")
