"""An open incident moves on, or back: the one fact that says so."""

from datetime import datetime

from bot.incident.model import Case, Event, Incident
from bot.incident.values import Status


class StatusChanged(Event, kind="status_changed"):
    """The incident moved on, or back, while open."""

    was: Status
    now: Status

    def apply(self, i: Incident) -> Incident:
        reached: dict[str, datetime | None] = {}
        if Status.MONITORING in (self.was, self.now):
            reached["mitigated"] = self.at if self.now is Status.MONITORING else None
        if self.was is Status.TRIAGE and i.moments.acknowledged is None:
            reached["acknowledged"] = self.at
        return i.but(status=self.now, moments=i.timed(**reached), updated_at=max(i.updated_at, self.at))

    def line(self) -> str:
        return f"{self.by.name} moved the incident from {self.was} to {self.now}"


def begin_work(case: Case, i: Incident) -> list[Event]:
    """The first acknowledgement, or the first taken command, moves triage to investigating."""
    if i.status is not Status.TRIAGE:
        return []
    return [StatusChanged(**case.stamp(), was=i.status, now=Status.INVESTIGATING)]
