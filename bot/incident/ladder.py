"""Whom to page, and who is next when nobody answered."""

from collections.abc import Iterable

from bot.incident.model import Case, Command, Event, Incident, Refused, then
from bot.incident.paging import BY_HAND, LadderEnded, NobodyToPage, PageRequested, waits_for_answer
from bot.incident.policy import Severity
from bot.incident.values import PageLine, PageState, Service, Target, TargetKind


class PageOut(Command):
    """Page someone about an incident."""

    target: Target
    why: str = ""
    level: int = 1

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        if i.drill:
            raise Refused(f"{i.name} is a drill: it pages nobody.")
        if any(waits_for_answer(p) and (p.target, p.level) == (self.target, self.level) for p in i.pages):
            return []
        return [request(case, i, self.target, why=self.why, level=self.level)]


class PageNextLevel(Command):
    """Nobody answered a page: call the next level of the same target."""

    page: int

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        line = i.page(self.page)
        if line is None:
            raise Refused(f"{i.name} has no such page.")
        return next_level(case, i, line)


def request(case: Case, i: Incident, target: Target, *, why: str, level: int = 1, number: int = 0) -> PageRequested:
    """The fact of one more page; `number` when several are asked for at once."""
    return PageRequested(
        **case.stamp(),
        page=number or len(i.pages) + 1,
        target=target,
        level=level,
        why=why,
        outside=_live_alert(i, target),
    )


def page_for_severity(
    case: Case, i: Incident, wanted: Severity, *, before: Severity | None, called: frozenset[str] = frozenset()
) -> list[Event]:
    """The pages that declaring at a severity, or raising to it, sends: one for each service, or the fallback's.

    `called`: names of services whose on-call PagerDuty is calling already, for an alert of their own. Where nobody can
    be found to page, that is a fact too: the declarer must see it.
    """
    raised = before is None or wanted.level < before.level
    if not wanted.pages or not raised or i.drill:
        return []
    targets = targets_of(i.services, case.policy.paging.fallback)
    fresh = [t for t in targets if t.name not in called and not _was_called(i, t)]
    first = len(i.pages) + 1
    pages: list[Event] = [request(case, i, t, why=i.title, number=first + n) for n, t in enumerate(fresh)]
    if before is None or not before.pages:
        return [*pages, *_nobody_for(case, i, targets)]
    return [*pages, *_climb_the_silent(case, then(i, pages), wanted, before)]


def targets_of(services: Iterable[Service], fallback: Target | None) -> list[Target]:
    """Whom a severity that pages calls: the on-call of each service known to PagerDuty, else the fallback."""
    known = [Target(kind=TargetKind.SERVICE, id=s.id, name=s.name) for s in services if s.id]
    return known or ([fallback] if fallback else [])


def next_level(case: Case, i: Incident, line: PageLine) -> list[Event]:
    """The page of the next level; nothing when it was sent already. Refused above the top, and once it was answered."""
    if line.state is PageState.ANSWERED:
        raise Refused(f"{line.answered_by} answered that page.")
    target, level = _next_target(case, line)
    later = [p for p in i.pages if p.page > line.page and (p.target, p.level) == (target, level)]
    if any(p.above_top for p in later):
        raise Refused(f"That was the last level. {BY_HAND}")
    if any(p.state is not PageState.FAILED and not p.called_off for p in later):
        return []
    whom = line.target.name if target != line.target else f"level {line.level}"
    asked = request(case, i, target, why=f"{whom} did not answer", level=level)
    return [asked if target != line.target else asked.model_copy(update={"outside": line.outside})]


def climb(case: Case, i: Incident, line: PageLine) -> list[Event]:
    """The next level by itself, where the severity says so; on record when there is none."""
    if not i.is_open or i.drill or not case.policy.implied_by(i.severity).climbs:
        return []
    try:
        return next_level(case, i, line)
    except Refused:
        return [LadderEnded(**case.stamp(), page=line.page)]


def _next_target(case: Case, line: PageLine) -> tuple[Target, int]:
    """Who comes after a page: the target's next level; after one person, the commanders. Raises Refused at the top."""
    commanders = case.policy.paging.commanders
    if line.target.kind is TargetKind.USER:
        if commanders in (None, line.target):
            raise Refused(f"Nobody is set to be paged after {line.target.name}. {BY_HAND}")
        return commanders or line.target, 1
    if line.level >= case.policy.paging.levels or line.above_top:
        raise Refused(f"That was the last level. {BY_HAND}")
    return line.target, line.level + 1


def _climb_the_silent(case: Case, i: Incident, wanted: Severity, before: Severity) -> list[Event]:
    """Raised to a severity whose pages climb by themselves: those that nobody answered go on climbing."""
    if not wanted.climbs or before.climbs:
        return []
    facts: list[Event] = []
    for line in i.pages:
        if line.state in (PageState.UNANSWERED, PageState.DECLINED) and not line.called_off:
            facts += _quietly_next(case, then(i, facts), line)
    return facts


def _quietly_next(case: Case, i: Incident, line: PageLine) -> list[Event]:
    try:
        return next_level(case, i, line)
    except Refused:
        return []


def _nobody_for(case: Case, i: Incident, targets: list[Target]) -> list[Event]:
    """Says so when the severity pages and nobody, or not everybody, can be called."""
    unknown = tuple(s.name for s in i.services if not s.id)
    if targets and (not unknown or targets == [case.policy.paging.fallback]):
        return []
    return [NobodyToPage(**case.stamp(), services=unknown)]


def _was_called(i: Incident, target: Target) -> bool:
    """Whether a page to this target is out, whatever became of it; one that never went out does not count."""
    return any(
        (p.target.kind, p.target.id) == (target.kind, target.id)
        and p.state is not PageState.FAILED
        and not p.called_off
        for p in i.pages
    )


def _live_alert(i: Incident, target: Target) -> str:
    """The PagerDuty incident that responders can be added to instead of opening a second one."""
    live = [a for a in i.alerts if a.source == "pagerduty" and not a.clear]
    same = [a for a in live if a.service == target.name] or live
    return same[0].id if same else ""
