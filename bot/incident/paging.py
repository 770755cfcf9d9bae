"""Who was called out of bed, and whether they answered."""

from collections.abc import Iterable
from datetime import datetime

from bot.incident.model import Case, Command, Event, Incident
from bot.incident.notes import GONE
from bot.incident.status import begin_work
from bot.incident.values import PageLine, PageState, Target

BY_HAND = "Call by hand: `/incident oncall` shows names and numbers."


class PageRequested(Event, kind="page_requested"):
    """Someone, or the ladder, asked for a page. `outside`: the PagerDuty incident that is there already, if any."""

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
        return self.model_copy(update={"why": GONE if self.why else ""})

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
        answered = line.state in (PageState.ANSWERED, PageState.DECLINED)
        sent = {
            "state": line.state if answered else PageState.SENT,
            "outside": self.outside,
            "people": self.people,
            "sent_at": self.at,
        }
        return _with_page(i, line.model_copy(update=sent))

    def line(self) -> str:
        whom = ", ".join(self.people) or "the on-call"
        again = " (repeat: the first try may have reached them too)" if self.repeated else ""
        return f"PagerDuty is calling {whom}{again}"


class PageFailed(Event, kind="page_failed"):
    """The page could not be sent; people must call by hand. `above_top`: PagerDuty has no such level."""

    page: int
    reason: str
    above_top: bool = False

    def apply(self, i: Incident) -> Incident:
        line = i.page(self.page)
        if line is None:
            return i
        failed = {"state": PageState.FAILED, "reason": self.reason, "above_top": self.above_top}
        return _with_page(i, line.model_copy(update=failed))

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


class LadderEnded(Event, kind="ladder_ended"):
    """Nobody answered, and there is no further level to page."""

    page: int

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        return f"That was the last level to page. {BY_HAND}"


class NobodyToPage(Event, kind="nobody_to_page"):
    """The severity pages, but nobody could be found to page. `services`: those that PagerDuty does not know."""

    services: tuple[str, ...] = ()

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        if self.services:
            return f"Nobody was paged for {', '.join(self.services)}: PagerDuty knows no such service. Page by hand"
        return "Nobody was paged: the incident names no service. Page someone by hand, or name a service"


class RecordPageSent(Command):
    """PagerDuty took a page (the outbox reports it)."""

    page: int
    outside: str
    url: str = ""
    people: tuple[str, ...] = ()
    repeated: bool = False

    def decide(self, case: Case) -> list[Event]:
        line = case.incident.page(self.page)
        if line is None or line.sent_at is not None:
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
    """A page was given up (the outbox reports it). `above_top`: because the target has no such level."""

    page: int
    reason: str
    above_top: bool = False

    def decide(self, case: Case) -> list[Event]:
        line = case.incident.page(self.page)
        if line is None or line.called_off or line.sent_at or line.state not in UNANSWERED:
            return []
        failed = PageFailed(**case.stamp(), page=self.page, reason=self.reason, above_top=self.above_top)
        return [failed, LadderEnded(**case.stamp(), page=self.page)] if self.above_top else [failed]


class AnswerPages(Command):
    """Someone says in the room: I have it. Every page that nobody answered is answered, and the work begins."""

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        answered = [PageAnswered(**case.stamp(), page=p.page) for p in i.pages if may_answer(p)]
        return [*answered, *begin_work(case, i)]


UNANSWERED = frozenset({PageState.REQUESTED, PageState.SENT, PageState.UNANSWERED})


def waits_for_answer(line: PageLine) -> bool:
    """Whether somebody is still being waited for."""
    return line.state in (PageState.REQUESTED, PageState.SENT) and not line.called_off


def may_answer(line: PageLine) -> bool:
    """Whether an "I have it" counts for this page: late is better than never."""
    return line.state in UNANSWERED and not line.called_off


def call_off(pages: Iterable[PageLine]) -> tuple[PageLine, ...]:
    """The pages once the incident is over: nobody is waited for any more."""
    return tuple(p.model_copy(update={"called_off": True}) if may_answer(p) else p for p in pages)


def waiting_since(line: PageLine) -> datetime:
    """From when the time for an answer runs: since PagerDuty took the page, or until then since it was asked for."""
    return line.sent_at or line.requested_at


def _with_page(i: Incident, line: PageLine) -> Incident:
    return i.but(pages=tuple(line if p.page == line.page else p for p in i.pages))
