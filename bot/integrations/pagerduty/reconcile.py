"""Back in step with PagerDuty by itself: what its log tells since we last heard, and how what we hold open stands."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from bot.engine.handle import Engine
from bot.engine.line import Urgency
from bot.incident.mirror import Report
from bot.incident.model import Refused as Declined
from bot.incident.values import MUSTER
from bot.integrations.pagerduty.events import hearing
from bot.integrations.pagerduty.history import ANNOTATION, note_report, reports_of, state_report
from bot.integrations.pagerduty.missed import Missed
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.payloads import LogEntry, RestIncident
from bot.integrations.pagerduty.reports import SOURCE
from bot.integrations.pagerduty.rest import DEEPEST, Rest
from bot.integrations.pagerduty.trouble import Refused

OVERLAP = timedelta(minutes=10)
"""How much is read again: clocks differ, and an entry may be written late."""
FURTHEST = timedelta(days=3)
"""After a longer absence, what began before is no news any more; what we hold open is asked for in any case."""
SLICE = timedelta(hours=6)
SMALLEST = timedelta(minutes=5)
"""PagerDuty gives out 10,000 entries of a list and no more: an absence is read in pieces, the smaller the busier."""

log = structlog.get_logger(__name__)


class Reconciler:
    """Says to the rules what the webhooks failed to; what they know already, by whichever way, is not said again."""

    def __init__(self, engine: Engine, rest: Rest, names: Names, missed: Missed) -> None:
        self._engine, self._rest, self._names, self._missed = engine, rest, names, missed

    async def run(self, since: datetime, now: datetime) -> int:
        """Returns how many reports were news. Raises Trouble; what was said until then is kept.

        `since` may lie ahead, after a clock that was wrong by hours has been put right.
        """
        news = await self._catch_up(min(max(since, now - FURTHEST), now) - OVERLAP, now)
        await self._missed.judge(now)
        return news + await self._compare()

    async def _catch_up(self, since: datetime, now: datetime) -> int:
        news = 0
        piece = SLICE
        while since < now:
            until = min(since + piece, now + OVERLAP)
            entries = await self._rest.log(since, until)
            if len(entries) >= DEEPEST and piece > SMALLEST:
                piece /= 2
                continue
            reports = reports_of(entries, self._names)
            await self._missed.look(reports, now)
            news += await self._hear(reports)
            news += await self._hear(await self._notes(entries, since))
            since = until
        return news

    async def _notes(self, entries: Iterable[LogEntry], since: datetime) -> list[Report]:
        """The log names no note by its id: the incidents that got one are asked."""
        annotated = {e.incident.id: e.incident for e in entries if e.type == ANNOTATION}
        return [report for incident in annotated.values() for report in await self._notes_of(incident, since)]

    async def _notes_of(self, incident: RestIncident, since: datetime) -> list[Report]:
        notes = await self._rest.notes(incident.id)
        reports = (note_report(incident, note, self._names) for note in notes)
        return [r for r in reports if r is not None and r.at >= since]

    async def _compare(self) -> int:
        """Asks for each alert that we hold open how it stands."""
        news = 0
        for incident in await self._engine.reading.open_incidents(MUSTER):
            for line in incident.alerts:
                if line.source == SOURCE and not line.clear:
                    news += await self._hear(await self._difference(line.id))
        return news

    async def _difference(self, alert: str) -> list[Report]:
        mirror = await self._engine.reading.alert(SOURCE, alert)
        try:
            there = await self._rest.incident(alert)
        except Refused as refusal:
            log.warning("alert_unreadable", alert=alert, reason=str(refusal))
            return []
        report = state_report(there, mirror, self._names) if mirror else None
        return [report] if report else []

    async def _hear(self, reports: Iterable[Report]) -> int:
        news = 0
        for report in reports:
            mirror = await self._engine.reading.alert(SOURCE, report.alert)
            if mirror is None or not mirror.knows(report):
                await self._say(report)
                news += 1
        return news

    async def _say(self, report: Report) -> None:
        try:
            await self._engine.handle(hearing(report), report.by, urgency=Urgency.WORK)
        except Declined as no:
            log.info("not_taken", alert=report.alert, key=report.key, reason=no.sentence)
            return
        log.info("heard_late", alert=report.alert, what=report.what.value, key=report.key)
