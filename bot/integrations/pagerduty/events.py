"""From a webhook that was kept to what it asks of the rules."""

from collections.abc import Callable, Sequence

import structlog

from bot.engine.inbox import Heard, Said
from bot.incident.alerts import own_incident
from bot.incident.mirror import Report, What
from bot.incident.routing import HearAlert
from bot.integrations.pagerduty.envelopes import Event, NoteData, read
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.reports import note_words, report_of
from bot.integrations.pagerduty.rest import Rest
from bot.integrations.pagerduty.trouble import Trouble

log = structlog.get_logger(__name__)


def hearing(report: Report) -> HearAlert:
    """The command that a report is; the key of an incident that a page of ours opened says whose it is."""
    return HearAlert(report=report, incident=own_incident(report.incident_key or ""))


class EventReader:
    """The inbox's reader for PagerDuty. What it cannot read it raises on: that entry is parked with the reason."""

    def __init__(self, names: Names, rest: Rest, refresh: Callable[[], None]) -> None:
        self._names, self._rest, self._refresh = names, rest, refresh

    async def __call__(self, heard: Heard) -> Sequence[Said]:
        event = read(heard.body)
        if event.event_type.startswith("service."):
            self._refresh()
            return []
        report = report_of(event, self._names, heard.heard_at, heard.key)
        if report is None:
            log.info("ignored", event_type=event.event_type[:80], key=heard.key)
            return []
        if report.what is What.NOTE:
            report = await self._in_full(event, report)
        return [Said(hearing(report), report.by)]

    async def _in_full(self, event: Event, report: Report) -> Report:
        """A note that was cut for its length, looked up; as it came while PagerDuty does not answer."""
        data = NoteData.model_validate(event.data)
        if not data.trimmed:
            return report
        try:
            notes = await self._rest.notes(report.alert)
        except Trouble as error:
            log.info("note_stays_cut", key=report.key, reason=str(error))
            return report
        words = next((note_words(n.content) for n in notes if n.id == data.id), report.text)
        return report.model_copy(update={"text": words})
