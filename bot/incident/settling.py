"""What an alert means for its incident: read from all that was said about it, so that any order ends the same."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.incident.alerts import (
    AlertGraded,
    AlertJoined,
    AlertReported,
    AlertsClear,
    AlertSeen,
    all_clear,
    own_incident,
    own_page,
)
from bot.incident.ladder import climb, page_for_severity
from bot.incident.lifecycle import Resolved, owes_review
from bot.incident.mirror import Alert, Report, What
from bot.incident.model import Case, Event, Incident, then
from bot.incident.paging import PageAnswered, may_answer
from bot.incident.severity import SeverityChanged
from bot.incident.status import begin_work
from bot.incident.values import MUSTER, PageLine, PageState

CLOCKS = timedelta(seconds=30)
"""How far the other system's clock and ours may be apart; its log counts in whole seconds, too."""
Reports = Sequence[Report]
Rule = Callable[[Case, Incident, Alert, Reports], list[Event]]


def join(case: Case, i: Incident, alert: Alert, *, grade: bool = True) -> list[Event]:
    """The alert becomes part of the incident, with everything that was said about it.

    `grade`: whether the routing rules may raise the severity; not where a person has just chosen one.
    """
    first = alert.triggered or alert.reports[0]
    joined = AlertJoined(
        incident=i.number,
        at=first.at,
        by=MUSTER,
        source=alert.source,
        alert=alert.id,
        title=first.title or alert.title,
        url=first.url or alert.url,
        service=first.service or alert.service,
        priority=first.priority or "",
        assignees=first.assignees or (),
        ours=own_incident(alert.incident_key) == i.number,
        severity=alert.level(case.policy) if i.storm else None,
    )
    told = [r for r in alert.reports if r != first or r.what is What.SEEN]
    return [joined, *_follow(case, then(i, [joined]), alert, alert.reports, told=told, grade=grade)]


def settle(case: Case, i: Incident, alert: Alert, news: Reports) -> list[Event]:
    """What new reports of an alert mean for its incident.

    What was told is kept with its own time and person; what follows from it is an act of ours, now. Told in any order,
    the same reports end in the same state; and in the same facts, unless they contradict each other on the way (a
    severity raised twice, an alert resolved twice), where what was announced meanwhile cannot be unsaid.
    """
    return _follow(case, i, alert, news, told=news, grade=True)


def answers(case: Case, i: Incident, alert: Alert, news: Reports) -> list[Event]:
    """Only what answers a page: that cannot wait until the rest about the alert is heard."""
    return _answered(case.about(i, by=MUSTER), i, alert, news)


def _follow(case: Case, i: Incident, alert: Alert, news: Reports, *, told: Reports, grade: bool) -> list[Event]:
    """One rule after the other, each seeing what the ones before it decided."""
    case = case.about(i, by=MUSTER)
    facts = [fact for report in told for fact in _tell(i, alert, report)]
    rules: tuple[Rule, ...] = (*((_severity,) if grade else ()), _graded, _acknowledged, _answered, _all_clear)
    for rule in rules:
        facts += rule(case, then(i, facts), alert, news)
    return facts


def _tell(i: Incident, alert: Alert, report: Report) -> list[Event]:
    """A report as a fact. What nobody did, or we did ourselves, is kept but not told."""
    if report.echo or report.what is What.SEEN:
        return [_seen(i, alert, report)] if report.stands else []
    return [
        AlertReported(
            incident=i.number,
            at=report.at,
            by=report.by,
            source=alert.source,
            alert=alert.id,
            title=alert.triggered.title or alert.title if alert.triggered else alert.title,
            what=report.what,
            text=report.text,
            person=report.person,
            url=report.url or "",
            service=report.service if report.what in (What.SERVICE, What.TRIGGERED) else None,
            stands=report.stands,
            ended=report.ended,
        )
    ]


def _seen(i: Incident, alert: Alert, report: Report) -> AlertSeen:
    return AlertSeen(
        incident=i.number,
        at=report.at,
        by=report.by,
        source=alert.source,
        alert=alert.id,
        stands=report.stands,
        ended=report.ended,
    )


def _severity(case: Case, i: Incident, alert: Alert, news: Reports) -> list[Event]:
    """Where the rules newly ask for a worse severity, they raise it; nothing here ever lowers one.

    A person's word stands against everything said before it.
    """
    if not i.is_open or own_incident(alert.incident_key) is not None:
        return []
    known = alert.without(news).turns(case.policy)
    facts: list[Event] = []
    for report, decided in alert.turns(case.policy):
        wanted = case.policy.severity(decided.severity) if decided.severity else None
        outdated = i.severity_set is not None and report.at <= i.severity_set
        if wanted is None or outdated or (report, decided) in known:
            continue
        now = then(i, facts)
        if wanted.level < now.severity.level:
            facts.append(SeverityChanged(**case.stamp(), was=now.severity, now=wanted.value, by_rule=True))
            before = case.policy.implied_by(now.severity)
            facts += page_for_severity(case, now, wanted, before=before, called=_alerted(now))
    return facts


def _graded(case: Case, i: Incident, alert: Alert, _news: Reports) -> list[Event]:
    """In a storm each alert keeps the worst level that the rules asked for it: one of them may deserve its own room."""
    line = i.alert(alert.source, alert.id) if i.storm and i.is_open else None
    level = alert.level(case.policy) if line else None
    wanted = case.policy.severity(level) if level is not None else None
    if line is None or line.ours or wanted is None or (line.severity is not None and line.severity <= wanted.level):
        return []
    return [
        AlertGraded(
            **case.stamp(),
            source=alert.source,
            alert=alert.id,
            title=alert.title,
            severity=wanted.level,
            label=wanted.label,
            service=line.service,
        )
    ]


def _alerted(i: Incident) -> frozenset[str]:
    """The services whose on-call PagerDuty has called for an alert of their own."""
    return frozenset(a.service for a in i.alarms if a.service)


def _acknowledged(case: Case, i: Incident, _alert: Alert, news: Reports) -> list[Event]:
    """The first acknowledgement moves triage to investigating."""
    acknowledged = any(r.what is What.ACKNOWLEDGED and not r.echo for r in news)
    return begin_work(case, i) if acknowledged and i.is_open else []


def _answered(case: Case, i: Incident, alert: Alert, news: Reports) -> list[Event]:
    """An acknowledgement, or a responder's yes or no, answers the pages that called for it."""
    facts: list[Event] = []
    for report in news:
        if report.echo or report.what not in (What.ACKNOWLEDGED, What.RESPONDER_REPLIED):
            continue
        now = then(i, facts)
        for page in now.pages:
            if _calls_for(now, page, alert, report):
                facts += _answer(case, then(i, facts), page, report)
    return facts


def _answer(case: Case, i: Incident, page: PageLine, report: Report) -> list[Event]:
    by = report.person or report.by
    accepted = _accepts(report)
    answer = PageAnswered(incident=i.number, at=report.at, by=by, page=page.page, accepted=accepted)
    return [answer] if accepted else [answer, *climb(case, then(i, [answer]), page)]


def _calls_for(i: Incident, page: PageLine, alert: Alert, report: Report) -> bool:
    """Whether a report answers a page: one of this alert, not yet answered, and asked for before the answer."""
    if own_incident(alert.incident_key) == i.number and own_page(alert.incident_key) == page.page:
        in_time = True
    else:
        in_time = page.outside == alert.id and report.at >= page.requested_at - CLOCKS
    open_still = may_answer(page) or (page.state is PageState.DECLINED and _accepts(report))
    return in_time and open_still and (_accepts(report) or page.state is not PageState.UNANSWERED)


def _accepts(report: Report) -> bool:
    return report.what is What.ACKNOWLEDGED or report.text == "accepted"


def _all_clear(case: Case, i: Incident, _alert: Alert, news: Reports) -> list[Event]:
    """All alerts are clear: said when somebody's word made it so, not again with every note that follows."""
    if not i.is_open or i.alerts_clear or not any(r.stands for r in news) or not all_clear(i.alerts):
        return []
    at = max((a.as_of for a in i.alarms if a.as_of), default=case.now)
    clear = AlertsClear(incident=i.number, at=at, by=MUSTER)
    if not case.policy.resolve_when_clear:
        return [clear]
    return [clear, Resolved(incident=i.number, at=at, by=MUSTER, review=owes_review(case, i))]
