"""What PagerDuty makes of a fact: which facts page, resolve, acknowledge or leave a note there."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.alerts import AlertJoined
from bot.incident.lifecycle import Canceled, Resolved
from bot.incident.merging import AlertsBrought
from bot.incident.mirror import OWN_KEY
from bot.incident.model import Event, Incident
from bot.incident.paging import PageAnswered, PageRequested, PageSent
from bot.incident.policy import Policy
from bot.incident.privacy import is_for_all
from bot.incident.rooms import RoomOpened
from bot.incident.values import Service
from bot.integrations.pagerduty.effects import SYSTEM, AcknowledgeThere, NoteThere, Page, ResolveAllThere, ResolveThere

NOTED = 20
"""So many alerts that come over in a merge get a note: a storm brings thousands."""
SINGLY = 20
"""So many alerts are resolved each with a call of its own, which can say its title where it fails."""
TOGETHER = 100
"""So many are resolved by one call; PagerDuty takes 250, but a try has to end while it is ours to make."""


def announce(fact: Event, before: Incident | None, after: Incident, policy: Policy) -> Iterator[Promise]:
    """The promises of a fact. Pure."""
    match fact:
        case PageRequested():
            yield Promise(_page(fact, after, policy.command), page_key(after.number, fact.page))
        case PageSent():
            yield from _once_sent(fact, after)
        case PageAnswered(accepted=True) if fact.by.system == "slack":
            yield from _acknowledge(fact, after)
        case RoomOpened():
            for outside, name in _told_of_room(after).items():
                yield from _note(after, outside, name)
        case AlertJoined(source="pagerduty") if not (after.storm and _is_known(fact.service, before)):
            yield from _note(after, fact.alert, fact.title)
        case AlertsBrought():
            for alert in [a for a in fact.alerts if a.source == SYSTEM and not a.clear][:NOTED]:
                yield from _note(after, alert.id, alert.title)
        case Resolved() | Canceled():
            yield from _resolve_all(fact, after)


def page_key(incident: int, page: int) -> str:
    """The page's key, and the incident key of what it opens in PagerDuty: that is how it is found and known as ours."""
    return f"{OWN_KEY}INC-{incident}/page-{page}"


def _page(fact: PageRequested, i: Incident, command: str) -> Page:
    return Page(
        incident=i.number,
        page=fact.page,
        target=fact.target,
        level=fact.level,
        title=f"[{i.severity.label}] {i.name}: {_title(i)}",
        details=_details(fact, i, command),
        outside=fact.outside,
        services=tuple(s.id for s in i.services if s.id),
    )


def _title(i: Incident) -> str:
    """What it is called where people who are not in it read along."""
    return i.title if is_for_all(i) else "private incident"


def _details(fact: PageRequested, i: Incident, command: str) -> str:
    """What the one who is called reads first."""
    lines = [f"{fact.by.name} pages you about {i.name}."]
    if fact.why and is_for_all(i) and fact.why != i.title:
        lines.append(f"Why: {fact.why}")
    if i.room and i.room.url:
        lines.append(f"War room: {i.room.url}")
    lines.append(f"Acknowledge here, or say `{command} ack` in the war room.")
    return "\n".join(lines)


def _once_sent(fact: PageSent, i: Incident) -> Iterator[Promise]:
    """The page's incident gets the room's link; when all was over before it went out, it is called off."""
    if i.is_open:
        yield from _note(i, fact.outside, _title(i))
        return
    yield _resolving(fact, i, fact.outside, _title(i), only_ours=True)


def _acknowledge(fact: PageAnswered, i: Incident) -> Iterator[Promise]:
    line = i.page(fact.page)
    if line is None or not line.outside:
        return
    effect = AcknowledgeThere(incident=i.number, outside=line.outside, name=_title(i), person=fact.by)
    yield Promise(effect, f"acknowledge-there/{i.number}/{fact.page}")


def _note(i: Incident, outside: str, name: str) -> Iterator[Promise]:
    """Nothing about a private incident leaves its room."""
    if i.room is None or not is_for_all(i) or i.drill or not i.is_open:
        return
    words = f"{i.name}: work on this is going on in the war room #{i.room.name} {i.room.url}".rstrip()
    effect = NoteThere(incident=i.number, outside=outside, name=name, words=words)
    yield Promise(effect, f"note-there/{i.number}/{outside}")


def _resolve_all(fact: Resolved | Canceled, i: Incident) -> Iterator[Promise]:
    """Called off as a false alarm, only our own pages end: what monitoring sees is monitoring's to clear."""
    there, ours = _all_there(i), _ours(i)
    own = {outside: name for outside, name in there.items() if outside in ours}
    if isinstance(fact, Canceled):
        for outside, name in own.items():
            yield _resolving(fact, i, outside, name, only_ours=True)
        return
    alerts = [outside for outside in there if outside not in own]
    together = alerts if len(alerts) > SINGLY else []
    for outside, name in (own if together else there).items():
        yield _resolving(fact, i, outside, name)
    for start in range(0, len(together), TOGETHER):
        yield _resolving_many(fact, i, tuple(together[start : start + TOGETHER]), start + 1)


def _resolving_many(fact: Event, i: Incident, outside: tuple[str, ...], first: int) -> Promise:
    effect = ResolveAllThere(incident=i.number, outside=outside, first=first, words=_ended_by(fact, i))
    return Promise(effect, f"resolve-there/{i.number}/{i.seq}/{first}")


def _resolving(fact: Event, i: Incident, outside: str, name: str, *, only_ours: bool = False) -> Promise:
    words = _ended_by(fact, i)
    effect = ResolveThere(incident=i.number, outside=outside, name=name, words=words, only_ours=only_ours)
    return Promise(effect, f"resolve-there/{i.number}/{i.seq}/{outside}")


def _ended_by(fact: Event, i: Incident) -> str:
    return f"{fact.by.name} ended {i.name} in Muster." if is_for_all(i) else "This was ended in Muster."


def _is_known(service: Service | None, before: Incident | None) -> bool:
    """Whether an alert of the service was there before."""
    if service is None or before is None:
        return False
    return any(a.service == service.name for a in before.alarms)


def _told_of_room(i: Incident) -> dict[str, str]:
    """Where to leave the room's address: everywhere; in a storm at one alert of each service."""
    there = _all_there(i)
    if not i.storm:
        return there
    first = set({a.service: a.id for a in reversed(i.alarms)}.values())
    return {id: name for id, name in there.items() if id in first}


def _ours(i: Incident) -> set[str]:
    """What a page of ours may have opened there, or called to: where the page went, and what has our key."""
    return {p.outside for p in i.pages} | {a.id for a in i.alerts if a.ours}


def _all_there(i: Incident) -> dict[str, str]:
    """Every PagerDuty incident that this one is about and that is not clear yet: its alerts and its pages, by id."""
    cleared = {a.id for a in i.alerts if a.source == SYSTEM and a.clear}
    paged = {p.outside: _title(i) for p in i.pages if p.outside}
    alerts = {a.id: a.title or a.service for a in i.alerts if a.source == SYSTEM}
    return {id: name for id, name in (paged | alerts).items() if id not in cleared}
