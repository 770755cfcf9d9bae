"""Who was called out of bed, whether they answered, and who is next when nobody did."""

from collections.abc import Iterable
from datetime import datetime

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.policy import Severity
from bot.incident.values import Actor, PageLine, PageState, Service, Target, TargetKind


class PageRequested(Event, kind="page_requested"):
    """Someone, or the ladder, asked for a page. `outside` is the PagerDuty incident that is there already, if one is."""

    page: int
    target: Target
    level: int = 1
    why: str = ""
    outside: str = ""

    def apply(self, i: Incident) -> Incident:
        line = PageLine(
            page=self.page,
            target=self.target,
            level=self.level,
            why=self.why,
            state=PageState.REQUESTED,
            requested_at=self.at,
            outside=self.outside,
        )
        return i.but(pages=(*i.pages, line))

    def line(self) -> str:
        level = f", level {self.level}" if self.level > 1 else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.by.name} paged {self.target.name}{level}{why}"

    def redacted(self) -> "PageRequested":
        return self.model_copy(update={"why": ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.why,) if self.why else ()


class PageSent(Event, kind="page_sent"):
    """PagerDuty took the page; `people` is whom it says it calls."""

    page: int
    outside: str
    url: str = ""
    people: tuple[str, ...] = ()
    repeated: bool = False

    def apply(self, i: Incident) -> Incident:
        line = i.page(self.page)
        if line is None:
            return i
        state = PageState.SENT if line.state in (PageState.REQUESTED, PageState.FAILED) else line.state
        return _with_page(i, line.model_copy(update={"state": state, "outside": self.outside, "people": self.people}))

    def line(self) -> str:
        whom = ", ".join(self.people) or "the on-call"
        again = " (repeat: the first try may have reached them too)" if self.repeated else ""
        return f"PagerDuty is calling {whom}{again}"


class PageFailed(Event, kind="page_failed"):
    """The page could not be sent; people must call by hand."""

    page: int
    reason: str

    def apply(self, i: Incident) -> Incident:
        line = i.page(self.page)
        return _with_page(i, line.model_copy(update={"state": PageState.FAILED, "reason": self.reason})) if line else i

    def line(self) -> str:
        return f"The page did not go out: {self.reason}"


class PageAnswered(Event, kind="page_answered"):
    """Someone who was paged answered: took it, or declined."""

    page: int
    accepted: bool = True

    def apply(self, i: Incident) -> Incident:
        line = i.page(self.page)
        if line is None:
            return i
        state = PageState.ANSWERED if self.accepted else PageState.DECLINED
        return _with_page(i, line.model_copy(update={"state": state, "answered_by": self.by.name}))

    def line(self) -> str:
        return f"{self.by.name} {'answered' if self.accepted else 'declined'} the page"


class PageUnanswered(Event, kind="page_unanswered"):
    """Nobody answered a page in time."""

    page: int
    minutes: int

    def apply(self, i: Incident) -> Incident:
        line = i.page(self.page)
        return _with_page(i, line.model_copy(update={"state": PageState.UNANSWERED})) if line else i

    def line(self) -> str:
        return f"Nobody answered the page within {self.minutes} min"


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

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        return f"page/{self.incident}/{self.target.id}/{self.level}/{by.id}/{now:%Y%m%d%H%M}"


class PageNextLevel(Command):
    """Nobody answered a page: call the next level of the same target."""

    page: int

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        line = i.page(self.page)
        if line is None:
            raise Refused(f"{i.name} has no such page.")
        return next_level(case, i, line)


class RecordPageSent(Command):
    """PagerDuty took a page (the outbox reports it)."""

    page: int
    outside: str
    url: str = ""
    people: tuple[str, ...] = ()
    repeated: bool = False

    def decide(self, case: Case) -> list[Event]:
        line = case.incident.page(self.page)
        if (
            line is None
            or line.state not in (PageState.REQUESTED, PageState.FAILED, PageState.UNANSWERED)
            or line.people
        ):
            return []
        return [
            PageSent(
                **case.stamp(),
                page=self.page,
                outside=self.outside,
                url=self.url,
                people=self.people,
                repeated=self.repeated,
            )
        ]


class RecordPageFailed(Command):
    """A page was given up (the outbox reports it)."""

    page: int
    reason: str

    def decide(self, case: Case) -> list[Event]:
        line = case.incident.page(self.page)
        if line is None or line.state not in (PageState.REQUESTED, PageState.UNANSWERED):
            return []
        return [PageFailed(**case.stamp(), page=self.page, reason=self.reason)]


class AnswerPages(Command):
    """Someone says in the room: I have it. All pages that wait are answered."""

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        return [PageAnswered(**case.stamp(), page=p.page) for p in i.pages if waits_for_answer(p)]


def waits_for_answer(line: PageLine) -> bool:
    """Whether somebody is still being waited for."""
    return line.state in (PageState.REQUESTED, PageState.SENT)


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


def page_for_severity(case: Case, i: Incident, wanted: Severity, *, before: Severity | None) -> list[Event]:
    """The pages that declaring at a severity, or raising to it, sends: one for each service, or the fallback's."""
    raised = before is None or (wanted.level < before.level and not before.pages)
    if not wanted.pages or not raised or i.drill:
        return []
    first = len(i.pages) + 1
    targets = targets_of(i.services, case.policy.paging.fallback)
    called = {p.target for p in i.pages if waits_for_answer(p) or p.state is PageState.ANSWERED}
    fresh = [t for t in targets if t not in called]
    return [request(case, i, t, why=i.title, number=first + n) for n, t in enumerate(fresh)]


def targets_of(services: Iterable[Service], fallback: Target | None) -> list[Target]:
    """Whom a severity that pages calls: the on-call of each service known to PagerDuty, else the fallback."""
    known = [Target(kind=TargetKind.SERVICE, id=s.id, name=s.name) for s in services if s.id]
    return known or ([fallback] if fallback else [])


def next_level(case: Case, i: Incident, line: PageLine) -> list[Event]:
    """The page of the next level; nothing when it was sent already; refused above the top."""
    if any(p.target == line.target and p.level > line.level for p in i.pages):
        return []
    if line.target.kind is TargetKind.USER and case.policy.paging.commanders not in (None, line.target):
        target = case.policy.paging.commanders
        return [request(case, i, target, why=f"{line.target.name} did not answer")] if target else []
    if line.level >= case.policy.paging.levels:
        raise Refused("That was the last level. Call by hand: `/incident oncall` shows names and numbers.")
    why = f"level {line.level} did not answer"
    asked = request(case, i, line.target, why=why, level=line.level + 1)
    return [asked.model_copy(update={"outside": line.outside})]


def _live_alert(i: Incident, target: Target) -> str:
    """The PagerDuty incident that responders can be added to instead of opening a second one."""
    live = [a for a in i.alerts if a.source == "pagerduty" and not a.clear]
    same = [a for a in live if a.service == target.name] or live
    return same[0].id if same else ""


def _with_page(i: Incident, line: PageLine) -> Incident:
    return i.but(pages=tuple(line if p.page == line.page else p for p in i.pages))
