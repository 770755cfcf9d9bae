"""What falls due when nobody acts: no commander, an overdue update, an unanswered page."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from bot.incident.ladder import climb, request
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.paging import PageUnanswered, waiting_since, waits_for_answer
from bot.incident.policy import Policy
from bot.incident.values import Value

MENTION = "no-commander/mention"
CALL = "no-commander/page"
UPDATE = "update"
PAGE = "page"


class Due(Value):
    """Something that falls due. `key` is unique within the incident and changes when what it waits for happens anew."""

    key: str
    at: AwareDatetime


class Nudged(Event, kind="nudged"):
    """Something fell due and the people concerned are told."""

    key: str

    def apply(self, i: Incident) -> Incident:
        return i.but(nudged=(*i.nudged, self.key))

    @property
    def about(self) -> str:
        """`no-commander/mention`, `no-commander/page` or `update`: the key without the moment that it counts from."""
        return next(about for about in (MENTION, CALL, UPDATE) if self.key.startswith(about))

    def line(self) -> str:
        return {
            MENTION: "Nobody has taken command yet",
            CALL: "Still nobody has taken command",
            UPDATE: "A status update is due",
        }[self.about]


class Snoozed(Event, kind="snoozed"):
    """Someone asked to be reminded later."""

    shown = False
    key: str
    until: AwareDatetime

    def apply(self, i: Incident) -> Incident:
        nudged = tuple(k for k in i.nudged if k != self.key)
        return i.but(snoozed={**i.snoozed, self.key: self.until}, nudged=nudged)

    def line(self) -> str:
        return f"{self.by.name} asked to be reminded later"


class Nudge(Command):
    """Something fell due: say so, unless it was done in the meantime (the ticker says it)."""

    key: str

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        wanted = next((d for d in due(i, case.policy) if d.key == self.key), None)
        if wanted is None or wanted.at > case.now:
            return []
        if self.key.startswith(f"{PAGE}/"):
            return _unanswered(case, i, int(self.key.split("/")[1]))
        return [Nudged(**case.stamp(), key=self.key), *_call_commanders(case, i, self.key)]


class Snooze(Command):
    """Remind me later, in so many minutes."""

    key: str
    minutes: int = 15

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        if not 1 <= self.minutes <= 24 * 60:
            raise Refused("A reminder can wait between 1 minute and 24 hours.")
        if self.key not in i.nudged:
            return []
        return [Snoozed(**case.stamp(), key=self.key, until=case.now + timedelta(minutes=self.minutes))]


def due(i: Incident, policy: Policy) -> list[Due]:
    """What will be overdue and when, from the state alone: the engine keeps these as timers."""
    if not i.is_open or i.drill:
        return []
    return [*_no_commander(i, policy), *_no_update(i, policy), *_no_answer(i, policy)]


def next_update(i: Incident, policy: Policy) -> datetime | None:
    """When the next status update is due, or None when none is."""
    every = policy.implied_by(i.severity).update_every
    return i.updated_at + timedelta(minutes=every) if every and i.is_open else None


def _no_commander(i: Incident, policy: Policy) -> Iterator[Due]:
    """A major incident without a commander; the time runs from when both became true, anew after each commander."""
    since = _major_since(i, policy)
    if since is None or i.commander is not None:
        return
    since = max(since, i.uncommanded or since)
    yield from _later(i, f"{MENTION}/{_moment(since)}", since, policy.paging.mention_without_commander)
    yield from _later(i, f"{CALL}/{_moment(since)}", since, policy.paging.page_without_commander)


def _no_update(i: Incident, policy: Policy) -> Iterator[Due]:
    every = policy.implied_by(i.severity).update_every
    if every:
        yield from _later(i, f"{UPDATE}/{_moment(i.updated_at)}", i.updated_at, every)


def _no_answer(i: Incident, policy: Policy) -> Iterator[Due]:
    for page in i.pages:
        if waits_for_answer(page):
            at = waiting_since(page) + timedelta(minutes=policy.paging.answer_within)
            yield Due(key=f"{PAGE}/{page.page}", at=at)


def _later(i: Incident, key: str, since: datetime, minutes: int) -> Iterator[Due]:
    if key not in i.nudged:
        at = since + timedelta(minutes=minutes)
        yield Due(key=key, at=max(at, i.snoozed.get(key, at)))


def _major_since(i: Incident, policy: Policy) -> datetime | None:
    """Since when the severity is major without a break, or None while it is not."""
    if not policy.implied_by(i.severity).major:
        return None
    since = i.moments.declared or i.updated_at
    for graded in reversed(i.severities):
        if not policy.implied_by(graded.severity).major:
            break
        since = graded.since
    return since


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"


def _unanswered(case: Case, i: Incident, number: int) -> list[Event]:
    """Nobody answered: on record, and by itself to the next level where the severity says so."""
    line = i.page(number)
    if line is None:
        return []
    silent = PageUnanswered(**case.stamp(), page=number, minutes=case.policy.paging.answer_within)
    return [silent, *climb(case, silent.apply(i), line)]


def _call_commanders(case: Case, i: Incident, key: str) -> list[Event]:
    """The commanders' schedule is paged, unless it is being called already."""
    target = case.policy.paging.commanders
    if target is None or not key.startswith(CALL):
        return []
    if any(p.target == target and waits_for_answer(p) for p in i.pages):
        return []
    return [request(case, i, target, why="nobody has taken command")]
