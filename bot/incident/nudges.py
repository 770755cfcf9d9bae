"""What falls due when nobody acts: no commander, an overdue update, an unanswered page."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from bot.incident.chasing import follow_ups, not_taken_on, overdue
from bot.incident.dues import Due, about_of, asked_of, later, stamp_of
from bot.incident.flapping import flapping
from bot.incident.ladder import climb, request
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.notes import GONE
from bot.incident.paging import PageUnanswered, waiting_since, waits_for_answer
from bot.incident.policy import Policy
from bot.incident.runs import owners_asked
from bot.incident.values import Actor
from bot.incident.watching import commander_gone, concerned, drill_tidied_up, idle, relief, room_shut, tidied_up

MENTION = "no-commander/mention"
CALL = "no-commander/page"
UPDATE = "update"
PAGE = "page"
AGAIN = "again"
"""How the keys begin of what was asked in private and is now put to the room: `again/update/<when it was asked>`."""
SENTENCES = {
    MENTION: "Nobody has taken command yet",
    CALL: "Still nobody has taken command",
    UPDATE: "A status update is due",
}
"""What the timeline says of those that bring no words of their own."""


class Nudged(Event, kind="nudged"):
    """Something fell due and the people concerned are told: those named in private, the room where nobody is."""

    news = False
    key: str
    to: tuple[Actor, ...] = ()
    text: str = ""
    quote: str = ""

    def apply(self, i: Incident) -> Incident:
        earlier = {key: at for key, at in i.asked.items() if about_of(key) != self.about}
        return i.but(nudged=(*i.nudged, self.key), asked={**earlier, self.key: self.at})

    @property
    def about(self) -> str:
        """`no-commander/mention`, `update`, `task/3`: the key without the moment that it counts from."""
        return about_of(self.key)

    def line(self) -> str:
        said = self.text or SENTENCES.get(self.about, "A reminder fell due")
        return f"{said}: {self.quote}" if self.quote else said

    def redacted(self) -> "Nudged":
        return self.model_copy(update={"quote": GONE if self.quote else ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.quote,) if self.quote else ()


class Snoozed(Event, kind="snoozed"):
    """Someone asked to be reminded later; or Muster waits with what is not urgent until they are at work."""

    shown = False
    news = False
    key: str
    until: AwareDatetime

    def apply(self, i: Incident) -> Incident:
        nudged = tuple(k for k in i.nudged if k != self.key)
        return i.but(snoozed={**i.snoozed, self.key: self.until}, nudged=nudged, asked=_without(i, self.key))

    def line(self) -> str:
        return f"{self.by.name} asked to be reminded later"


class PromptAnswered(Event, kind="prompt_answered"):
    """Someone said that what was asked for is not needed: it is not asked again until it falls due anew."""

    shown = False
    key: str

    def apply(self, i: Incident) -> Incident:
        return i.but(asked=_without(i, self.key))

    def line(self) -> str:
        return f"{self.by.name} said that it is not needed: {SENTENCES.get(about_of(self.key), about_of(self.key))}"


class Nudge(Command):
    """Something fell due: say so, unless it was done in the meantime (the ticker says it).

    What is not urgent waits for the working hours of whom it is put to, and is judged anew then.
    """

    key: str

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        wanted = next((d for d in due(i, case.policy) if d.key == self.key), None)
        if wanted is None or wanted.at > case.now:
            return []
        if self.key.startswith(f"{PAGE}/"):
            return _unanswered(case, i, int(self.key.split("/")[1]))
        until = None if wanted.urgent else _at_work(case, wanted.to)
        if until is not None:
            return [Snoozed(**case.stamp(), key=self.key, until=until)]
        told = Nudged(**case.stamp(), key=self.key, to=wanted.to, text=wanted.text, quote=wanted.quote)
        return [told, *_call_commanders(case, i, self.key)]


class Snooze(Command):
    """Remind me later, in so many minutes or as is usual here; another time where I said one already.

    After the end only of what is asked for then.
    """

    key: str
    minutes: int | None = None

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        if self.key not in standing(i, case.policy):
            case.require_open()
        minutes = case.policy.watching.snooze if self.minutes is None else self.minutes
        if not 1 <= minutes <= 24 * 60:
            raise Refused("A reminder can wait between 1 minute and 24 hours.")
        until = case.now + timedelta(minutes=minutes)
        if self.key not in i.nudged and i.snoozed.get(self.key, until) == until:
            return []
        return [Snoozed(**case.stamp(), key=self.key, until=until)]


class AnswerPrompt(Command):
    """What was asked for is not needed."""

    key: str

    def decide(self, case: Case) -> list[Event]:
        return [PromptAnswered(**case.stamp(), key=self.key)] if self.key in case.incident.asked else []


def due(i: Incident, policy: Policy) -> list[Due]:
    """What will be overdue and when, from the state alone: the engine keeps these as timers.

    In a drill nobody is asked for anything; its room is tidied up.
    """
    if i.drill:
        return [] if i.is_open else list(drill_tidied_up(i, policy))
    return [one for rule in (RULES if i.is_open else AFTER) for one in rule(i, policy)]


def standing(i: Incident, policy: Policy) -> dict[str, Due]:
    """By key what holds still, also where it was asked for or put off; what was done in the meantime is not in it."""
    return {one.key: one for one in due(i.but(nudged=(), snoozed={}, asked={}), policy)}


def next_update(i: Incident, policy: Policy) -> datetime | None:
    """When the next status update is due, or None when none is: as promised in the last one, else by the severity.

    What was promised before the severity changed no longer counts. Where somebody said that none is needed, none is
    due until the status changes.
    """
    if not i.is_open or _is_answered(i, update_key(i)):
        return None
    if i.update and i.next_due and i.next_due > i.updated_at and _graded_at(i) <= i.update.at:
        return i.next_due
    every = policy.implied_by(i.severity).update_every
    return i.updated_at + timedelta(minutes=every) if every else None


def update_key(i: Incident) -> str:
    """What the prompt for the next status update is known by."""
    return f"{UPDATE}/{stamp_of(i.updated_at)}"


def _graded_at(i: Incident) -> datetime:
    """Since when the severity is what it is."""
    return i.severities[-1].since if i.severities else i.updated_at


def _is_answered(i: Incident, key: str) -> bool:
    """Whether it was asked for, and somebody said that it is not needed."""
    return key in i.nudged and key not in i.asked


def _no_commander(i: Incident, policy: Policy) -> Iterator[Due]:
    """A major incident without a commander; the time runs from when both became true, anew after each commander."""
    since = _major_since(i, policy)
    if since is None or i.commander is not None:
        return
    since = max(since, i.uncommanded or since)
    yield from later(i, f"{MENTION}/{stamp_of(since)}", since, policy.paging.mention_without_commander)
    yield from later(i, f"{CALL}/{stamp_of(since)}", since, policy.paging.page_without_commander)


def _no_update(i: Incident, policy: Policy) -> Iterator[Due]:
    at = next_update(i, policy)
    if at:
        yield from later(i, update_key(i), at, 0, to=asked_of(i))


def _no_answer(i: Incident, policy: Policy) -> Iterator[Due]:
    for page in i.pages:
        if waits_for_answer(page):
            at = waiting_since(page) + timedelta(minutes=policy.paging.answer_within)
            yield Due(key=f"{PAGE}/{page.page}", at=at)


def _unheard(i: Incident, policy: Policy) -> Iterator[Due]:
    """At a major severity what was asked in private and not answered is put to the room, as long as it holds.

    In a room that is archived nobody would read it: there everybody else who has a duty is asked.
    """
    if not i.asked or not policy.implied_by(i.severity).major:
        return
    holds, within = standing(i, policy), policy.watching.answer_within
    for key, since in i.asked.items():
        told = holds.get(key)
        if told is None or not told.to or not told.urgent:
            continue
        shut = i.room is not None and i.room.archived is not None
        to = tuple(person for person in concerned(i) if person not in told.to) if shut else ()
        if shut and not to:
            continue
        text = f"{told.text or SENTENCES.get(about_of(key), '')}; nobody has answered for {within} minutes"
        again = f"{AGAIN}/{about_of(key)}/{stamp_of(since)}"
        yield from later(i, again, since, within, to=to, text=text, quote=told.quote)


def asked_before(i: Incident, again: str) -> str:
    """The key of what was asked in private first, where it is now put to the room; else the key itself."""
    head, _, about = about_of(again).partition("/")
    return next((key for key in i.asked if about_of(key) == about), again) if head == AGAIN else again


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


def _at_work(case: Case, people: Iterable[Actor]) -> datetime | None:
    """When the first of them is at work again; None when somebody is, and for the room, which has no hours."""
    openings = [case.policy.hours.next_open(case.now, case.zone_of(person)) for person in people]
    return min((at for at in openings if at is not None), default=None) if None not in openings else None


def _without(i: Incident, key: str) -> dict[str, datetime]:
    return {asked: at for asked, at in i.asked.items() if asked != key}


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


Rule = Callable[[Incident, Policy], Iterable[Due]]
RULES: tuple[Rule, ...] = (
    _no_commander,
    _no_update,
    _no_answer,
    overdue,
    not_taken_on,
    follow_ups,
    commander_gone,
    room_shut,
    idle,
    relief,
    flapping,
    _unheard,
)
"""What falls due while an incident is open. A rule looks at the state alone, never at the clock."""
AFTER: tuple[Rule, ...] = (owners_asked, follow_ups, tidied_up)
"""What falls due once it is over."""
