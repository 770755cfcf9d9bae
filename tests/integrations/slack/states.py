"""Incidents, alerts and messages of every imaginable kind, for property tests."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.incident.duties import Task, TaskState
from bot.incident.mirror import Alert, Report, What
from bot.incident.model import Incident
from bot.incident.news import UpdateLine
from bot.incident.steps import Runbook
from bot.incident.values import (
    Actor,
    AlertLine,
    Holding,
    Link,
    Moments,
    PageLine,
    PageState,
    Room,
    Service,
    SeverityValue,
    Status,
    Target,
    TargetKind,
)

NASTY = "<!channel> @here <@U0ADA00001> `x` ```y``` *b* _i_ & <https://evil.example|click> \n\n> quote 障害 🔥"
words = st.one_of(st.text(max_size=40), st.just(NASTY), st.just(NASTY * 60), st.just("x" * 5_000), st.just(""))
YEAR = 1_767_225_600
moments = st.integers(YEAR, YEAR + 31_536_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ids = st.from_regex(r"[A-Z0-9]{3,12}", fullmatch=True)
actors = st.builds(Actor, id=ids.map(lambda i: f"slack:U{i}"), name=words)
services = st.builds(Service, id=ids, name=words)
targets = st.builds(Target, kind=st.sampled_from(TargetKind), id=ids, name=words)
alert_lines = st.builds(
    AlertLine, source=st.just("pagerduty"), id=ids, title=words, url=words, service=words, clear=st.booleans()
)
pages = st.builds(
    PageLine,
    page=st.integers(1, 99),
    target=targets,
    level=st.integers(1, 5),
    why=words,
    state=st.sampled_from(PageState),
    requested_at=moments,
    people=st.lists(words, max_size=5).map(tuple),
    answered_by=words,
    reason=words,
)
holdings = st.builds(
    Holding,
    role=st.sampled_from(["commander", "deputy", "scribe", "communications", "expert", "else"]),
    label=words,
    person=actors,
    since=moments,
)
all_moments = st.builds(
    Moments,
    impact_start=st.none() | moments,
    detected=st.none() | moments,
    declared=st.none() | moments,
    resolved=st.none() | moments,
)
updates = st.builds(
    UpdateLine,
    number=st.integers(1, 99),
    seq=st.integers(1, 999),
    at=moments,
    by=actors,
    condition=words,
    actions=words,
    needs=words,
)
tasks = st.builds(
    Task,
    number=st.integers(1, 99),
    text=words,
    to=actors,
    by=actors,
    at=moments,
    due=st.none() | moments,
    followup=st.booleans(),
    state=st.sampled_from(TaskState),
)
links = st.builds(Link, url=words | st.just("https://graphs.example/checkout"), title=words)
runbooks = st.builds(Runbook, name=ids, title=words, url=words)
incidents = st.builds(
    Incident,
    number=st.integers(1, 10**6),
    title=words,
    status=st.sampled_from(Status),
    severity=st.builds(SeverityValue, level=st.integers(1, 6), label=words),
    declared_by=actors,
    private=st.booleans(),
    drill=st.booleans(),
    summary=words,
    impact=words,
    services=st.lists(services, max_size=6).map(tuple),
    holdings=st.lists(holdings, max_size=6).map(tuple),
    moments=all_moments,
    updated_at=moments,
    update=st.none() | updates,
    followers=st.lists(actors, max_size=3).map(tuple),
    tasks=st.lists(tasks, max_size=5).map(tuple),
    links=st.lists(links, max_size=5).map(tuple),
    alerts=st.lists(alert_lines, max_size=6).map(tuple),
    pages=st.lists(pages, max_size=5).map(tuple),
    room=st.none() | st.builds(Room, channel=ids.map(lambda i: f"C{i}"), name=words),
    failed_steps=st.dictionaries(words, words, max_size=6),
)
reports = st.builds(
    Report,
    source=st.just("pagerduty"),
    alert=st.just("P1"),
    key=ids,
    at=moments,
    what=st.sampled_from([What.TRIGGERED, What.RESOLVED, What.NOTE]),
    by=actors,
    title=words,
    url=words,
    service=st.none() | services,
    priority=words,
    urgency=st.sampled_from(["high", "low"]),
)
alerts = st.builds(
    Alert,
    source=st.just("pagerduty"),
    id=st.just("P1"),
    reports=st.lists(reports, min_size=1, max_size=4).map(tuple),
    dismissed=st.booleans(),
    incident=st.none() | st.integers(1, 9),
)
